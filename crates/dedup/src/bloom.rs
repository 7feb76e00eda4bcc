//! One or two generations of bits, which any thread may read and write at any time.
//!
//! Writers take turns; readers take no lock. A bit never goes out while its generation is kept, so a reader that comes
//! while a key is being added sees it as added or not yet, and of several threads that add one key exactly one is told
//! that it was not there.
//!
//! A generation is emptied while readers look. One that did not find a key asks whether that began meanwhile, and looks
//! again if so: the key may have been added anew to a generation that it had looked into before.

use std::ptr;
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize, fence};

use crate::layout::{BLOCK_WORDS, HASHES_MAX, Layout};
use crate::memory::{Block, Blocks};
use crate::turn::{Taken, Turn};
use crate::{Error, Shape};

const GENERATIONS_MAX: usize = 2;

/// The bits of a Bloom filter, in one generation or in two: what is added goes to the newest, and what lies in any is
/// found.
pub struct Bloom {
    pub(crate) layout: Layout,
    pub(crate) generations: usize,
    /// The generations of a block are neighbours, so that looking into both costs little more than into one.
    blocks: Blocks,
    /// Bits that are set in each generation, counted while they are.
    set: [AtomicU64; GENERATIONS_MAX],
    pub(crate) newest: AtomicUsize,
    /// How many generations were begun to be emptied.
    pub(crate) turns: AtomicU64,
    turn: Turn,
}

impl Bloom {
    /// An empty filter of `generations` (1 or 2) times `blocks` of 512 bits, with `hashes` (1 to 16) bits a key.
    pub fn new(blocks: usize, hashes: usize, generations: usize) -> Result<Self, Error> {
        if blocks == 0 {
            return Err(Error::Blocks(blocks));
        }
        if !(1..=HASHES_MAX).contains(&hashes) {
            return Err(Error::Hashes(hashes));
        }
        if !(1..=GENERATIONS_MAX).contains(&generations) {
            return Err(Error::Generations(generations));
        }
        let count = blocks
            .checked_mul(generations)
            .ok_or(Error::Memory(blocks))?;
        Ok(Self {
            layout: Layout { blocks, hashes },
            generations,
            blocks: Blocks::new(count).ok_or(Error::Memory(count))?,
            set: Default::default(),
            newest: AtomicUsize::new(0),
            turns: AtomicU64::new(0),
            turn: Turn::default(),
        })
    }

    /// Blocks in each generation.
    pub fn blocks(&self) -> usize {
        self.layout.blocks
    }

    /// Words in each generation.
    pub fn words(&self) -> usize {
        self.layout.blocks * BLOCK_WORDS
    }

    /// Bits of each key.
    pub fn hashes(&self) -> usize {
        self.layout.hashes
    }

    /// How many generations there are.
    pub fn generations(&self) -> usize {
        self.generations
    }

    /// Makes the oldest generation, emptied, the newest. With a single generation, everything is forgotten.
    pub fn turn(&self) {
        let _turn = self.take();
        let oldest = (self.newest.load(Relaxed) + 1) % self.generations;
        // Who sees a word emptied below sees this, and who sees this sees all that was added before.
        self.turns.store(self.turns.load(Relaxed) + 1, Release);
        fence(Release);
        for block in self.of(oldest) {
            block.0.iter().for_each(|word| word.store(0, Relaxed));
        }
        self.set[oldest].store(0, Relaxed);
        self.newest.store(oldest, Relaxed);
    }

    /// Bits that are set in the generation of this age (0 is the newest), out of `blocks` times 512.
    pub fn bits_set(&self, age: usize) -> Result<u64, Error> {
        Ok(self.set[self.generation(age)?].load(Relaxed))
    }

    /// Copies the words of the generation of this age out, block by block.
    pub fn read(&self, age: usize, words: &mut [u64]) -> Result<(), Error> {
        check("words", words.len(), self.words())?;
        let _turn = self.take();
        let generation = self.generation(age)?;
        for (block, words) in self.of(generation).zip(words.chunks_exact_mut(BLOCK_WORDS)) {
            for (word, out) in block.0.iter().zip(words) {
                *out = word.load(Relaxed);
            }
        }
        Ok(())
    }

    /// Adds to the generation of this age what lies in words that [`Bloom::read`] copied from a filter of the same
    /// blocks and hashes.
    pub fn unite(&self, age: usize, words: &[u64]) -> Result<(), Error> {
        check("words", words.len(), self.words())?;
        let _turn = self.take();
        let generation = self.generation(age)?;
        let words = words.chunks_exact(BLOCK_WORDS);
        let bits = self.of(generation).zip(words).map(|(block, words)| {
            let words = block.0.iter().zip(words);
            words.map(|(word, &bits)| set(word, bits)).sum::<u64>()
        });
        self.count(generation, bits.sum());
        Ok(())
    }

    /// Adds everything that lies in `other`, generation by generation; it must have the same blocks, hashes and
    /// generations.
    pub fn merge(&self, other: &Self) -> Result<(), Error> {
        if self.shape() != other.shape() {
            return Err(Error::Shape {
                ours: self.shape(),
                theirs: other.shape(),
            });
        }
        if ptr::eq(self, other) {
            return Ok(());
        }
        // Always the one that lies first in memory first, so that two that take each other in do not wait for ever.
        let (first, second) = if ptr::from_ref(self) < ptr::from_ref(other) {
            (self, other)
        } else {
            (other, self)
        };
        let (_first, _second) = (first.take(), second.take());
        for age in 0..self.generations {
            let ours = self.generation(age)?;
            let pairs = self.of(ours).zip(other.of(other.generation(age)?));
            let bits = pairs.map(|(block, taken)| {
                let words = block.0.iter().zip(&taken.0);
                words
                    .map(|(word, taken)| set(word, taken.load(Relaxed)))
                    .sum::<u64>()
            });
            self.count(ours, bits.sum());
        }
        Ok(())
    }

    /// The turn to write, once it is free.
    #[inline(always)]
    pub(crate) fn take(&self) -> Taken<'_> {
        self.mended(self.turn.take())
    }

    /// The turn to write, if nobody has it.
    #[inline(always)]
    pub(crate) fn try_take(&self) -> Option<Taken<'_>> {
        Some(self.mended(self.turn.try_take()?))
    }

    #[inline(always)]
    fn mended<'a>(&self, taken: Taken<'a>) -> Taken<'a> {
        if taken.abandoned {
            self.recount();
        }
        taken
    }

    /// Counts the bits of all generations anew. What else may have been left half done needs no mending: of a key some
    /// bits, as of one that was not added, and a generation that is less full than it might be.
    #[cold]
    fn recount(&self) {
        for (generation, set) in self.set.iter().enumerate().take(self.generations) {
            let words = self.of(generation).flat_map(|block| &block.0);
            let bits = words.map(|word| u64::from(word.load(Relaxed).count_ones()));
            set.store(bits.sum(), Relaxed);
        }
    }

    fn shape(&self) -> Shape {
        Shape {
            blocks: self.layout.blocks,
            hashes: self.layout.hashes,
            generations: self.generations,
        }
    }

    fn generation(&self, age: usize) -> Result<usize, Error> {
        if age < self.generations {
            Ok((self.newest.load(Relaxed) + self.generations - age) % self.generations)
        } else {
            Err(Error::Age {
                max: self.generations - 1,
                got: age,
            })
        }
    }

    fn of(&self, generation: usize) -> impl Iterator<Item = &Block> {
        self.blocks
            .iter()
            .skip(generation)
            .step_by(self.generations)
    }

    #[inline(always)]
    pub(crate) fn block(&self, generation: usize, block: usize) -> &[AtomicU64; BLOCK_WORDS] {
        &self.blocks[block * self.generations + generation].0
    }

    /// Counts bits that were set. Only for who has the turn.
    #[inline(always)]
    pub(crate) fn count(&self, generation: usize, added: u64) {
        let set = &self.set[generation];
        set.store(set.load(Relaxed) + added, Relaxed);
    }
}

/// Sets bits of a word; returns how many were not. Only for who has the turn: nobody else may write between the two.
#[inline]
fn set(word: &AtomicU64, bits: u64) -> u64 {
    let before = word.load(Relaxed);
    word.store(before | bits, Relaxed);
    u64::from((bits & !before).count_ones())
}

pub(crate) fn check(name: &'static str, got: usize, expected: usize) -> Result<(), Error> {
    if got == expected {
        Ok(())
    } else {
        Err(Error::Cells {
            name,
            got,
            expected,
        })
    }
}
