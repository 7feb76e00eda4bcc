//! Tiles that were shown before, found by their fingerprint and verified by a hash that nobody outside knows.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher};

use super::pieces::{Piece, Pieces};

/// Tiles that are remembered; the oldest go first.
const MOST: usize = 8192;

/// Bytes that one takes without its pieces, about.
const EACH_BYTES: usize = 128;

/// A tile that was shown.
#[derive(Debug, Clone)]
pub struct Seen {
    check: u64,
    /// In which frame of the segment.
    pub frame: u32,
    /// Where.
    pub cell: u32,
    /// What it is painted from.
    pub pieces: Pieces,
}

/// What was shown in a segment.
#[derive(Debug)]
pub struct Known {
    keys: [u64; 8],
    tiles: HashMap<u64, Seen>,
    order: VecDeque<u64>,
    pieces: usize,
    verified: bool,
}

impl Known {
    /// Nothing yet. Tiles of equal fingerprints are compared by a second hash, too, unless `verified` is false, which
    /// only tests ask for.
    pub fn new(verified: bool) -> Self {
        let random = RandomState::new();
        let keys = std::array::from_fn(|i| {
            let mut hasher = random.build_hasher();
            hasher.write_usize(i);
            hasher.finish() | 1
        });
        Self {
            keys,
            tiles: HashMap::new(),
            order: VecDeque::new(),
            pieces: 0,
            verified,
        }
    }

    /// Bytes that are held, about.
    pub fn memory_bytes(&self) -> usize {
        self.tiles.len() * EACH_BYTES + self.pieces * size_of::<Piece>()
    }

    /// Whether a tile of this fingerprint was shown, which need not be the one it looks like.
    pub fn has(&self, fingerprint: u64) -> bool {
        self.tiles.contains_key(&fingerprint)
    }

    /// The tile of this fingerprint and check, if it was shown.
    pub fn find(&self, fingerprint: u64, check: u64) -> Option<&Seen> {
        let seen = self.tiles.get(&fingerprint)?;
        (seen.check == check || !self.verified).then_some(seen)
    }

    /// Notes that it was shown.
    pub fn add(&mut self, fingerprint: u64, check: u64, frame: u32, cell: u32, pieces: Pieces) {
        let seen = Seen {
            check,
            frame,
            cell,
            pieces,
        };
        self.pieces += seen.pieces.len();
        if let Some(before) = self.tiles.insert(fingerprint, seen) {
            self.pieces -= before.pieces.len();
            return;
        }
        self.order.push_back(fingerprint);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
            && let Some(before) = self.tiles.remove(&oldest)
        {
            self.pieces -= before.pieces.len();
        }
    }

    /// The second hash of a tile, given its rows: secret keys are multiplied with the pixels, so that nobody who draws on
    /// the screen can make two tiles that have the same.
    pub fn check<'a>(&self, rows: impl Iterator<Item = &'a [u8]>) -> u64 {
        let mut lanes = [self.keys[0], self.keys[1], self.keys[2], self.keys[3]];
        let mut count = 0u64;
        for row in rows {
            let (chunks, rest) = row.as_chunks::<64>();
            for chunk in chunks {
                self.mix(&mut lanes, chunk);
            }
            if !rest.is_empty() {
                let mut last = [0; 64];
                last[..rest.len()].copy_from_slice(rest);
                self.mix(&mut lanes, &last);
            }
            count = count.wrapping_add(row.len() as u64);
        }
        let both = fold(lanes[0] ^ count, lanes[1] ^ self.keys[5]);
        fold(
            both ^ self.keys[6],
            fold(lanes[2] ^ self.keys[7], lanes[3] ^ self.keys[4]),
        )
    }

    fn mix(&self, lanes: &mut [u64; 4], chunk: &[u8; 64]) {
        let (words, _) = chunk.as_chunks::<8>();
        for (lane, value) in lanes.iter_mut().enumerate() {
            let first = u64::from_le_bytes(words[2 * lane]) ^ self.keys[4 + lane];
            let second = u64::from_le_bytes(words[2 * lane + 1]) ^ *value;
            *value = fold(first, second).wrapping_add(value.rotate_left(23));
        }
    }
}

/// The upper and the lower half of the product, one xor the other.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
