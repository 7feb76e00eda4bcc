//! What can be wrong with a call; nothing is written when one of these is returned.

use std::fmt;

/// A filter that cannot be made, or words and filters that do not fit one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A filter needs at least one block.
    #[error("blocks: expected 1 or more, got {0}")]
    Blocks(usize),
    /// Too few or too many bits for each key.
    #[error("hashes: expected 1 to 16, got {0}")]
    Hashes(usize),
    /// Only what is added now, or that and what was added before.
    #[error("generations: expected 1 or 2, got {0}")]
    Generations(usize),
    /// The machine does not have the memory.
    #[error("no memory for a filter of {0} blocks of 64 bytes")]
    Memory(usize),
    /// There is no generation of that age.
    #[error("age: expected {}, got {got}", if *max == 0 { "0 to 0" } else { "0 or 1" })]
    Age {
        /// The oldest.
        max: usize,
        /// What was asked for.
        got: usize,
    },
    /// A slice with one cell for each key or each word is too long or too short.
    #[error("{name} has {got} cells, expected {expected}")]
    Cells {
        /// Which argument.
        name: &'static str,
        /// Cells there are.
        got: usize,
        /// Cells there must be.
        expected: usize,
    },
    /// Two filters that were to be merged keep their bits differently.
    #[error("a filter of {ours} cannot take in one of {theirs}")]
    Shape {
        /// What takes in.
        ours: Shape,
        /// What was to be taken in.
        theirs: Shape,
    },
}

/// What two filters must have in common for their bits to mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Blocks in each generation.
    pub blocks: usize,
    /// Bits of each key.
    pub hashes: usize,
    /// How many generations there are.
    pub generations: usize,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            blocks,
            hashes,
            generations,
        } = self;
        write!(
            out,
            "{blocks} blocks, {hashes} hashes and {generations} generations"
        )
    }
}
