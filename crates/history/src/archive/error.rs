//! What can be wrong with a call or with a segment.

/// A frame that cannot be added, or bytes that are not a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An argument that the passes over frames refuse.
    #[error(transparent)]
    Frame(#[from] ironcliw_change::Error),
    /// A frame earlier than the one before.
    #[error("time_ns: expected at least {last}, the time of the frame before, got {got}")]
    Time {
        /// When the frame before was.
        last: i64,
        /// When this one is said to be.
        got: i64,
    },
    /// Nothing can be added to a segment that has ended.
    #[error("this segment has ended: begin another one")]
    Ended,
    /// There is no such frame.
    #[error("frame: expected less than {frames}, got {got}")]
    NoFrame {
        /// Frames of the segment.
        frames: usize,
        /// The number asked for.
        got: usize,
    },
    /// Bytes that are not the beginning of a segment.
    #[error("this is no segment of an archive")]
    Foreign,
    /// A segment that another version has written.
    #[error("this segment is of version {0}, and only version 1 can be read")]
    Version(u16),
    /// A segment that ends within a record; what comes before is whole.
    #[error("the segment is cut off: only its first {whole} bytes are whole")]
    Truncated {
        /// Bytes of the header and of all whole records.
        whole: usize,
    },
    /// A segment whose bytes are not those that were written.
    #[error("the segment is damaged: {what} in what begins at byte {at}")]
    Damaged {
        /// Where the header or record begins.
        at: usize,
        /// What does not fit.
        what: &'static str,
    },
    /// The compressor failed, which it has no reason to.
    #[error("the frame could not be compressed: {0}")]
    Compression(String),
}
