//! The vector operations for ARM's 16-byte vectors, which every aarch64 has.

use std::arch::aarch64::*;
use std::arch::asm;

use super::vector::Vector;

/// Asks the memory for the line at `at`, which may be any address.
#[inline(always)]
pub(super) fn prefetch(at: *const u8) {
    // SAFETY: a hint that reads and writes nothing, whatever the address.
    unsafe {
        asm!("prfm pldl1keep, [{}]", in(reg) at, options(nostack, preserves_flags, readonly))
    };
}

/// Bit i: lane i of a comparison's answer, all ones or all zeros, is ones.
#[inline(always)]
unsafe fn bits(lanes: uint32x4_t) -> u64 {
    const EACH: [u32; 4] = [1, 2, 4, 8];
    // SAFETY: every aarch64 has the instructions, and EACH has 16 bytes.
    unsafe { u64::from(vaddvq_u32(vandq_u32(lanes, vld1q_u32(EACH.as_ptr())))) }
}

use vreinterpretq_u16_u8 as u16s;
use vreinterpretq_u32_u8 as u32s;
use vreinterpretq_u64_u8 as u64s;

impl Vector for uint8x16_t {
    const BYTES: usize = size_of::<Self>();

    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for the bytes at `at`.
        unsafe { vld1q_u8(at) }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: as for `load`.
        unsafe { vst1q_u8(at, self) }
    }

    /// Through the caches: a store past them has no intrinsic here.
    #[inline(always)]
    unsafe fn stream(self, at: *mut u8) {
        // SAFETY: as for `load`.
        unsafe { self.store(at) }
    }

    #[inline(always)]
    unsafe fn splat32(value: u32) -> Self {
        // SAFETY: every aarch64 has the instruction; so below.
        unsafe { vreinterpretq_u8_u32(vdupq_n_u32(value)) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vandq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { veorq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn add64(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vaddq_u64(u64s(self), u64s(other))) }
    }

    #[inline(always)]
    unsafe fn multiply_low(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vmull_u32(vmovn_u64(u64s(self)), vmovn_u64(u64s(other)))) }
    }

    #[inline(always)]
    unsafe fn lower(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vshrq_n_u64::<32>(u64s(self))) }
    }

    #[inline(always)]
    unsafe fn raise(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vshlq_n_u64::<32>(u64s(self))) }
    }

    #[inline(always)]
    unsafe fn shift_right47(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vshrq_n_u64::<47>(u64s(self))) }
    }

    #[inline(always)]
    unsafe fn swap(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vextq_u8::<8>(self, self) }
    }

    #[inline(always)]
    unsafe fn unequal(self, other: Self) -> u64 {
        // SAFETY: see `splat32`.
        unsafe { bits(vmvnq_u32(vceqq_u32(u32s(self), u32s(other)))) }
    }

    #[inline(always)]
    unsafe fn greater(self, other: Self) -> u64 {
        // SAFETY: see `splat32`.
        unsafe {
            bits(vcgtq_s32(
                vreinterpretq_s32_u8(self),
                vreinterpretq_s32_u8(other),
            ))
        }
    }

    #[inline(always)]
    unsafe fn add16(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u16(vaddq_u16(u16s(self), u16s(other))) }
    }

    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u32(vaddq_u32(u32s(self), u32s(other))) }
    }

    #[inline(always)]
    unsafe fn right16_8(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u16(vshrq_n_u16::<8>(u16s(self))) }
    }

    #[inline(always)]
    unsafe fn right32_8(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u32(vshrq_n_u32::<8>(u32s(self))) }
    }

    #[inline(always)]
    unsafe fn right32_16(self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u32(vshrq_n_u32::<16>(u32s(self))) }
    }

    #[inline(always)]
    unsafe fn narrow32(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u16(vcombine_u16(vmovn_u32(u32s(self)), vmovn_u32(u32s(other)))) }
    }

    #[inline(always)]
    unsafe fn narrow16(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vcombine_u8(vmovn_u16(u16s(self)), vmovn_u16(u16s(other))) }
    }

    #[inline(always)]
    unsafe fn apart(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe { vreinterpretq_u8_u64(vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vabdq_u8(self, other))))) }
    }

    #[inline(always)]
    unsafe fn distance(self, other: Self, channels: Self) -> Self {
        // SAFETY: see `splat32`. A square of 8 bits fits 16; each pixel's four are summed in pairs, twice.
        unsafe {
            let apart = vandq_u8(vabdq_u8(self, other), channels);
            let low = vmull_u8(vget_low_u8(apart), vget_low_u8(apart));
            let high = vmull_high_u8(apart, apart);
            vreinterpretq_u8_u32(vpaddq_u32(vpaddlq_u16(low), vpaddlq_u16(high)))
        }
    }

    #[inline(always)]
    unsafe fn multiply_pairs(self, other: Self) -> Self {
        // SAFETY: see `splat32`.
        unsafe {
            let (a, b) = (vreinterpretq_s16_u8(self), vreinterpretq_s16_u8(other));
            let low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
            vreinterpretq_u8_s32(vpaddq_s32(low, vmull_high_s16(a, b)))
        }
    }
}
