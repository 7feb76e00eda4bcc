//! One enum for everything that can go wrong, with the cases a caller can act on.

use std::time::Duration;

/// Why there are no pixels. Each message is one line for a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing answers at that display, or no display is named.
    #[error("{0}")]
    NoDisplay(String),
    /// The display is there and refuses us.
    #[error("display '{display}' denies access: {reason}")]
    Denied {
        /// The display that was asked for.
        display: String,
        /// What the server said.
        reason: String,
    },
    /// The display has no monitor of that name or number.
    #[error("no monitor '{asked}': this display has {}", .available.join(", "))]
    UnknownMonitor {
        /// The name or number that was asked for.
        asked: String,
        /// The monitors there are, numbered as they can be asked for.
        available: Vec<String>,
    },
    /// The display is the X server inside a Wayland session, whose root window never shows the desktop.
    #[error(
        "display '{0}' belongs to a Wayland session: its X root window stays empty, only the compositor sees the screen"
    )]
    Xwayland(String),
    /// The server is connected but does not answer: it is stopped, or hangs.
    #[error("the X server did not answer for {} ms", .0.as_millis())]
    NoReply(Duration),
    /// The monitor is not there any more; the display is.
    #[error("monitor '{monitor}' was unplugged or switched off; it is watched again when it returns (there is now {})", .available.join(", "))]
    Unplugged {
        /// The monitor that was captured.
        monitor: String,
        /// The monitors there are, numbered as they can be asked for.
        available: Vec<String>,
    },
    /// The server went away.
    #[error("the display was lost: {0}")]
    Lost(String),
    /// The display keeps its pixels in a form that is not read here.
    #[error("unsupported display: {0}")]
    Unsupported(String),
    /// A title to leave out is no regular expression.
    #[error("{0}")]
    Pattern(String),
    /// The caller's frame memory cannot be used.
    #[error("frame memory: {0}")]
    Memory(String),
    /// There is no memory (or address space) to map the frame memory; the text says how much was wanted.
    #[error("no memory to capture into: {0}")]
    NoMemory(String),
}
