//! From pixels as a compositor keeps them (turned, upside down, red first) to those of a frame.

use crate::{Error, Rect};

/// Bytes of a pixel, in a compositor's buffer and in a frame: blue, green, red and one that means nothing.
pub(crate) const PIXEL_BYTES: usize = 4;

const ARGB8888: u32 = 0;
const XRGB8888: u32 = 1;
const ABGR8888: u32 = fourcc(b"AB24");
const XBGR8888: u32 = fourcc(b"XB24");

const fn fourcc(name: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*name)
}

/// Whether pixels of this format are a frame's as they are; an error where they cannot be read at all.
pub(crate) fn is_ours(format: u32) -> Result<bool, Error> {
    match format {
        ARGB8888 | XRGB8888 => Ok(true),
        ABGR8888 | XBGR8888 => Ok(false),
        _ => {
            let name: String = format
                .to_le_bytes()
                .iter()
                .map(|&byte| byte as char)
                .filter(char::is_ascii_graphic)
                .collect();
            Err(Error::Unsupported(format!(
                "its pixels are of the format {name} ({format:#x}), not of 8 bits for each colour"
            )))
        }
    }
}

/// A compositor's buffer: its size, its format, and how what is in it is turned (`wl_output.transform`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) stride: i32,
    pub(crate) format: u32,
    pub(crate) transform: u32,
    /// The last row comes first.
    pub(crate) inverted: bool,
}

impl Offer {
    /// Whether the buffer can be a frame as it is.
    pub(crate) fn is_frame(&self) -> Result<bool, Error> {
        let packed = self.stride as usize == self.width as usize * PIXEL_BYTES;
        Ok(is_ours(self.format)? && packed && self.transform == 0 && !self.inverted)
    }

    /// Width and height of the frame.
    pub(crate) fn size(&self) -> (i32, i32) {
        if self.transform & 1 == 0 {
            (self.width, self.height)
        } else {
            (self.height, self.width)
        }
    }

    /// Where a rectangle of the buffer lies in the frame.
    pub(crate) fn upright(&self, rect: Rect) -> Rect {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        let y = if self.inverted {
            self.height - y - height
        } else {
            y
        };
        let (left, below) = (self.width - x - width, self.height - y - height);
        match self.transform {
            1 => Rect::new(below, x, height, width),
            2 => Rect::new(left, below, width, height),
            3 => Rect::new(y, left, height, width),
            4 => Rect::new(left, y, width, height),
            5 => Rect::new(y, x, height, width),
            6 => Rect::new(x, below, width, height),
            7 => Rect::new(below, left, height, width),
            _ => Rect::new(x, y, width, height),
        }
    }

    /// Copies `rect` of the frame out of the buffer's bytes.
    pub(crate) fn copy(&self, buffer: &[u8], frame: &mut [u8], rect: Rect) {
        let (frame_width, _) = self.size();
        let swap = !is_ours(self.format).unwrap_or(true);
        let (start, right, down) = self.steps();
        for y in rect.y..rect.y + rect.height {
            let row = (y as usize * frame_width as usize + rect.x as usize) * PIXEL_BYTES;
            let row = &mut frame[row..row + rect.width as usize * PIXEL_BYTES];
            let mut at = start + i64::from(y) * down + i64::from(rect.x) * right;
            if right == PIXEL_BYTES as i64 && !swap {
                let at = at as usize;
                row.copy_from_slice(&buffer[at..at + row.len()]);
                continue;
            }
            for pixel in row.chunks_exact_mut(PIXEL_BYTES) {
                pixel.copy_from_slice(&buffer[at as usize..at as usize + PIXEL_BYTES]);
                if swap {
                    pixel.swap(0, 2);
                }
                at += right;
            }
        }
    }

    /// Where in the buffer the frame's first pixel is, and how many bytes on those right of it and below it are.
    fn steps(&self) -> (i64, i64, i64) {
        let pixel = PIXEL_BYTES as i64;
        let (last_x, last_y) = (i64::from(self.width - 1), i64::from(self.height - 1));
        let stride = i64::from(self.stride);
        let (first, stride) = if self.inverted {
            (last_y * stride, -stride)
        } else {
            (0, stride)
        };
        let (start, right, down) = match self.transform {
            1 => (last_y * stride, -stride, pixel),
            2 => (last_y * stride + last_x * pixel, -pixel, -stride),
            3 => (last_x * pixel, stride, -pixel),
            4 => (last_x * pixel, -pixel, stride),
            5 => (0, stride, pixel),
            6 => (last_y * stride, pixel, -stride),
            7 => (last_y * stride + last_x * pixel, -stride, -pixel),
            _ => (0, pixel, stride),
        };
        (first + start, right, down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(transform: u32, inverted: bool, format: u32) -> Offer {
        Offer {
            width: 5,
            height: 3,
            stride: 24,
            format,
            transform,
            inverted,
        }
    }

    /// A buffer in which each pixel says where it is: x, y, 7, 0.
    fn buffer() -> Vec<u8> {
        let mut bytes = vec![0xEE; 24 * 3];
        for y in 0..3 {
            for x in 0..5 {
                bytes[y * 24 + x * 4..][..4].copy_from_slice(&[x as u8, y as u8, 7, 0]);
            }
        }
        bytes
    }

    #[test]
    fn each_pixel_arrives_where_its_rectangle_says() {
        for transform in 0..8 {
            for inverted in [false, true] {
                let offer = offer(transform, inverted, XRGB8888);
                let (width, height) = offer.size();
                let mut frame = vec![0; (width * height * 4) as usize];
                offer.copy(&buffer(), &mut frame, Rect::new(0, 0, width, height));
                for y in 0..3 {
                    for x in 0..5 {
                        let there = offer.upright(Rect::new(x, y, 1, 1));
                        assert_eq!((there.width, there.height), (1, 1));
                        let at = ((there.y * width + there.x) * 4) as usize;
                        assert_eq!(
                            frame[at..at + 3],
                            [x as u8, y as u8, 7],
                            "{transform} {inverted}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn only_the_rectangle_is_copied() {
        for transform in 0..8 {
            let offer = offer(transform, false, XRGB8888);
            let (width, height) = offer.size();
            let rect = offer.upright(Rect::new(1, 1, 3, 1));
            let mut frame = vec![0xFF; (width * height * 4) as usize];
            offer.copy(&buffer(), &mut frame, rect);
            let copied = frame.chunks(4).filter(|pixel| pixel[2] == 7);
            let places: Vec<_> = copied.map(|pixel| (pixel[0], pixel[1])).collect();
            assert_eq!(places.len(), 3);
            assert!(places.iter().all(|&(x, y)| (1..4).contains(&x) && y == 1));
        }
    }

    #[test]
    fn red_comes_last_in_a_frame() {
        let offer = offer(0, false, XBGR8888);
        let mut frame = vec![0; 5 * 3 * 4];
        offer.copy(&buffer(), &mut frame, Rect::new(0, 0, 5, 3));
        assert_eq!(frame[16..20], [7, 0, 4, 0]);
        assert!(!offer.is_frame().unwrap());
    }

    #[test]
    fn a_format_that_is_not_read_is_named() {
        let error = is_ours(fourcc(b"XR30")).unwrap_err().to_string();
        assert!(error.contains("XR30"), "{error}");
    }
}
