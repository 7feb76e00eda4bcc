//! Native screen capture: pixels straight into memory that the caller owns, and only those that changed.
//!
//! What is here: [`X11Capture`] (an X server, by MIT-SHM and DAMAGE), [`Rect`] and [`Error`]; and, for the
//! crates that capture on other systems, [`Arrivals`], [`Scale`] and [`Backoff`], which need no system at all.
//!
//! ```no_run
//! use ironcliw_capture::{Options, Update, X11Capture};
//! use std::time::Duration;
//!
//! # fn frame_memory(_: i32, _: i32) -> i32 { 0 }
//! let mut capture = X11Capture::connect(Options::default())?;
//! let area = capture.monitor().rect;
//! capture.attach(frame_memory(area.width, area.height), 0)?; // a memfd of width * height * 4 bytes
//! if let Update::Captured { damage, .. } = capture.next(Duration::from_secs(1))? {
//!     println!("changed: {damage:?}"); // `None`: anywhere
//! }
//! # Ok::<(), ironcliw_capture::Error>(())
//! ```

mod arrivals;
mod backoff;
mod error;
mod rect;
mod scale;
mod titles;
#[cfg(target_os = "linux")]
mod x11;

pub use arrivals::{Arrival, Arrivals, News};
pub use backoff::Backoff;
pub use error::Error;
pub use rect::{Rect, plan};
pub use scale::Scale;
pub use titles::Titles;
#[cfg(target_os = "linux")]
pub use x11::{Alarm, Exclusions, Listed, Monitor, Options, Update, X11Capture};
