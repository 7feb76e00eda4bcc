//! Memory that the X server writes pixels into: the caller's frame and a private staging area.
//!
//! The only `unsafe` of this crate lives here: mapping a file descriptor, and borrowing the caller's.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::NonNull;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, ftruncate, memfd_create};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use x11rb::errors::ReplyError;
use x11rb::protocol::shm::{self, ConnectionExt as _, Seg};

use super::connection::{Connection, failed, has_extension, new_id, reply};
use crate::{Error, Rect};

/// Bytes of a pixel: blue, green, red and one that means nothing.
pub(crate) const PIXEL_BYTES: usize = 4;

/// A shared, writable mapping of a whole memory file.
///
/// Others have the same memory mapped: the X server, which writes only between a GetImage request of ours and its
/// reply, and the caller of [`super::X11Capture::next`], who by contract touches it only outside that call. Slices of it
/// are formed only in between, on the thread that makes those requests.
struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping is plain memory that is not tied to the thread that made it, and `Mapping` has one owner.
unsafe impl Send for Mapping {}

impl Mapping {
    /// With `touched` every page is mapped now and not when it is used for the first time.
    fn new(fd: BorrowedFd<'_>, length: usize, touched: bool) -> io::Result<Self> {
        let mut flags = MapFlags::SHARED;
        flags.set(MapFlags::POPULATE, touched);
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing; the file holds `length` bytes
        // (the callers check or set its size), so that every page of it is backed.
        let start = unsafe { mmap(std::ptr::null_mut(), length, access, flags, fd, 0)? };
        NonNull::new(start.cast())
            .map(|start| Self { start, length })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes are mapped and initialised (a memory file reads as zero), and nobody writes to them
        // now: see the type.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; `&mut self` is the only way in from this process's native code.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this mapping was made by `new` with this length, and no slice of it outlives `self`.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Memory mapped here and, where the server can share it, there.
pub(crate) struct Segment {
    mapping: Mapping,
    /// The server's name of it; `None` where pixels come through the connection instead.
    seg: Option<Seg>,
}

impl Segment {
    /// The caller's frame memory: `fd` must hold exactly `length` bytes. It is duplicated, not taken.
    pub(crate) fn of_caller(
        connection: &Connection,
        share: bool,
        fd: RawFd,
        length: usize,
    ) -> Result<Self, Error> {
        let unusable =
            |error: io::Error| Error::Memory(format!("descriptor {fd} cannot be mapped: {error}"));
        if fd < 0 {
            return Err(Error::Memory(format!("{fd} is not a file descriptor")));
        }
        // SAFETY: `fd` is not -1 and is only used for the `dup` in this statement; a number that is no open
        // descriptor makes that fail with EBADF.
        let own = fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, 0)
            .map_err(|e| unusable(e.into()))?;
        let size = fstat(&own).map_err(|error| unusable(error.into()))?.st_size;
        if usize::try_from(size) != Ok(length) {
            return Err(Error::Memory(format!(
                "it holds {size} bytes where the frame needs {length}"
            )));
        }
        let mapping = Mapping::new(own.as_fd(), length, true).map_err(unusable)?;
        Ok(Self {
            mapping,
            seg: if share {
                attach(connection, own)?
            } else {
                None
            },
        })
    }

    /// A private area of `length` bytes that cannot be shrunk under us.
    pub(crate) fn private(
        connection: &Connection,
        share: bool,
        length: usize,
    ) -> Result<Self, Error> {
        let unusable =
            |error: io::Error| Error::Memory(format!("no staging area of {length} bytes: {error}"));
        let make = || -> io::Result<(OwnedFd, Mapping)> {
            let fd = memfd_create(
                "ironcliw-staging",
                MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
            )?;
            ftruncate(&fd, length as u64)?;
            fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
            let mapping = Mapping::new(fd.as_fd(), length, false)?;
            Ok((fd, mapping))
        };
        let (fd, mapping) = make().map_err(unusable)?;
        Ok(Self {
            mapping,
            seg: if share { attach(connection, fd)? } else { None },
        })
    }

    /// The server's name of this memory, where it can write into it.
    pub(crate) fn seg(&self) -> Option<Seg> {
        self.seg
    }

    /// Bytes in this memory.
    pub(crate) fn length(&self) -> usize {
        self.mapping.length
    }

    /// Tells the server to let go of the memory.
    pub(crate) fn detach(&mut self, connection: &Connection) -> Result<(), Error> {
        if let Some(seg) = self.seg.take() {
            connection
                .shm_detach(seg)
                .map_err(|error| failed(connection, error))?;
        }
        Ok(())
    }

    /// Forgets the pixels.
    pub(crate) fn clear(&mut self) {
        self.mapping.bytes_mut().fill(0);
    }

    /// Puts `pixels` (rows of `rect` without gaps) into this frame, whose rows are `frame_width` pixels.
    pub(crate) fn put(&mut self, frame_width: i32, rect: Rect, pixels: &[u8]) {
        let bytes = self.mapping.bytes_mut();
        for (row, pixels) in pixels
            .chunks_exact(row_bytes(rect))
            .enumerate()
            .take(rect.height as usize)
        {
            bytes[span(frame_width, rect, row)].copy_from_slice(pixels);
        }
    }

    /// Puts rows of `rect` without gaps, from `offset` of `staging`, into this frame.
    pub(crate) fn put_from(&mut self, frame_width: i32, rect: Rect, staging: &Self, offset: usize) {
        let length = row_bytes(rect) * rect.height as usize;
        self.put(
            frame_width,
            rect,
            &staging.mapping.bytes()[offset..offset + length],
        );
    }

    /// Puts `rect` of the frame, a part of `whole`, into this frame from `staging`, which begins with rows of `whole`
    /// without gaps.
    pub(crate) fn put_part(&mut self, frame_width: i32, rect: Rect, staging: &Self, whole: Rect) {
        let (bytes, pixels) = (self.mapping.bytes_mut(), staging.mapping.bytes());
        let part = rect.moved(-whole.x, -whole.y);
        for row in 0..rect.height as usize {
            bytes[span(frame_width, rect, row)]
                .copy_from_slice(&pixels[span(whole.width, part, row)]);
        }
    }

    /// Blanks `rect` of this frame.
    pub(crate) fn blank(&mut self, frame_width: i32, rect: Rect) {
        let bytes = self.mapping.bytes_mut();
        for row in 0..rect.height as usize {
            bytes[span(frame_width, rect, row)].fill(0);
        }
    }

    /// Whether `part` of this frame shows the same colours as the same part of `band`, whose rows (of full width) start
    /// at row `band_top` of the frame.
    pub(crate) fn shows(&self, frame_width: i32, part: Rect, band: &Self, band_top: i32) -> bool {
        let (mine, theirs) = (self.mapping.bytes(), band.mapping.bytes());
        (0..part.height as usize).all(|row| {
            let here = &mine[span(frame_width, part, row)];
            let there = &theirs[span(frame_width, part.moved(0, -band_top), row)];
            here == there || same_colours(here, there)
        })
    }

    /// Puts `pixels` at a place of this memory counted in bytes.
    pub(crate) fn put_at(&mut self, offset: usize, pixels: &[u8]) {
        self.mapping.bytes_mut()[offset..offset + pixels.len()].copy_from_slice(pixels);
    }
}

fn row_bytes(rect: Rect) -> usize {
    rect.width as usize * PIXEL_BYTES
}

/// The bytes of one row of `rect` in a frame of that width.
fn span(frame_width: i32, rect: Rect, row: usize) -> std::ops::Range<usize> {
    let start = ((rect.y as usize + row) * frame_width as usize + rect.x as usize) * PIXEL_BYTES;
    start..start + row_bytes(rect)
}

/// Equality without the fourth byte of each pixel, which servers may fill with anything.
fn same_colours(a: &[u8], b: &[u8]) -> bool {
    a.chunks_exact(PIXEL_BYTES)
        .zip(b.chunks_exact(PIXEL_BYTES))
        .all(|(a, b)| a[..3] == b[..3])
}

/// Whether the server can be handed a file descriptor to write pixels into.
pub(crate) fn can_share(connection: &Connection) -> Result<bool, Error> {
    if !connection.stream().is_local() || !has_extension(connection, shm::X11_EXTENSION_NAME)? {
        return Ok(false);
    }
    let version = reply(connection, connection.shm_query_version())?;
    Ok((version.major_version, version.minor_version) >= (1, 2))
}

/// Hands the memory to the server. `None` where it will not have it: the connection may be forwarded by something that
/// passes bytes but no descriptors.
fn attach(connection: &Connection, fd: OwnedFd) -> Result<Option<Seg>, Error> {
    let seg = new_id(connection)?;
    let request = connection
        .shm_attach_fd(seg, fd, false)
        .map_err(|error| failed(connection, error))?;
    match request.check() {
        Ok(()) => Ok(Some(seg)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(failed(connection, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(length: usize) -> Segment {
        let fd = memfd_create("test", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&fd, length as u64).unwrap();
        Segment {
            mapping: Mapping::new(fd.as_fd(), length, false).unwrap(),
            seg: None,
        }
    }

    #[test]
    fn rows_land_where_they_belong() {
        let mut frame = memory(5 * 4 * PIXEL_BYTES);
        let rect = Rect::new(2, 1, 3, 2);
        let pixels: Vec<u8> = (1..=rect.area() as u8 * 4).collect();
        frame.put(5, rect, &pixels);
        let bytes = frame.mapping.bytes();
        assert_eq!(bytes[(5 + 2) * 4..(5 + 5) * 4], pixels[..12]);
        assert_eq!(bytes[(10 + 2) * 4..(10 + 5) * 4], pixels[12..]);
        assert_eq!(
            bytes.iter().filter(|&&byte| byte != 0).count(),
            pixels.len()
        );
        frame.blank(5, Rect::new(2, 1, 3, 1));
        assert_eq!(
            frame
                .mapping
                .bytes()
                .iter()
                .filter(|&&byte| byte != 0)
                .count(),
            pixels.len() / 2
        );
    }

    #[test]
    fn a_part_of_what_was_staged_lands_where_it_belongs() {
        let (mut frame, mut staging) = (memory(5 * 4 * PIXEL_BYTES), memory(3 * 3 * PIXEL_BYTES));
        staging.put_at(0, &(0..9 * 4).collect::<Vec<u8>>());
        let (whole, rect) = (Rect::new(1, 1, 3, 3), Rect::new(2, 2, 2, 1));
        frame.put_part(5, rect, &staging, whole);
        let mut expected = vec![0; 5 * 4 * PIXEL_BYTES];
        expected[(2 * 5 + 2) * 4..(2 * 5 + 4) * 4]
            .copy_from_slice(&(4 * 4..6 * 4).collect::<Vec<u8>>());
        assert_eq!(frame.mapping.bytes(), expected);
    }

    #[test]
    fn a_comparison_ignores_the_fourth_byte_and_nothing_else() {
        let (mut frame, mut band) = (memory(8 * 6 * PIXEL_BYTES), memory(8 * 2 * PIXEL_BYTES));
        let whole = Rect::new(0, 3, 8, 2);
        assert!(frame.shows(8, whole, &band, 3));
        band.put_at((8 + 7) * PIXEL_BYTES, &[0, 0, 0, 255]);
        assert!(frame.shows(8, whole, &band, 3));
        band.put_at((8 + 7) * PIXEL_BYTES, &[0, 0, 1, 0]);
        assert!(!frame.shows(8, whole, &band, 3));
        assert!(frame.shows(8, Rect::new(0, 3, 7, 2), &band, 3));
        frame.put(8, Rect::new(7, 4, 1, 1), &[0, 0, 1, 9]);
        assert!(frame.shows(8, whole, &band, 3));
    }
}
