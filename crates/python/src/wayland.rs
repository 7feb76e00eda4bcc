//! `WaylandCapture` for Python: converts, releases the interpreter, calls the core, converts back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironcliw_wayland::{Alarm, Error, Options, Rect, Update, WaylandCapture as Core};
use pyo3::exceptions::{PyException, PyMemoryError, PyValueError};
use pyo3::prelude::*;

use crate::kernels::guarded;

pyo3::create_exception!(
    ironcliw._native,
    WaylandError,
    PyException,
    "Why a Wayland compositor gives no pixels. ``args``: the kind of failure and one line for a person."
);

/// A rectangle as (x, y, width, height) in pixels.
pub(crate) type Box4 = (i32, i32, i32, i32);

pub(crate) fn box4(rect: &Rect) -> Box4 {
    (rect.x, rect.y, rect.width, rect.height)
}

pub(crate) fn raised(error: Error) -> PyErr {
    let kind = match &error {
        Error::NoCompositor(_) => "no_compositor",
        Error::Denied { .. } => "denied",
        Error::NoProtocol => "no_protocol",
        Error::UnknownOutput { .. } => "unknown_output",
        Error::NoReply(_) => "no_reply",
        Error::Unsupported(_) => "unsupported",
        Error::Memory(_) => return PyValueError::new_err(error.to_string()),
        Error::NoMemory(_) => return PyMemoryError::new_err(error.to_string()),
        _ => "lost",
    };
    WaylandError::new_err((kind, error.to_string()))
}

/// What one call of ``WaylandCapture.next`` found.
#[pyclass(frozen, get_all, module = "ironcliw._native")]
pub struct WaylandUpdate {
    /// ``captured``, ``idle`` or ``resized``.
    kind: &'static str,
    /// Rectangles outside which nothing changed; None where everything may have.
    damage: Option<Vec<Box4>>,
    /// Pixel bytes that were written or converted.
    bytes_read: u64,
    /// Whether the compositor answered that nothing has changed.
    verified: bool,
}

impl WaylandUpdate {
    pub(crate) fn found(
        kind: &'static str,
        damage: Option<Vec<Box4>>,
        bytes_read: u64,
        verified: bool,
    ) -> Self {
        Self {
            kind,
            damage,
            bytes_read,
            verified,
        }
    }
}

/// One output of a Wayland compositor, captured into memory of the caller's.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct WaylandCapture {
    core: Mutex<Core>,
    staged: AtomicUsize,
    alarm: Alarm,
}

impl WaylandCapture {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Core) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        guarded(py, || {
            let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = call(&mut core);
            self.staged.store(core.staged_bytes(), Ordering::Relaxed);
            answer
        })?
        .map_err(raised)
    }
}

#[pymethods]
impl WaylandCapture {
    #[new]
    #[pyo3(signature = (display, output, reply_timeout_ms, capture_interval_ms))]
    fn new(
        py: Python<'_>,
        display: Option<String>,
        output: Option<String>,
        reply_timeout_ms: u64,
        capture_interval_ms: u64,
    ) -> PyResult<Self> {
        let options = Options {
            display,
            output,
            reply_timeout: Duration::from_millis(reply_timeout_ms),
            capture_interval: Duration::from_millis(capture_interval_ms),
        };
        guarded(py, || Core::connect(options))?
            .map(|core| Self {
                alarm: core.alarm(),
                core: Mutex::new(core),
                staged: AtomicUsize::new(0),
            })
            .map_err(raised)
    }

    /// The captured output: name, (x, y, width, height).
    fn output(&self, py: Python<'_>) -> PyResult<(String, Box4)> {
        self.with(py, |core| {
            Ok((core.output().name.clone(), box4(&core.output().rect)))
        })
    }

    /// The protocol that is spoken, whether the compositor writes straight into the frame memory, and whether it says
    /// what changed.
    fn abilities(&self, py: Python<'_>) -> PyResult<(&'static str, bool, bool)> {
        self.with(py, |core| {
            let (protocol, direct) = core.abilities();
            Ok((protocol, direct, core.reports_damage()))
        })
    }

    /// Whether memory must be up to date before ``go_on_at``.
    fn writes_parts(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |core| Ok(core.writes_parts()))
    }

    /// Captures into the memory file from ``start`` on, from now on. ValueError where it cannot be used.
    fn attach(&self, py: Python<'_>, fd: i32, start: usize) -> PyResult<()> {
        self.with(py, |core| core.attach(fd, start))
    }

    /// Captures into the same memory file from ``start`` on, where what is there differs from the last capture in the
    /// marked ``cells`` (one byte each, row by row, ``cell`` is their width and height) at most.
    fn go_on_at(
        &self,
        py: Python<'_>,
        start: usize,
        cells: &[u8],
        cell: (usize, usize),
    ) -> PyResult<()> {
        self.with(py, |core| core.go_on_at(start, cells, cell))
    }

    /// Bytes of memory of our own that the compositor writes into, beside the frame memory; never waits.
    #[getter]
    fn staged_bytes(&self) -> usize {
        self.staged.load(Ordering::Relaxed)
    }

    /// Ends ``next`` early, from any thread; where none runs, the next one.
    fn interrupt(&self) {
        self.alarm.ring();
    }

    /// Waits at most ``timeout_ms`` for the output to change, and captures it.
    fn next(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<WaylandUpdate> {
        self.with(py, |core| {
            Ok(match core.next(Duration::from_millis(timeout_ms))? {
                Update::Captured { whole, bytes } => {
                    let boxes = || core.damage().iter().map(box4).collect();
                    WaylandUpdate::found("captured", (!whole).then(boxes), bytes, false)
                }
                Update::Idle { verified } => WaylandUpdate::found("idle", None, 0, verified),
                Update::Resized => WaylandUpdate::found("resized", None, 0, false),
            })
        })
    }
}
