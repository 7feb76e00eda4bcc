//! Puts tiles into a pool of blocks, each tile's 16,384 bytes in one piece: kept once, addressed by whoever keeps them.

use crate::frame::{PIXEL, SPAN};
use crate::grid::{check, strips};
use crate::{Error, Frame, Level, TILE, simd};

/// Bytes of a tile in a pool.
pub const TILE_BYTES: usize = TILE * TILE * PIXEL;

/// Copies the tiles of non-zero cells in `tiles` (None: all) to the block of `pool` that `slots` names for each, row by
/// row: B, G, R, 0, and zeros beyond the frame's edges.
///
/// `slots` has one cell per tile; those of tiles that are not selected may be anything. Returns the bytes written, or
/// with nothing written [`Error::Cells`], or [`Error::Slot`] where the pool has no such block.
pub fn store_tiles(
    frame: Frame<'_>,
    tiles: Option<&[u8]>,
    pool: &mut [u8],
    slots: &[i32],
) -> Result<usize, Error> {
    store_tiles_at(Level::best(), frame, tiles, pool, slots)
}

/// [`store_tiles`] with the vector instructions of `level`.
pub fn store_tiles_at(
    level: Level,
    frame: Frame<'_>,
    tiles: Option<&[u8]>,
    pool: &mut [u8],
    slots: &[i32],
) -> Result<usize, Error> {
    let shape = frame.layout().grid();
    let cells = shape.0 * shape.1;
    let capacity = pool.len() / TILE_BYTES;
    if let Some(tiles) = tiles {
        check("tiles", tiles.len(), cells)?;
    }
    check("slots", slots.len(), cells)?;
    check("pool", pool.len(), capacity * TILE_BYTES)?;
    for strip in strips(shape, tiles) {
        for cell in strip.each().map(|tile| strip.cell + tile) {
            if !usize::try_from(slots[cell]).is_ok_and(|slot| slot < capacity) {
                return Err(Error::Slot {
                    slot: slots[cell],
                    row: cell / shape.1,
                    column: cell % shape.1,
                    capacity,
                });
            }
        }
    }
    let mut stored = 0;
    for strip in strips(shape, tiles) {
        // Row by row, so that the frame is read in the order it lies in memory.
        for y in strip.row * TILE..(strip.row + 1) * TILE {
            let whole = frame.whole_tiles(y).saturating_sub(strip.column);
            for tile in strip.each() {
                let at = slots[strip.cell + tile] as usize * TILE_BYTES + y % TILE * SPAN;
                let block = &mut pool[at..at + SPAN];
                let column = strip.column + tile;
                if tile < whole {
                    simd::copy(level, block, frame.spans(y, column, column + 1));
                } else {
                    let mut span = [0; SPAN];
                    frame.widen(y, column, &mut span);
                    simd::copy(level, block, &span);
                }
            }
        }
        stored += strip.each().count();
    }
    simd::settle();
    Ok(stored * TILE_BYTES)
}
