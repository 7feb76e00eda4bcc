//! Puts what is known of a frame into records: compressed, and with a checksum.

use crc32fast::Hasher;
use zstd::bulk::Compressor;

use super::Error;
use super::bytes::put;
use super::ops::{Ops, Shape};
use super::segment::{END, FRAME, Header, Times, write_frame_head, write_record};

const LEVEL: i32 = 1;

/// Shorter bytes are not compressed.
const COMPRESSED_MIN: usize = 48;

/// Writes the records of one segment, in order.
pub struct Sealer {
    check: Hasher,
    compressor: Compressor<'static>,
    last: Times,
    steps: Vec<u8>,
    head: Vec<u8>,
    packed: [Vec<u8>; 2],
}

impl Sealer {
    /// For a new segment.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            check: Hasher::new(),
            compressor: Compressor::new(LEVEL).map_err(failed)?,
            last: Times {
                time_ns: 0,
                wall_ns: 0,
            },
            steps: Vec::new(),
            head: Vec::new(),
            packed: [Vec::new(), Vec::new()],
        })
    }

    /// Bytes that are held.
    pub fn memory_bytes(&self) -> usize {
        self.steps.capacity() + self.packed.iter().map(Vec::capacity).sum::<usize>()
    }

    /// When the last frame was shown.
    pub fn last(&self) -> Times {
        self.last
    }

    /// Begins the segment.
    pub fn header(&mut self, header: &Header, target: &mut Vec<u8>) {
        header.write(target, &mut self.check);
        self.last = header.times;
    }

    /// Appends a frame: its steps and its pixels.
    pub fn frame(
        &mut self,
        times: Times,
        ops: &Ops,
        shape: Shape,
        pixels: &[u8],
        target: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.steps.clear();
        ops.write(shape, &mut self.steps);
        let parts = [&self.steps[..], pixels];
        let mut sizes = [(0, 0); 2];
        for ((raw, packed), size) in parts.into_iter().zip(&mut self.packed).zip(&mut sizes) {
            pack(&mut self.compressor, raw, packed)?;
            *size = (raw.len(), packed.len());
        }
        let passed = times.time_ns.wrapping_sub(self.last.time_ns);
        let step = Times {
            time_ns: passed,
            wall_ns: times
                .wall_ns
                .wrapping_sub(self.last.wall_ns)
                .wrapping_sub(passed),
        };
        self.head.clear();
        write_frame_head(&mut self.head, step, sizes);
        let body = [&self.head[..], &self.packed[0], &self.packed[1]];
        write_record(target, FRAME, &body, &mut self.check);
        self.last = times;
        Ok(())
    }

    /// Appends the end, after so many frames, of which the last was shown until `held_ns` at least.
    pub fn end(&mut self, held_ns: i64, frames: u32, target: &mut Vec<u8>) {
        self.head.clear();
        put(
            &mut self.head,
            held_ns.saturating_sub(self.last.time_ns).max(0) as u64,
        );
        put(&mut self.head, u64::from(frames));
        write_record(target, END, &[&self.head], &mut self.check);
    }
}

/// Compresses, or copies where that is not shorter.
fn pack(compressor: &mut Compressor<'_>, raw: &[u8], packed: &mut Vec<u8>) -> Result<(), Error> {
    packed.clear();
    if raw.len() >= COMPRESSED_MIN {
        packed.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        compressor.compress_to_buffer(raw, packed).map_err(failed)?;
        if packed.len() < raw.len() {
            return Ok(());
        }
        packed.clear();
    }
    packed.extend_from_slice(raw);
    Ok(())
}

fn failed(error: std::io::Error) -> Error {
    Error::Compression(error.to_string())
}
