//! `PipeWireCapture` for Python: converts, releases the interpreter, calls the core, converts back.

use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironcliw_wayland::{Alarm, Error, PipeWireCapture as Core, StreamUpdate};
use pyo3::prelude::*;

use crate::kernels::guarded;
use crate::wayland::{WaylandUpdate, box4, raised};

/// One stream of pictures of PipeWire's, captured into memory of the caller's.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct PipeWireCapture {
    core: Mutex<Core>,
    mapped: AtomicUsize,
    alarm: Alarm,
}

impl PipeWireCapture {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Core) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        guarded(py, || {
            let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = call(&mut core);
            self.mapped.store(core.mapped_bytes(), Ordering::Relaxed);
            answer
        })?
        .map_err(raised)
    }
}

#[pymethods]
impl PipeWireCapture {
    /// Connects to node ``node`` by the descriptor ``remote``, which becomes this stream's.
    #[new]
    #[pyo3(signature = (remote, node, reply_timeout_ms, capture_interval_ms))]
    #[allow(unsafe_code)]
    fn new(
        py: Python<'_>,
        remote: i32,
        node: u32,
        reply_timeout_ms: u64,
        capture_interval_ms: u64,
    ) -> PyResult<Self> {
        if remote < 0 {
            return Err(raised(Error::Memory(
                "no descriptor was handed over".to_owned(),
            )));
        }
        // SAFETY: the caller hands the descriptor over and does not use it any more.
        let remote = unsafe { OwnedFd::from_raw_fd(remote) };
        let (interval, patience) = (
            Duration::from_millis(capture_interval_ms),
            Duration::from_millis(reply_timeout_ms),
        );
        guarded(py, || Core::connect(remote, node, interval, patience))?
            .map(|core| Self {
                alarm: core.alarm(),
                mapped: AtomicUsize::new(core.mapped_bytes()),
                core: Mutex::new(core),
            })
            .map_err(raised)
    }

    /// Width and height of pictures.
    fn size(&self, py: Python<'_>) -> PyResult<(i32, i32)> {
        self.with(py, |core| Ok(core.size()))
    }

    /// Bytes of PipeWire's buffers that are mapped here, beside the frame memory; never waits.
    #[getter]
    fn mapped_bytes(&self) -> usize {
        self.mapped.load(Ordering::Relaxed)
    }

    /// Where the pointer was seen last, in pixels; None where the stream does not say.
    fn cursor(&self, py: Python<'_>) -> PyResult<Option<(i32, i32)>> {
        self.with(py, |core| Ok(core.cursor()))
    }

    /// Captures into the memory file from ``start`` on, from now on: ``anew`` into another file, else into another frame of
    /// the same that shows what was captured last. ValueError where it cannot be used.
    fn attach(&self, py: Python<'_>, fd: i32, start: usize, anew: bool) -> PyResult<()> {
        self.with(py, |core| core.attach(fd, start, anew))
    }

    /// Ends ``next`` early, from any thread; where none runs, the next one.
    fn interrupt(&self) {
        self.alarm.ring();
    }

    /// Waits at most ``timeout_ms`` for a picture, and captures it.
    fn next(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<WaylandUpdate> {
        self.with(py, |core| {
            Ok(match core.next(Duration::from_millis(timeout_ms))? {
                StreamUpdate::Captured { whole, bytes } => {
                    let boxes = || core.damage().iter().map(box4).collect();
                    WaylandUpdate::found("captured", (!whole).then(boxes), bytes, false)
                }
                StreamUpdate::Idle => WaylandUpdate::found("idle", None, 0, false),
                StreamUpdate::Resized => WaylandUpdate::found("resized", None, 0, false),
            })
        })
    }
}
