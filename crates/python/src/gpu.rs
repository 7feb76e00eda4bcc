//! `Gpu` for Python: converts, releases the interpreter, calls the core, converts back. Only with the feature `gpu`.

use ironcliw_change::{BINS, FEATURES, grid_shape};
use ironcliw_gpu::{Batch, Error, Gpu as Core, Options};
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;

use crate::buffer::{Cells, Pixels, disjoint};
use crate::image::Image;
use crate::kernels::{distance, guarded};

pyo3::create_exception!(
    ironcliw._native,
    GpuFault,
    PyException,
    "Why a graphics processor does not answer. ``args``: the kind of failure and one line for a person."
);

fn raised(error: Error) -> PyErr {
    let kind = match &error {
        Error::Argument(_) => return PyValueError::new_err(error.to_string()),
        Error::NoAdapter(_) => "no_adapter",
        Error::Limits { .. } => "limits",
        Error::Memory(_) => "memory",
        Error::Lost(_) => "lost",
        Error::Failed(_) => "failed",
        Error::Surface(_) => "surface",
    };
    GpuFault::new_err((kind, error.to_string()))
}

pub(crate) fn run<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> PyResult<T> {
    guarded(py, work)?.map_err(raised)
}

/// A graphics processor that does kernels' work.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct Gpu {
    core: Core,
}

#[pymethods]
impl Gpu {
    #[new]
    #[pyo3(signature = (software=false, binding_bytes_max=0))]
    fn new(py: Python<'_>, software: bool, binding_bytes_max: u64) -> PyResult<Self> {
        let options = Options {
            software,
            binding_bytes_max,
        };
        let core = run(py, || Core::open(&options))?;
        Ok(Self { core })
    }

    /// What it calls itself.
    #[getter]
    fn name(&self) -> &str {
        &self.core.adapter().name
    }

    /// vulkan, metal or dx12.
    #[getter]
    fn backend(&self) -> &str {
        self.core.adapter().backend
    }

    /// The driver and its version.
    #[getter]
    fn driver(&self) -> &str {
        &self.core.adapter().driver
    }

    /// Whether it is a program on the CPU.
    #[getter]
    fn software(&self) -> bool {
        self.core.adapter().software
    }

    /// Why this card cannot read a surface as it lies, so that it is copied first; None where it can.
    #[cfg(target_os = "macos")]
    fn why_copied(
        &self,
        py: Python<'_>,
        surface: &Bound<'_, crate::surface::Surface>,
    ) -> PyResult<Option<String>> {
        let surface = surface.get();
        let taken = run(py, || self.core.take(surface))?;
        Ok(taken.why_copied().map(Error::to_string))
    }

    /// As the kernel of that name; on macOS a frame may be a `Surface`.
    #[pyo3(signature = (before, after, threshold, tiles, counts, boxes, mask=None))]
    #[allow(clippy::too_many_arguments)]
    fn difference(
        &self,
        py: Python<'_>,
        before: &Bound<'_, PyAny>,
        after: &Bound<'_, PyAny>,
        threshold: &Bound<'_, PyAny>,
        tiles: Option<&Bound<'_, PyAny>>,
        counts: &Bound<'_, PyAny>,
        boxes: &Bound<'_, PyAny>,
        mask: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<u64> {
        let before = Image::input(before, "before", None, &self.core)?;
        let after = Image::input(after, "after", Some(before.size()), &self.core)?;
        let threshold = distance(threshold)?;
        let (height, width) = before.size();
        let (rows, columns) = grid_shape(height, width);
        let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
        let mut counts = Cells::<u32>::output(counts, "counts", &[rows, columns])?;
        let mut boxes = Cells::<i32>::output(boxes, "boxes", &[rows, columns, 4])?;
        let mut mask = mask
            .map(|mask| Cells::<u8>::output(mask, "mask", &[height, width]))
            .transpose()?;
        disjoint(&[
            before.place(),
            after.place(),
            tiles.as_ref().and_then(Cells::place),
            counts.place(),
            boxes.place(),
            mask.as_ref().and_then(Cells::place),
        ])?;
        run(py, || {
            self.core.difference(
                before.frame()?,
                after.frame()?,
                threshold,
                tiles.as_ref().map(Cells::cells),
                counts.cells_mut(),
                boxes.cells_mut(),
                mask.as_mut().map(Cells::cells_mut),
            )
        })
    }

    /// As the kernel of that name; on macOS the frame may be a `Surface`.
    fn describe(
        &self,
        py: Python<'_>,
        pixels: &Bound<'_, PyAny>,
        tiles: Option<&Bound<'_, PyAny>>,
        features: &Bound<'_, PyAny>,
        histograms: &Bound<'_, PyAny>,
        histogram: &Bound<'_, PyAny>,
    ) -> PyResult<usize> {
        let pixels = Image::input(pixels, "pixels", None, &self.core)?;
        let (height, width) = pixels.size();
        let (rows, columns) = grid_shape(height, width);
        let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
        let mut features = Cells::<u32>::output(features, "features", &[rows, columns, FEATURES])?;
        let mut histograms =
            Cells::<u16>::output(histograms, "histograms", &[rows, columns, BINS])?;
        let mut histogram = Cells::<u32>::output(histogram, "histogram", &[BINS])?;
        disjoint(&[
            pixels.place(),
            tiles.as_ref().and_then(Cells::place),
            features.place(),
            histograms.place(),
            histogram.place(),
        ])?;
        run(py, || {
            self.core.describe(
                pixels.frame()?,
                tiles.as_ref().map(Cells::cells),
                features.cells_mut(),
                histograms.cells_mut(),
                histogram.cells_mut(),
            )
        })
    }

    /// Compares each frame with the one before and describes it; returns how many pixels of each differ.
    #[allow(clippy::too_many_arguments)]
    fn process_batch(
        &self,
        py: Python<'_>,
        before: Option<&Bound<'_, PyAny>>,
        frames: Vec<Bound<'_, PyAny>>,
        threshold: &Bound<'_, PyAny>,
        counts: &Bound<'_, PyAny>,
        boxes: &Bound<'_, PyAny>,
        features: &Bound<'_, PyAny>,
        histograms: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<u64>> {
        let Some(first) = frames.first() else {
            return Ok(Vec::new());
        };
        let first = Pixels::input(first, "frames", None)?;
        let (size, (rows, columns), count) = (Some(first.size()), first.grid(), frames.len());
        let threshold = distance(threshold)?;
        let before = before
            .map(|before| Pixels::input(before, "before", size))
            .transpose()?;
        let frames = frames
            .iter()
            .map(|frame| Pixels::input(frame, "frames", size))
            .collect::<PyResult<Vec<_>>>()?;
        let mut counts = Cells::<u32>::output(counts, "counts", &[count, rows, columns])?;
        let mut boxes = Cells::<i32>::output(boxes, "boxes", &[count, rows, columns, 4])?;
        let mut features =
            Cells::<u32>::output(features, "features", &[count, rows, columns, FEATURES])?;
        let mut histograms =
            Cells::<u16>::output(histograms, "histograms", &[count, rows, columns, BINS])?;
        for frame in before.iter().chain(&frames) {
            disjoint(&[
                frame.place(),
                counts.place(),
                boxes.place(),
                features.place(),
                histograms.place(),
            ])?;
        }
        run(py, || {
            let before = before.as_ref().map(Pixels::frame).transpose()?;
            let frames = frames
                .iter()
                .map(Pixels::frame)
                .collect::<Result<Vec<_>, _>>()?;
            let into = Batch {
                counts: counts.cells_mut(),
                boxes: boxes.cells_mut(),
                features: features.cells_mut(),
                histograms: histograms.cells_mut(),
            };
            self.core.process_batch(before, &frames, threshold, into)
        })
    }

    /// Nanoseconds of a difference and of a copy of frames that lie on the card, and the bytes of a frame there.
    fn speed(
        &self,
        py: Python<'_>,
        height: usize,
        width: usize,
        rounds: u32,
        spread: u32,
    ) -> PyResult<(u64, u64, u64)> {
        let speed = run(py, || self.core.speed(height, width, rounds, spread))?;
        let nanoseconds = |time: std::time::Duration| time.as_nanos() as u64;
        Ok((
            nanoseconds(speed.difference),
            nanoseconds(speed.copy),
            speed.frame_bytes,
        ))
    }

    /// Bytes of the buffers that it keeps between calls; never waits for one.
    #[getter]
    fn held_bytes(&self) -> u64 {
        self.core.held_bytes()
    }

    /// Lets its buffers go; the next call makes them anew.
    fn release(&self, py: Python<'_>) {
        py.detach(|| self.core.release());
    }

    /// Gives the card back; every later call fails.
    fn destroy(&self, py: Python<'_>) {
        py.detach(|| self.core.destroy());
    }
}
