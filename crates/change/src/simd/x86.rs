//! The vector operations for 16-byte vectors, which every x86-64 has, and for AVX2's 32-byte vectors.

use std::arch::x86_64::*;

use super::vector::Vector;

/// Asks the memory for the line at `at`, which may be any address.
#[inline(always)]
pub(super) fn prefetch(at: *const u8) {
    // SAFETY: every x86-64 has it, and any address is harmless.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}

macro_rules! vector {
    (
        $type:ty, $load:ident $store:ident $stream:ident $splat32:ident $and:ident $or:ident $xor:ident $add64:ident $add32:ident
        $multiply:ident $right64:ident $left64:ident $right16:ident $shuffle:ident $below:ident $pairs:ident
        $add16:ident $right32:ident $narrow32:ident $apart:ident,
        narrow16($e:ident, $f:ident) $narrow16:expr, unequal($a:ident, $b:ident) $unequal:expr, greater($c:ident, $d:ident) $greater:expr
    ) => {
        impl Vector for $type {
            const BYTES: usize = size_of::<Self>();

            #[inline(always)]
            unsafe fn load(at: *const u8) -> Self {
                // SAFETY: the caller vouches for the bytes at `at` and for the instructions.
                unsafe { $load(at.cast()) }
            }
            #[inline(always)]
            unsafe fn store(self, at: *mut u8) {
                // SAFETY: as for `load`.
                unsafe { $store(at.cast(), self) }
            }
            #[inline(always)]
            unsafe fn stream(self, at: *mut u8) {
                // SAFETY: as for `load`; the caller vouches for the alignment, too.
                unsafe { $stream(at.cast(), self) }
            }
            #[inline(always)]
            unsafe fn splat32(value: u32) -> Self {
                // SAFETY: the caller vouches for the instructions; so below.
                unsafe { $splat32(value as i32) }
            }
            #[inline(always)]
            unsafe fn and(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $and(self, other) }
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $xor(self, other) }
            }
            #[inline(always)]
            unsafe fn add64(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $add64(self, other) }
            }
            #[inline(always)]
            unsafe fn multiply_low(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $multiply(self, other) }
            }
            #[inline(always)]
            unsafe fn lower(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $right64::<32>(self) }
            }
            #[inline(always)]
            unsafe fn raise(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $left64::<32>(self) }
            }
            #[inline(always)]
            unsafe fn shift_right47(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $right64::<47>(self) }
            }
            #[inline(always)]
            unsafe fn swap(self) -> Self {
                // SAFETY: see `splat32`. 0b01_00_11_10 takes 32-bit lanes 2, 3, 0, 1 of each 16 bytes.
                unsafe { $shuffle::<0b01_00_11_10>(self) }
            }
            #[inline(always)]
            unsafe fn unequal(self, other: Self) -> u64 {
                let ($a, $b) = (self, other);
                // SAFETY: see `splat32`.
                unsafe { $unequal }
            }
            #[inline(always)]
            unsafe fn distance(self, other: Self, channels: Self) -> Self {
                // SAFETY: see `splat32`. One of the two saturated differences is zero, so their union is the absolute
                // difference; squares are summed in pairs of 16-bit lanes, the even bytes' and then the odd bytes'.
                unsafe {
                    let apart = $and($or($below(self, other), $below(other, self)), channels);
                    let even = $and(apart, $splat32(0x00FF_00FF));
                    let odd = $right16::<8>(apart);
                    $add32($pairs(even, even), $pairs(odd, odd))
                }
            }
            #[inline(always)]
            unsafe fn add16(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $add16(self, other) }
            }
            #[inline(always)]
            unsafe fn add32(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $add32(self, other) }
            }
            #[inline(always)]
            unsafe fn right16_8(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $right16::<8>(self) }
            }
            #[inline(always)]
            unsafe fn right32_8(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $right32::<8>(self) }
            }
            #[inline(always)]
            unsafe fn right32_16(self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $right32::<16>(self) }
            }
            #[inline(always)]
            unsafe fn multiply_pairs(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $pairs(self, other) }
            }
            #[inline(always)]
            unsafe fn narrow32(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $narrow32(self, other) }
            }
            #[inline(always)]
            unsafe fn narrow16(self, other: Self) -> Self {
                let ($e, $f) = (self, other);
                // SAFETY: see `splat32`.
                unsafe { $narrow16 }
            }
            #[inline(always)]
            unsafe fn apart(self, other: Self) -> Self {
                // SAFETY: see `splat32`.
                unsafe { $apart(self, other) }
            }
            #[inline(always)]
            unsafe fn greater(self, other: Self) -> u64 {
                let ($c, $d) = (self, other);
                // SAFETY: see `splat32`.
                unsafe { $greater }
            }
        }
    };
}

vector!(
    __m128i, _mm_loadu_si128 _mm_storeu_si128 _mm_stream_si128 _mm_set1_epi32 _mm_and_si128 _mm_or_si128 _mm_xor_si128 _mm_add_epi64
    _mm_add_epi32 _mm_mul_epu32 _mm_srli_epi64 _mm_slli_epi64 _mm_srli_epi16 _mm_shuffle_epi32 _mm_subs_epu8
    _mm_madd_epi16 _mm_add_epi16 _mm_srli_epi32 _mm_packs_epi32 _mm_sad_epu8,
    narrow16(a, b) _mm_packus_epi16(a, b),
    unequal(a, b) (_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(a, b))) ^ 0xF) as u64,
    greater(a, b) _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(a, b))) as u64
);

vector!(
    __m256i, _mm256_loadu_si256 _mm256_storeu_si256 _mm256_stream_si256 _mm256_set1_epi32 _mm256_and_si256 _mm256_or_si256
    _mm256_xor_si256 _mm256_add_epi64 _mm256_add_epi32 _mm256_mul_epu32 _mm256_srli_epi64 _mm256_slli_epi64
    _mm256_srli_epi16 _mm256_shuffle_epi32 _mm256_subs_epu8 _mm256_madd_epi16 _mm256_add_epi16 _mm256_srli_epi32
    _mm256_packs_epi32 _mm256_sad_epu8,
    narrow16(a, b) _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)),
    unequal(a, b) (_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b))) ^ 0xFF) as u64,
    greater(a, b) _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(a, b))) as u64
);
