//! What the processor is asked for by name; with memory.rs the only unsafe code of this crate.

#![allow(unsafe_code)]

/// Begins to bring the line of memory in which `place` begins into the cache, where the processor can be told to.
///
/// Reading a word of it instead would be safe, and a batch took 1.7 times as long: a read has to be finished before what
/// comes after it can be, and only so many fit in between.
#[inline(always)]
pub(crate) fn fetch<T>(place: &T) {
    let place: *const T = place;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which changes nothing whatever the address; every x86-64 processor has it.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a hint, which changes nothing whatever the address; every 64-bit ARM processor has it.
    unsafe {
        use std::arch::asm;
        asm!("prfm pldl1keep, [{place}]", place = in(reg) place, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = place;
}

/// Calls a method of a `Bloom`, in the processor's instructions for shifting and counting bits where it has them.
macro_rules! quick {
    ($bloom:ident.$method:ident($($name:ident: $type:ty),*)) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "bmi1,bmi2,popcnt")]
        fn with_them(bloom: &Bloom, $($name: $type),*) {
            bloom.$method($($name),*)
        }
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        if is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2") && is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has these instructions.
            unsafe { with_them($bloom, $($name),*) }
        } else {
            $bloom.$method($($name),*)
        }
        #[cfg(not(target_arch = "x86_64"))]
        $bloom.$method($($name),*)
    }};
}
pub(crate) use quick;
