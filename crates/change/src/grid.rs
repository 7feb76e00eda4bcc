//! The tile grid, and the order in which it is walked: strips of at most 64 tiles, so that one `u64` says which of them
//! are selected and one small array holds what is known of each.

use std::ops::Range;

use crate::Error;
use crate::frame::SPAN;
use crate::xxh3::BLOCK_ROWS;

/// Side of a tile in pixels.
pub const TILE: usize = 64;

/// Tiles in a strip: the bits of its selection.
pub(crate) const STRIP: usize = u64::BITS as usize;

/// Rows and columns of tiles of a frame of `height` x `width` pixels.
pub const fn grid_shape(height: usize, width: usize) -> (usize, usize) {
    (height.div_ceil(TILE), width.div_ceil(TILE))
}

/// How far ahead of what is read the memory is asked for more, in whole blocks and at least one.
const AHEAD_BYTES: usize = 32 * 1024;

/// Where little of each row is read, this many rows ahead are enough.
const AHEAD_ROWS_MAX: usize = 16;

/// Neighbouring tiles of one row of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Strip {
    /// Row of the grid.
    pub row: usize,
    /// Column of the first tile.
    pub column: usize,
    /// Index of the first tile in arrays of one cell per tile.
    pub cell: usize,
    /// Number of tiles, at most 64.
    pub tiles: usize,
    /// Bit i: tile `column + i` is selected.
    pub selected: u64,
}

impl Strip {
    /// How many rows ahead of the block from row `y` the memory is worth asking for, where the tiles `start..end` are
    /// read. Not beyond the strip where only some of its tiles are: below them may lie some that are not.
    pub fn ahead(&self, y: usize, start: usize, end: usize) -> usize {
        let block_bytes = BLOCK_ROWS * (end - start) * SPAN;
        let rows = (AHEAD_BYTES / block_bytes * BLOCK_ROWS).clamp(BLOCK_ROWS, AHEAD_ROWS_MAX);
        let inside = y + rows < (self.row + 1) * TILE;
        if inside || end - start == self.tiles {
            rows
        } else {
            0
        }
    }

    /// The first row of each block of the strip, beyond the bottom too.
    pub fn blocks(&self) -> impl Iterator<Item = usize> + use<> {
        let top = self.row * TILE;
        (top..top + TILE).step_by(BLOCK_ROWS)
    }

    /// The rows of a frame of `height` rows that lie in the strip.
    pub fn lines(&self, height: usize) -> Range<usize> {
        let top = self.row * TILE;
        top..height.min(top + TILE)
    }

    /// The selected tiles, as indices into the strip.
    pub fn each(self) -> impl Iterator<Item = usize> {
        runs(self.selected).flat_map(|(start, end)| start..end)
    }
}

/// The strips of a grid in which any tile is selected, from the top left; `mask` selects tiles by non-zero bytes, None
/// selects all.
pub(crate) fn strips(shape: (usize, usize), mask: Option<&[u8]>) -> impl Iterator<Item = Strip> {
    let (rows, columns) = shape;
    let strips = (0..rows).flat_map(move |row| {
        (0..columns).step_by(STRIP).map(move |column| {
            let tiles = STRIP.min(columns - column);
            let cell = row * columns + column;
            let selected = match mask {
                None => lowest(tiles),
                Some(mask) => {
                    let cells = mask[cell..cell + tiles].iter().enumerate();
                    cells.fold(0, |bits, (i, &on)| bits | u64::from(on != 0) << i)
                }
            };
            Strip {
                row,
                column,
                cell,
                tiles,
                selected,
            }
        })
    });
    strips.filter(|strip| strip.selected != 0)
}

/// The `count` lowest bits, at most 64.
pub(crate) const fn lowest(count: usize) -> u64 {
    if count >= STRIP {
        u64::MAX
    } else {
        (1 << count) - 1
    }
}

/// Runs of ones in `bits`, as (first, one beyond the last).
pub(crate) fn runs(mut bits: u64) -> impl Iterator<Item = (usize, usize)> {
    std::iter::from_fn(move || {
        if bits == 0 {
            return None;
        }
        let start = bits.trailing_zeros() as usize;
        let end = start + (bits >> start).trailing_ones() as usize;
        bits &= !lowest(end);
        Some((start, end))
    })
}

/// Checks that `got` cells are what a grid of `expected` cells needs.
pub(crate) fn check(name: &'static str, got: usize, expected: usize) -> Result<(), Error> {
    if got == expected {
        Ok(())
    } else {
        Err(Error::Cells {
            name,
            got,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_rounds_up() {
        assert_eq!(grid_shape(1080, 1920), (17, 30));
        assert_eq!(grid_shape(1, 1), (1, 1));
        assert_eq!(grid_shape(64, 65), (1, 2));
    }

    #[test]
    fn runs_cover_exactly_the_ones() {
        for bits in [0, 1, u64::MAX, 1 << 63, 0b1011_0111, 0xF000_0000_0000_000F] {
            let mut seen = 0u64;
            for (start, end) in runs(bits) {
                assert!(start < end);
                for bit in start..end {
                    seen |= 1 << bit;
                }
            }
            assert_eq!(seen, bits);
        }
        assert_eq!(runs(u64::MAX).count(), 1);
    }

    #[test]
    fn strips_cover_wide_grids() {
        let all: Vec<Strip> = strips((2, 130), None).collect();
        assert_eq!(all.len(), 6);
        assert_eq!(all.iter().map(|strip| strip.tiles).sum::<usize>(), 260);
        assert_eq!(
            all[5],
            Strip {
                row: 1,
                column: 128,
                cell: 258,
                tiles: 2,
                selected: 0b11
            }
        );
    }

    #[test]
    fn unselected_rows_are_not_asked_for() {
        let strip = strips((3, 30), None).nth(1).unwrap();
        for y in strip.blocks() {
            assert_eq!(strip.ahead(y, 0, 30), BLOCK_ROWS);
            for (start, end) in [(0, 1), (3, 5), (1, 30)] {
                let rows = strip.ahead(y, start, end);
                assert!(y + rows < 128 && rows <= AHEAD_ROWS_MAX);
                assert!(rows > 0 || y >= 128 - AHEAD_ROWS_MAX);
            }
        }
    }

    #[test]
    fn masks_select_by_any_nonzero_byte() {
        let mask = [[0; 4], [0, 1, 255, 0], [0; 4]];
        let mut some = strips((3, 4), Some(mask.as_flattened()));
        let strip = some.next().unwrap();
        assert_eq!((strip.row, some.next()), (1, None));
        assert_eq!(strip.selected, 0b0110);
        assert_eq!(strip.each().collect::<Vec<_>>(), [1, 2]);
    }
}
