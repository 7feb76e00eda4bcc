//! `RingHeader` for Python: converts, releases the interpreter, calls the core, converts back.

use std::time::Duration;

use ironcliw_history::Error;
use ironcliw_history::ring::layout::FIELDS;
use ironcliw_history::ring::{Header, Woken};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

fn raised(error: Error) -> PyErr {
    match error {
        Error::Missing(_) => PyValueError::new_err(error.to_string()),
        _ => PyOSError::new_err(error.to_string()),
    }
}

/// The words of a ring of frames in a memory file, for its writer or for one reader.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct RingHeader {
    core: Header,
}

#[pymethods]
impl RingHeader {
    #[new]
    fn new(fd: i32, slots: usize, writable: bool) -> PyResult<Self> {
        let core = Header::map(fd, slots, writable).map_err(raised)?;
        Ok(Self { core })
    }

    /// From now on the slot is being written.
    fn begin(&self, slot: usize) -> PyResult<()> {
        self.core.begin(slot).map_err(raised)
    }

    /// The slot is whole and the newest frame; returns its generation.
    fn publish(&self, slot: usize, fields: [u64; FIELDS]) -> PyResult<u64> {
        self.core.publish(slot, &fields).map_err(raised)
    }

    /// The slot's generation and fields, or None where it holds nothing whole.
    fn read(&self, slot: usize) -> PyResult<Option<(u64, [u64; FIELDS])>> {
        self.core.read(slot).map_err(raised)
    }

    /// Whether the slot was not written into since it had this generation.
    fn is_current(&self, slot: usize, generation: u64) -> PyResult<bool> {
        self.core.is_current(slot, generation).map_err(raised)
    }

    /// The slot of the newest frame, or None before the first.
    fn newest(&self) -> Option<usize> {
        self.core.newest()
    }

    /// The ring's state, and when the source was last verified.
    fn state(&self) -> (u64, u64) {
        self.core.state()
    }

    /// Says whether the ring goes on.
    fn set_state(&self, state: u64) -> PyResult<()> {
        self.core.set_state(state).map_err(raised)
    }

    /// Says when the source was last verified.
    fn set_verified(&self, verified: u64) -> PyResult<()> {
        self.core.set_verified(verified).map_err(raised)
    }

    /// How much has happened.
    fn events(&self) -> u32 {
        self.core.events()
    }

    /// Sleeps until something happens; False where the time was up or a signal came first.
    fn sleep(&self, py: Python<'_>, seen: u32, timeout_ns: u64) -> bool {
        let timeout = Duration::from_nanos(timeout_ns);
        py.detach(|| self.core.sleep(seen, timeout)) == Woken::Event
    }
}
