//! XXH3 64-bit with seed 0 and the default secret, for inputs of exactly one tile: 64 rows of 64 pixels of 4 bytes.
//!
//! With a single length only the long-input path is left, and it falls into place: a pixel row is four stripes of 64
//! bytes and four rows are one block, so a frame can be hashed in row order with one [`State`] per tile. This file holds
//! the constants, the plain loops and the end of the hash; `simd` takes the same rows with vectors.

use crate::frame::{Block, PIXEL, SPAN};
use crate::grid::TILE;

/// Pixel rows in a block, which ends with a scramble.
pub(crate) const BLOCK_ROWS: usize = 4;

/// Stripes in one pixel row of a tile.
pub(crate) const ROW_STRIPES: usize = SPAN / STRIPE;

/// Bytes in a stripe.
pub(crate) const STRIPE: usize = 64;

/// The bytes of two pixels that count.
pub(crate) const COLOURS: u64 = 0x00FF_FFFF_00FF_FFFF;

/// Where the key of the scramble that ends a block lies in the secret.
pub(crate) const SCRAMBLE_KEY: usize = SECRET.len() - STRIPE;

/// Where the key of a tile's very last stripe lies in the secret.
const LAST_STRIPE_KEY: usize = SCRAMBLE_KEY - 7;

/// How far the key moves from stripe to stripe.
const KEY_STEP: usize = 8;

const TILE_BYTES: u64 = (TILE * TILE * PIXEL) as u64;
const MERGE_KEY: usize = 11;

const PRIME32_1: u32 = 0x9E37_79B1;
const PRIME32_2: u32 = 0x85EB_CA77;
const PRIME32_3: u32 = 0xC2B2_AE3D;
const PRIME64_1: u64 = 0x9E37_79B1_85EB_CA87;
const PRIME64_2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const PRIME64_3: u64 = 0x1656_67B1_9E37_79F9;
const PRIME64_4: u64 = 0x85EB_CA77_C2B2_AE63;
const PRIME64_5: u64 = 0x27D4_EB2F_1656_67C5;
const AVALANCHE: u64 = 0x1656_6791_9E37_79F9;

/// The factor of the scramble.
pub(crate) const SCRAMBLE_PRIME: u32 = PRIME32_1;

/// The default secret.
#[rustfmt::skip]
pub(crate) static SECRET: [u8; 192] = [
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
];

/// One tile's hash so far.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct State(pub [u64; 8]);

impl State {
    /// Before the first block.
    pub const START: Self = Self([
        PRIME32_3 as u64,
        PRIME64_1,
        PRIME64_2,
        PRIME64_3,
        PRIME64_4,
        PRIME32_2 as u64,
        PRIME64_5,
        PRIME32_1 as u64,
    ]);

    /// The fingerprint, after the last block.
    pub fn finish(&self) -> u64 {
        let mut sum = TILE_BYTES.wrapping_mul(PRIME64_1);
        for (i, pair) in self.0.chunks_exact(2).enumerate() {
            let key = MERGE_KEY + 16 * i;
            let product = u128::from(pair[0] ^ word(&SECRET, key))
                * u128::from(pair[1] ^ word(&SECRET, key + 8));
            sum = sum.wrapping_add(product as u64 ^ (product >> 64) as u64);
        }
        sum = (sum ^ sum >> 37).wrapping_mul(AVALANCHE);
        sum ^ sum >> 32
    }

    fn stripe(&mut self, bytes: &[u8], key: usize) {
        for lane in 0..8 {
            let value = word(bytes, 8 * lane) & COLOURS;
            let keyed = value ^ word(&SECRET, key + 8 * lane);
            self.0[lane ^ 1] = self.0[lane ^ 1].wrapping_add(value);
            self.0[lane] = self.0[lane].wrapping_add((keyed & 0xFFFF_FFFF) * (keyed >> 32));
        }
    }

    fn scramble(&mut self) {
        for (lane, value) in self.0.iter_mut().enumerate() {
            let mixed = *value ^ *value >> 47 ^ word(&SECRET, SCRAMBLE_KEY + 8 * lane);
            *value = mixed.wrapping_mul(u64::from(SCRAMBLE_PRIME));
        }
    }
}

/// What a block is hashed with, by its place in the tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockKeys {
    /// Where the key of each stripe of each row lies in the secret; all are followed by `STRIPE` bytes of it.
    pub rows: [[usize; ROW_STRIPES]; BLOCK_ROWS],
    /// Whether a scramble follows.
    pub scramble: bool,
}

impl BlockKeys {
    /// For the block that begins with row `y` of a tile, from 0.
    pub fn of(y: usize) -> Self {
        let stripe = |row, stripe| (row * ROW_STRIPES + stripe) * KEY_STEP;
        let mut rows = std::array::from_fn(|row| std::array::from_fn(|i| stripe(row, i)));
        let last_of_tile = y + BLOCK_ROWS == TILE;
        if last_of_tile {
            rows[BLOCK_ROWS - 1][ROW_STRIPES - 1] = LAST_STRIPE_KEY;
        }
        Self {
            rows,
            scramble: !last_of_tile,
        }
    }
}

/// Takes one block of `states.len()` neighbouring tiles: its rows, 256 bytes for each tile.
pub(crate) fn absorb(states: &mut [State], rows: Block<'_>, keys: &BlockKeys) {
    for (tile, state) in states.iter_mut().enumerate() {
        for (row, keys) in rows.iter().zip(&keys.rows) {
            let span = &row[tile * SPAN..(tile + 1) * SPAN];
            for (stripe, &key) in span.chunks_exact(STRIPE).zip(keys) {
                state.stripe(stripe, key);
            }
        }
        if keys.scramble {
            state.scramble();
        }
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}
