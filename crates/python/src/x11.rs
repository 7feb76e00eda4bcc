//! `X11Capture` for Python: converts, releases the interpreter, calls the core, converts back.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironcliw_capture::{
    Alarm, Error, Exclusions, Listed, Options, Rect, Update, X11Capture as Core,
};
use pyo3::exceptions::{PyException, PyMemoryError, PyValueError};
use pyo3::prelude::*;

use crate::kernels::guarded;

pyo3::create_exception!(
    ironcliw._native,
    X11Error,
    PyException,
    "Why an X display gives no pixels. ``args``: the kind of failure and one line for a person."
);

/// A rectangle as (x, y, width, height) in pixels.
type Box4 = (i32, i32, i32, i32);

fn box4(rect: &Rect) -> Box4 {
    (rect.x, rect.y, rect.width, rect.height)
}

/// A version, and windows as (title, application, rectangle).
type Listing = (u64, Vec<(String, String, Box4)>);

fn listing((version, windows): (u64, Vec<Listed>)) -> Listing {
    let windows = windows
        .into_iter()
        .map(|window| (window.title, window.application, box4(&window.rect)))
        .collect();
    (version, windows)
}

fn boxes(rects: &[Rect]) -> Vec<Box4> {
    rects.iter().map(box4).collect()
}

fn raised(error: Error) -> PyErr {
    let kind = match &error {
        Error::NoDisplay(_) => "no_display",
        Error::Denied { .. } => "denied",
        Error::UnknownMonitor { .. } => "unknown_monitor",
        Error::Xwayland(_) => "xwayland",
        Error::NoReply(_) => "no_reply",
        Error::Unsupported(_) => "unsupported",
        Error::Memory(_) | Error::Pattern(_) => return PyValueError::new_err(error.to_string()),
        Error::NoMemory(_) => return PyMemoryError::new_err(error.to_string()),
        _ => "lost",
    };
    X11Error::new_err((kind, error.to_string()))
}

/// What one call of ``X11Capture.next`` found.
#[pyclass(frozen, get_all, module = "ironcliw._native")]
pub struct X11Update {
    /// ``captured``, ``idle``, ``missed_damage`` or ``resized``.
    kind: &'static str,
    /// Rectangles outside which nothing changed; None where everything may have.
    damage: Option<Vec<Box4>>,
    /// Pixel bytes fetched during the call.
    bytes_read: u64,
    /// Rectangles that were blanked.
    excluded: Vec<Box4>,
    /// Whether a probe found the screen as it was.
    verified: bool,
}

impl From<Update> for X11Update {
    fn from(update: Update) -> Self {
        let found = |kind, bytes_read| Self {
            kind,
            damage: None,
            bytes_read,
            excluded: Vec::new(),
            verified: false,
        };
        match update {
            Update::Captured {
                damage,
                bytes,
                excluded,
            } => Self {
                damage: damage.as_deref().map(boxes),
                excluded: boxes(&excluded),
                ..found("captured", bytes)
            },
            Update::Idle { verified, bytes } => Self {
                verified,
                ..found("idle", bytes)
            },
            Update::MissedDamage { band, bytes } => Self {
                damage: Some(vec![box4(&band)]),
                ..found("missed_damage", bytes)
            },
            Update::Resized(_) => found("resized", 0),
        }
    }
}

/// One monitor of an X display, captured into memory of the caller's.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct X11Capture {
    core: Mutex<Core>,
    alarm: Alarm,
}

impl X11Capture {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Core) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        guarded(py, || {
            call(&mut self.core.lock().unwrap_or_else(PoisonError::into_inner))
        })?
        .map_err(raised)
    }
}

#[pymethods]
impl X11Capture {
    #[new]
    #[pyo3(signature = (display, monitor, connect_timeout_ms, reply_timeout_ms, capture_interval_ms, probe_interval_ms))]
    fn new(
        py: Python<'_>,
        display: Option<String>,
        monitor: Option<String>,
        connect_timeout_ms: u64,
        reply_timeout_ms: u64,
        capture_interval_ms: u64,
        probe_interval_ms: u64,
    ) -> PyResult<Self> {
        let options = Options {
            display,
            monitor,
            connect_timeout: Duration::from_millis(connect_timeout_ms),
            reply_timeout: Duration::from_millis(reply_timeout_ms),
            capture_interval: Duration::from_millis(capture_interval_ms),
            probe_interval: Duration::from_millis(probe_interval_ms),
        };
        guarded(py, || Core::connect(options))?
            .map(|core| Self {
                alarm: core.alarm(),
                core: Mutex::new(core),
            })
            .map_err(raised)
    }

    /// The captured monitor: name, (x, y, width, height) in the root window.
    fn monitor(&self, py: Python<'_>) -> PyResult<(String, Box4)> {
        self.with(py, |core| {
            Ok((core.monitor().name.clone(), box4(&core.monitor().rect)))
        })
    }

    /// Whether the server reports damage, and whether pixels come through shared memory.
    fn abilities(&self, py: Python<'_>) -> PyResult<(bool, bool)> {
        self.with(py, |core| Ok((core.reports_damage(), core.shares_memory())))
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

    /// Blanks these windows from now on.
    fn exclude(&self, py: Python<'_>, windows: Vec<u32>) -> PyResult<()> {
        self.with(py, |core| {
            core.exclude(windows);
            Ok(())
        })
    }

    /// Leaves these out of every capture from now on, before a pixel of them enters the memory. ValueError where a
    /// title is no regular expression.
    fn veil(
        &self,
        py: Python<'_>,
        windows: Vec<u32>,
        applications: Vec<String>,
        titles: Vec<String>,
        regions: Vec<Box4>,
    ) -> PyResult<()> {
        let regions = regions
            .iter()
            .map(|&(x, y, width, height)| Rect::new(x, y, width, height))
            .collect();
        self.with(py, |core| {
            core.veil(Exclusions::new(windows, &applications, &titles, regions)?)
        })
    }

    /// For each exclusion but regions (windows, applications, titles), whether a window ever met it.
    fn met(&self, py: Python<'_>) -> PyResult<Vec<bool>> {
        self.with(py, |core| Ok(core.met().to_vec()))
    }

    /// Keeps the list of windows from now on.
    fn follow_windows(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Core::follow_windows)
    }

    /// A version and the windows (title, application, rectangle), uppermost first; None where they are as they were at
    /// ``version``, or not followed.
    fn windows_since(&self, py: Python<'_>, version: u64) -> PyResult<Option<Listing>> {
        self.with(py, |core| core.windows_since(version))
            .map(|found| found.map(listing))
    }

    /// Whether the display has such a window.
    fn window_exists(&self, py: Python<'_>, window: u32) -> PyResult<bool> {
        self.with(py, |core| core.window_exists(window))
    }

    /// The child of the root window that holds the window, or None where it is gone.
    fn top_level(&self, py: Python<'_>, window: u32) -> PyResult<Option<u32>> {
        self.with(py, |core| core.top_level(window))
    }

    /// The windows that these processes show, as (window, process), in the order of ``pids``.
    fn windows_of(&self, py: Python<'_>, pids: Vec<u32>) -> PyResult<Vec<(u32, u32)>> {
        self.with(py, |core| core.windows_of(&pids))
    }

    /// Ends ``next`` early, from any thread; where none runs, the next one.
    fn interrupt(&self) {
        self.alarm.ring();
    }

    /// Waits at most ``timeout_ms`` for the screen to change, and captures it.
    fn next(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<X11Update> {
        self.with(py, |core| core.next(Duration::from_millis(timeout_ms)))
            .map(X11Update::from)
    }
}
