//! `BloomBits` for Python: converts, calls the core, converts back.

use ironcliw_dedup::{Bloom, Error};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt};

use crate::buffer::{Cells, disjoint};
use crate::kernels::{guarded, run};

/// All of ``BloomBits`` but the calls that take one key, which `bloom_calls` adds to it.
#[pyclass(frozen, subclass, module = "ironcliw._native")]
pub struct BloomStore(pub(crate) Bloom);

impl BloomStore {
    /// Adds one key; where another thread is at it just now, waits for it with the interpreter released.
    #[inline]
    pub(crate) fn check_and_add(&self, py: Python<'_>, key: u64) -> bool {
        match self.0.try_check_and_add(key) {
            Some(seen) => seen,
            None => py.detach(|| self.0.check_and_add(key)),
        }
    }
}

#[pymethods]
impl BloomStore {
    #[new]
    #[pyo3(signature = (blocks, hashes, generations))]
    fn new(
        py: Python<'_>,
        blocks: &Bound<'_, PyAny>,
        hashes: &Bound<'_, PyAny>,
        generations: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let blocks = size(blocks, "blocks")?;
        let hashes = size(hashes, "hashes")?;
        let generations = size(generations, "generations")?;
        match guarded(py, || Bloom::new(blocks, hashes, generations))? {
            Ok(bloom) => Ok(Self(bloom)),
            Err(error @ Error::Memory(_)) => Err(PyMemoryError::new_err(error.to_string())),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }

    #[getter]
    fn blocks(&self) -> usize {
        self.0.blocks()
    }

    #[getter]
    fn hashes(&self) -> usize {
        self.0.hashes()
    }

    #[getter]
    fn generations(&self) -> usize {
        self.0.generations()
    }

    fn add_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        let keys = Cells::<u64>::list(keys, "keys")?;
        run(py, || {
            self.0.add_many(keys.cells());
            Ok::<(), Error>(())
        })
    }

    fn contains_into(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        seen: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (keys, mut seen) = batch(keys, seen)?;
        run(py, || self.0.contains_many(keys.cells(), seen.cells_mut()))
    }

    fn check_and_add_into(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        seen: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (keys, mut seen) = batch(keys, seen)?;
        run(py, || {
            self.0.check_and_add_many(keys.cells(), seen.cells_mut())
        })
    }

    fn turn(&self, py: Python<'_>) -> PyResult<()> {
        run(py, || {
            self.0.turn();
            Ok::<(), Error>(())
        })
    }

    fn bits_set(&self, age: &Bound<'_, PyAny>) -> PyResult<u64> {
        let age = size(age, "age")?;
        self.0
            .bits_set(age)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }

    fn read(
        &self,
        py: Python<'_>,
        age: &Bound<'_, PyAny>,
        words: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let age = size(age, "age")?;
        let mut words = Cells::<u64>::output(words, "words", &[self.0.words()])?;
        run(py, || self.0.read(age, words.cells_mut()))
    }

    fn unite(
        &self,
        py: Python<'_>,
        age: &Bound<'_, PyAny>,
        words: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let age = size(age, "age")?;
        let words = Cells::<u64>::input(Some(words), "words", &[self.0.words()])?;
        run(py, || {
            self.0.unite(age, words.as_ref().map_or(&[], Cells::cells))
        })
    }

    fn merge(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        let Ok(other) = other.cast::<Self>() else {
            let kind = other.get_type().name()?;
            return Err(PyValueError::new_err(format!(
                "other: expected BloomBits, got {kind}"
            )));
        };
        let other = other.get();
        run(py, || self.0.merge(&other.0))
    }
}

/// Has filters told when their process is a child of fork: where another thread was at one, it is free in the child.
pub(crate) fn watch_forks(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let child = PyDict::new(py);
    child.set_item("after_in_child", wrap_pyfunction!(forked, py)?)?;
    os.call_method("register_at_fork", (), Some(&child))?;
    Ok(())
}

#[pyfunction]
fn forked() {
    ironcliw_dedup::forked();
}

/// Keys, and where the answers go.
fn batch(keys: &Bound<'_, PyAny>, seen: &Bound<'_, PyAny>) -> PyResult<(Cells<u64>, Cells<u8>)> {
    let keys = Cells::<u64>::list(keys, "keys")?;
    let seen = Cells::<u8>::output(seen, "seen", &[keys.cells().len()])?;
    disjoint(&[keys.place(), seen.place()])?;
    Ok((keys, seen))
}

fn size(value: &Bound<'_, PyAny>, name: &str) -> PyResult<usize> {
    match value.extract() {
        Ok(size) => Ok(size),
        Err(_) => Err(refusal(&format!("{name}: expected"), value)?),
    }
}

pub(crate) fn refusal(expected: &str, value: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    let got = if value.is_instance_of::<PyInt>() {
        value.str()?
    } else {
        value.get_type().name()?
    };
    Ok(PyValueError::new_err(format!(
        "{expected} an integer 0 to 2**64 - 1, got {got}"
    )))
}
