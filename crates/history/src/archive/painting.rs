//! The pixels of patches, and how they get into a frame.

use std::collections::HashSet;

use ironcliw_change::FrameMut;

use super::ops::{Area, Colours, PALETTE_MAX, Patch, Style};
use super::palette::interleave;
use super::pieces::Piece;

/// Bytes of unpacked pixels that are kept for the next frame.
const KEPT_BYTES: usize = 8 << 20;

/// Where a patch's pixels are, and what they mean.
#[derive(Debug, Clone, Copy)]
struct Place {
    frame: u32,
    start: u32,
    width: u8,
    style: Style,
    palette: u16,
}

/// How many colours there are, and what each is.
#[derive(Debug)]
struct Palette(usize, Box<[[u8; 4]; PALETTE_MAX]>);

/// All patches of a segment, and the pixels of those that were painted last.
#[derive(Debug, Default)]
pub struct Paint {
    places: Vec<Place>,
    palettes: Vec<Palette>,
    /// By frame; none where they are not there.
    unpacked: Vec<Vec<u8>>,
    unpacked_bytes: usize,
}

impl Paint {
    /// Patches so far.
    pub fn patches(&self) -> usize {
        self.places.len()
    }

    /// Bytes that are held, about.
    pub fn memory_bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place>()
            + self.palettes.len() * 1024
            + self.unpacked_bytes
    }

    /// Takes new colours and patches of frame number `frame`; how many bytes its pixels are before compression.
    pub fn add(&mut self, frame: u32, colours: &[Colours], patches: &[Patch]) -> usize {
        for Colours { palette, bgr } in colours {
            let palette = usize::from(*palette);
            if palette == self.palettes.len() {
                let nothing = Box::new([[0; 4]; PALETTE_MAX]);
                self.palettes.push(Palette(0, nothing));
            }
            let Palette(count, colours) = &mut self.palettes[palette];
            for (colour, &[blue, green, red]) in colours[*count..].iter_mut().zip(bgr) {
                *colour = [blue, green, red, 0];
            }
            *count += bgr.len();
        }
        let mut start = 0;
        for patch in patches {
            self.places.push(Place {
                frame,
                start: start as u32,
                width: patch.width,
                style: patch.style,
                palette: patch.palette,
            });
            start += patch.size_bytes();
        }
        start
    }

    /// The frame of which these pixels are needed, if they are not there.
    pub fn missing(&self, piece: &Piece) -> Option<u32> {
        let frame = self.places[piece.patch as usize].frame;
        let unpacked = self.unpacked.get(frame as usize);
        unpacked.is_none_or(Vec::is_empty).then_some(frame)
    }

    /// Takes the pixels of a frame's patches; None where one has a colour that there is not.
    pub fn unpack(&mut self, frame: u32, mut raw: Vec<u8>, patches: &[Patch]) -> Option<()> {
        let mut start = 0;
        for patch in patches {
            let pixels = &mut raw[start..start + patch.size_bytes()];
            start += patch.size_bytes();
            if patch.style == Style::Planes {
                interleave(pixels);
            }
            if !patch.style.has_palette() {
                continue;
            }
            let colours = self.palettes[usize::from(patch.palette)].0;
            let most = pixels.iter().copied().fold(0, u8::max);
            if usize::from(most) >= colours {
                return None;
            }
        }
        self.unpacked_bytes += raw.len();
        if self.unpacked.len() <= frame as usize {
            self.unpacked.resize_with(frame as usize + 1, Vec::new);
        }
        self.unpacked[frame as usize] = raw;
        Some(())
    }

    /// Paints a piece of the tile at `area`, whose pixels are there.
    pub fn paint(&self, piece: &Piece, area: Area, out: &mut FrameMut<'_>) {
        let place = &self.places[piece.patch as usize];
        let pixels = &self.unpacked[place.frame as usize][place.start as usize..];
        let (width, height) = (usize::from(piece.width), usize::from(piece.height));
        let x = area.x + usize::from(piece.x);
        for row in 0..height {
            let y = area.y + usize::from(piece.y) + row;
            let target = out.pixels(y, x, x + width).as_chunks_mut::<4>().0;
            let line = usize::from(piece.from_y) + row;
            let from = line * usize::from(place.width) + usize::from(piece.from_x);
            match place.style {
                Style::Plain => {
                    let Palette(_, palette) = &self.palettes[usize::from(place.palette)];
                    target.fill(palette[usize::from(pixels[0])]);
                }
                Style::Indexed => {
                    let Palette(_, palette) = &self.palettes[usize::from(place.palette)];
                    paint_numbers(target, &pixels[from..from + width], palette);
                }
                Style::Planes | Style::Colours => {
                    let colours = pixels[3 * from..3 * (from + width)].as_chunks::<3>().0;
                    for (pixel, &[blue, green, red]) in target.iter_mut().zip(colours) {
                        *pixel = [blue, green, red, 0];
                    }
                }
            }
        }
    }

    /// Keeps the pixels that these pieces are painted from, if they are not too many, and no others.
    pub fn forget<'a>(&mut self, pieces: impl Iterator<Item = &'a Piece>) {
        if self.unpacked_bytes <= KEPT_BYTES {
            return;
        }
        let needed: HashSet<u32> = pieces
            .map(|piece| self.places[piece.patch as usize].frame)
            .collect();
        for (frame, pixels) in (0..).zip(&mut self.unpacked) {
            if !needed.contains(&frame) {
                *pixels = Vec::new();
            }
        }
        self.unpacked_bytes = self.unpacked.iter().map(Vec::len).sum();
        if self.unpacked_bytes > 2 * KEPT_BYTES {
            self.unpacked.clear();
            self.unpacked_bytes = 0;
        }
    }
}

/// Paints the colours of these numbers. Most of a screen is of one colour for some pixels: eight are looked at at once.
fn paint_numbers(target: &mut [[u8; 4]], numbers: &[u8], palette: &[[u8; 4]; PALETTE_MAX]) {
    let (eights, rest) = numbers.as_chunks::<8>();
    let (pixels, last) = target.as_chunks_mut::<8>();
    let paint = |pixels: &mut [[u8; 4]], numbers: &[u8]| {
        for (pixel, &number) in pixels.iter_mut().zip(numbers) {
            *pixel = palette[usize::from(number)];
        }
    };
    for (pixels, eight) in pixels.iter_mut().zip(eights) {
        if u64::from_le_bytes(*eight) == u64::from(eight[0]) * 0x0101_0101_0101_0101 {
            *pixels = [palette[usize::from(eight[0])]; 8];
        } else {
            paint(pixels, eight);
        }
    }
    paint(last, rest);
}
