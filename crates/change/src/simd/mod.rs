//! The inner loops of the passes, by level: safe functions that hand on to the vectors this machine has.
//!
//! The plain loops (`xxh3::absorb`, `difference::compare`, `copy::copy`) are the oracle; every vector form equals them
//! bit for bit. Unsafe code of this crate lives in this folder only. 64-byte vectors were tried and gained nothing: the
//! passes wait for memory.

#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod passes;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "aarch64")]
use neon::prefetch;
#[cfg(target_arch = "x86_64")]
use x86::prefetch;

use crate::copy;
use crate::describe::{self, Tally};
use crate::difference::{self, Found};
use crate::frame::{Block, SPAN};
use crate::level::{Kind, Level};
use crate::xxh3::{self, BlockKeys, State};

/// Takes one block of neighbouring tiles, see `xxh3::absorb`. `ahead_bytes` beyond what is being read lies what will be
/// read soon; 0 where that is not known.
pub(crate) fn absorb(
    level: Level,
    states: &mut [State],
    rows: Block<'_>,
    keys: &BlockKeys,
    ahead_bytes: usize,
) {
    assert!(rows.iter().all(|row| row.len() == states.len() * SPAN));
    match level.0 {
        Kind::Scalar => {
            let _ = ahead_bytes;
            xxh3::absorb(states, rows, keys);
        }
        // SAFETY: a Level exists only where the machine has its instructions; the rows' lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => unsafe { passes::absorb_sse2(states, rows, keys, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { passes::absorb_avx2(states, rows, keys, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { passes::absorb_neon(states, rows, keys, ahead_bytes) },
    }
}

/// Adds to `found` what differs in row `y` of neighbouring tiles, see `difference::compare`.
pub(crate) fn compare(
    level: Level,
    found: &mut [Found],
    before: &[u8],
    after: &[u8],
    y: u32,
    threshold: u32,
) {
    assert_eq!(before.len(), found.len() * SPAN);
    assert_eq!(after.len(), found.len() * SPAN);
    match level.0 {
        Kind::Scalar => difference::compare(found, before, after, y, threshold),
        // SAFETY: a Level exists only where the machine has its instructions; the lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => unsafe { passes::compare_sse2(found, before, after, y, threshold) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { passes::compare_avx2(found, before, after, y, threshold) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { passes::compare_neon(found, before, after, y, threshold) },
    }
}

/// Adds to `found` what differs at all in the rows from row `y` of neighbouring tiles, and makes `kept` the same as
/// `after`, fourth bytes 0. `ahead_bytes` beyond lies what of `kept` will be taken soon; 0 where that is not known.
pub(crate) fn keep(
    level: Level,
    found: &mut [Found],
    kept: &mut [&mut [u8]],
    after: &[&[u8]],
    y: u32,
    ahead_bytes: usize,
) {
    assert_eq!(kept.len(), after.len());
    assert!(kept.iter().all(|row| row.len() == found.len() * SPAN));
    assert!(after.iter().all(|row| row.len() == found.len() * SPAN));
    match level.0 {
        Kind::Scalar => {
            for ((kept, after), y) in kept.iter_mut().zip(after).zip(y..) {
                difference::compare(found, kept, after, y, 0);
                copy::copy(kept, after);
            }
        }
        // SAFETY: a Level exists only where the machine has its instructions; the lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => unsafe { passes::keep_sse2(found, kept, after, y, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { passes::keep_avx2(found, kept, after, y, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { passes::keep_neon(found, kept, after, y, ahead_bytes) },
    }
}

/// Copies as many 4-byte pixels as `target` holds, see `copy::copy`; `settle` must follow before the function returns
/// to whoever asked for the copy.
pub(crate) fn copy(level: Level, target: &mut [u8], source: &[u8]) {
    assert_eq!(target.len(), source.len());
    match level.0 {
        Kind::Scalar => copy::copy(target, source),
        // SAFETY: a Level exists only where the machine has its instructions; the lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => unsafe { passes::copy_sse2(target, source) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { passes::copy_avx2(target, source) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { passes::copy_neon(target, source) },
    }
}

/// Takes the block from row `line` of neighbouring tiles, see `describe::tally`; `ahead_bytes` as for `absorb`.
pub(crate) fn tally(
    level: Level,
    tallies: &mut [Tally],
    rows: Block<'_>,
    line: usize,
    ahead_bytes: usize,
) {
    assert!(rows.iter().all(|row| row.len() == tallies.len() * SPAN));
    match level.0 {
        Kind::Scalar => {
            let _ = ahead_bytes;
            describe::tally(tallies, rows, line);
        }
        // SAFETY: a Level exists only where the machine has its instructions; the rows' lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => unsafe { passes::tally_sse2(tallies, rows, line, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { passes::tally_avx2(tallies, rows, line, ahead_bytes) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { passes::tally_neon(tallies, rows, line, ahead_bytes) },
    }
}

/// Makes what `copy` wrote visible to other threads in the order it was written.
pub(crate) fn settle() {
    // SAFETY: a fence touches no memory of its own, and every x86-64 has it.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}
