//! By DXGI's desktop duplication: frames with what was drawn to and what was moved, and whether something is protected.

use ironcliw_capture::Rect;
use windows::Win32::Foundation::RECT;
use windows::Win32::Graphics::Direct3D11::ID3D11Texture2D;
use windows::Win32::Graphics::Dxgi::{
    DXGI_OUTDUPL_FRAME_INFO, DXGI_OUTDUPL_MOVE_RECT, IDXGIOutput1, IDXGIOutputDuplication,
};
use windows::core::{Interface, Result};

use crate::device::Display;
use crate::status::damage;
use crate::turned::Turn;

pub(crate) struct Duplication {
    output: IDXGIOutputDuplication,
    /// The picture's size as it is sent, and how the display is turned.
    pub sent: (i32, i32),
    pub turn: Turn,
}

/// A picture on the card, and what it changed, in its own coordinates (None: anything).
pub(crate) struct Picture {
    pub texture: ID3D11Texture2D,
    pub damage: Option<Vec<Rect>>,
    pub protected: bool,
}

pub(crate) fn rect(of: &RECT) -> Rect {
    Rect::new(of.left, of.top, of.right - of.left, of.bottom - of.top)
}

impl Duplication {
    pub fn new(display: &Display) -> Result<Self> {
        let output: IDXGIOutput1 = display.output.cast()?;
        // SAFETY: the device is of the output's card.
        let output = unsafe { output.DuplicateOutput(&display.device) }?;
        // SAFETY: reads what it is.
        let description = unsafe { output.GetDesc() };
        let turn = Turn::of(description.Rotation.0);
        let seen = (
            description.ModeDesc.Width as i32,
            description.ModeDesc.Height as i32,
        );
        // The mode is as people see it, and turning is its own way back as far as sizes go.
        Ok(Self {
            output,
            sent: turn.size(seen),
            turn,
        })
    }

    /// The next picture with `work` done on it, or None where only the pointer moved.
    pub fn next<T>(&self, timeout_ms: u32, work: impl FnOnce(Picture) -> T) -> Result<Option<T>> {
        let (mut info, mut resource) = (DXGI_OUTDUPL_FRAME_INFO::default(), None);
        // SAFETY: places for two results; the frame is released below.
        unsafe {
            self.output
                .AcquireNextFrame(timeout_ms, &mut info, &mut resource)
        }?;
        let answer = self.picture(&info, resource.map(|resource| resource.cast()));
        let answer = answer.map(|picture| picture.map(work));
        // SAFETY: acquired above.
        let released = unsafe { self.output.ReleaseFrame() };
        let answer = answer?;
        released.map(|()| answer)
    }

    fn picture(
        &self,
        info: &DXGI_OUTDUPL_FRAME_INFO,
        texture: Option<Result<ID3D11Texture2D>>,
    ) -> Result<Option<Picture>> {
        let (Some(texture), true) = (texture.transpose()?, info.LastPresentTime != 0) else {
            return Ok(None);
        };
        let bytes = info.TotalMetadataBufferSize;
        let moved = self.listed::<DXGI_OUTDUPL_MOVE_RECT>(bytes, |size, list, needed| {
            // SAFETY: a list of `size` bytes.
            unsafe { self.output.GetFrameMoveRects(size, list, needed) }
        });
        let drawn = self.listed::<RECT>(bytes, |size, list, needed| {
            // SAFETY: a list of `size` bytes.
            unsafe { self.output.GetFrameDirtyRects(size, list, needed) }
        });
        let complete = moved.is_ok() && drawn.is_ok() && bytes > 0;
        let moved: Vec<Rect> = moved
            .unwrap_or_default()
            .iter()
            .map(|each| rect(&each.DestinationRect))
            .collect();
        let drawn: Vec<Rect> = drawn.unwrap_or_default().iter().map(rect).collect();
        Ok(Some(Picture {
            texture,
            damage: damage(&moved, &drawn, complete),
            protected: info.ProtectedContentMaskedOut.as_bool(),
        }))
    }

    /// A list of at most `bytes` bytes.
    fn listed<T: Default + Clone>(
        &self,
        bytes: u32,
        call: impl FnOnce(u32, *mut T, *mut u32) -> Result<()>,
    ) -> Result<Vec<T>> {
        let size = size_of::<T>();
        let mut list = vec![T::default(); bytes as usize / size];
        let mut needed = 0;
        call((list.len() * size) as u32, list.as_mut_ptr(), &mut needed)?;
        list.truncate(needed as usize / size);
        Ok(list)
    }
}
