//! Colours by number: screens have few, and the same ones everywhere, so a byte says which.

use super::ops::{Colours, PALETTE_MAX, PALETTES_MAX};

/// Palettes that are still added to.
const OPEN: usize = 4;

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

    /// Writes `pixels` (B, G, R, 0) as numbers of one palette, noting colours that are new to it; which palette, and
    /// whether all pixels are one colour, of which only one number is written. None, with nothing written, where they
    /// have too many colours.
    pub fn index(
        &mut self,
        pixels: &[[u8; 4]],
        added: &mut Vec<Colours>,
        target: &mut Vec<u8>,
    ) -> Option<(u16, bool)> {
        let start = target.len();
        if !self.count_own(pixels, target) {
            target.truncate(start);
            return None;
        }
        let Some(place) = self.choose() else {
            target.truncate(start);
            return None;
        };
        let (palette, numbers) = &mut self.open[place];
        let mut renumbered = [0u8; PALETTE_MAX];
        let before = numbers.colours.len();
        for (new, &colour) in renumbered.iter_mut().zip(&self.own.colours) {
            *new = numbers.number(colour)?;
        }
        note(*palette, &numbers.colours[before..], added);
        let plain = self.own.colours.len() == 1;
        if plain {
            target.truncate(start + 1);
        }
        for number in &mut target[start..] {
            *number = renumbered[usize::from(*number)];
        }
        Some((*palette, plain))
    }

    /// Numbers the pixels among themselves; whether a byte is enough.
    fn count_own(&mut self, pixels: &[[u8; 4]], target: &mut Vec<u8>) -> bool {
        self.own.clear();
        let mut last = None;
        target.reserve(pixels.len());
        for pixel in pixels {
            let colour = u32::from_le_bytes(*pixel);
            let number = match last {
                Some((same, number)) if same == colour => number,
                _ => match self.own.number(colour) {
                    Some(number) => number,
                    None => return false,
                },
            };
            last = Some((colour, number));
            target.push(number);
        }
        true
    }

    /// The open palette, by its place, that has the colours or room for them: the newest that has them all, else the
    /// newest with room, else a new one; None where there are too many palettes.
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
            if roomy.is_none() && numbers.colours.len() + missing <= PALETTE_MAX {
                roomy = Some(place);
            }
        }
        if roomy.is_some() {
            return roomy;
        }
        if self.count == PALETTES_MAX {
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

/// Appends three planes, blue and red as their difference from green, each byte as the difference from the one before
/// in its plane, the first from 0.
pub fn put_planes(pixels: &[[u8; 4]], target: &mut Vec<u8>) {
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
