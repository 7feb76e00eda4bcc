//! Capture of an X11 screen, driven by what the server says changed.
//!
//! What is here: [`X11Capture`]. A still screen costs one narrow probe per `probe_interval`; otherwise only damaged
//! rectangles are fetched, at most once per `capture_interval`, and the first damage after a quiet time at once.

mod capture;
mod connection;
mod damage;
mod exclusions;
mod frame;
mod guess;
mod mask;
mod monitors;
mod registry;
mod screen;
mod shm;
mod veil;
mod windows;

use std::time::Duration;

pub use self::capture::X11Capture;
pub use self::connection::Alarm;
pub use self::exclusions::Exclusions;
pub use self::monitors::Monitor;
pub use self::registry::Listed;
use crate::Rect;

/// What to watch, and how often to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// The display, like `:0`; `None` is the environment's.
    pub display: Option<String>,
    /// A monitor by name or by number from 0, or `all`; `None` is the primary monitor, or the first.
    pub monitor: Option<String>,
    /// The longest wait for the server without any progress while connecting.
    pub connect_timeout: Duration,
    /// The longest wait for the server without any progress afterwards.
    pub reply_timeout: Duration,
    /// The shortest time between two captures.
    pub capture_interval: Duration,
    /// How often a screen without damage is looked at all the same.
    pub probe_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            display: None,
            monitor: None,
            connect_timeout: Duration::from_secs(2),
            reply_timeout: Duration::from_secs(2),
            capture_interval: Duration::from_millis(100),
            probe_interval: Duration::from_secs(1),
        }
    }
}

/// What [`X11Capture::next`] found. `bytes` are those of all pixels fetched during the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The frame memory shows the screen as it is now.
    Captured {
        /// Rectangles outside which nothing changed; `None` where everything may have.
        damage: Option<Vec<Rect>>,
        /// Pixel bytes fetched.
        bytes: u64,
        /// Rectangles that were blanked.
        excluded: Vec<Rect>,
    },
    /// Nothing new.
    Idle {
        /// Whether a probe looked and found the screen as it was.
        verified: bool,
        /// Pixel bytes fetched.
        bytes: u64,
    },
    /// The screen changed and no damage said so. From now on the screen is also captured whole once per probe.
    MissedDamage {
        /// The rows that differ.
        band: Rect,
        /// Pixel bytes fetched.
        bytes: u64,
    },
    /// The monitor has another size or place: attach new memory.
    Resized(Monitor),
}
