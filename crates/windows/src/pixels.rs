//! From a texture on the card to memory.

use std::slice;

use ironcliw_capture::{Error, Rect};
use windows::Win32::Graphics::Direct3D11::{
    D3D11_BOX, D3D11_CPU_ACCESS_READ, D3D11_MAP_READ, D3D11_MAPPED_SUBRESOURCE,
    D3D11_TEXTURE2D_DESC, D3D11_USAGE_STAGING, ID3D11Texture2D,
};
use windows::Win32::Graphics::Dxgi::Common::{DXGI_FORMAT_B8G8R8A8_UNORM, DXGI_SAMPLE_DESC};

use crate::device::{Display, lost};
use crate::turned::Turn;

/// A texture that the processor can read, kept from frame to frame.
pub(crate) struct Staging {
    texture: ID3D11Texture2D,
    /// The picture's size as it is sent.
    pub sent: (i32, i32),
    pub turn: Turn,
}

impl Staging {
    pub fn new(display: &Display, sent: (i32, i32), turn: Turn) -> Result<Self, Error> {
        let wanted = D3D11_TEXTURE2D_DESC {
            Width: sent.0 as u32,
            Height: sent.1 as u32,
            MipLevels: 1,
            ArraySize: 1,
            Format: DXGI_FORMAT_B8G8R8A8_UNORM,
            SampleDesc: DXGI_SAMPLE_DESC {
                Count: 1,
                Quality: 0,
            },
            Usage: D3D11_USAGE_STAGING,
            BindFlags: 0,
            CPUAccessFlags: D3D11_CPU_ACCESS_READ.0 as u32,
            MiscFlags: 0,
        };
        let mut texture = None;
        // SAFETY: a description, and a place for the result.
        unsafe {
            display
                .device
                .CreateTexture2D(&wanted, None, Some(&mut texture))
        }
        .map_err(lost)?;
        let texture = texture.ok_or_else(|| Error::Lost("Direct3D made no texture".to_owned()))?;
        Ok(Self {
            texture,
            sent,
            turn,
        })
    }

    /// The frame, as people see it.
    pub fn frame(&self) -> Rect {
        let (width, height) = self.turn.size(self.sent);
        Rect::new(0, 0, width, height)
    }

    /// Fetches rectangles of a picture (in its own coordinates) from the card, all of which stay here.
    pub fn fetch(&self, display: &Display, picture: &ID3D11Texture2D, rects: &[Rect]) {
        let whole = Rect::new(0, 0, self.sent.0, self.sent.1);
        for rect in rects.iter().filter_map(|rect| rect.intersection(whole)) {
            let part = D3D11_BOX {
                left: rect.x as u32,
                top: rect.y as u32,
                front: 0,
                right: rect.right() as u32,
                bottom: rect.bottom() as u32,
                back: 1,
            };
            // SAFETY: both textures are of the same size and format, and the box lies inside.
            unsafe {
                display.context.CopySubresourceRegion(
                    &self.texture,
                    0,
                    part.left,
                    part.top,
                    0,
                    picture,
                    0,
                    Some(&part),
                );
            }
        }
    }

    /// Copies rectangles (as people see them) to `into`, rows of four bytes a pixel, and blanks others.
    pub fn copy(
        &self,
        display: &Display,
        rects: &[Rect],
        blank: &[Rect],
        into: &mut [u8],
    ) -> Result<(), Error> {
        let frame = self.frame();
        if into.len() as i64 != 4 * frame.area() {
            return Err(Error::Memory(format!(
                "{} bytes for a frame of {} x {} pixels",
                into.len(),
                frame.width,
                frame.height
            )));
        }
        let mut mapped = D3D11_MAPPED_SUBRESOURCE::default();
        // SAFETY: a staging texture of ours, unmapped below.
        unsafe {
            display
                .context
                .Map(&self.texture, 0, D3D11_MAP_READ, 0, Some(&mut mapped))
        }
        .map_err(lost)?;
        let (start, pitch) = (mapped.pData.cast::<u8>(), mapped.RowPitch as usize);
        for rect in rects.iter().filter_map(|rect| rect.intersection(frame)) {
            let from = self.turn.sent_rect(rect, self.sent);
            for y in from.y..from.bottom() {
                let (x, bytes) = (4 * from.x as usize, 4 * from.width as usize);
                // SAFETY: the mapped memory has a row of `pitch` bytes for each of the picture's, and the rectangle lies
                // inside the picture.
                let row =
                    unsafe { slice::from_raw_parts(start.add(y as usize * pitch + x), bytes) };
                self.put(row, from.x, y, into, frame.width as usize);
            }
        }
        // SAFETY: mapped above.
        unsafe { display.context.Unmap(&self.texture, 0) };
        for rect in blank.iter().filter_map(|rect| rect.intersection(frame)) {
            for y in rect.y..rect.bottom() {
                let first = 4 * (y as usize * frame.width as usize + rect.x as usize);
                into[first..first + 4 * rect.width as usize].fill(0);
            }
        }
        Ok(())
    }

    fn put(&self, row: &[u8], x: i32, y: i32, into: &mut [u8], width: usize) {
        if self.turn == Turn::None {
            let first = 4 * (y as usize * width + x as usize);
            into[first..first + row.len()].copy_from_slice(row);
            return;
        }
        for (pixel, x) in row.chunks_exact(4).zip(x..) {
            let (x, y) = self.turn.seen(x, y, self.sent);
            into[4 * (y as usize * width + x as usize)..][..4].copy_from_slice(pixel);
        }
    }
}
