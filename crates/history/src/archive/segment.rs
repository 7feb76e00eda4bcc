//! The frame around it all: a header, then records, each with a checksum of everything before it.

use crc32fast::Hasher;
use zstd::bulk::Decompressor;

use super::Error;
use super::bytes::{Input, put, put_signed};
use super::ops::Shape;

/// What every segment begins with.
pub const MAGIC: [u8; 8] = *b"icw-hist";

/// The version that is written and read.
pub const VERSION: u16 = 1;

/// Bytes of the header with its checksum.
pub const HEADER_BYTES: usize = 48;

/// A record of a frame.
pub const FRAME: u8 = 1;

/// The last record of a segment that has ended.
pub const END: u8 = 2;

/// Sides are at most this long, in pixels.
pub const SIDE_MAX: usize = 32_768;

/// What is compressed or not may have this many bytes.
pub const PART_MAX: usize = 1 << 28;

const CHECK_BYTES: usize = 4;
const LENGTH_BYTES: usize = 4;

/// When a frame was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Nanoseconds of the source; never less than for the frame before.
    pub time_ns: i64,
    /// Nanoseconds since 1970; may jump.
    pub wall_ns: i64,
}

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Of all its frames.
    pub shape: Shape,
    /// Frames in the segments before.
    pub first: u64,
    /// When its first frame was shown.
    pub times: Times,
}

impl Header {
    /// Begins a segment.
    pub fn write(&self, target: &mut Vec<u8>, check: &mut Hasher) {
        let start = target.len();
        target.extend(MAGIC);
        target.extend(VERSION.to_le_bytes());
        target.extend(0u16.to_le_bytes());
        target.extend((self.shape.height as u32).to_le_bytes());
        target.extend((self.shape.width as u32).to_le_bytes());
        target.extend(self.first.to_le_bytes());
        target.extend(self.times.time_ns.to_le_bytes());
        target.extend(self.times.wall_ns.to_le_bytes());
        seal(target, start, check);
    }

    /// Reads it, and the checksum so far.
    pub fn read(bytes: &[u8]) -> Result<(Self, Hasher), Error> {
        if bytes.get(..8).is_some_and(|start| start != MAGIC) {
            return Err(Error::Foreign);
        }
        let Some((head, found)) = bytes
            .get(..HEADER_BYTES)
            .and_then(|header| header.split_last_chunk::<CHECK_BYTES>())
        else {
            return Err(Error::Truncated { whole: 0 });
        };
        let version = u16::from_le_bytes([head[8], head[9]]);
        if version != VERSION {
            return Err(Error::Version(version));
        }
        let mut check = Hasher::new();
        check.update(head);
        let four = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
        let eight = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
        let shape = Shape {
            height: four(12) as usize,
            width: four(16) as usize,
        };
        let sides = 1..=SIDE_MAX;
        if check.clone().finalize().to_le_bytes() != *found
            || four(8) >> 16 != 0
            || !sides.contains(&shape.height)
            || !sides.contains(&shape.width)
        {
            return Err(Error::Damaged {
                at: 0,
                what: "the header",
            });
        }
        let times = Times {
            time_ns: eight(28) as i64,
            wall_ns: eight(36) as i64,
        };
        let header = Self {
            shape,
            first: eight(20),
            times,
        };
        Ok((header, check))
    }
}

/// Appends the checksum of everything so far to what lies from `start`.
fn seal(target: &mut Vec<u8>, start: usize, check: &mut Hasher) {
    check.update(&target[start..]);
    target.extend(check.clone().finalize().to_le_bytes());
}

/// Appends a record.
pub fn write_record(target: &mut Vec<u8>, kind: u8, body: &[&[u8]], check: &mut Hasher) {
    let start = target.len();
    let length: usize = body.iter().map(|part| part.len()).sum();
    target.extend((length as u32).to_le_bytes());
    target.push(kind);
    for part in body {
        target.extend_from_slice(part);
    }
    seal(target, start, check);
}

/// Where a record's body lies, and what it is.
#[derive(Debug, Clone)]
pub struct Record {
    /// FRAME or END.
    pub kind: u8,
    /// Its first byte.
    pub at: usize,
    /// The bytes after its kind.
    pub body: std::ops::Range<usize>,
    /// Its end, and the beginning of the next.
    pub end: usize,
}

/// The record from byte `at`, None at the end of the bytes.
pub fn read_record(bytes: &[u8], at: usize, check: &mut Hasher) -> Result<Option<Record>, Error> {
    if at == bytes.len() {
        return Ok(None);
    }
    let cut = Error::Truncated { whole: at };
    let Some(length) = bytes[at..].first_chunk::<LENGTH_BYTES>() else {
        return Err(cut);
    };
    let start = at + LENGTH_BYTES + 1;
    let body = start..start.saturating_add(u32::from_le_bytes(*length) as usize);
    let end = body.end.saturating_add(CHECK_BYTES);
    if end > bytes.len() {
        return Err(cut);
    }
    check.update(&bytes[at..body.end]);
    if check.clone().finalize().to_le_bytes() != bytes[body.end..end] {
        return Err(Error::Damaged {
            at,
            what: "a wrong checksum",
        });
    }
    Ok(Some(Record {
        kind: bytes[start - 1],
        at,
        body,
        end,
    }))
}

/// Bytes as they lie in a frame's record: compressed where that is shorter.
#[derive(Debug, Clone)]
pub struct Part {
    /// Before compression.
    pub raw_bytes: usize,
    /// Where they lie, counted from the segment's beginning.
    pub stored: std::ops::Range<usize>,
}

impl Part {
    /// The bytes as they were before compression.
    pub fn unpacked(&self, segment: &[u8], unpacker: &mut Decompressor<'_>) -> Option<Vec<u8>> {
        let stored = &segment[self.stored.clone()];
        if stored.len() == self.raw_bytes {
            return Some(stored.to_vec());
        }
        let raw = unpacker.decompress(stored, self.raw_bytes).ok()?;
        (raw.len() == self.raw_bytes).then_some(raw)
    }
}

/// What stands in front of the two parts of a frame's record.
pub fn write_frame_head(target: &mut Vec<u8>, step: Times, parts: [(usize, usize); 2]) {
    put(target, step.time_ns as u64);
    put_signed(target, step.wall_ns);
    for (raw, stored) in parts {
        put(target, raw as u64);
        put(target, stored as u64);
    }
}

/// When a frame is shown after `before`, and its two parts: steps and pixels.
pub fn read_frame(bytes: &[u8], record: &Record, before: Times) -> Option<(Times, [Part; 2])> {
    let mut input = Input(&bytes[record.body.clone()]);
    let time_ns = before.time_ns.checked_add_unsigned(input.number()?)?;
    let passed = time_ns.wrapping_sub(before.time_ns);
    let wall_ns = before
        .wall_ns
        .wrapping_add(passed)
        .wrapping_add(input.signed()?);
    let mut sizes = [(0, 0); 2];
    for (raw, stored) in &mut sizes {
        *raw = input.below(PART_MAX)?;
        *stored = input.below(*raw + 1)?;
    }
    let mut at = record.body.end - input.0.len();
    let parts = sizes.map(|(raw_bytes, length)| {
        let stored = at..at + length;
        at += length;
        Part { raw_bytes, stored }
    });
    (at == record.body.end).then_some((Times { time_ns, wall_ns }, parts))
}
