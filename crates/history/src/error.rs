//! What can go wrong.

/// Why a ring cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The memory cannot be mapped, or is too small.
    #[error("the ring's memory cannot be used: {0}")]
    Memory(String),
    /// A slot, or a number of words, that the ring has not.
    #[error("the ring has no {0}")]
    Missing(String),
}
