//! The rectangles of a frame as a Python function. What it does is said in `ironcliw-objects`.

use pyo3::prelude::*;

use crate::buffer::{Cells, Pixels, disjoint};
use crate::kernels::run;

/// Numbers of a rectangle.
const NUMBERS: usize = 9;

/// Writes the best rectangles of a frame into found; returns how many there are.
#[pyfunction]
pub(crate) fn rectangles(
    py: Python<'_>,
    pixels: &Bound<'_, PyAny>,
    found: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let pixels = Pixels::input(pixels, "pixels", None)?;
    let mut found = Cells::<i32>::blocks(found, "found", &[NUMBERS])?;
    disjoint(&[pixels.place(), found.place()])?;
    run(py, || -> Result<usize, ironcliw_change::Error> {
        let all = ironcliw_objects::rectangles(pixels.frame()?);
        let places = found.cells_mut().chunks_exact_mut(NUMBERS);
        Ok(places
            .zip(&all)
            .map(|(place, each)| {
                place[..4].copy_from_slice(&each.sides);
                place[4..8].copy_from_slice(&each.covered);
                place[8] = each.beyond;
            })
            .count())
    })
}
