//! One fingerprint per tile: XXH3 64-bit of its pixels, row by row, as B, G, R, 0; zeros beyond the frame's edges.
//!
//! The frame is read once and in the order it lies in memory, four rows at a time, so that the memory sees four long
//! reads; a tile at a time would touch up to 64 pages for 16 KiB.

use crate::grid::{STRIP, Strip, check, lowest, runs, strips};
use crate::xxh3::{BlockKeys, State};
use crate::{Error, Frame, Level, TILE, simd};

/// Fingerprints `frame` and compares with what `grid` held.
///
/// `grid` and `changed` have one cell per tile, row by row ([`crate::grid_shape`]). `grid` is updated in place;
/// `changed` becomes 1 where the fingerprint is not the one before, else 0. With `among`, only tiles of non-zero cells
/// are read: the others are not changed and keep their fingerprint. Returns the number of changed tiles, or
/// [`Error::Cells`] with nothing written.
pub fn fingerprint(
    frame: Frame<'_>,
    grid: &mut [u64],
    changed: &mut [u8],
    among: Option<&[u8]>,
) -> Result<usize, Error> {
    fingerprint_at(Level::best(), frame, grid, changed, among)
}

/// [`fingerprint`] with the vector instructions of `level`.
pub fn fingerprint_at(
    level: Level,
    frame: Frame<'_>,
    grid: &mut [u64],
    changed: &mut [u8],
    among: Option<&[u8]>,
) -> Result<usize, Error> {
    let shape = frame.layout().grid();
    let cells = shape.0 * shape.1;
    check("grid", grid.len(), cells)?;
    check("changed", changed.len(), cells)?;
    if let Some(among) = among {
        check("among", among.len(), cells)?;
    }
    changed.fill(0);
    let mut count = 0;
    for strip in strips(shape, among) {
        let mut states = [State::START; STRIP];
        absorb_strip(level, &frame, strip, &mut states);
        for tile in strip.each() {
            let fingerprint = states[tile].finish();
            let cell = strip.cell + tile;
            if grid[cell] != fingerprint {
                grid[cell] = fingerprint;
                changed[cell] = 1;
                count += 1;
            }
        }
    }
    Ok(count)
}

fn absorb_strip(level: Level, frame: &Frame<'_>, strip: Strip, states: &mut [State; STRIP]) {
    for y in strip.blocks() {
        absorb_block(level, frame, strip, y, states);
    }
}

/// Takes the block from row `y` of the strip's selected tiles; beyond the frame's last row it is zeros.
pub(crate) fn absorb_block(
    level: Level,
    frame: &Frame<'_>,
    strip: Strip,
    y: usize,
    states: &mut [State; STRIP],
) {
    let keys = BlockKeys::of(y % TILE);
    let whole = frame
        .whole_in_block(y)
        .saturating_sub(strip.column)
        .min(strip.tiles);
    for (start, end) in runs(strip.selected & lowest(whole)) {
        let rows = frame.block(y, strip.column + start, strip.column + end);
        let ahead_bytes = strip.ahead(y, start, end) * frame.layout().row_stride;
        simd::absorb(level, &mut states[start..end], rows, &keys, ahead_bytes);
    }
    for (start, end) in runs(strip.selected & !lowest(whole)) {
        for tile in start..end {
            let block = frame.widen_block(y, strip.column + tile);
            let rows = block.each_ref().map(|span| &span[..]);
            simd::absorb(level, &mut states[tile..=tile], rows, &keys, 0);
        }
    }
}
