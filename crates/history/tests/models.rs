//! Every order in which a writer's and a reader's steps can interleave, under the memory model of the language.
//!
//! `make check-models`
//!
//! The model notices a race of a store with the last access before it only, so a writer here loads nothing: it knows its
//! generations.
#![cfg(loom)]

use ironcliw_history::ring::layout::{FIELDS, GENERATION, RECORD_WORDS};
use ironcliw_history::ring::protocol::{begin, complete, is_current, read};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::thread;

/// A slot: its record and two words of pixels, which are written one after the other.
struct Slot {
    record: Vec<AtomicU64>,
    pixels: [AtomicU64; 2],
}

impl Slot {
    fn new() -> Self {
        Self {
            record: (0..RECORD_WORDS).map(|_| AtomicU64::new(0)).collect(),
            pixels: [AtomicU64::new(0), AtomicU64::new(0)],
        }
    }

    fn draw(&self, colour: u64) {
        for pixel in &self.pixels {
            pixel.store(colour, Ordering::Relaxed);
        }
    }

    /// Frame `number`, whose every pixel and field is that number.
    fn write(&self, number: u64) {
        let odd = begin(&self.record, 2 * number - 2);
        self.draw(number);
        complete(&self.record, odd, &[number; FIELDS]);
    }

    /// Fields and pixels, where they were accepted as belonging to one frame.
    fn accepted(&self) -> Option<([u64; FIELDS], [u64; 2])> {
        let (generation, fields) = read(&self.record)?;
        let pixels = [0, 1].map(|pixel| self.pixels[pixel].load(Ordering::Relaxed));
        is_current(&self.record, generation).then_some((fields, pixels))
    }
}

fn check((fields, pixels): ([u64; FIELDS], [u64; 2])) {
    assert!(fields.iter().all(|&field| field == fields[0]), "{fields:?}");
    assert_eq!(pixels, [fields[0]; 2]);
}

fn one_reader(writes: impl Fn(&Slot) + Sync + Send + Copy + 'static) {
    loom::model(move || {
        let slot = Arc::new(Slot::new());
        let writer = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || writes(&slot))
        };
        if let Some(accepted) = slot.accepted() {
            check(accepted);
        }
        writer.join().unwrap();
    });
}

#[test]
fn no_torn_frame_is_accepted() {
    one_reader(|slot| {
        slot.write(1);
        slot.write(2);
    });
}

#[test]
fn a_frame_that_is_whole_is_accepted() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let writer = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || slot.write(1))
        };
        writer.join().unwrap();
        check(slot.accepted().expect("nothing writes any more"));
    });
}

#[test]
#[should_panic]
fn planted_a_writer_that_skips_the_odd_generation() {
    one_reader(|slot| {
        slot.write(1);
        slot.draw(2);
        complete(&slot.record, 2, &[2; FIELDS]);
    });
}

#[test]
#[should_panic]
fn planted_an_odd_generation_without_a_fence() {
    one_reader(|slot| {
        slot.write(1);
        slot.record[GENERATION].store(3, Ordering::Relaxed);
        slot.draw(2);
        complete(&slot.record, 3, &[2; FIELDS]);
    });
}

#[test]
#[should_panic]
fn planted_a_completion_that_is_not_released() {
    one_reader(|slot| {
        slot.write(1);
        begin(&slot.record, 2);
        slot.draw(2);
        for word in &slot.record[GENERATION + 1..] {
            word.store(2, Ordering::Relaxed);
        }
        slot.record[GENERATION].store(4, Ordering::Relaxed);
    });
}

#[test]
#[should_panic]
fn planted_a_reader_that_looks_once() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        slot.write(1);
        let writer = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || slot.write(2))
        };
        if let Some((_, fields)) = read(&slot.record) {
            let pixels = [0, 1].map(|pixel| slot.pixels[pixel].load(Ordering::Relaxed));
            fence(Ordering::Acquire);
            check((fields, pixels));
        }
        writer.join().unwrap();
    });
}
