//! One or two generations of bits, which any thread may read and write at any time.
//!
//! Writers take turns; readers take no lock. That is enough: a bit never goes out within a generation, so a reader that
//! comes while a key is being added sees it as added or not yet, and of several threads that add one key exactly one is
//! told that it was not there.

use std::array;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::cpu::fetch;
use crate::layout::{BLOCK_WORDS, HASHES_MAX, Layout, Site, for_hashes, places};
use crate::turn::Turn;
use crate::{Error, Shape};

/// Keys of a batch whose memory is asked for before any of it is used. Writers pass the turn on after as many.
const AHEAD: usize = 64;

const GENERATIONS_MAX: usize = 2;

#[derive(Default)]
#[repr(align(64))]
struct Block([AtomicU64; BLOCK_WORDS]);

/// The bits of a Bloom filter, in one generation or in two: what is added goes to the newest, and what lies in any is
/// found.
pub struct Bloom {
    layout: Layout,
    generations: usize,
    /// The generations of a block are neighbours, so that looking into both costs little more than into one.
    blocks: Vec<Block>,
    /// Bits that are set in each generation, counted while they are.
    set: [AtomicU64; GENERATIONS_MAX],
    newest: AtomicUsize,
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
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(count)
            .map_err(|_| Error::Memory(count))?;
        // Written to, so that the pages are there before the first key is.
        memory.resize_with(count, Block::default);
        Ok(Self {
            layout: Layout { blocks, hashes },
            generations,
            blocks: memory,
            set: Default::default(),
            newest: AtomicUsize::new(0),
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

    /// Whether the key was added, or (seldom) others that together have its bits.
    #[inline]
    pub fn contains(&self, key: u64) -> bool {
        for_hashes!(self.layout.hashes, HASHES, SITES => self.found::<HASHES>(self.locate::<SITES>(key)))
    }

    /// Adds the key and says whether [`Bloom::contains`] would have found it before. Of several threads that do this
    /// with one new key at the same time, exactly one gets `false`.
    pub fn check_and_add(&self, key: u64) -> bool {
        let _turn = self.turn.take();
        self.write(key)
    }

    /// [`Bloom::check_and_add`], or None where another thread is writing just now.
    #[inline]
    pub fn try_check_and_add(&self, key: u64) -> Option<bool> {
        let _turn = self.turn.try_take()?;
        Some(self.write(key))
    }

    /// Adds every key.
    pub fn add_many(&self, keys: &[u64]) {
        for_hashes!(self.layout.hashes, HASHES, SITES => self.add_each::<HASHES, SITES>(keys));
    }

    /// Says for every key whether it is found: `seen` becomes 1 or 0.
    pub fn contains_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        for_hashes!(self.layout.hashes, HASHES, SITES => self.find_each::<HASHES, SITES>(keys, seen));
        Ok(())
    }

    /// [`Bloom::check_and_add`] with every key in turn: `seen` becomes 1 or 0, and 1 for a key that came earlier in
    /// the same batch.
    pub fn check_and_add_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        for_hashes!(self.layout.hashes, HASHES, SITES => self.check_and_add_each::<HASHES, SITES>(keys, seen));
        Ok(())
    }

    /// Makes the oldest generation, emptied, the newest. With a single generation, everything is forgotten.
    pub fn turn(&self) {
        let _turn = self.turn.take();
        let oldest = (self.newest.load(Relaxed) + 1) % self.generations;
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
        let _turn = self.turn.take();
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
        let _turn = self.turn.take();
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
        let (_first, _second) = (first.turn.take(), second.turn.take());
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

    #[inline]
    fn block(&self, generation: usize, block: usize) -> &[AtomicU64; BLOCK_WORDS] {
        &self.blocks[block * self.generations + generation].0
    }

    /// Whether all bits at the sites are set in one generation.
    #[inline]
    fn found_in<const HASHES: usize>(
        &self,
        generation: usize,
        sites: impl IntoIterator<Item = Site>,
    ) -> bool {
        let mut missing = 0;
        for (number, site) in sites.into_iter().enumerate() {
            let words = self.block(generation, site.block);
            for (word, places) in places::<HASHES>(number, site.spread) {
                let value = words[word].load(Relaxed);
                for place in places.into_iter().flatten() {
                    missing |= !value >> place;
                }
            }
        }
        missing & 1 == 0
    }

    #[inline]
    fn found<const HASHES: usize>(&self, sites: impl IntoIterator<Item = Site> + Copy) -> bool {
        (0..self.generations).any(|generation| self.found_in::<HASHES>(generation, sites))
    }

    /// Sets the bits at the sites in one generation; returns how many were not. Only for who has the turn.
    #[inline]
    fn insert<const HASHES: usize>(
        &self,
        generation: usize,
        sites: impl IntoIterator<Item = Site>,
    ) -> u64 {
        let mut added = 0;
        for (number, site) in sites.into_iter().enumerate() {
            let words = self.block(generation, site.block);
            for (word, places) in places::<HASHES>(number, site.spread) {
                let mut value = words[word].load(Relaxed);
                for place in places.into_iter().flatten() {
                    added += !value >> place & 1;
                    value |= 1 << place;
                }
                words[word].store(value, Relaxed);
            }
        }
        added
    }

    /// Adds a key; whether it was there. Only for who has the turn.
    #[inline]
    fn write(&self, key: u64) -> bool {
        for_hashes!(self.layout.hashes, HASHES, SITES => self.write_at::<HASHES>(self.locate::<SITES>(key)))
    }

    #[inline]
    fn write_at<const HASHES: usize>(&self, sites: impl IntoIterator<Item = Site> + Copy) -> bool {
        let newest = self.newest.load(Relaxed);
        let added = self.insert::<HASHES>(newest, sites);
        self.count(newest, added);
        added == 0 || self.generations > 1 && self.found_in::<HASHES>(1 - newest, sites)
    }

    #[inline]
    fn locate<const SITES: usize>(&self, key: u64) -> [Site; SITES] {
        let mut draws = self.layout.locate(key);
        array::from_fn(|_| draws.draw())
    }

    /// Counts bits that were set. Only for who has the turn.
    #[inline]
    fn count(&self, generation: usize, added: u64) {
        let set = &self.set[generation];
        set.store(set.load(Relaxed) + added, Relaxed);
    }

    /// Calls `work` with the sites of [`AHEAD`] keys at a time, and where in `keys` they begin; it will look into these
    /// generations.
    #[inline(always)]
    fn batch<const SITES: usize>(
        &self,
        keys: &[u64],
        generations: Range<usize>,
        mut work: impl FnMut(usize, &[[Site; SITES]]),
    ) {
        let mut memory = [[Site::default(); SITES]; AHEAD];
        for (number, keys) in keys.chunks(AHEAD).enumerate() {
            let located = &mut memory[..keys.len()];
            for (sites, &key) in located.iter_mut().zip(keys) {
                *sites = self.locate(key);
            }
            for site in located.iter().flatten() {
                for generation in generations.clone() {
                    fetch(self.block(generation, site.block));
                }
            }
            work(number * AHEAD, located);
        }
    }

    fn add_each<const HASHES: usize, const SITES: usize>(&self, keys: &[u64]) {
        let newest = self.newest.load(Relaxed);
        self.batch::<SITES>(keys, newest..newest + 1, |_, located| {
            let _turn = self.turn.take();
            let newest = self.newest.load(Relaxed);
            let added = located
                .iter()
                .map(|sites| self.insert::<HASHES>(newest, *sites))
                .sum();
            self.count(newest, added);
        });
    }

    fn find_each<const HASHES: usize, const SITES: usize>(&self, keys: &[u64], seen: &mut [u8]) {
        self.batch::<SITES>(keys, 0..self.generations, |from, located| {
            for (seen, sites) in seen[from..].iter_mut().zip(located) {
                *seen = self.found::<HASHES>(*sites).into();
            }
        });
    }

    fn check_and_add_each<const HASHES: usize, const SITES: usize>(
        &self,
        keys: &[u64],
        seen: &mut [u8],
    ) {
        self.batch::<SITES>(keys, 0..self.generations, |from, located| {
            let _turn = self.turn.take();
            let newest = self.newest.load(Relaxed);
            let mut all = 0;
            for (seen, sites) in seen[from..].iter_mut().zip(located) {
                let before = self.generations > 1 && self.found_in::<HASHES>(1 - newest, *sites);
                let added = self.insert::<HASHES>(newest, *sites);
                *seen = (before || added == 0).into();
                all += added;
            }
            self.count(newest, all);
        });
    }
}

/// Sets bits of a word; returns how many were not. Only for who has the turn: nobody else may write between the two.
#[inline]
fn set(word: &AtomicU64, bits: u64) -> u64 {
    let before = word.load(Relaxed);
    word.store(before | bits, Relaxed);
    u64::from((bits & !before).count_ones())
}

fn check(name: &'static str, got: usize, expected: usize) -> Result<(), Error> {
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
