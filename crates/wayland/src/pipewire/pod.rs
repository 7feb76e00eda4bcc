//! PipeWire's parameters as bytes ("plain old data"): those that are sent, and the one that is read.

const ID: u32 = 3;
const INT: u32 = 4;
const RECTANGLE: u32 = 10;
const FRACTION: u32 = 11;
const OBJECT: u32 = 15;
const CHOICE: u32 = 19;

const FORMAT_OBJECT: u32 = 0x4_0003;
const BUFFERS_OBJECT: u32 = 0x4_0004;
const META_OBJECT: u32 = 0x4_0005;

pub(super) const ENUM_FORMAT: u32 = 3;
pub(super) const FORMAT: u32 = 4;
const BUFFERS: u32 = 5;
const META: u32 = 6;

const MEDIA_TYPE: u32 = 1;
const MEDIA_SUBTYPE: u32 = 2;
const VIDEO_FORMAT: u32 = 0x2_0001;
const VIDEO_SIZE: u32 = 0x2_0003;
const VIDEO_FRAMERATE: u32 = 0x2_0004;
const VIDEO_MAX_FRAMERATE: u32 = 0x2_0005;
const VIDEO: u32 = 2;
const RAW: u32 = 1;

pub(super) const RGBX: u32 = 7;
pub(super) const BGRX: u32 = 8;
pub(super) const RGBA: u32 = 11;
pub(super) const BGRA: u32 = 12;

const RANGE: u32 = 1;
const ENUM: u32 = 3;
const FLAGS: u32 = 4;

pub(super) const META_HEADER: u32 = 1;
pub(super) const META_DAMAGE: u32 = 3;
pub(super) const META_CURSOR: u32 = 5;
/// Regions of damage that fit into a buffer's description.
const MOST_REGIONS: u32 = 16;

/// An object with properties, of whole words of eight bytes.
struct Object(Vec<u32>);

impl Object {
    fn new(kind: u32, id: u32) -> Self {
        Self(vec![0, OBJECT, kind, id])
    }

    /// A property of one value.
    fn value(mut self, key: u32, kind: u32, words: &[u32]) -> Self {
        self.0.extend([key, 0, words.len() as u32 * 4, kind]);
        self.0.extend(words);
        self.pad()
    }

    /// A property of which one of several values is to be chosen; the first is preferred.
    fn choice(mut self, key: u32, choice: u32, kind: u32, size: u32, words: &[u32]) -> Self {
        let body = 16 + words.len() as u32 * 4;
        self.0.extend([key, 0, body, CHOICE, choice, 0, size, kind]);
        self.0.extend(words);
        self.pad()
    }

    fn pad(mut self) -> Self {
        if !self.0.len().is_multiple_of(2) {
            self.0.push(0);
        }
        self
    }

    fn end(mut self) -> Vec<u32> {
        self.0[0] = (self.0.len() as u32 - 2) * 4;
        self.0
    }
}

/// Pictures of any size, at most `fps` a second, of the formats that are read here.
pub(super) fn formats(fps: u32) -> Vec<u32> {
    let (least, most) = ([1, 1], [32_768, 32_768]);
    let size = [1920, 1080, least[0], least[1], most[0], most[1]];
    Object::new(FORMAT_OBJECT, ENUM_FORMAT)
        .value(MEDIA_TYPE, ID, &[VIDEO])
        .value(MEDIA_SUBTYPE, ID, &[RAW])
        .choice(VIDEO_FORMAT, ENUM, ID, 4, &[BGRX, BGRX, BGRA, RGBX, RGBA])
        .choice(VIDEO_SIZE, RANGE, RECTANGLE, 8, &size)
        .choice(VIDEO_FRAMERATE, RANGE, FRACTION, 8, &[0, 1, 0, 1, 240, 1])
        .choice(
            VIDEO_MAX_FRAMERATE,
            RANGE,
            FRACTION,
            8,
            &[fps, 1, 1, 1, fps, 1],
        )
        .end()
}

/// Buffers in memory that can be read, with what is told about them.
pub(super) fn buffers(format: &Format) -> [Vec<u32>; 4] {
    let (stride, most) = (format.width.saturating_mul(4), i32::MAX as u32);
    let size = stride.saturating_mul(format.height).min(most);
    let meta = |kind, size: [u32; 3]| {
        let object = Object::new(META_OBJECT, META).value(1, ID, &[kind]);
        match size {
            [size, least, most] if least != most => {
                object.choice(2, RANGE, INT, 4, &[size, least, most])
            }
            [size, ..] => object.value(2, INT, &[size]),
        }
        .end()
    };
    let cursor = |side: u32| 28 + 20 + side * side * 4;
    [
        Object::new(BUFFERS_OBJECT, BUFFERS)
            .choice(1, RANGE, INT, 4, &[4, 2, 16])
            .value(2, INT, &[1])
            .choice(3, RANGE, INT, 4, &[size, size, most])
            .choice(4, RANGE, INT, 4, &[stride, stride, most])
            .choice(6, FLAGS, INT, 4, &[1 << 1 | 1 << 2]) // memory, or a descriptor of it; no graphics buffers
            .end(),
        meta(META_HEADER, [32, 32, 32]),
        meta(META_DAMAGE, [16 * MOST_REGIONS, 16, 16 * MOST_REGIONS]),
        meta(META_CURSOR, [cursor(64), cursor(1), cursor(256)]),
    ]
}

/// What pictures will be like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) format: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Pictures a second as a fraction; 0 where they come when something changes.
    pub(super) rate: [u32; 2],
}

/// The chosen format out of the words of a parameter; `None` where it is not of pictures.
pub(super) fn read_format(words: &[u32]) -> Option<Format> {
    let mut format = Format::default();
    let mut at = 4;
    while let (Some(&key), Some(&size), Some(&kind)) =
        (words.get(at), words.get(at + 2), words.get(at + 3))
    {
        // A value that is not chosen from any more may still come as a choice of one.
        let value = if kind == CHOICE { at + 8 } else { at + 4 };
        let word = |number| words.get(value + number).copied();
        match key {
            VIDEO_FORMAT => format.format = word(0)?,
            VIDEO_SIZE => (format.width, format.height) = (word(0)?, word(1)?),
            VIDEO_FRAMERATE => format.rate = [word(0)?, word(1)?],
            _ => {}
        }
        at += 4 + (size as usize).div_ceil(8) * 2;
    }
    (format.width > 0 && format.height > 0).then_some(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_is_offered_is_read_back() {
        let words = formats(30);
        assert_eq!(words[0] as usize, words.len() * 4 - 8);
        assert!(words.len().is_multiple_of(2));
        let format = read_format(&words).unwrap();
        assert_eq!(
            format,
            Format {
                format: BGRX,
                width: 1920,
                height: 1080,
                rate: [0, 1]
            }
        );
    }

    #[test]
    fn half_a_format_is_none_and_reads_nothing_beyond_it() {
        let words = formats(30);
        for length in 0..words.len() {
            let _ = read_format(&words[..length]);
        }
        assert_eq!(read_format(&words[..10]), None);
    }

    #[test]
    fn every_parameter_says_how_long_it_is() {
        for words in buffers(&Format::default()) {
            assert_eq!(words[0] as usize, words.len() * 4 - 8);
        }
    }
}
