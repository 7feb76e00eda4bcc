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

/// Which word of a block it is, and where in it the first and the second bit of a key lie, if it has them.
pub(crate) type Places = (usize, [Option<u32>; 2]);

/// For each block of a key, whether each of its words has a first bit, and a second.
type Used = [[[bool; WORDS]; 2]; SITES_MAX];

/// How the bits of every key of one filter are laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Blocks in a generation.
    pub blocks: usize,
    /// Bits of each key.
    pub hashes: usize,
}

/// How many blocks a key has bits in.
pub(crate) const fn sites(hashes: usize) -> usize {
    if hashes <= LONE_BITS {
        1
    } else {
        hashes.div_ceil(SPREAD_BITS)
    }
}

const fn used(hashes: usize) -> Used {
    let mut used = [[[false; WORDS]; 2]; SITES_MAX];
    let mut bit = 0;
    while bit < hashes {
        let turn = bit / sites(hashes);
        used[bit % sites(hashes)][turn / WORDS][turn % WORDS] = true;
        bit += 1;
    }
    used
}

struct Deal<const HASHES: usize>;

impl<const HASHES: usize> Deal<HASHES> {
    const USED: Used = used(HASHES);
}

/// The words of a block that a key of `HASHES` bits has some in, and where.
#[inline(always)]
pub(crate) fn places<const HASHES: usize>(site: usize, spread: u64) -> [Places; WORDS] {
    let [first, second] = &Deal::<HASHES>::USED[site];
    let start = spread >> 61;
    let stride = spread >> 58 | 1;
    array::from_fn(|i| {
        let word = start.wrapping_add(stride.wrapping_mul(i as u64)) as usize % BLOCK_WORDS;
        let place = |used: bool, from: u32| used.then_some((spread >> from & 63) as u32);
        (
            word,
            [place(first[i], FIRST[i]), place(second[i], SECOND[i])],
        )
    })
}

impl Layout {
    /// The sites of a key, one in each of its blocks.
    #[inline(always)]
    pub fn locate(&self, key: u64) -> Sites {
        let (drawn, spread) = halves(key);
        Sites {
            blocks: self.blocks,
            left: sites(self.hashes),
            drawn,
            spread,
            stride: spread | 1,
        }
    }
}

/// Calls what is generic over how many bits a key has, and blocks that they are in, for as many as there are: then its
/// loops over them are none, which makes it twice as fast.
macro_rules! for_hashes {
    ($hashes:expr, $HASHES:ident, $SITES:ident => $call:expr) => {
        for_hashes!($hashes, $HASHES, $SITES, $call; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($hashes:expr, $HASHES:ident, $SITES:ident, $call:expr; $($number:literal)+) => {
        match $hashes {
            $($number => {
                const $HASHES: usize = $number;
                #[allow(dead_code)]
                const $SITES: usize = $crate::layout::sites($HASHES);
                $call
            })+
            _ => {
                const $HASHES: usize = $crate::layout::HASHES_MAX;
                #[allow(dead_code)]
                const $SITES: usize = $crate::layout::sites($HASHES);
                $call
            }
        }
    };
}
pub(crate) use for_hashes;

/// See [`Layout::locate`].
#[derive(Debug, Clone)]
pub(crate) struct Sites {
    blocks: usize,
    left: usize,
    drawn: u64,
    spread: u64,
    stride: u64,
}

impl Sites {
    /// The next site, whether the key has one more or not.
    #[inline(always)]
    pub fn draw(&mut self) -> Site {
        let product = u128::from(self.drawn) * self.blocks as u128;
        self.stride = self.stride.wrapping_mul(STEP);
        self.drawn = self.drawn.wrapping_add(self.stride);
        Site {
            block: (product >> 64) as usize,
            spread: self.spread,
        }
    }
}

impl Iterator for Sites {
    type Item = Site;

    #[inline(always)]
    fn next(&mut self) -> Option<Site> {
        self.left = self.left.checked_sub(1)?;
        Some(self.draw())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_bit_has_a_use() {
        for hashes in 1..=HASHES_MAX {
            let used = used(hashes);
            let bits = used.iter().flatten().flatten().filter(|&&used| used);
            assert_eq!(bits.count(), hashes);
            let (used, unused) = used.split_at(sites(hashes));
            assert!(used.iter().all(|[first, _]| first[0]));
            assert!(unused.iter().flatten().flatten().all(|&used| !used));
        }
    }

    #[test]
    fn words_of_a_key_are_different_ones() {
        for top in 0..64u64 {
            let words = places::<7>(0, top << 58).map(|(word, _)| word);
            let different: HashSet<usize> = words.into_iter().collect();
            assert_eq!(different.len(), WORDS);
            assert!(words.iter().all(|&word| word < BLOCK_WORDS));
        }
    }

    #[test]
    fn blocks_are_all_in_range_and_all_used() {
        for blocks in [1, 2, 3, 1000] {
            let layout = Layout {
                blocks,
                hashes: HASHES_MAX,
            };
            let mut used = vec![false; blocks];
            for key in (0..4000).chain([u64::MAX]) {
                layout.locate(key).for_each(|site| used[site.block] = true);
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
            let (blocks, hashes) = (number("blocks"), number("hashes"));
            let layout = Layout { blocks, hashes };
            let sites = layout.locate(crate::hash::tests::key(vector));
            let mut bits = HashSet::new();
            for (number, site) in sites.enumerate() {
                let words =
                    for_hashes!(hashes, HASHES, SITES => places::<HASHES>(number, site.spread));
                for (word, places) in words {
                    let bits_of_word = (site.block * BLOCK_BITS + 64 * word) as u64;
                    bits.extend(
                        places
                            .iter()
                            .flatten()
                            .map(|&place| bits_of_word + u64::from(place)),
                    );
                }
            }
            let expected = vector["bits"].as_array().expect("a list");
            let expected = expected.iter().map(|bit| bit.as_u64().expect("a number"));
            assert_eq!(bits, expected.collect(), "{vector}");
        }
    }
}
