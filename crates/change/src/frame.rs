//! Frames as the kernels see them: borrowed bytes and how the pixels lie in them.
//!
//! ```
//! use ironcliw_change::{Frame, Layout};
//!
//! let pixels = vec![0u8; 2 * 16];
//! let padded = Layout { row_stride: 16, ..Layout::packed(2, 5, 3) };
//! assert!(Frame::new(&pixels, padded).is_ok());
//! ```

use crate::grid::{STRIP, TILE};
use crate::xxh3::BLOCK_ROWS;
use crate::{Error, grid_shape};

/// Bytes of a pixel once it is widened: B, G, R, 0.
pub(crate) const PIXEL: usize = 4;

/// Bytes of one pixel row of one tile.
pub(crate) const SPAN: usize = TILE * PIXEL;

/// The same tiles of the four rows that are taken together: the memory sees four long reads, which it answers sooner than
/// one after the other, and a block of the fingerprint's hash is as long.
pub(crate) type Block<'a> = [&'a [u8]; BLOCK_ROWS];

/// Rows beyond the bottom of a frame, for as many tiles as are taken at once.
static NOTHING: [u8; STRIP * SPAN] = [0; STRIP * SPAN];

/// How a frame's pixels lie in memory; all distances in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Rows of pixels, at least 1.
    pub height: usize,
    /// Pixels in a row, at least 1.
    pub width: usize,
    /// Bytes of a pixel, 3 or 4; the fourth is never looked at.
    pub channels: usize,
    /// From one row to the next; rows must not overlap.
    pub row_stride: usize,
    /// From one pixel to the next: 3 or 4, at least `channels`.
    pub pixel_stride: usize,
}

impl Layout {
    /// Pixels and rows without gaps.
    pub const fn packed(height: usize, width: usize, channels: usize) -> Self {
        Self {
            height,
            width,
            channels,
            row_stride: width * channels,
            pixel_stride: channels,
        }
    }

    /// Bytes from the first to the last, or why there is no such frame.
    pub fn size_bytes(&self) -> Result<usize, Error> {
        self.checked_size().ok_or(Error::Layout {
            height: self.height,
            width: self.width,
            channels: self.channels,
            row_stride: self.row_stride,
            pixel_stride: self.pixel_stride,
        })
    }

    fn checked_size(&self) -> Option<usize> {
        let pixels_fit = matches!(self.channels, 3 | 4)
            && matches!(self.pixel_stride, 3 | 4)
            && self.channels <= self.pixel_stride;
        let row = self
            .width
            .checked_sub(1)?
            .checked_mul(self.pixel_stride)?
            .checked_add(self.channels)?;
        let rows = self.height.checked_sub(1)?.checked_mul(self.row_stride)?;
        let rows_fit = self.height == 1 || self.row_stride >= row;
        if pixels_fit && rows_fit {
            rows.checked_add(row)
        } else {
            None
        }
    }

    fn check(&self, got: usize) -> Result<(), Error> {
        let needed = self.size_bytes()?;
        if got < needed {
            Err(Error::Short { needed, got })
        } else {
            Ok(())
        }
    }

    /// Rows and columns of tiles.
    pub const fn grid(&self) -> (usize, usize) {
        grid_shape(self.height, self.width)
    }

    /// Fails where another frame has not the same height and width.
    pub(crate) fn check_size(&self, other: &Layout) -> Result<(), Error> {
        if (self.height, self.width) == (other.height, other.width) {
            return Ok(());
        }
        Err(Error::Size {
            height: self.height,
            width: self.width,
            got_height: other.height,
            got_width: other.width,
        })
    }
}

/// A frame to read.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    bytes: &'a [u8],
    layout: Layout,
}

impl<'a> Frame<'a> {
    /// Borrows `bytes` as pixels. Fails where the layout makes no sense or the bytes end before it does.
    pub fn new(bytes: &'a [u8], layout: Layout) -> Result<Self, Error> {
        layout.check(bytes.len())?;
        Ok(Self { bytes, layout })
    }

    /// How the pixels lie.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Bytes from row `y`'s first pixel to its last, as far as the memory goes: the last pixel of a frame of three
    /// channels four bytes apart may have no fourth byte.
    pub fn row(&self, y: usize) -> &'a [u8] {
        let start = y * self.layout.row_stride;
        let end = start + self.layout.width * self.layout.pixel_stride;
        &self.bytes[start..end.min(self.bytes.len())]
    }

    /// How many tiles of row `y`, from the left, can be read in place as 4-byte pixels.
    pub(crate) fn whole_tiles(&self, y: usize) -> usize {
        if self.layout.pixel_stride != PIXEL || y >= self.layout.height {
            return 0;
        }
        self.row(y).len() / SPAN
    }

    /// How many tiles of the block from row `y`, from the left, can be read in place, with nothing below the bottom.
    pub(crate) fn whole_in_block(&self, y: usize) -> usize {
        if self.layout.pixel_stride != PIXEL {
            return 0;
        }
        let inside = self.layout.height.min(y + BLOCK_ROWS);
        // Only the very last row may end before its last pixel's fourth byte.
        let last = (y < inside).then(|| self.whole_tiles(inside - 1));
        last.unwrap_or(self.layout.width / TILE)
    }

    /// The block from row `y` of the tiles `start..end`, in place, zeros below the bottom; they must be among
    /// `whole_in_block`, and no more than a strip has.
    pub(crate) fn block(&self, y: usize, start: usize, end: usize) -> Block<'a> {
        std::array::from_fn(|row| {
            if y + row < self.layout.height {
                self.spans(y + row, start, end)
            } else {
                &NOTHING[..(end - start) * SPAN]
            }
        })
    }

    /// The block from row `y` of the tile in `column`, each row as `widen` gives it.
    pub(crate) fn widen_block(&self, y: usize, column: usize) -> [[u8; SPAN]; BLOCK_ROWS] {
        let mut block = [[0; SPAN]; BLOCK_ROWS];
        for (row, span) in block.iter_mut().enumerate() {
            self.widen(y + row, column, span);
        }
        block
    }

    /// Row `y` of the tiles `start..end`, in place; they must be among `whole_tiles`.
    pub(crate) fn spans(&self, y: usize, start: usize, end: usize) -> &'a [u8] {
        &self.row(y)[start * SPAN..end * SPAN]
    }

    /// Row `y` of the tile in `column`, as 4-byte pixels, zeros beyond the frame's edges. A pixel's fourth byte may be
    /// anything.
    pub(crate) fn widen(&self, y: usize, column: usize, span: &mut [u8; SPAN]) {
        span.fill(0);
        if y >= self.layout.height {
            return;
        }
        let stride = self.layout.pixel_stride;
        let row = self.row(y);
        let bytes = &row[column * TILE * stride..row.len().min((column + 1) * TILE * stride)];
        if stride == PIXEL {
            span[..bytes.len()].copy_from_slice(bytes);
            return;
        }
        // Four bytes at a time, the fourth being the next pixel's first; the last pixel may have nothing after it.
        let after = bytes.windows(PIXEL).step_by(3);
        for (wide, pixel) in span.chunks_exact_mut(PIXEL).zip(after) {
            wide.copy_from_slice(pixel);
        }
        let last = bytes.len() / 3 - 1;
        span[last * PIXEL..][..3].copy_from_slice(&bytes[last * 3..][..3]);
    }
}

/// A frame to write: four channels, four bytes apart.
#[derive(Debug)]
pub struct FrameMut<'a> {
    bytes: &'a mut [u8],
    layout: Layout,
}

impl<'a> FrameMut<'a> {
    /// Borrows `bytes` as pixels of four bytes. Fails like [`Frame::new`], and where the pixels are not of four bytes.
    pub fn new(bytes: &'a mut [u8], layout: Layout) -> Result<Self, Error> {
        // A pixel stride of 0 is no layout, so this is how three channels are refused.
        let pixel_stride = if layout.channels == PIXEL {
            layout.pixel_stride
        } else {
            0
        };
        Layout {
            pixel_stride,
            ..layout
        }
        .check(bytes.len())?;
        Ok(Self { bytes, layout })
    }

    /// How the pixels lie.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The same pixels, to read.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            bytes: self.bytes,
            layout: self.layout,
        }
    }

    /// Row `y` from pixel `start` to before pixel `end`.
    pub fn pixels(&mut self, y: usize, start: usize, end: usize) -> &mut [u8] {
        let row = y * self.layout.row_stride;
        &mut self.bytes[row + start * PIXEL..row + end * PIXEL]
    }

    /// Rows `y..end` from pixel `start` to before pixel `beyond`, at most a block's; what is not among
    /// them stays empty.
    pub(crate) fn rows(
        &mut self,
        y: usize,
        end: usize,
        pixels: std::ops::Range<usize>,
    ) -> [&mut [u8]; BLOCK_ROWS] {
        let stride = self.layout.row_stride;
        let mut rest = &mut self.bytes[y * stride..];
        let mut rows: [&mut [u8]; BLOCK_ROWS] = Default::default();
        for (row, kept) in rows.iter_mut().enumerate().take(end - y) {
            // The last row may be shorter than a stride, and is the last to be taken.
            let ends = if y + row + 1 < end {
                stride
            } else {
                rest.len()
            };
            let (first, others) = std::mem::take(&mut rest).split_at_mut(ends);
            *kept = &mut first[pixels.start * PIXEL..pixels.end * PIXEL];
            rest = others;
        }
        rows
    }

    /// Row `y` of the tile in `column`, as far as the frame goes.
    pub(crate) fn tile(&mut self, y: usize, column: usize) -> &mut [u8] {
        let end = self.layout.width.min((column + 1) * TILE);
        self.pixels(y, column * TILE, end)
    }
}
