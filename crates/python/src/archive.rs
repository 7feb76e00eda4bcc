//! `SegmentWriter` and `SegmentReader` for Python: converts, calls the core, converts back.

use ironcliw_history::archive::{Reader, Times, Writer};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer::{Cells, Pixels};
use crate::kernels::run;

/// Writes frames of one size into a segment.
#[pyclass(module = "ironcliw._native")]
pub(crate) struct SegmentWriter {
    writer: Writer,
    size: (usize, usize),
}

#[pymethods]
impl SegmentWriter {
    #[new]
    #[pyo3(signature = (height, width, first=None, verify=true))]
    fn new(
        py: Python<'_>,
        height: &Bound<'_, PyAny>,
        width: &Bound<'_, PyAny>,
        first: Option<&Bound<'_, PyAny>>,
        verify: bool,
    ) -> PyResult<Self> {
        let (height, width) = (side(height, "height")?, side(width, "width")?);
        let first = first.map_or(Ok(0), |first| whole(first, "first"))? as u64;
        let writer = run(py, || {
            Writer::with_verification(height, width, first, verify)
        })?;
        Ok(Self {
            writer,
            size: (height, width),
        })
    }

    #[getter]
    fn frames(&self) -> usize {
        self.writer.frames()
    }

    #[getter]
    fn memory_bytes(&self) -> usize {
        self.writer.memory_bytes()
    }

    #[pyo3(signature = (pixels, time_ns, wall_ns, changed=None, fingerprints=None))]
    fn add<'py>(
        &mut self,
        py: Python<'py>,
        pixels: &Bound<'_, PyAny>,
        time_ns: &Bound<'_, PyAny>,
        wall_ns: &Bound<'_, PyAny>,
        changed: Option<&Bound<'_, PyAny>>,
        fingerprints: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let pixels = Pixels::input(pixels, "pixels", Some(self.size))?;
        let (rows, columns) = pixels.grid();
        let times = Times {
            time_ns: integer(time_ns, "time_ns")?,
            wall_ns: integer(wall_ns, "wall_ns")?,
        };
        let changed = Cells::<u8>::input(changed, "changed", &[rows, columns])?;
        let fingerprints = Cells::<u64>::input(fingerprints, "fingerprints", &[rows, columns])?;
        let grew = run(py, || {
            let changed = changed.as_ref().map(Cells::cells);
            let fingerprints = fingerprints.as_ref().map(Cells::cells);
            self.writer
                .add(pixels.frame()?, times, changed, fingerprints)
        })?;
        Ok(PyBytes::new(py, grew))
    }

    fn end<'py>(
        &mut self,
        py: Python<'py>,
        held_ns: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let held_ns = integer(held_ns, "held_ns")?;
        let grew = run(py, || self.writer.end(held_ns))?;
        Ok(PyBytes::new(py, grew))
    }
}

/// Draws the frames of a segment.
#[pyclass(module = "ironcliw._native")]
pub(crate) struct SegmentReader {
    reader: Reader,
}

#[pymethods]
impl SegmentReader {
    #[new]
    fn new(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = Cells::<u8>::list(data, "data")?;
        let reader = run(py, || Reader::new(data.cells()))?;
        Ok(Self { reader })
    }

    fn extend(&mut self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let data = Cells::<u8>::list(data, "data")?;
        run(py, || self.reader.extend(data.cells()))
    }

    #[getter]
    fn height(&self) -> usize {
        self.reader.header().shape.height
    }

    #[getter]
    fn width(&self) -> usize {
        self.reader.header().shape.width
    }

    #[getter]
    fn first(&self) -> u64 {
        self.reader.header().first
    }

    #[getter]
    fn frames(&self) -> usize {
        self.reader.frames()
    }

    #[getter]
    fn held_ns(&self) -> Option<i64> {
        self.reader.held_ns()
    }

    #[getter]
    fn memory_bytes(&self) -> usize {
        self.reader.memory_bytes()
    }

    fn times(&self) -> Vec<(i64, i64)> {
        let all = (0..self.reader.frames()).filter_map(|frame| self.reader.times(frame));
        all.map(|times| (times.time_ns, times.wall_ns)).collect()
    }

    #[pyo3(signature = (frame, out, before=None))]
    fn draw(
        &mut self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        out: &Bound<'_, PyAny>,
        before: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let frame = whole(frame, "frame")? as usize;
        let before = before.map(|before| whole(before, "before")).transpose()?;
        let mut out = Pixels::output(out, "out", Some((self.height(), self.width())))?;
        run(py, || {
            let before = before.map(|before| before as usize);
            self.reader.draw(frame, out.frame_mut()?, before)
        })
    }
}

fn refused(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.repr() {
        Ok(got) => PyValueError::new_err(format!("{name}: expected {expected}, got {got}")),
        Err(error) => error,
    }
}

/// A number that may be negative.
fn integer(value: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    value
        .extract()
        .map_err(|_| refused(name, "an integer of 64 bits", value))
}

/// A number that may not.
fn whole(value: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    match value.extract::<i64>() {
        Ok(number) if number >= 0 => Ok(number),
        _ => Err(refused(name, "an integer 0 to 9223372036854775807", value)),
    }
}

/// Pixels of a side of a frame.
fn side(value: &Bound<'_, PyAny>, name: &str) -> PyResult<usize> {
    match value.extract::<usize>() {
        Ok(side @ 1..=32_768) => Ok(side),
        _ => Err(refused(name, "an integer 1 to 32768", value)),
    }
}
