//! One enum for everything that can go wrong, with the cases a caller can act on.

use std::time::Duration;

/// Why there are no pixels. Each message is one line for a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing answers at that socket, or none is named.
    #[error("{0}")]
    NoCompositor(String),
    /// The socket is there and may not be used.
    #[error("the Wayland compositor at {socket} denies access: {reason}")]
    Denied {
        /// The socket that was tried.
        socket: String,
        /// What the system said.
        reason: String,
    },
    /// The compositor lets nobody capture by a protocol that is spoken here.
    #[error(
        "this Wayland compositor offers neither wlr-screencopy nor ext-image-copy-capture to this program: use the source 'portal'"
    )]
    NoProtocol,
    /// The compositor has no output of that name or number.
    #[error("no output '{asked}': this compositor has {}", .available.join(", "))]
    UnknownOutput {
        /// The name or number that was asked for.
        asked: String,
        /// The outputs there are, numbered as they can be asked for.
        available: Vec<String>,
    },
    /// The compositor is connected but does not answer: it is stopped, or hangs.
    #[error("the Wayland compositor did not answer for {} ms", .0.as_millis())]
    NoReply(Duration),
    /// The output is not there any more; the compositor is.
    #[error("output '{0}' was unplugged or switched off; it is watched again when it returns")]
    Unplugged(String),
    /// The compositor went away.
    #[error("the compositor was lost: {0}")]
    Lost(String),
    /// The compositor keeps its pixels in a form that is not read here.
    #[error("unsupported compositor: {0}")]
    Unsupported(String),
    /// The caller's frame memory cannot be used.
    #[error("frame memory: {0}")]
    Memory(String),
    /// There is no memory (or address space) to map the frame memory; the text says how much was wanted.
    #[error("no memory to capture into: {0}")]
    NoMemory(String),
}
