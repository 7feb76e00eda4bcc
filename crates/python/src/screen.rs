//! `ScreenCapture` for Python, on macOS and Windows: converts, releases the interpreter, calls the core, converts back.
//! Type-checked for these systems, not yet run.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ironcliw_capture::{Error, News, Rect, Titles};
use pyo3::exceptions::{PyException, PyMemoryError, PyValueError};
use pyo3::prelude::*;

use crate::buffer::Cells;
use crate::kernels::guarded;

#[cfg(target_os = "macos")]
use ironcliw_macos::MacCapture as Core;
#[cfg(target_os = "windows")]
use ironcliw_windows::WindowsCapture as Core;

pyo3::create_exception!(
    ironcliw._native,
    ScreenError,
    PyException,
    "Why a screen gives no pixels. ``args``: the kind of failure and one line for a person."
);

/// Kind (``captured``, ``idle``, ``hidden`` or ``ended``), what changed as (x, y, width, height) or None for anything,
/// whether the system said that nothing did, and why nothing is seen.
type Told = (
    &'static str,
    Option<Vec<(i32, i32, i32, i32)>>,
    bool,
    String,
);

fn raised(error: Error) -> PyErr {
    let kind = match &error {
        Error::NoDisplay(_) => "no_display",
        Error::Denied { .. } => "denied",
        Error::UnknownMonitor { .. } => "unknown_monitor",
        Error::NoReply(_) => "no_reply",
        Error::Unsupported(_) => "unsupported",
        Error::Pattern(_) => "pattern",
        Error::Memory(_) => return PyValueError::new_err(error.to_string()),
        Error::NoMemory(_) => return PyMemoryError::new_err(error.to_string()),
        _ => "lost",
    };
    ScreenError::new_err((kind, error.to_string()))
}

fn told(news: News) -> Told {
    let box4 = |rect: Rect| (rect.x, rect.y, rect.width, rect.height);
    match news {
        News::Frame(damage) => {
            let damage = damage.map(|rects| rects.into_iter().map(box4).collect());
            ("captured", damage, false, String::new())
        }
        News::Nothing { verified } => ("idle", None, verified, String::new()),
        News::Hidden(reason) => ("hidden", None, false, reason.to_owned()),
        News::Ended(reason) => ("ended", None, false, reason),
    }
}

/// One display, captured into memory of the caller's.
#[pyclass(frozen, module = "ironcliw._native")]
pub struct ScreenCapture {
    core: Mutex<Core>,
    size: (usize, usize),
}

impl ScreenCapture {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Core) -> T + Send,
    ) -> PyResult<T> {
        guarded(py, || {
            call(&mut self.core.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}

#[pymethods]
impl ScreenCapture {
    /// ``display``: a number or name, None for the main one; the lists name what is left out.
    #[new]
    #[cfg(target_os = "macos")]
    fn new(
        py: Python<'_>,
        display: Option<String>,
        interval_ms: u64,
        windows: Vec<u32>,
        applications: Vec<String>,
        titles: Vec<String>,
        processes: Vec<i32>,
    ) -> PyResult<Self> {
        let titles = Titles::new(&titles).map_err(raised)?;
        let exclusions = ironcliw_macos::exclusion::Exclusions {
            windows,
            applications,
            titles,
            processes,
        };
        let interval = Duration::from_millis(interval_ms);
        let options = ironcliw_macos::Options {
            display,
            interval,
            exclusions,
        };
        let core = guarded(py, || Core::start(&options))?.map_err(raised)?;
        Ok(Self {
            size: core.size(),
            core: Mutex::new(core),
        })
    }

    /// ``display``: a number or name, None for the main one; the lists name what is left out. Frames come as Windows
    /// shows them.
    #[new]
    #[cfg(target_os = "windows")]
    fn new(
        py: Python<'_>,
        display: Option<String>,
        interval_ms: u64,
        windows: Vec<isize>,
        applications: Vec<String>,
        titles: Vec<String>,
        processes: Vec<u32>,
    ) -> PyResult<Self> {
        let _ = interval_ms;
        let titles = Titles::new(&titles).map_err(raised)?;
        let exclusions = ironcliw_windows::Exclusions {
            windows,
            processes,
            applications,
            titles,
        };
        let options = ironcliw_windows::Options {
            display,
            exclusions,
        };
        let core = guarded(py, || Core::start(options))?.map_err(raised)?;
        Ok(Self {
            size: core.size(),
            core: Mutex::new(core),
        })
    }

    /// Width and height in pixels.
    fn size(&self) -> (usize, usize) {
        self.size
    }

    /// What the system calls the display.
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        #[cfg(target_os = "macos")]
        return self.with(py, |core| format!("display {}", core.display()));
        #[cfg(target_os = "windows")]
        self.with(py, |core| core.name())
    }

    /// Pixels of a point.
    fn scale(&self, py: Python<'_>) -> PyResult<f64> {
        self.with(py, |core| core.scale())
    }

    /// How frames come, and what is to be known about them, one line each.
    fn notes(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        #[cfg(target_os = "macos")]
        return self.with(py, |core| {
            let unmatched = core.unmatched().iter();
            let mut notes = vec!["ScreenCaptureKit: what changed is told".to_owned()];
            notes.extend(
                unmatched.map(|each| format!("{each} is to be left out, and matches nothing now")),
            );
            notes
        });
        #[cfg(target_os = "windows")]
        self.with(py, |core| {
            let protected = core.protected().map(str::to_owned);
            [Some(core.way().to_owned()), protected]
                .into_iter()
                .flatten()
                .collect()
        })
    }

    /// Waits at most ``timeout_ms`` for the screen to change, and copies what changed to ``pixels``, (height, width, 4).
    fn next(&self, py: Python<'_>, pixels: &Bound<'_, PyAny>, timeout_ms: u64) -> PyResult<Told> {
        let (width, height) = self.size;
        let mut pixels = Cells::<u8>::output(pixels, "pixels", &[height, width, 4])?;
        let timeout = Duration::from_millis(timeout_ms);
        self.with(py, |core| core.next(timeout, pixels.cells_mut()))?
            .map(told)
            .map_err(raised)
    }

    /// Waits at most ``timeout_ms`` for the screen to change; a frame comes along where macOS keeps it, and nothing is
    /// copied.
    #[cfg(all(target_os = "macos", feature = "gpu"))]
    fn next_surface(
        &self,
        py: Python<'_>,
        timeout_ms: u64,
    ) -> PyResult<(Told, Option<crate::surface::Surface>)> {
        let timeout = Duration::from_millis(timeout_ms);
        let (news, picture) = self
            .with(py, |core| core.next_picture(timeout))?
            .map_err(raised)?;
        Ok((told(news), picture.map(crate::surface::Surface::new)))
    }

    /// The next capture is whole, and comes at once: into other memory.
    fn begin_anew(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |core| core.begin_anew())
    }
}
