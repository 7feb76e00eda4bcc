//! Which bits belong to a key.
//!
//! The bits lie in blocks of 512: eight words of 64, one cache line. A key of up to seven bits has them all in one block;
//! one of more has a block for each five. With h1 and h2 the halves of the key (a double hash):
//!
//! - it draws a number for each block: h1 for the first, and for every other the one before plus a stride. The stride is
//!   odd: h2 with its lowest bit set, multiplied by 0x9E3779B97F4A7C15 before every use (all modulo 2^64). The block is
//!   the upper half of the 128-bit product of the number and of how many blocks there are: multiply-shift, so no modulo
//!   and no bias to speak of;
//! - in each of them it has up to four words, which are `start + i * stride` modulo 8 for i from 0, with
//!   `start = h2 >> 61` and the odd `stride = h2 >> 58 | 1`;
//! - its bits are dealt to its blocks in turn, and in each of them to the words in turn: each word gets a first bit, then
//!   each a second. First bits lie at six bits of h2 from bit 52, 46, 40 and 34 on, second bits from 28, 22 and 16.
//!
//! One line of memory, and two bits to a word, are what makes it fast; the price is that false positives are up to 1.25
//! times what scattered bits would have when half of all bits are set. docs/decisions/0004-bloom.md has the figures.

use std::array;

use crate::hash::{STEP, halves};

/// Bits in a block.
pub const BLOCK_BITS: usize = 512;
/// Words in a block.
pub const BLOCK_WORDS: usize = BLOCK_BITS / 64;
/// The most bits a key can have.
pub const HASHES_MAX: usize = 16;

/// The most blocks a key can have bits in.
pub(crate) const SITES_MAX: usize = HASHES_MAX.div_ceil(SPREAD_BITS);

/// A key of up to so many bits has them in one block.
const LONE_BITS: usize = 7;
/// A key of more has so many in each, or fewer.
const SPREAD_BITS: usize = 5;
/// The most words of a block that a key has bits in.
const WORDS: usize = 4;
/// Where in h2 the places of first and of second bits are taken from.
const FIRST: [u32; WORDS] = [52, 46, 40, 34];
const SECOND: [u32; WORDS] = [28, 22, 16, 10];

/// Where those bits of a key lie that share a block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site {
    /// Which block.
    pub block: usize,
    /// Where in it: the second half of the key.
    pub spread: u64,
}

/// The bits of a word that belong to a key, and which word of its block it is.
pub(crate) type Mask = (usize, u64);

/// How the bits of every key of one filter are laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Blocks in a generation.
    pub blocks: usize,
    /// Bits of each key.
    pub hashes: usize,
    /// Blocks that each key has bits in.
    pub sites: usize,
    /// For each of them, 1 for each word that has a first bit, and for each that has a second.
    used: [[[u64; WORDS]; 2]; SITES_MAX],
}

impl Layout {
    /// For 1 to [`HASHES_MAX`] bits a key.
    pub fn new(blocks: usize, hashes: usize) -> Self {
        let sites = if hashes <= LONE_BITS {
            1
        } else {
            hashes.div_ceil(SPREAD_BITS)
        };
        let mut used = [[[0; WORDS]; 2]; SITES_MAX];
        for bit in 0..hashes {
            let turn = bit / sites;
            used[bit % sites][turn / WORDS][turn % WORDS] = 1;
        }
        Self {
            blocks,
            hashes,
            sites,
            used,
        }
    }

    /// Fills in the sites of a key.
    #[inline]
    pub fn locate(&self, key: u64, sites: &mut [Site]) {
        let (mut draw, spread) = halves(key);
        let mut stride = spread | 1;
        for site in sites {
            let product = u128::from(draw) * self.blocks as u128;
            *site = Site {
                block: (product >> 64) as usize,
                spread,
            };
            stride = stride.wrapping_mul(STEP);
            draw = draw.wrapping_add(stride);
        }
    }

    /// The words of a block that a key has bits in, and the bits; a word with no bits is of no account.
    #[inline]
    pub fn masks(&self, site: usize, spread: u64) -> [Mask; WORDS] {
        let [first, second] = &self.used[site];
        let start = spread >> 61;
        let stride = spread >> 58 | 1;
        array::from_fn(|i| {
            let word = start.wrapping_add(stride.wrapping_mul(i as u64)) as usize % BLOCK_WORDS;
            let bits =
                first[i] << (spread >> FIRST[i] & 63) | second[i] << (spread >> SECOND[i] & 63);
            (word, bits)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_bit_has_a_use() {
        for hashes in 1..=HASHES_MAX {
            let layout = Layout::new(1, hashes);
            let bits: u64 = layout.used.iter().flatten().flatten().sum();
            assert_eq!(bits, hashes as u64);
            let (used, unused) = layout.used.split_at(layout.sites);
            assert!(used.iter().all(|[first, _]| first[0] == 1));
            assert!(unused.iter().flatten().flatten().all(|&bit| bit == 0));
        }
    }

    #[test]
    fn words_of_a_key_are_different_ones() {
        let layout = Layout::new(1, 7);
        for top in 0..64u64 {
            let words = layout.masks(0, top << 58).map(|(word, _)| word);
            let different: HashSet<usize> = words.into_iter().collect();
            assert_eq!(different.len(), WORDS);
            assert!(words.iter().all(|&word| word < BLOCK_WORDS));
        }
    }

    #[test]
    fn blocks_are_all_in_range_and_all_used() {
        for blocks in [1, 2, 3, 1000] {
            let layout = Layout::new(blocks, HASHES_MAX);
            let mut used = vec![false; blocks];
            let mut sites = [Site::default(); SITES_MAX];
            for key in (0..4000).chain([u64::MAX]) {
                layout.locate(key, &mut sites);
                sites.iter().for_each(|site| used[site.block] = true);
            }
            assert!(used.iter().all(|&used| used));
        }
    }

    /// Filters that are too large to be made here have golden vectors too.
    #[test]
    fn far_vectors() {
        let text = include_str!("../../../tests/kernels/bloom_vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(text).expect("valid JSON");
        let far = vectors["far"].as_array().expect("a list");
        assert!(far.len() >= 10);
        for vector in far {
            let number = |name: &str| vector[name].as_u64().expect("a number") as usize;
            let layout = Layout::new(number("blocks"), number("hashes"));
            let mut sites = [Site::default(); SITES_MAX];
            let sites = &mut sites[..layout.sites];
            layout.locate(crate::hash::tests::key(vector), sites);
            let mut bits = HashSet::new();
            for (number, site) in sites.iter().enumerate() {
                for (word, mask) in layout.masks(number, site.spread) {
                    let set = (0..64).filter(|bit| mask >> bit & 1 == 1);
                    bits.extend(set.map(|bit| (site.block * BLOCK_BITS + 64 * word + bit) as u64));
                }
            }
            let expected = vector["bits"].as_array().expect("a list");
            let expected = expected.iter().map(|bit| bit.as_u64().expect("a number"));
            assert_eq!(bits, expected.collect(), "{vector}");
        }
    }
}
