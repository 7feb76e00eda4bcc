//! Faults in the middle of native work, which a test asks for. Only with the feature `planted`.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[cfg(not(debug_assertions))]
compile_error!(
    "the feature 'planted' crashes on demand and is not for what is released: build it with the profile 'planted'"
);

const NONE: u8 = 0;
const PANIC: u8 = 1;
const ABORT: u8 = 2;
const SEGV: u8 = 3;

static KIND: AtomicU8 = AtomicU8::new(NONE);
static LEFT: AtomicI64 = AtomicI64::new(0);

/// Have the tracker fail at its `at`-th frame from now: "panic", "abort" or "segv".
#[pyfunction]
pub(crate) fn plant(kind: &str, at: i64) -> PyResult<()> {
    let kind = match kind {
        "panic" => PANIC,
        "abort" => ABORT,
        "segv" => SEGV,
        _ => return Err(PyValueError::new_err(format!("no fault {kind:?}"))),
    };
    LEFT.store(at, Ordering::Relaxed);
    KIND.store(kind, Ordering::Release);
    Ok(())
}

/// One frame more.
pub(crate) fn strike() {
    let kind = KIND.load(Ordering::Acquire);
    if kind == NONE || LEFT.fetch_sub(1, Ordering::Relaxed) != 1 {
        return;
    }
    match kind {
        ABORT => std::process::abort(),
        SEGV => {
            // SAFETY: none: what happens here is what is asked for.
            unsafe { std::ptr::with_exposed_provenance_mut::<u8>(8).write_volatile(1) }
        }
        _ => panic!("planted"),
    }
}
