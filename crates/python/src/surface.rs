//! `Surface` for Python, on macOS: a frame where the system keeps it, for `Gpu`. Type-checked for macOS, not yet run.

use ironcliw_gpu::{Error, Gpu, Shape, Texture};
use ironcliw_macos::Picture;
use pyo3::prelude::*;

/// A frame where macOS keeps it, BGRX. It has three of them: hold two at the most, and not for long.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct Surface {
    picture: Picture,
}

impl Surface {
    pub fn new(picture: Picture) -> Self {
        Self { picture }
    }

    /// Height and width.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = self.picture.size();
        (height, width)
    }
}

#[pymethods]
impl Surface {
    /// (height, width, 4), as of an array.
    #[getter]
    fn shape(&self) -> (usize, usize, usize) {
        let (height, width) = self.size();
        (height, width, 4)
    }
}

impl ironcliw_gpu::Surface for Surface {
    fn shape(&self) -> Shape {
        let (height, width) = self.size();
        Shape {
            height,
            width,
            pitch: self.picture.pitch(),
            format: self.picture.format(),
            planes: self.picture.planes(),
        }
    }

    fn import(&self, gpu: &Gpu) -> Result<Texture, Error> {
        match self.picture.surface() {
            Some(surface) => gpu.import(&surface, &ironcliw_gpu::Surface::shape(self)),
            None => Err(Error::Surface("it is no IOSurface".to_owned())),
        }
    }

    fn copy(&self, into: &mut [u8]) -> Result<(), Error> {
        let copied = self.picture.copy_whole(into);
        copied.map_err(|error| Error::Failed(error.to_string()))
    }
}
