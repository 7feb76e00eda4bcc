//! What can be wrong with a call; nothing is written when one of these is returned.

/// A frame, grid or number that a kernel cannot work on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The layout is not one of 3- or 4-byte pixels in rows that follow one another.
    #[error(
        "a frame of {height} x {width} pixels of {channels} channels, {pixel_stride} bytes apart in rows {row_stride} bytes apart, cannot be read"
    )]
    Layout {
        /// Rows of pixels.
        height: usize,
        /// Pixels in a row.
        width: usize,
        /// Bytes of a pixel that count.
        channels: usize,
        /// Bytes from one row to the next.
        row_stride: usize,
        /// Bytes from one pixel to the next.
        pixel_stride: usize,
    },
    /// The memory ends before the layout does.
    #[error("the frame needs {needed} bytes and has {got}")]
    Short {
        /// Bytes from the first to the last of the layout.
        needed: usize,
        /// Bytes there are.
        got: usize,
    },
    /// Two frames that belong together differ in height or width.
    #[error("a frame of {height} x {width} pixels was expected, got {got_height} x {got_width}")]
    Size {
        /// Rows of the first frame.
        height: usize,
        /// Columns of the first frame.
        width: usize,
        /// Rows of the second frame.
        got_height: usize,
        /// Columns of the second frame.
        got_width: usize,
    },
    /// A slice with one cell per tile (or four) is too long or too short.
    #[error("{name} has {got} cells, expected {expected}")]
    Cells {
        /// Which argument.
        name: &'static str,
        /// Cells there are.
        got: usize,
        /// Cells there must be.
        expected: usize,
    },
    /// The squared distance is larger than any two colours are apart.
    #[error("threshold must be 0 to 195075, got {0}")]
    Threshold(u32),
    /// A pool has no such block.
    #[error("slots: expected 0 to {}, got {slot} for the tile ({row}, {column})", .capacity.wrapping_sub(1))]
    Slot {
        /// The block.
        slot: i32,
        /// Row of the tile that was to go there.
        row: usize,
        /// Column of the tile.
        column: usize,
        /// Blocks of the pool.
        capacity: usize,
    },
    /// A frame of more rows or columns than sums of 64 bits have room for.
    #[error("{name}: expected an integer 1 to 65536, got {got}")]
    Side {
        /// Which argument.
        name: &'static str,
        /// Its value.
        got: usize,
    },
    /// A tile cannot blink before it came back once.
    #[error("blinks_after must be 1 to 255, got 0")]
    Blinks,
}
