//! A frame where the system keeps it, for whoever can read it there.

use std::slice;

use ironcliw_capture::{Error, Rect};
use objc2_core_foundation::CFRetained;
use objc2_core_video::{
    CVPixelBuffer, CVPixelBufferGetBaseAddress, CVPixelBufferGetBytesPerRow,
    CVPixelBufferGetHeight, CVPixelBufferGetIOSurface, CVPixelBufferGetPixelFormatType,
    CVPixelBufferGetPlaneCount, CVPixelBufferGetWidth, CVPixelBufferLockBaseAddress,
    CVPixelBufferLockFlags, CVPixelBufferUnlockBaseAddress,
};
use objc2_io_surface::IOSurfaceRef;

/// The memory of a frame, which the system does not write to again while we hold it. It has few of them: one that is held
/// for long is one that is missing.
#[derive(Clone)]
pub struct Picture(CFRetained<CVPixelBuffer>);

// SAFETY: a pixel buffer may be retained, locked to read and read from any thread.
unsafe impl Send for Picture {}
// SAFETY: as above; it is only read.
unsafe impl Sync for Picture {}

impl Picture {
    pub(crate) fn new(buffer: CFRetained<CVPixelBuffer>) -> Self {
        Self(buffer)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (
            CVPixelBufferGetWidth(&self.0),
            CVPixelBufferGetHeight(&self.0),
        )
    }

    /// Bytes from one row to the next.
    pub fn pitch(&self) -> usize {
        CVPixelBufferGetBytesPerRow(&self.0)
    }

    /// The four letters of its format.
    pub fn format(&self) -> u32 {
        CVPixelBufferGetPixelFormatType(&self.0)
    }

    /// Planes that the parts of a pixel lie in; 0 where they lie together.
    pub fn planes(&self) -> usize {
        CVPixelBufferGetPlaneCount(&self.0)
    }

    /// The memory that other processes and the card have of it, where it is such.
    pub fn surface(&self) -> Option<CFRetained<IOSurfaceRef>> {
        CVPixelBufferGetIOSurface(Some(&self.0))
    }

    /// Copies rectangles of a frame of this size to rows of four bytes a pixel, without gaps.
    pub fn copy(&self, size: Rect, rects: &[Rect], into: &mut [u8]) -> Result<(), Error> {
        let buffer = &*self.0;
        let (width, height) = (size.width as usize, size.height as usize);
        if self.size() != (width, height) {
            return Err(Error::Lost("the display has another size".to_owned()));
        }
        if into.len() != 4 * width * height {
            return Err(Error::Memory(format!(
                "{} bytes for a frame of {width} x {height} pixels",
                into.len()
            )));
        }
        // SAFETY: the buffer is valid, and unlocked with the same flags below.
        if unsafe { CVPixelBufferLockBaseAddress(buffer, CVPixelBufferLockFlags::ReadOnly) } != 0 {
            return Err(Error::Lost("a frame's memory cannot be read".to_owned()));
        }
        let (start, pitch) = (CVPixelBufferGetBaseAddress(buffer), self.pitch());
        if !start.is_null() && pitch >= 4 * width {
            for rect in rects.iter().filter_map(|rect| rect.intersection(size)) {
                let (x, bytes) = (4 * rect.x as usize, 4 * rect.width as usize);
                for y in rect.y as usize..rect.bottom() as usize {
                    // SAFETY: the locked memory has `height` rows of `pitch` bytes, of which the rectangle's lie inside.
                    let row = unsafe {
                        slice::from_raw_parts(start.cast::<u8>().add(y * pitch + x), bytes)
                    };
                    into[4 * width * y + x..][..bytes].copy_from_slice(row);
                }
            }
        }
        // SAFETY: locked above.
        unsafe { CVPixelBufferUnlockBaseAddress(buffer, CVPixelBufferLockFlags::ReadOnly) };
        Ok(())
    }

    /// Copies all of it to rows of four bytes a pixel, without gaps.
    pub fn copy_whole(&self, into: &mut [u8]) -> Result<(), Error> {
        let (width, height) = self.size();
        let whole = Rect::new(0, 0, width as i32, height as i32);
        self.copy(whole, &[whole], into)
    }
}
