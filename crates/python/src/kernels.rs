//! The kernels as Python functions. What they do is said in `ironcliw-change` and in `python/ironcliw/kernels`.

use std::any::Any;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ironcliw_change::{BINS, DISTANCE_MAX, Error, FEATURES, Level, SIDE_MAX, TILE, grid_shape};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::buffer::{Cells, Pixels, disjoint};

/// Updates grid with each tile's fingerprint and changed with whether it moved; returns how many did.
#[pyfunction]
#[pyo3(signature = (pixels, grid, changed, among=None))]
pub(crate) fn fingerprint(
    py: Python<'_>,
    pixels: &Bound<'_, PyAny>,
    grid: &Bound<'_, PyAny>,
    changed: &Bound<'_, PyAny>,
    among: Option<&Bound<'_, PyAny>>,
) -> PyResult<usize> {
    let pixels = Pixels::input(pixels, "pixels", None)?;
    let (rows, columns) = pixels.grid();
    let mut grid = Cells::<u64>::output(grid, "grid", &[rows, columns])?;
    let mut changed = Cells::<u8>::output(changed, "changed", &[rows, columns])?;
    let among = Cells::<u8>::input(among, "among", &[rows, columns])?;
    let among_place = among.as_ref().and_then(Cells::place);
    disjoint(&[pixels.place(), grid.place(), changed.place(), among_place])?;
    run(py, || {
        let among = among.as_ref().map(Cells::cells);
        ironcliw_change::fingerprint(
            pixels.frame()?,
            grid.cells_mut(),
            changed.cells_mut(),
            among,
        )
    })
}

/// Counts and boxes, tile by tile, the pixels farther apart than threshold; returns how many there are.
#[pyfunction]
#[pyo3(signature = (before, after, threshold, tiles, counts, boxes, mask=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn difference(
    py: Python<'_>,
    before: &Bound<'_, PyAny>,
    after: &Bound<'_, PyAny>,
    threshold: &Bound<'_, PyAny>,
    tiles: Option<&Bound<'_, PyAny>>,
    counts: &Bound<'_, PyAny>,
    boxes: &Bound<'_, PyAny>,
    mask: Option<&Bound<'_, PyAny>>,
) -> PyResult<u64> {
    let before = Pixels::input(before, "before", None)?;
    let after = Pixels::input(after, "after", Some(before.size()))?;
    let threshold = distance(threshold)?;
    let (rows, columns) = before.grid();
    let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
    let mut counts = Cells::<u32>::output(counts, "counts", &[rows, columns])?;
    let mut boxes = Cells::<i32>::output(boxes, "boxes", &[rows, columns, 4])?;
    let (height, width) = before.size();
    let mut mask = mask
        .map(|mask| Cells::<u8>::output(mask, "mask", &[height, width]))
        .transpose()?;
    let tiles_place = tiles.as_ref().and_then(Cells::place);
    disjoint(&[
        before.place(),
        after.place(),
        tiles_place,
        counts.place(),
        boxes.place(),
        mask.as_ref().and_then(Cells::place),
    ])?;
    run(py, || {
        let mask = mask.as_mut().map(Cells::cells_mut);
        let tiles = tiles.as_ref().map(Cells::cells);
        let (counts, boxes) = (counts.cells_mut(), boxes.cells_mut());
        ironcliw_change::difference(
            before.frame()?,
            after.frame()?,
            threshold,
            tiles,
            counts,
            boxes,
            mask,
        )
    })
}

/// Copies the selected tiles from source to target, fourth bytes becoming 0; returns the bytes written.
#[pyfunction]
#[pyo3(signature = (source, target, tiles=None))]
pub(crate) fn copy_tiles(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    target: &Bound<'_, PyAny>,
    tiles: Option<&Bound<'_, PyAny>>,
) -> PyResult<usize> {
    let source = Pixels::input(source, "source", None)?;
    let mut target = Pixels::output(target, "target", Some(source.size()))?;
    let (rows, columns) = source.grid();
    let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
    disjoint(&[
        source.place(),
        target.place(),
        tiles.as_ref().and_then(Cells::place),
    ])?;
    run(py, || {
        let tiles = tiles.as_ref().map(Cells::cells);
        ironcliw_change::copy_tiles(source.frame()?, target.frame_mut()?, tiles)
    })
}

/// Copies the selected tiles to the blocks of the pool that slots names; returns the bytes written.
#[pyfunction]
pub(crate) fn store_tiles(
    py: Python<'_>,
    pixels: &Bound<'_, PyAny>,
    tiles: Option<&Bound<'_, PyAny>>,
    pool: &Bound<'_, PyAny>,
    slots: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let pixels = Pixels::input(pixels, "pixels", None)?;
    let (rows, columns) = pixels.grid();
    let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
    let mut pool = Cells::<u8>::blocks(pool, "pool", &[TILE, TILE, 4])?;
    let slots = Cells::<i32>::input(Some(slots), "slots", &[rows, columns])?;
    disjoint(&[
        pixels.place(),
        tiles.as_ref().and_then(Cells::place),
        pool.place(),
        slots.as_ref().and_then(Cells::place),
    ])?;
    run(py, || {
        let tiles = tiles.as_ref().map(Cells::cells);
        let slots = slots.as_ref().map(Cells::cells).unwrap_or_default();
        ironcliw_change::store_tiles(pixels.frame()?, tiles, pool.cells_mut(), slots)
    })
}

/// Describes the selected tiles and keeps the frame's histogram; returns how many there are.
#[pyfunction]
pub(crate) fn describe(
    py: Python<'_>,
    pixels: &Bound<'_, PyAny>,
    tiles: Option<&Bound<'_, PyAny>>,
    features: &Bound<'_, PyAny>,
    histograms: &Bound<'_, PyAny>,
    histogram: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let pixels = Pixels::input(pixels, "pixels", None)?;
    let (rows, columns) = pixels.grid();
    let tiles = Cells::<u8>::input(tiles, "tiles", &[rows, columns])?;
    let mut features = Cells::<u32>::output(features, "features", &[rows, columns, FEATURES])?;
    let mut histograms = Cells::<u16>::output(histograms, "histograms", &[rows, columns, BINS])?;
    let mut histogram = Cells::<u32>::output(histogram, "histogram", &[BINS])?;
    disjoint(&[
        pixels.place(),
        tiles.as_ref().and_then(Cells::place),
        features.place(),
        histograms.place(),
        histogram.place(),
    ])?;
    run(py, || {
        ironcliw_change::describe(
            pixels.frame()?,
            tiles.as_ref().map(Cells::cells),
            features.cells_mut(),
            histograms.cells_mut(),
            histogram.cells_mut(),
        )
    })
}

/// Hashes a frame by its tiles' features.
#[pyfunction]
pub(crate) fn perceptual_hash(
    py: Python<'_>,
    features: &Bound<'_, PyAny>,
    height: &Bound<'_, PyAny>,
    width: &Bound<'_, PyAny>,
) -> PyResult<u64> {
    let (height, width) = (side(height, "height")?, side(width, "width")?);
    let (rows, columns) = grid_shape(height, width);
    let features = Cells::<u32>::input(Some(features), "features", &[rows, columns, FEATURES])?;
    run(py, || {
        let features = features.as_ref().map(Cells::cells).unwrap_or_default();
        ironcliw_change::perceptual_hash(features, height, width)
    })
}

/// The vector instructions in use: scalar, sse2 or avx2.
#[pyfunction]
pub(crate) fn simd_level() -> &'static str {
    Level::best().name()
}

/// Panics, so that a test can see that Python gets a RuntimeError.
#[pyfunction]
pub(crate) fn panic_on_purpose(py: Python<'_>) -> PyResult<()> {
    run(py, || -> Result<(), Error> { panic!("on purpose") })
}

/// Rows or columns of a frame.
fn side(value: &Bound<'_, PyAny>, name: &str) -> PyResult<usize> {
    match value.extract::<usize>() {
        Ok(side) if (1..=SIDE_MAX).contains(&side) => Ok(side),
        _ => Err(PyValueError::new_err(format!(
            "{name}: expected an integer 1 to {SIDE_MAX}, got {}",
            value.repr()?
        ))),
    }
}

/// A squared colour distance.
pub(crate) fn distance(threshold: &Bound<'_, PyAny>) -> PyResult<u32> {
    let got = match threshold.extract::<i64>() {
        Ok(value) => match u32::try_from(value) {
            Ok(value) if value <= DISTANCE_MAX => return Ok(value),
            _ => threshold.str()?,
        },
        Err(_) if threshold.is_instance_of::<PyInt>() => threshold.str()?,
        Err(_) => threshold.get_type().name()?,
    };
    Err(PyValueError::new_err(format!(
        "threshold: expected an integer 0 to {DISTANCE_MAX}, got {got}"
    )))
}

/// Does `work` with the interpreter released. A panic becomes a RuntimeError: pyo3's own translation is no `Exception`,
/// and would end a program that handles every error it can.
pub(crate) fn run<T: Send, E: Display + Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, E> + Send,
) -> PyResult<T> {
    guarded(py, work)?.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Runs with the interpreter released. A panic becomes an ordinary exception: what PyO3 makes of one that leaves us is no
/// `Exception`, and passes everything that is there to keep a watcher going.
pub(crate) fn guarded<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|panic| {
            PyRuntimeError::new_err(format!("native code failed: {}", reason(&*panic)))
        })
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
