//! `RingHeader` for Python: converts, releases the interpreter, calls the core, converts back.

use std::sync::Arc;
use std::time::Duration;

use ironcliw_history::Error;
use ironcliw_history::ring::layout::FIELDS;
use ironcliw_history::ring::{Constant, Header, Shown, Taken};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

fn raised(error: Error) -> PyErr {
    match error {
        Error::Missing(_) => PyValueError::new_err(error.to_string()),
        _ => PyOSError::new_err(error.to_string()),
    }
}

/// A frame that was whole when it was looked at, and what its record says.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct RingTaken {
    core: Taken,
    ring: Arc<Header>,
}

#[pymethods]
impl RingTaken {
    /// Where it is.
    #[getter]
    fn slot(&self) -> usize {
        self.core.slot
    }

    /// The slot's generation.
    #[getter]
    fn generation(&self) -> u64 {
        self.core.generation
    }

    /// Its number.
    #[getter]
    fn sequence(&self) -> u64 {
        self.core.fields[0]
    }

    /// All that its record says.
    #[getter]
    fn fields(&self) -> [u64; FIELDS] {
        self.core.fields
    }

    /// Whether nothing was written into its slot since.
    fn is_current(&self) -> PyResult<bool> {
        let Taken {
            slot, generation, ..
        } = self.core;
        self.ring.is_current(slot, generation).map_err(raised)
    }
}

/// The words of a ring of frames in a memory file, for its writer or for one reader.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct RingHeader {
    core: Arc<Header>,
}

impl RingHeader {
    fn taken(&self, core: Taken) -> RingTaken {
        RingTaken {
            core,
            ring: Arc::clone(&self.core),
        }
    }
}

#[pymethods]
impl RingHeader {
    #[new]
    fn new(fd: i32, slots: usize, constant: Constant, writable: bool) -> PyResult<Self> {
        let core = Header::map(fd, slots, constant, writable).map_err(raised)?;
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// From now on the slot is being written.
    fn begin(&self, slot: usize) -> PyResult<()> {
        self.core.begin(slot).map_err(raised)
    }

    /// The slot is whole and the newest frame, and the following one is being written; returns its generation.
    #[expect(
        clippy::too_many_arguments,
        reason = "Python hands numbers over sooner than what holds them"
    )]
    fn publish(
        &self,
        slot: usize,
        following: usize,
        sequence: u64,
        time_ns: i64,
        captured_ns: i64,
        x: u32,
        y: u32,
        width: u32,
        height: u32,
    ) -> PyResult<u64> {
        let shown = Shown {
            sequence,
            time_ns,
            captured_ns,
            changed: [x, y, width, height],
        };
        self.core.publish(slot, following, &shown).map_err(raised)
    }

    /// What the slot holds, or None where that is nothing whole.
    fn read(&self, slot: usize) -> PyResult<Option<RingTaken>> {
        let taken = self.core.read(slot).map_err(raised)?;
        Ok(taken.map(|taken| self.taken(taken)))
    }

    /// The newest frame where its number is `least` or more, now or in a moment.
    fn newer(&self, least: u64) -> Option<RingTaken> {
        self.core.look(least).map(|taken| self.taken(taken))
    }

    /// The same, asleep until there is one; None where the time was up, a signal came, or the ring has ended.
    fn wait(&self, py: Python<'_>, least: u64, timeout_ns: u64) -> Option<RingTaken> {
        let timeout = Duration::from_nanos(timeout_ns);
        py.detach(|| self.core.wait(least, timeout))
            .map(|taken| self.taken(taken))
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
}
