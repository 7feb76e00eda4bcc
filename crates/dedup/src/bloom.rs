//! One or two generations of bits, which any thread may read and write at any time.
//!
//! Writers take turns; readers take no lock. That is enough: a bit never goes out within a generation, so a reader that
//! comes while a key is being added sees it as added or not yet, and of several threads that add one key exactly one is
//! told that it was not there.

use std::hint::black_box;
use std::ptr;
use std::slice::ChunksExact;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::layout::{BLOCK_WORDS, HASHES_MAX, Layout, SITES_MAX, Site};
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
            layout: Layout::new(blocks, hashes),
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
        let mut sites = [Site::default(); SITES_MAX];
        let sites = &mut sites[..self.layout.sites];
        self.layout.locate(key, sites);
        self.found(sites)
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
        self.batch(keys, |_, keys| {
            let _turn = self.turn.take();
            let newest = self.newest.load(Relaxed);
            let added = keys.map(|sites| self.insert(newest, sites)).sum();
            self.count(newest, added);
        });
    }

    /// Says for every key whether it is found: `seen` becomes 1 or 0.
    pub fn contains_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        self.batch(keys, |from, keys| {
            for (seen, sites) in seen[from..].iter_mut().zip(keys) {
                *seen = self.found(sites).into();
            }
        });
        Ok(())
    }

    /// [`Bloom::check_and_add`] with every key in turn: `seen` becomes 1 or 0, and 1 for a key that came earlier in
    /// the same batch.
    pub fn check_and_add_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        self.batch(keys, |from, keys| {
            let _turn = self.turn.take();
            let newest = self.newest.load(Relaxed);
            let mut all = 0;
            for (seen, sites) in seen[from..].iter_mut().zip(keys) {
                let before = self.generations > 1 && self.found_in(1 - newest, sites);
                let added = self.insert(newest, sites);
                *seen = (before || added == 0).into();
                all += added;
            }
            self.count(newest, all);
        });
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
    fn block(&self, generation: usize, site: &Site) -> &[AtomicU64; BLOCK_WORDS] {
        &self.blocks[site.block * self.generations + generation].0
    }

    /// Whether all bits at the sites are set in one generation.
    #[inline]
    fn found_in(&self, generation: usize, sites: &[Site]) -> bool {
        let mut missing = 0;
        for (number, site) in sites.iter().enumerate() {
            let words = self.block(generation, site);
            for (word, bits) in self.layout.masks(number, site.spread) {
                missing |= bits & !words[word].load(Relaxed);
            }
        }
        missing == 0
    }

    #[inline]
    fn found(&self, sites: &[Site]) -> bool {
        (0..self.generations).any(|generation| self.found_in(generation, sites))
    }

    /// Sets the bits at the sites in one generation; returns how many were not. Only for who has the turn.
    #[inline]
    fn insert(&self, generation: usize, sites: &[Site]) -> u64 {
        let mut added = 0;
        for (number, site) in sites.iter().enumerate() {
            let words = self.block(generation, site);
            for (word, bits) in self.layout.masks(number, site.spread) {
                added += set(&words[word], bits);
            }
        }
        added
    }

    /// Adds a key; whether it was there. Only for who has the turn.
    #[inline]
    fn write(&self, key: u64) -> bool {
        let mut sites = [Site::default(); SITES_MAX];
        let sites = &mut sites[..self.layout.sites];
        self.layout.locate(key, sites);
        let newest = self.newest.load(Relaxed);
        let added = self.insert(newest, sites);
        self.count(newest, added);
        added == 0 || self.generations > 1 && self.found_in(1 - newest, sites)
    }

    /// Counts bits that were set. Only for who has the turn.
    #[inline]
    fn count(&self, generation: usize, added: u64) {
        let set = &self.set[generation];
        set.store(set.load(Relaxed) + added, Relaxed);
    }

    /// Calls `work` with the sites of [`AHEAD`] keys at a time, and where in `keys` they begin.
    #[inline]
    fn batch(&self, keys: &[u64], mut work: impl FnMut(usize, ChunksExact<'_, Site>)) {
        let each = self.layout.sites;
        let mut memory = [Site::default(); AHEAD * SITES_MAX];
        for (number, keys) in keys.chunks(AHEAD).enumerate() {
            let sites = &mut memory[..keys.len() * each];
            for (&key, sites) in keys.iter().zip(sites.chunks_exact_mut(each)) {
                self.layout.locate(key, sites);
            }
            // Reading one word of each block, none waiting for another, brings them all into the cache.
            let touched = sites
                .iter()
                .fold(0, |sum, site| sum ^ self.block(0, site)[0].load(Relaxed));
            black_box(touched);
            work(number * AHEAD, sites.chunks_exact(each));
        }
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
