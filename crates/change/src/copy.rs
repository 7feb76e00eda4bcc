//! Copies the pixels of chosen tiles from one frame to another.

use crate::frame::{PIXEL, SPAN};
use crate::grid::{Strip, check, lowest, runs, strips};
use crate::xxh3::COLOURS;
use crate::{Error, Frame, FrameMut, Level, TILE, simd};

/// Copies the tiles of non-zero cells in `tiles` (None: all) from `source` to the same place in `target`, the fourth
/// byte of every pixel becoming 0. Returns the bytes written, or with nothing written [`Error::Size`] or
/// [`Error::Cells`].
pub fn copy_tiles(
    source: Frame<'_>,
    target: FrameMut<'_>,
    tiles: Option<&[u8]>,
) -> Result<usize, Error> {
    copy_tiles_at(Level::best(), source, target, tiles)
}

/// [`copy_tiles`] with the vector instructions of `level`.
pub fn copy_tiles_at(
    level: Level,
    source: Frame<'_>,
    mut target: FrameMut<'_>,
    tiles: Option<&[u8]>,
) -> Result<usize, Error> {
    let layout = source.layout();
    layout.check_size(&target.layout())?;
    let (rows, columns) = layout.grid();
    if let Some(tiles) = tiles {
        check("tiles", tiles.len(), rows * columns)?;
    }
    let mut written = 0;
    for strip in strips((rows, columns), tiles) {
        for y in strip.lines(layout.height) {
            written += copy_row(level, &source, &mut target, strip, y);
        }
    }
    simd::settle();
    Ok(written)
}

/// Copies row `y` of the strip's selected tiles past the caches; `simd::settle` must follow. Returns the bytes written.
fn copy_row(
    level: Level,
    source: &Frame<'_>,
    target: &mut FrameMut<'_>,
    strip: Strip,
    y: usize,
) -> usize {
    let mut written = 0;
    let whole = source
        .whole_tiles(y)
        .saturating_sub(strip.column)
        .min(strip.tiles);
    for (start, end) in runs(strip.selected & lowest(whole)) {
        let (first, beyond) = (strip.column + start, strip.column + end);
        let pixels = target.pixels(y, first * TILE, beyond * TILE);
        simd::copy(level, pixels, source.spans(y, first, beyond));
        written += pixels.len();
    }
    for (start, end) in runs(strip.selected & !lowest(whole)) {
        for column in strip.column + start..strip.column + end {
            let mut span = [0; SPAN];
            source.widen(y, column, &mut span);
            let pixels = target.tile(y, column);
            copy(pixels, &span);
            written += pixels.len();
        }
    }
    written
}

/// The plain loop: copies as many 4-byte pixels as `target` holds, their fourth bytes becoming 0.
pub(crate) fn copy(target: &mut [u8], source: &[u8]) {
    for (to, from) in target
        .chunks_exact_mut(PIXEL)
        .zip(source.chunks_exact(PIXEL))
    {
        let pixel = u32::from_le_bytes([from[0], from[1], from[2], from[3]]) & COLOURS as u32;
        to.copy_from_slice(&pixel.to_le_bytes());
    }
}
