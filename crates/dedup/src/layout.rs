//! Which bits belong to a key.
//!
//! The bits lie in blocks of 512: eight words of 64, one cache line. A key has `hashes` bits in groups of up to four;
//! every group has a block of its own, and two words in it. With (h1, h2) the halves of the key (h2 is odd):
//!
//! - group j draws `g = h1 + j * h2` (modulo 2^64) and takes the 128-bit product `g * blocks`: its upper half is the
//!   block (multiply-shift: no modulo, no bias to speak of), and its lower half, `spread`, says where in the block;
//! - the first word is `a = spread >> 61`; the second lies in the other half of the block: `b = (!a & 4) | (spread >> 59
//!   & 3)`;
//! - the bits' places in their words are six bits of `spread` each: of the first word at 53 and 47, of the second at 41
//!   and 35;
//! - there are `ceil(hashes / 4)` groups and twice as many words. Words are given a first bit in turn, then a second.
//!
//! Two bits a word halve the work, and independent blocks for each four bits keep the number of false positives within
//! a sixth of what scattered bits would have; docs/decisions/0004-bloom.md has the figures.

use crate::hash::halves;

/// Bits in a block.
pub const BLOCK_BITS: usize = 512;
/// Words in a block.
pub const BLOCK_WORDS: usize = BLOCK_BITS / 64;
/// The most bits a key can have.
pub const HASHES_MAX: usize = 16;

/// The most groups a key can have.
pub(crate) const GROUPS_MAX: usize = HASHES_MAX.div_ceil(GROUP_BITS);

const GROUP_BITS: usize = 4;

/// Where one group of a key's bits lies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site {
    /// Which block.
    pub block: usize,
    /// Where in it.
    pub spread: u64,
}

/// How the bits of every key of one filter are laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Blocks in a generation.
    pub blocks: usize,
    /// Bits of each key.
    pub hashes: usize,
    /// Groups of bits of each key.
    pub groups: usize,
    /// For each group 1 where a bit is in use: first and second of the first word, first and second of the second.
    used: [[u64; GROUP_BITS]; GROUPS_MAX],
}

impl Layout {
    /// For 1 to [`HASHES_MAX`] bits a key.
    pub fn new(blocks: usize, hashes: usize) -> Self {
        let groups = hashes.div_ceil(GROUP_BITS);
        let words = 2 * groups;
        let mut used = [[0; GROUP_BITS]; GROUPS_MAX];
        for bit in 0..hashes {
            let word = bit % words;
            used[word / 2][2 * (word % 2) + bit / words] = 1;
        }
        Self {
            blocks,
            hashes,
            groups,
            used,
        }
    }

    /// Fills in the sites of a key; there are `groups`.
    #[inline]
    pub fn locate(&self, key: u64, sites: &mut [Site]) {
        let (mut draw, stride) = halves(key);
        for site in sites {
            let product = u128::from(draw) * self.blocks as u128;
            *site = Site {
                block: (product >> 64) as usize,
                spread: product as u64,
            };
            draw = draw.wrapping_add(stride);
        }
    }

    /// The two words of a block that a group's bits lie in, with the bits.
    #[inline]
    pub fn masks(&self, group: usize, spread: u64) -> [(usize, u64); 2] {
        let used = &self.used[group];
        let first = spread >> 61;
        let second = !first & 4 | spread >> 59 & 3;
        let bit = |i: usize, shift: u32| used[i] << (spread >> shift & 63);
        [
            (first as usize, bit(0, 53) | bit(1, 47)),
            (second as usize, bit(2, 41) | bit(3, 35)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_has_a_use() {
        for hashes in 1..=HASHES_MAX {
            let layout = Layout::new(1, hashes);
            let bits: u64 = layout.used.iter().flatten().sum();
            assert_eq!(bits, hashes as u64);
            assert!(
                layout
                    .used
                    .iter()
                    .take(layout.groups)
                    .all(|group| group[0] == 1)
            );
            assert!(
                layout
                    .used
                    .iter()
                    .skip(layout.groups)
                    .flatten()
                    .all(|&bit| bit == 0)
            );
        }
    }

    #[test]
    fn words_lie_in_the_two_halves_of_a_block() {
        let layout = Layout::new(1, 4);
        for top in 0..32u64 {
            let [(a, first), (b, second)] = layout.masks(0, top << 59);
            assert!(a < BLOCK_WORDS && b < BLOCK_WORDS && (a < 4) != (b < 4));
            assert_eq!((first, second), (1, 1));
        }
    }

    #[test]
    fn blocks_are_all_in_range_and_all_used() {
        for blocks in [1, 2, 3, 1000] {
            let layout = Layout::new(blocks, HASHES_MAX);
            let mut used = vec![false; blocks];
            let mut sites = [Site::default(); GROUPS_MAX];
            for key in (0..4000).chain([u64::MAX]) {
                layout.locate(key, &mut sites);
                sites.iter().for_each(|site| used[site.block] = true);
            }
            assert!(used.iter().all(|&used| used));
        }
    }
}
