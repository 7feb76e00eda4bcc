//! The passes over vectors, written once and compiled for each level.

use std::arch::x86_64::{__m128i, __m256i, _MM_HINT_T0, _mm_prefetch};

use super::vector::Vector;
use crate::difference::Found;
use crate::frame::{PIXEL, SPAN};
use crate::xxh3::{COLOURS, RowKeys, SCRAMBLE_KEY, SCRAMBLE_PRIME, SECRET, STRIPE, State};

/// The bytes of a pixel that count.
const COLOUR: u32 = COLOURS as u32;

/// Vectors in a state at the narrowest level; the wider ones leave some unused.
const VECTORS_MAX: usize = STRIPE / size_of::<__m128i>();

/// The vector form of `xxh3::absorb`. The memory is asked for what lies `ahead_bytes` beyond, which saves
/// a fifth of the time; the same in `compare`, which reads two frames, saves nothing.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `row` hold `states.len() * SPAN` bytes.
#[inline(always)]
unsafe fn absorb<V: Vector>(states: &mut [State], row: &[u8], keys: RowKeys, ahead_bytes: usize) {
    let vectors = STRIPE / V::BYTES;
    let secret = SECRET.as_ptr();
    // SAFETY: the caller vouches for the instructions. A state is 64 bytes: `vectors` vectors. The row is read at
    // tile * SPAN + stripe * STRIPE + v * BYTES, which with BYTES more is at most states.len() * SPAN. After each of
    // RowKeys' offsets and SCRAMBLE_KEY the secret holds STRIPE bytes. Prefetching any address is harmless.
    unsafe {
        let colours = V::splat32(COLOUR);
        for (tile, state) in states.iter_mut().enumerate() {
            let span = row.as_ptr().add(tile * SPAN);
            let lanes = state.0.as_mut_ptr().cast::<u8>();
            let mut sums = [colours; VECTORS_MAX];
            for (v, sum) in sums.iter_mut().enumerate().take(vectors) {
                *sum = V::load(lanes.add(v * V::BYTES));
            }
            for (s, key) in keys.stripes.into_iter().enumerate() {
                let stripe = span.add(s * STRIPE);
                _mm_prefetch::<_MM_HINT_T0>(stripe.wrapping_add(ahead_bytes).cast());
                for (v, sum) in sums.iter_mut().enumerate().take(vectors) {
                    let value = V::load(stripe.add(v * V::BYTES)).and(colours);
                    let keyed = value.xor(V::load(secret.add(key + v * V::BYTES)));
                    *sum = sum
                        .add64(value.swap())
                        .add64(keyed.multiply_low(keyed.lower()));
                }
            }
            for (v, sum) in sums.into_iter().enumerate().take(vectors) {
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

/// The vector form of `copy::copy`. Writes past the caches where whole vectors fit: a copy that is kept for later would
/// only push out what is needed now, and memory need not be read before it is overwritten.
///
/// # Safety
///
/// The machine must have `V`'s instructions, and `source` be as long as `target`.
#[inline(always)]
unsafe fn copy<V: Vector>(target: &mut [u8], source: &[u8]) {
    // Whole pixels up to the first place where a vector may be streamed to. Where the pixels themselves are not
    // aligned there is none, and `align_offset` divided leaves part of a pixel.
    let offset = target.as_ptr().align_offset(V::BYTES);
    let head = if offset % PIXEL == 0 {
        offset.min(target.len())
    } else {
        target.len()
    };
    let body = (target.len() - head) / V::BYTES * V::BYTES;
    let (target_head, rest) = target.split_at_mut(head);
    let (target_body, target_tail) = rest.split_at_mut(body);
    crate::copy::copy(target_head, &source[..head]);
    // SAFETY: the caller vouches for the instructions. `at` with BYTES more is within both bodies, whose first byte of
    // `target_body` is a multiple of BYTES.
    unsafe {
        let colours = V::splat32(COLOUR);
        for at in (0..body).step_by(V::BYTES) {
            let pixels = V::load(source.as_ptr().add(head + at)).and(colours);
            pixels.stream(target_body.as_mut_ptr().add(at));
        }
    }
    crate::copy::copy(target_tail, &source[head + body..]);
}

macro_rules! level {
    ($vector:ty, $features:literal, $absorb:ident, $compare:ident, $copy:ident) => {
        /// `absorb` at this level.
        ///
        /// # Safety
        ///
        /// The machine must have the features, and `row` hold `states.len() * SPAN` bytes.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $absorb(
            states: &mut [State],
            row: &[u8],
            keys: RowKeys,
            ahead_bytes: usize,
        ) {
            // SAFETY: the caller vouches for all of it.
            unsafe { absorb::<$vector>(states, row, keys, ahead_bytes) }
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

level!(__m128i, "sse2", absorb_sse2, compare_sse2, copy_sse2);
level!(
    __m256i,
    "avx2,popcnt,bmi1,lzcnt",
    absorb_avx2,
    compare_avx2,
    copy_avx2
);
