//! Colours by number: screens have few, and the same ones everywhere, so a byte says which.

use super::ops::{Colours, PALETTE_MAX, PALETTES_MAX, Style};

/// Palettes that are still added to.
const OPEN: usize = 4;

/// Colours that one patch may add to a palette.
const NEW_MAX: usize = 48;

/// A power of two, some times as large as a palette.
const SLOTS: usize = 1024;

const USED: u32 = 1 << 31;

/// Which colours there are, each with a number, found by hashing.
#[derive(Debug, Clone)]
pub struct Numbers {
    colours: Vec<u32>,
    slots: Box<[(u32, u8); SLOTS]>,
}

impl Numbers {
    /// No colours.
    pub fn new() -> Self {
        Self {
            colours: Vec::with_capacity(PALETTE_MAX),
            slots: Box::new([(0, 0); SLOTS]),
        }
    }

    /// Forgets all colours.
    pub fn clear(&mut self) {
        self.colours.clear();
        self.slots.fill((0, 0));
    }

    /// Where the colour is or would be.
    fn slot(&self, colour: u32) -> usize {
        let mut at = (colour.wrapping_mul(0x9E37_79B1) >> 22) as usize;
        loop {
            let found = self.slots[at].0;
            if found == 0 || found == colour | USED {
                return at;
            }
            at = (at + 1) % SLOTS;
        }
    }

    fn find(&self, colour: u32) -> Option<u8> {
        let (found, number) = self.slots[self.slot(colour)];
        (found != 0).then_some(number)
    }

    /// The colour's number, a new one where it has none; None where there is no room.
    pub fn number(&mut self, colour: u32) -> Option<u8> {
        let at = self.slot(colour);
        if self.slots[at].0 != 0 {
            return Some(self.slots[at].1);
        }
        let number = u8::try_from(self.colours.len()).ok()?;
        self.slots[at] = (colour | USED, number);
        self.colours.push(colour);
        Some(number)
    }

    /// Forgets all colours but the first `count`.
    fn shrink(&mut self, count: usize) {
        // The last one first: what lies behind it in its row of slots was there before it.
        while self.colours.len() > count
            && let Some(colour) = self.colours.pop()
        {
            let at = self.slot(colour);
            self.slots[at] = (0, 0);
        }
    }

    /// Writes the numbers of the pixels' colours, and says whether all are one colour; None where there are more than
    /// `most` colours then.
    fn write(&mut self, pixels: &[[u8; 4]], target: &mut [u8], most: usize) -> Option<bool> {
        let first = u32::from_le_bytes(*pixels.first()?);
        let (mut last, mut number, mut plain) = (first, self.number(first)?, true);
        for (pixel, written) in pixels.iter().zip(target) {
            let colour = u32::from_le_bytes(*pixel);
            if colour != last {
                (last, number, plain) = (colour, self.number(colour)?, false);
                if self.colours.len() > most {
                    return None;
                }
            }
            *written = number;
        }
        (self.colours.len() <= most).then_some(plain)
    }
}

/// The palettes of the segment that is being written.
#[derive(Debug)]
pub struct Palettes {
    count: usize,
    /// The last ones, the newest at the end.
    open: Vec<(u16, Numbers)>,
    own: Numbers,
}

impl Palettes {
    /// None yet.
    pub fn new() -> Self {
        Self {
            count: 0,
            open: Vec::with_capacity(OPEN),
            own: Numbers::new(),
        }
    }

    /// Bytes that are held.
    pub fn memory_bytes(&self) -> usize {
        (self.open.len() + 1) * (SLOTS * 8 + PALETTE_MAX * 4)
    }

    /// Appends `pixels` (B, G, R, 0) in the style that suits them, noting colours that are new to a palette; which style,
    /// and which palette, 0 where there is none.
    pub fn write(
        &mut self,
        pixels: &[[u8; 4]],
        added: &mut Vec<Colours>,
        target: &mut Vec<u8>,
    ) -> (Style, u16) {
        let start = target.len();
        target.resize(start + pixels.len(), 0);
        let written = &mut target[start..];
        let found = self
            .newest(pixels, added, written)
            .or_else(|| self.any(pixels, added, written));
        if let Some((palette, plain)) = found {
            if plain {
                target.truncate(start + 1);
                return (Style::Plain, palette);
            }
            return (Style::Indexed, palette);
        }
        target.truncate(start);
        // Few enough colours to be those of a drawing, but too many new ones to be worth a palette.
        if self.own.colours.len() < PALETTE_MAX {
            put_colours(pixels, target);
            return (Style::Colours, 0);
        }
        put_planes(pixels, target);
        (Style::Planes, 0)
    }

    /// Numbers of the newest palette, where it has room; else it stays as it is.
    fn newest(
        &mut self,
        pixels: &[[u8; 4]],
        added: &mut Vec<Colours>,
        target: &mut [u8],
    ) -> Option<(u16, bool)> {
        let (palette, numbers) = self.open.last_mut()?;
        let before = numbers.colours.len();
        let Some(plain) = numbers.write(pixels, target, before + NEW_MAX) else {
            numbers.shrink(before);
            return None;
        };
        note(*palette, &numbers.colours[before..], added);
        Some((*palette, plain))
    }

    /// Numbers of any palette that is open, or of a new one.
    fn any(
        &mut self,
        pixels: &[[u8; 4]],
        added: &mut Vec<Colours>,
        target: &mut [u8],
    ) -> Option<(u16, bool)> {
        self.own.clear();
        let plain = self.own.write(pixels, target, PALETTE_MAX)?;
        let place = self.choose()?;
        let (palette, numbers) = &mut self.open[place];
        let mut renumbered = [0u8; PALETTE_MAX];
        let before = numbers.colours.len();
        for (new, &colour) in renumbered.iter_mut().zip(&self.own.colours) {
            *new = numbers.number(colour)?;
        }
        note(*palette, &numbers.colours[before..], added);
        for number in target {
            *number = renumbered[usize::from(*number)];
        }
        Some((*palette, plain))
    }

    /// The open palette, by its place, that has the colours or room for them: the newest that has them all, else the
    /// newest with room, else a new one; None where too many colours would be new.
    fn choose(&mut self) -> Option<usize> {
        let mut roomy = None;
        for (place, (_, numbers)) in self.open.iter().enumerate().rev() {
            let missing = self
                .own
                .colours
                .iter()
                .filter(|&&colour| numbers.find(colour).is_none())
                .count();
            if missing == 0 {
                return Some(place);
            }
            let room = PALETTE_MAX - numbers.colours.len();
            if roomy.is_none() && missing <= room.min(NEW_MAX) {
                roomy = Some(place);
            }
        }
        if roomy.is_some() {
            return roomy;
        }
        if self.count == PALETTES_MAX || self.own.colours.len() > NEW_MAX {
            return None;
        }
        if self.open.len() == OPEN {
            self.open.remove(0);
        }
        self.open.push((self.count as u16, Numbers::new()));
        self.count += 1;
        Some(self.open.len() - 1)
    }
}

fn note(palette: u16, colours: &[u32], added: &mut Vec<Colours>) {
    if colours.is_empty() {
        return;
    }
    let bgr = colours.iter().map(|colour| {
        let [blue, green, red, _] = colour.to_le_bytes();
        [blue, green, red]
    });
    match added.iter_mut().find(|each| each.palette == palette) {
        Some(same) => same.bgr.extend(bgr),
        None => added.push(Colours {
            palette,
            bgr: bgr.collect(),
        }),
    }
}

/// Appends blue, green and red of each pixel.
fn put_colours(pixels: &[[u8; 4]], target: &mut Vec<u8>) {
    target.reserve(3 * pixels.len());
    for &[blue, green, red, _] in pixels {
        target.extend_from_slice(&[blue, green, red]);
    }
}

/// Appends three planes, blue and red as their difference from green, each byte as the difference from the one before
/// in its plane, the first from 0.
fn put_planes(pixels: &[[u8; 4]], target: &mut Vec<u8>) {
    let planes: [fn(&[u8; 4]) -> u8; 3] = [
        |pixel| pixel[0].wrapping_sub(pixel[1]),
        |pixel| pixel[1],
        |pixel| pixel[2].wrapping_sub(pixel[1]),
    ];
    for plane in planes {
        let mut last = 0u8;
        for pixel in pixels {
            let value = plane(pixel);
            target.push(value.wrapping_sub(last));
            last = value;
        }
    }
}

/// Makes of what `put_planes` wrote blue, green and red of one pixel after the other, in the same place.
pub fn interleave(planes: &mut [u8]) {
    let pixels = planes.len() / 3;
    let mut values = planes.to_vec();
    for plane in values.chunks_exact_mut(pixels.max(1)) {
        let mut last = 0u8;
        for value in plane {
            last = last.wrapping_add(*value);
            *value = last;
        }
    }
    for (i, pixel) in planes.chunks_exact_mut(3).enumerate() {
        let green = values[pixels + i];
        pixel[0] = values[i].wrapping_add(green);
        pixel[1] = green;
        pixel[2] = values[2 * pixels + i].wrapping_add(green);
    }
}
