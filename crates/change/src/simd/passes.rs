//! The passes over vectors, written once and compiled for each level.

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64::uint8x16_t;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m128i, __m256i};

use super::prefetch;
use super::vector::Vector;
use crate::describe::{Tally, WEIGHTS};
use crate::difference::Found;
use crate::frame::{Block, PIXEL, SPAN};
use crate::grid::TILE;
use crate::xxh3::{BlockKeys, COLOURS, SCRAMBLE_KEY, SCRAMBLE_PRIME, SECRET, STRIPE, State};

/// The bytes of a pixel that count.
const COLOUR: u32 = COLOURS as u32;

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// Vectors in a state at the narrowest level; the wider ones leave some unused.
const VECTORS_MAX: usize = STRIPE / 16;

/// The vector form of `xxh3::absorb`. The memory is asked for what lies `ahead_bytes` beyond, which saves a fifth of the
/// time; the same in `compare`, which reads two frames, saves nothing.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and each of `rows` hold `states.len() * SPAN` bytes.
#[inline(always)]
unsafe fn absorb<V: Vector>(
    states: &mut [State],
    rows: Block<'_>,
    keys: &BlockKeys,
    ahead_bytes: usize,
) {
    let vectors = STRIPE / V::BYTES;
    let secret = SECRET.as_ptr();
    // SAFETY: the caller vouches for the instructions. A state is 64 bytes: `vectors` vectors. The rows are read at
    // tile * SPAN + stripe * STRIPE + v * BYTES, which with BYTES more is at most states.len() * SPAN. After each of
    // the keys' offsets and SCRAMBLE_KEY the secret holds STRIPE bytes.
    unsafe {
        let colours = V::splat32(COLOUR);
        for (tile, state) in states.iter_mut().enumerate() {
            let lanes = state.0.as_mut_ptr().cast::<u8>();
            let mut sums = [colours; VECTORS_MAX];
            for (v, sum) in sums.iter_mut().enumerate().take(vectors) {
                *sum = V::load(lanes.add(v * V::BYTES));
            }
            // A stripe's values are added to their neighbours' lanes: all of a block's at once, for a fifth less time.
            let mut values = [V::splat32(0); VECTORS_MAX];
            for (row, keys) in rows.iter().zip(&keys.rows) {
                let span = row.as_ptr().add(tile * SPAN);
                for (s, key) in keys.iter().enumerate() {
                    let stripe = span.add(s * STRIPE);
                    prefetch(stripe.wrapping_add(ahead_bytes));
                    let lanes = sums.iter_mut().zip(&mut values);
                    for (v, (sum, values)) in lanes.enumerate().take(vectors) {
                        let value = V::load(stripe.add(v * V::BYTES)).and(colours);
                        let keyed = value.xor(V::load(secret.add(key + v * V::BYTES)));
                        *values = values.add64(value);
                        *sum = sum.add64(keyed.multiply_low(keyed.lower()));
                    }
                }
            }
            for (v, (sum, values)) in sums.into_iter().zip(values).enumerate().take(vectors) {
                let sum = sum.add64(values.swap());
                let key = secret.add(SCRAMBLE_KEY + v * V::BYTES);
                let sum = if keys.scramble {
                    scramble(sum, V::load(key))
                } else {
                    sum
                };
                sum.store(lanes.add(v * V::BYTES));
            }
        }
    }
}

/// What ends a block: (x ^ x >> 47 ^ key) * prime, in 64-bit lanes.
///
/// # Safety
///
/// The machine must have `V`'s instructions.
#[inline(always)]
unsafe fn scramble<V: Vector>(sum: V, key: V) -> V {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let prime = V::splat32(SCRAMBLE_PRIME);
        let mixed = sum.xor(sum.shift_right47()).xor(key);
        mixed
            .multiply_low(prime)
            .add64(mixed.lower().multiply_low(prime).raise())
    }
}

/// The vector form of `difference::compare`.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `before` and `after` hold `found.len() * SPAN` bytes each.
#[inline(always)]
unsafe fn compare<V: Vector>(
    found: &mut [Found],
    before: &[u8],
    after: &[u8],
    y: u32,
    threshold: u32,
) {
    // SAFETY: the caller vouches for the instructions, and for the bytes of every tile's span.
    unsafe {
        if threshold == 0 {
            let colours = V::splat32(COLOUR);
            let zero = V::splat32(0);
            each_span(found, before, after, y, |a: V, b: V| {
                a.xor(b).and(colours).unequal(zero)
            });
        } else {
            let colours = V::splat32(COLOUR);
            // The largest distance is far below 2^31, so comparing as signed numbers is right.
            let threshold = V::splat32(threshold);
            each_span(found, before, after, y, |a: V, b: V| {
                a.distance(b, colours).greater(threshold)
            });
        }
    }
}

/// Gathers the bits that `differing` makes of two vectors into one number per tile, bit i for column i.
///
/// # Safety
///
/// As for `compare`.
#[inline(always)]
unsafe fn each_span<V: Vector>(
    found: &mut [Found],
    before: &[u8],
    after: &[u8],
    y: u32,
    differing: impl Fn(V, V) -> u64,
) {
    for (tile, found) in found.iter_mut().enumerate() {
        let mut bits = 0;
        for v in 0..SPAN / V::BYTES {
            let at = tile * SPAN + v * V::BYTES;
            // SAFETY: the caller vouches for the instructions, and `at` with BYTES more is within both rows.
            let (a, b) = unsafe {
                (
                    V::load(before.as_ptr().add(at)),
                    V::load(after.as_ptr().add(at)),
                )
            };
            bits |= differing(a, b) << (v * V::BYTES / 4);
        }
        found.add(bits, y);
    }
}

/// Compares as `difference::compare` does at threshold 0, and copies as `copy::copy` does, through the caches: what is
/// written was just read.
///
/// # Safety
///
/// The machine must have `V`'s instructions, `kept` be as many rows as `after`, and each hold `found.len() * SPAN` bytes.
#[inline(always)]
unsafe fn keep<V: Vector>(
    found: &mut [Found],
    kept: &mut [&mut [u8]],
    after: &[&[u8]],
    y: u32,
    ahead_bytes: usize,
) {
    for (tile, found) in found.iter_mut().enumerate() {
        for ((kept, after), y) in kept.iter_mut().zip(after).zip(y..) {
            // SAFETY: the caller vouches for the instructions, and for the bytes of every tile's span.
            let bits = unsafe {
                let at = tile * SPAN;
                keep_span::<V>(
                    kept.as_mut_ptr().add(at),
                    after.as_ptr().add(at),
                    ahead_bytes,
                )
            };
            found.add(bits, y);
        }
    }
}

/// Makes one tile's row the same as another; bit i of the answer: pixel i was not.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `kept` and `after` point to SPAN bytes that do not overlap.
#[inline(always)]
unsafe fn keep_span<V: Vector>(kept: *mut u8, after: *const u8, ahead_bytes: usize) -> u64 {
    // SAFETY: the caller vouches for all of it; `at` with BYTES more is at most SPAN.
    unsafe {
        let colours = V::splat32(COLOUR);
        let mut bits = 0;
        for at in (0..SPAN).step_by(V::BYTES) {
            if at.is_multiple_of(STRIPE) {
                let soon = kept.wrapping_add(at + ahead_bytes);
                prefetch(soon.cast_const());
            }
            let value = V::load(after.add(at)).and(colours);
            let before = V::load(kept.add(at)).and(colours);
            bits |= before.unequal(value) << (at / PIXEL);
        }
        // Between lines of text nothing changes: what is not written need not go back to memory.
        if bits != 0 {
            for at in (0..SPAN).step_by(V::BYTES) {
                V::load(after.add(at)).and(colours).store(kept.add(at));
            }
        }
        bits
    }
}

/// The vector form of `copy::copy`. Writes past the caches where whole lines fit: a copy that is kept for later would
/// only push out what is needed now, and memory need not be read before it is overwritten.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `source` be as long as `target`.
#[inline(always)]
unsafe fn copy<V: Vector>(target: &mut [u8], source: &[u8]) {
    // Whole pixels up to the first line of the cache that can be streamed as a whole: one that is written in part through
    // the caches and in part past them has to be fetched and given up in between. Where the pixels themselves are not
    // aligned there is none.
    let offset = target.as_ptr().align_offset(LINE);
    let head = if offset.is_multiple_of(PIXEL) {
        offset.min(target.len())
    } else {
        target.len()
    };
    let body = (target.len() - head) / LINE * LINE;
    let (target_head, rest) = target.split_at_mut(head);
    let (target_body, target_tail) = rest.split_at_mut(body);
    crate::copy::copy(target_head, &source[..head]);
    // SAFETY: the caller vouches for the instructions. `at` with BYTES more is within both bodies, and the first byte
    // of `target_body` is a multiple of LINE, which BYTES divides.
    unsafe {
        let colours = V::splat32(COLOUR);
        for at in (0..body).step_by(V::BYTES) {
            let pixels = V::load(source.as_ptr().add(head + at)).and(colours);
            pixels.stream(target_body.as_mut_ptr().add(at));
        }
    }
    crate::copy::copy(target_tail, &source[head + body..]);
}

/// The vector form of `describe::tally`. Differences side by side are taken of the row before: what was written just now
/// cannot be read at once at another place.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and each of `rows` hold `tallies.len() * SPAN` bytes.
#[inline(always)]
unsafe fn tally<V: Vector>(
    tallies: &mut [Tally],
    rows: Block<'_>,
    line: usize,
    ahead_bytes: usize,
) {
    for (tile, tally) in tallies.iter_mut().enumerate() {
        for (row, line) in rows.iter().zip(line..) {
            // SAFETY: the caller vouches for the instructions, and for the bytes of every tile's span.
            unsafe { tally_span::<V>(tally, row.as_ptr().add(tile * SPAN), line, ahead_bytes) };
        }
    }
}

/// Takes row `line` of one tile.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `span` point to SPAN bytes.
#[inline(always)]
unsafe fn tally_span<V: Vector>(
    tally: &mut Tally,
    span: *const u8,
    line: usize,
    ahead_bytes: usize,
) {
    /// Vectors of pixels that become one of luma.
    const PARTS: usize = 4;
    // SAFETY: the caller vouches for the instructions. The span is read at x * PIXEL + part * BYTES, which with BYTES
    // more is at most SPAN. Luma is read and written at x < TILE, a multiple of BYTES, and read one byte later: `row` of
    // a Tally has 32 bytes more than TILE. Each 8 of them have 8 bytes in `blocks`. Its lanes have 32 bytes each, BYTES
    // or more.
    unsafe {
        let zero = V::splat32(0);
        let even_bytes = V::splat32(0x00FF_00FF);
        let low_half = V::splat32(0xFFFF);
        let blue_red = V::splat32(WEIGHTS[0] | WEIGHTS[2] << 16);
        let green_none = V::splat32(WEIGHTS[1]);
        let (mut evens, mut odds) = (zero, zero);
        let mut squares = V::load(tally.squares.as_ptr().cast());
        let mut gradient = V::load(tally.gradient.as_ptr().cast());
        for x in (0..TILE).step_by(V::BYTES) {
            let mut parts = [zero; PARTS];
            for (part, luma) in parts.iter_mut().enumerate() {
                let at = span.add(x * PIXEL + part * V::BYTES);
                prefetch(at.wrapping_add(ahead_bytes));
                let pixels = V::load(at);
                let (even, odd) = (pixels.and(even_bytes), pixels.right16_8());
                evens = evens.add16(even);
                odds = odds.add16(odd);
                let weighed = even.multiply_pairs(blue_red);
                *luma = weighed.add32(odd.multiply_pairs(green_none)).right32_8();
            }
            let (low, high) = (parts[0].narrow32(parts[1]), parts[2].narrow32(parts[3]));
            squares = squares.add32(low.multiply_pairs(low).add32(high.multiply_pairs(high)));
            let luma = low.narrow16(high);
            let sums = tally.blocks.as_mut_ptr().cast::<u8>().add(x);
            V::load(sums).add64(luma.apart(zero)).store(sums);
            let before = tally.row.as_mut_ptr().add(x);
            if line > 0 {
                let (here, next) = (V::load(before), V::load(before.add(1)));
                gradient = gradient.add64(luma.apart(here)).add64(here.apart(next));
            }
            luma.store(before);
        }
        tally.row[TILE] = tally.row[TILE - 1];
        squares.store(tally.squares.as_mut_ptr().cast());
        gradient.store(tally.gradient.as_mut_ptr().cast());
        for (lanes, sum) in [
            (&mut tally.blue, evens.and(low_half)),
            (&mut tally.green, odds.and(low_half)),
            (&mut tally.red, evens.right32_16()),
        ] {
            let at = lanes.as_mut_ptr().cast::<u8>();
            V::load(at).add32(sum).store(at);
        }
        tally.end_row(line);
    }
}

macro_rules! level {
    ($vector:ty, $features:literal, $absorb:ident, $compare:ident, $keep:ident, $copy:ident, $tally:ident) => {
        /// `absorb` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, and each of `rows` hold `states.len() * SPAN` bytes.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $absorb(
            states: &mut [State],
            rows: Block<'_>,
            keys: &BlockKeys,
            ahead_bytes: usize,
        ) {
            // SAFETY: the caller vouches for all of it.
            unsafe { absorb::<$vector>(states, rows, keys, ahead_bytes) }
        }

        /// `compare` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, and `before` and `after` hold `found.len() * SPAN` bytes each.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $compare(
            found: &mut [Found],
            before: &[u8],
            after: &[u8],
            y: u32,
            threshold: u32,
        ) {
            // SAFETY: the caller vouches for all of it.
            unsafe { compare::<$vector>(found, before, after, y, threshold) }
        }

        /// `keep` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, `kept` be as many rows as `after`, and each hold `found.len() * SPAN`
        /// bytes.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $keep(
            found: &mut [Found],
            kept: &mut [&mut [u8]],
            after: &[&[u8]],
            y: u32,
            ahead_bytes: usize,
        ) {
            // SAFETY: the caller vouches for all of it.
            unsafe { keep::<$vector>(found, kept, after, y, ahead_bytes) }
        }

        /// `tally` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, and each of `rows` hold `tallies.len() * SPAN` bytes.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $tally(
            tallies: &mut [Tally],
            rows: Block<'_>,
            line: usize,
            ahead_bytes: usize,
        ) {
            // SAFETY: the caller vouches for all of it.
            unsafe { tally::<$vector>(tallies, rows, line, ahead_bytes) }
        }

        /// `copy` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, and `source` be as long as `target`.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $copy(target: &mut [u8], source: &[u8]) {
            // SAFETY: the caller vouches for all of it.
            unsafe { copy::<$vector>(target, source) }
        }
    };
}

#[cfg(target_arch = "x86_64")]
level!(
    __m128i,
    "sse2",
    absorb_sse2,
    compare_sse2,
    keep_sse2,
    copy_sse2,
    tally_sse2
);
#[cfg(target_arch = "x86_64")]
level!(
    __m256i,
    "avx2,popcnt,bmi1,lzcnt",
    absorb_avx2,
    compare_avx2,
    keep_avx2,
    copy_avx2,
    tally_avx2
);
#[cfg(target_arch = "aarch64")]
level!(
    uint8x16_t,
    "neon",
    absorb_neon,
    compare_neon,
    keep_neon,
    copy_neon,
    tally_neon
);
