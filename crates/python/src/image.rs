//! What `Gpu` takes for a frame: an array, or on macOS a `Surface`, which the card reads as it lies where that can be.

use ironcliw_gpu::{Error, Gpu, Input};
use pyo3::prelude::*;

use crate::buffer::{Pixels, Place};

/// An argument that is a frame.
pub(crate) enum Image {
    Array(Pixels),
    #[cfg(target_os = "macos")]
    Surface(ironcliw_gpu::Taken),
}

impl Image {
    /// A frame to read, an array of `size` (height, width) where that is given.
    #[cfg_attr(not(target_os = "macos"), expect(unused_variables))]
    pub fn input(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        size: Option<(usize, usize)>,
        gpu: &Gpu,
    ) -> PyResult<Self> {
        #[cfg(target_os = "macos")]
        if let Ok(surface) = object.cast::<crate::surface::Surface>() {
            let surface = surface.get();
            let taken = crate::gpu::run(object.py(), || gpu.take(surface))?;
            return Ok(Self::Surface(taken));
        }
        Pixels::input(object, name, size).map(Self::Array)
    }

    /// Height and width.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Array(pixels) => pixels.size(),
            #[cfg(target_os = "macos")]
            Self::Surface(taken) => taken.size(),
        }
    }

    /// Where it lies, where that is in memory of Python's.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Array(pixels) => pixels.place(),
            #[cfg(target_os = "macos")]
            Self::Surface(_) => None,
        }
    }

    /// For the core.
    pub fn frame(&self) -> Result<Input<'_>, Error> {
        match self {
            Self::Array(pixels) => Ok(pixels.frame()?.into()),
            #[cfg(target_os = "macos")]
            Self::Surface(taken) => taken.input(),
        }
    }
}
