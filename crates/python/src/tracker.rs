//! `Tracker` for Python: converts, calls the core, converts back.

use ironcliw_change::{Damage, Region, Tiles};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::buffer::{Cells, Pixels, disjoint};
use crate::kernels::{distance, run};

/// Regions as x, y, width, height.
type Regions = Vec<(i32, i32, i32, i32)>;

/// Follows one screen in arrays of the caller's, which are held for as long as it lives.
#[pyclass(module = "ironcliw._native")]
pub(crate) struct Tracker {
    tracker: ironcliw_change::Tracker,
    shown: Pixels,
    grid: Cells<u64>,
    changed: Cells<u8>,
    counts: Cells<u32>,
    boxes: Cells<i32>,
}

#[pymethods]
impl Tracker {
    #[new]
    #[pyo3(signature = (shown, grid, changed, counts, boxes, threshold, blinks_after))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        shown: &Bound<'_, PyAny>,
        grid: &Bound<'_, PyAny>,
        changed: &Bound<'_, PyAny>,
        counts: &Bound<'_, PyAny>,
        boxes: &Bound<'_, PyAny>,
        threshold: &Bound<'_, PyAny>,
        blinks_after: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let shown = Pixels::output(shown, "shown", None)?;
        let (rows, columns) = shown.grid();
        let grid = Cells::output(grid, "grid", &[rows, columns])?;
        let changed = Cells::output(changed, "changed", &[rows, columns])?;
        let counts = Cells::output(counts, "counts", &[rows, columns])?;
        let boxes = Cells::output(boxes, "boxes", &[rows, columns, 4])?;
        disjoint(&[
            shown.place(),
            grid.place(),
            changed.place(),
            counts.place(),
            boxes.place(),
        ])?;
        let (height, width) = shown.size();
        let (threshold, blinks_after) = (distance(threshold)?, blinks(blinks_after)?);
        let tracker = ironcliw_change::Tracker::new(height, width, threshold, blinks_after)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self {
            tracker,
            shown,
            grid,
            changed,
            counts,
            boxes,
        })
    }

    #[pyo3(signature = (pixels, damage=None))]
    fn apply(
        &mut self,
        py: Python<'_>,
        pixels: &Bound<'_, PyAny>,
        damage: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(usize, u64, bool, Regions, Regions)> {
        let pixels = Pixels::input(pixels, "pixels", Some(self.shown.size()))?;
        for place in [
            self.shown.place(),
            self.grid.place(),
            self.changed.place(),
            self.counts.place(),
            self.boxes.place(),
        ] {
            disjoint(&[place, pixels.place()])?;
        }
        let damage = damage.map(rectangles).transpose()?;
        let change = run(py, || {
            #[cfg(feature = "planted")]
            crate::planted::strike();
            let tiles = Tiles {
                grid: self.grid.cells_mut(),
                changed: self.changed.cells_mut(),
                counts: self.counts.cells_mut(),
                boxes: self.boxes.cells_mut(),
            };
            let (frame, shown) = (pixels.frame()?, self.shown.frame_mut()?);
            self.tracker.apply(frame, shown, tiles, damage.as_deref())
        })?;
        let listed = |regions: Vec<Region>| -> Regions {
            regions
                .iter()
                .map(|region| (region.x, region.y, region.width, region.height))
                .collect()
        };
        Ok((
            change.tiles,
            change.pixels,
            change.black,
            listed(change.steady),
            listed(change.blinking),
        ))
    }
}

fn blinks(value: &Bound<'_, PyAny>) -> PyResult<u8> {
    match value.extract::<u8>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(PyValueError::new_err(format!(
            "blinks_after: expected an integer 1 to 255, got {}",
            value.repr()?
        ))),
    }
}

/// A sequence of four integers each.
fn rectangles(damage: &Bound<'_, PyAny>) -> PyResult<Vec<Damage>> {
    damage.extract().map_err(|_| {
        PyValueError::new_err(
            "damage: expected a sequence of (x, y, width, height), integers of 64 bits",
        )
    })
}
