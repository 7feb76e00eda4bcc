//! Adding and finding keys: one, or a batch.

use std::array;
use std::ops::Range;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::atomic::fence;

use crate::Error;
use crate::bloom::{Bloom, check};
use crate::cpu::{fetch, quick};
use crate::layout::{Site, for_hashes, places};

/// Keys of a batch whose memory is asked for while as many before them are worked on. Writers pass the turn on after as
/// many.
const AHEAD: usize = 64;

impl Bloom {
    /// Whether the key was added, or (seldom) others that together have its bits.
    #[inline]
    pub fn contains(&self, key: u64) -> bool {
        for_hashes!(self.layout.hashes, HASHES, SITES => self.found::<HASHES, SITES>(&self.locate(key)))
    }

    /// Adds the key and says whether [`Bloom::contains`] would have found it before. Of several threads that do this
    /// with one new key at the same time, exactly one gets `false`.
    pub fn check_and_add(&self, key: u64) -> bool {
        let _turn = self.take();
        for_hashes!(self.layout.hashes, HASHES, SITES => self.write::<HASHES, SITES>(&self.locate(key)))
    }

    /// [`Bloom::check_and_add`], or None where another thread is writing just now.
    #[inline]
    pub fn try_check_and_add(&self, key: u64) -> Option<bool> {
        for_hashes!(self.layout.hashes, HASHES, SITES => {
            let sites = self.locate::<SITES>(key);
            if self.is_newest::<HASHES, SITES>(&sites) {
                return Some(true);
            }
            let _turn = self.try_take()?;
            Some(self.write::<HASHES, SITES>(&sites))
        })
    }

    /// Adds every key.
    pub fn add_many(&self, keys: &[u64]) {
        quick!(self.add_all(keys: &[u64]));
    }

    /// Says for every key whether it is found: `seen` becomes 1 or 0.
    pub fn contains_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        quick!(self.find_all(keys: &[u64], seen: &mut [u8]));
        Ok(())
    }

    /// [`Bloom::check_and_add`] with every key in turn: `seen` becomes 1 or 0, and 1 for a key that came earlier in
    /// the same batch.
    pub fn check_and_add_many(&self, keys: &[u64], seen: &mut [u8]) -> Result<(), Error> {
        check("seen", seen.len(), keys.len())?;
        quick!(self.check_and_add_all(keys: &[u64], seen: &mut [u8]));
        Ok(())
    }

    #[inline(always)]
    fn locate<const SITES: usize>(&self, key: u64) -> [Site; SITES] {
        let mut draws = self.layout.locate(key);
        array::from_fn(|_| draws.draw())
    }

    /// Whether all bits at the sites are set in one generation.
    #[inline(always)]
    fn found_in<const HASHES: usize, const SITES: usize>(
        &self,
        generation: usize,
        sites: &[Site; SITES],
    ) -> bool {
        let mut missing = 0;
        for (number, site) in sites.iter().enumerate() {
            let words = self.block(generation, site.block);
            for (word, places) in places::<HASHES>(number, site.spread) {
                missing |= mask(places) & !words[word].load(Relaxed);
            }
        }
        missing == 0
    }

    /// Whether all bits at the sites are set in any generation.
    #[inline(always)]
    fn found<const HASHES: usize, const SITES: usize>(&self, sites: &[Site; SITES]) -> bool {
        loop {
            let turns = self.turns.load(Acquire);
            for generation in 0..self.generations {
                if self.found_in::<HASHES, SITES>(generation, sites) {
                    return true;
                }
            }
            if self.stands(turns) {
                return false;
            }
        }
    }

    /// Whether all bits at the sites are set in the newest generation: then there is nothing to write. Of a generation
    /// that was the newest when this began it may say so, too, if it is kept.
    #[inline(always)]
    fn is_newest<const HASHES: usize, const SITES: usize>(&self, sites: &[Site; SITES]) -> bool {
        let turns = self.turns.load(Acquire);
        self.found_in::<HASHES, SITES>(self.newest.load(Relaxed), sites) && self.stands(turns)
    }

    /// Whether no generation was begun to be emptied since `turns` was read.
    #[inline(always)]
    fn stands(&self, turns: u64) -> bool {
        fence(Acquire);
        self.turns.load(Relaxed) == turns
    }

    /// Sets the bits at the sites in one generation; returns how many were not. Only for who has the turn.
    #[inline(always)]
    fn insert<const HASHES: usize, const SITES: usize>(
        &self,
        generation: usize,
        sites: &[Site; SITES],
    ) -> u64 {
        let mut added = 0;
        for (number, site) in sites.iter().enumerate() {
            let words = self.block(generation, site.block);
            for (word, places) in places::<HASHES>(number, site.spread) {
                let (value, mask) = (words[word].load(Relaxed), mask(places));
                added += u64::from((mask & !value).count_ones());
                words[word].store(value | mask, Relaxed);
            }
        }
        added
    }

    /// Adds a key; whether it was there. Only for who has the turn.
    #[inline(always)]
    fn write<const HASHES: usize, const SITES: usize>(&self, sites: &[Site; SITES]) -> bool {
        let newest = self.newest.load(Relaxed);
        let added = self.insert::<HASHES, SITES>(newest, sites);
        self.count(newest, added);
        added == 0 || self.generations > 1 && self.found_in::<HASHES, SITES>(1 - newest, sites)
    }

    #[inline(always)]
    fn add_all(&self, keys: &[u64]) {
        for_hashes!(self.layout.hashes, HASHES, SITES => {
            let newest = self.newest.load(Relaxed);
            let mut batch = Batch::<SITES>::new(self, keys, newest..newest + 1);
            while let Some((_, located)) = batch.next() {
                let _turn = self.take();
                let newest = self.newest.load(Relaxed);
                let mut added = 0;
                for sites in located {
                    added += self.insert::<HASHES, SITES>(newest, sites);
                }
                self.count(newest, added);
            }
        });
    }

    #[inline(always)]
    fn find_all(&self, keys: &[u64], seen: &mut [u8]) {
        for_hashes!(self.layout.hashes, HASHES, SITES => {
            let mut batch = Batch::<SITES>::new(self, keys, 0..self.generations);
            while let Some((from, located)) = batch.next() {
                for (seen, sites) in seen[from..].iter_mut().zip(located) {
                    *seen = self.found::<HASHES, SITES>(sites).into();
                }
            }
        });
    }

    #[inline(always)]
    fn check_and_add_all(&self, keys: &[u64], seen: &mut [u8]) {
        for_hashes!(self.layout.hashes, HASHES, SITES => {
            let mut batch = Batch::<SITES>::new(self, keys, 0..self.generations);
            while let Some((from, located)) = batch.next() {
                let _turn = self.take();
                for (seen, sites) in seen[from..].iter_mut().zip(located) {
                    *seen = self.write::<HASHES, SITES>(sites).into();
                }
            }
        });
    }
}

/// The bits of a word that a key has.
#[inline(always)]
fn mask(places: [Option<u32>; 2]) -> u64 {
    let bit = |place: Option<u32>| place.map_or(0, |place| 1 << place);
    bit(places[0]) | bit(places[1])
}

/// The sites of the keys of a batch, up to [`AHEAD`] at a time; before some are given, the memory of the next is asked
/// for.
struct Batch<'a, const SITES: usize> {
    bloom: &'a Bloom,
    keys: &'a [u64],
    /// Those that will be looked into.
    generations: Range<usize>,
    memory: [[[Site; SITES]; AHEAD]; 2],
    located: usize,
    given: usize,
}

impl<'a, const SITES: usize> Batch<'a, SITES> {
    #[inline(always)]
    fn new(bloom: &'a Bloom, keys: &'a [u64], generations: Range<usize>) -> Self {
        let mut batch = Self {
            bloom,
            keys,
            generations,
            memory: [[[Site::default(); SITES]; AHEAD]; 2],
            located: 0,
            given: 0,
        };
        batch.locate();
        batch
    }

    #[inline(always)]
    fn locate(&mut self) {
        let memory = &mut self.memory[self.located / AHEAD % 2];
        let keys = &self.keys[self.located..];
        for (sites, &key) in memory.iter_mut().zip(keys) {
            *sites = self.bloom.locate(key);
            for site in sites {
                for generation in self.generations.clone() {
                    fetch(self.bloom.block(generation, site.block));
                }
            }
        }
        self.located += keys.len().min(AHEAD);
    }

    /// The next sites, and where in the batch they begin.
    #[inline(always)]
    fn next(&mut self) -> Option<(usize, &[[Site; SITES]])> {
        let (from, until) = (self.given, self.located);
        if from == until {
            return None;
        }
        self.given = until;
        self.locate();
        Some((from, &self.memory[from / AHEAD % 2][..until - from]))
    }
}
