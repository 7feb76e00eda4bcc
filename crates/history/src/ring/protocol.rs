//! How a slot's record says whether its pixels are whole: a sequence lock whose readers check twice and never wait.
//!
//! The writer makes the generation odd, writes pixels and fields, and makes it even again. A reader takes a generation
//! that is even, looks at the pixels for as long as it likes, and looks at the generation once more: where that is what
//! it was, nothing was written in between. Words are read and written as atomics, so that what is torn can be seen and
//! is never undefined. Pixels are written by others (an X server, a copy): the fence after the odd generation comes
//! before any of that.

use super::layout::{FIELDS, GENERATION};

#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering, fence};

#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering, fence};

/// One slot's record, [`super::layout::RECORD_WORDS`] words.
pub type Record = [AtomicU64];

/// The generation of a slot, for its writer, who alone changes it.
pub fn generation(record: &Record) -> u64 {
    record[GENERATION].load(Ordering::Relaxed)
}

/// From now on the pixels of the slot, which is of this `generation`, are being written. Returns the new generation; a
/// slot that is being written already stays as it is.
pub fn begin(record: &Record, generation: u64) -> u64 {
    record[GENERATION].store(generation | 1, Ordering::Relaxed);
    // Whoever sees a pixel or field that is written after this sees the odd generation, or a later one, in its second
    // look.
    fence(Ordering::Release);
    generation | 1
}

/// The pixels of the slot, which is of this `generation`, are whole and are what `fields` say. Returns the new one.
pub fn complete(record: &Record, generation: u64, fields: &[u64; FIELDS]) -> u64 {
    for (word, &field) in record[GENERATION + 1..].iter().zip(fields) {
        word.store(field, Ordering::Relaxed);
    }
    let whole = (generation | 1).wrapping_add(1);
    record[GENERATION].store(whole, Ordering::Release);
    whole
}

/// The slot's generation and fields; `None` where nothing was written yet, or something is being written.
pub fn read(record: &Record) -> Option<(u64, [u64; FIELDS])> {
    let generation = record[GENERATION].load(Ordering::Acquire);
    if generation == 0 || generation % 2 == 1 {
        return None;
    }
    let fields =
        std::array::from_fn(|field| record[GENERATION + 1 + field].load(Ordering::Relaxed));
    is_current(record, generation).then_some((generation, fields))
}

/// Whether nothing was written into the slot since [`read`] returned `generation`: what was read of its pixels before
/// this call is whole.
pub fn is_current(record: &Record, generation: u64) -> bool {
    // What was read before is not read again after the second look.
    fence(Ordering::Acquire);
    record[GENERATION].load(Ordering::Relaxed) == generation
}
