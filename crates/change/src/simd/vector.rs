//! The few vector operations the passes need; `x86` and `neon` have them.
//!
//! Every method is `inline(always)` without features of its own, so it takes those of the `#[target_feature]` function
//! in `passes` that it ends up in.

/// A vector of 64-bit (or twice as many 32-bit) lanes. All arithmetic wraps.
///
/// # Safety
///
/// Every method: the machine must have the instructions of the implementing type. `load`, `store`, `stream`: `at` must
/// point to `BYTES` readable or writable bytes, and for `stream` be a multiple of `BYTES`.
pub(super) trait Vector: Copy {
    /// Bytes in a vector.
    const BYTES: usize;

    /// The bytes at `at`.
    unsafe fn load(at: *const u8) -> Self;
    /// Writes the bytes to `at`.
    unsafe fn store(self, at: *mut u8);
    /// Writes the bytes past the caches, where that can be, to `at`, a multiple of `BYTES`; other threads may see them
    /// late: see `settle`.
    unsafe fn stream(self, at: *mut u8);
    /// The same 32-bit value in every lane.
    unsafe fn splat32(value: u32) -> Self;
    /// Bits in both.
    unsafe fn and(self, other: Self) -> Self;
    /// Bits in one but not both.
    unsafe fn xor(self, other: Self) -> Self;
    /// Sums of 64-bit lanes.
    unsafe fn add64(self, other: Self) -> Self;
    /// Products of the lower halves of 64-bit lanes.
    unsafe fn multiply_low(self, other: Self) -> Self;
    /// 64-bit lanes, each one's upper half moved to its lower.
    unsafe fn lower(self) -> Self;
    /// 64-bit lanes, each one's lower half moved to its upper.
    unsafe fn raise(self) -> Self;
    /// 64-bit lanes shifted right by 47.
    unsafe fn shift_right47(self) -> Self;
    /// Neighbouring 64-bit lanes exchanged.
    unsafe fn swap(self) -> Self;
    /// Bit i: the 32-bit lanes i are unequal.
    unsafe fn unequal(self, other: Self) -> u64;
    /// Per 4-byte pixel: the sum of the squared differences of its bytes among `channels`.
    unsafe fn distance(self, other: Self, channels: Self) -> Self;
    /// Bit i: lane i is greater, 32-bit lanes compared as signed numbers.
    unsafe fn greater(self, other: Self) -> u64;
    /// Sums of 16-bit lanes.
    unsafe fn add16(self, other: Self) -> Self;
    /// Sums of 32-bit lanes.
    unsafe fn add32(self, other: Self) -> Self;
    /// 16-bit lanes shifted right by 8.
    unsafe fn right16_8(self) -> Self;
    /// 32-bit lanes shifted right by 8.
    unsafe fn right32_8(self) -> Self;
    /// 32-bit lanes shifted right by 16.
    unsafe fn right32_16(self) -> Self;
    /// Products of signed 16-bit lanes, each two neighbours' summed to 32 bits.
    unsafe fn multiply_pairs(self, other: Self) -> Self;
    /// 32-bit lanes, none above 255, as 16-bit lanes: in each 16 bytes of the answer four of `self`, then four of `other`.
    unsafe fn narrow32(self, other: Self) -> Self;
    /// What two calls of `narrow32` gave as bytes, in the order of the four vectors that they were given.
    unsafe fn narrow16(self, other: Self) -> Self;
    /// 64-bit lanes: the sums of the absolute differences of their bytes.
    unsafe fn apart(self, other: Self) -> Self;
}
