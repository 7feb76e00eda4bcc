//! Why a card does not answer. The same work can be done by the CPU in every case.

/// What went wrong; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no card that may be used.
    #[error("no graphics processor can be used: {0}")]
    NoAdapter(String),
    /// The card (or what was asked of it) is too small for this frame.
    #[error("the graphics processor is too small: {what} needs {needed}, and it has {has}")]
    Limits {
        /// What does not fit.
        what: &'static str,
        /// How much is needed.
        needed: u64,
        /// How much there is.
        has: u64,
    },
    /// There is no memory for the buffers.
    #[error("the graphics processor has no memory for {0}")]
    Memory(String),
    /// The card went away or does not answer. It stays so until it is opened again.
    #[error("the graphics processor was lost: {0}")]
    Lost(String),
    /// The driver or its interface refused something that it should not.
    #[error("the graphics processor failed: {0}")]
    Failed(String),
    /// A surface cannot be read as it lies: it has to be copied.
    #[error("a surface cannot be read as it lies: {0}")]
    Surface(String),
    /// A frame, grid or number that no kernel can work on.
    #[error(transparent)]
    Argument(#[from] ironcliw_change::Error),
}
