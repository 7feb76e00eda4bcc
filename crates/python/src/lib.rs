//! The extension module `ironcliw._native`: it converts, releases the interpreter, calls one core function
//! and converts back. No logic lives here.

#![deny(unsafe_code)]

mod archive;
mod bloom;
mod bloom_calls;
mod buffer;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "gpu")]
mod image;
mod kernels;
mod objects;
#[cfg(target_os = "linux")]
mod pipewire;
#[cfg(feature = "planted")]
mod planted;
#[cfg(target_os = "linux")]
mod ring;
#[cfg(any(target_os = "macos", target_os = "windows"))]
mod screen;
#[cfg(all(target_os = "macos", feature = "gpu"))]
mod surface;
mod tracker;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(target_os = "linux")]
mod x11;

use pyo3::prelude::*;

/// The native part of Ironcliw.
#[pymodule(gil_used = true)]
mod _native {
    use super::*;

    #[pymodule_export]
    use kernels::{
        copy_tiles, describe, difference, fingerprint, panic_on_purpose, perceptual_hash,
        simd_level, store_tiles,
    };

    #[pymodule_export]
    use super::objects::rectangles;

    #[pymodule_export]
    use super::archive::{SegmentReader, SegmentWriter};

    #[pymodule_export]
    use super::tracker::Tracker;

    #[cfg(feature = "planted")]
    #[pymodule_export]
    use super::planted::plant;

    #[cfg(feature = "gpu")]
    #[pymodule_export]
    use super::gpu::{Gpu, GpuFault};

    #[cfg(any(target_os = "macos", target_os = "windows"))]
    #[pymodule_export]
    use super::screen::{ScreenCapture, ScreenError};

    #[cfg(all(target_os = "macos", feature = "gpu"))]
    #[pymodule_export]
    use super::surface::Surface;

    #[cfg(target_os = "linux")]
    #[pymodule_export]
    use super::ring::{RingHeader, RingTaken};

    #[cfg(target_os = "linux")]
    #[pymodule_export]
    use super::x11::{X11Capture, X11Error, X11Update};

    #[cfg(target_os = "linux")]
    #[pymodule_export]
    use super::pipewire::PipeWireCapture;

    #[cfg(target_os = "linux")]
    #[pymodule_export]
    use super::wayland::{WaylandCapture, WaylandError, WaylandUpdate};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("BloomBits", super::bloom_calls::class(module.py())?)?;
        bloom::watch_forks(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
