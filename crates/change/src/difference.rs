//! Which pixels differ between two frames, per tile: how many, and the tight box around them.
//!
//! Two pixels differ where the squared distance of their colours, dB² + dG² + dR², is above a threshold. Both frames
//! are read once and in row order.

use crate::frame::SPAN;
use crate::grid::{STRIP, Strip, check, lowest, runs, strips};
use crate::{Error, Frame, Level, TILE, simd};

/// The largest squared distance of two colours: 3 * 255².
pub const DISTANCE_MAX: u32 = 195_075;

/// What is known of one tile's differing pixels, rows counted from the frame's top.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// Differing pixels.
    pub count: u32,
    /// Bit i: column i of the tile has one.
    pub columns: u64,
    /// The first row with one; meaningless while `count` is 0.
    pub top: u32,
    /// The last row with one.
    pub bottom: u32,
    /// Those of the row that was added last, as in `columns`.
    pub row: u64,
}

impl Found {
    /// Adds the differing pixels of row `y`: bit i stands for column i.
    #[inline(always)]
    pub fn add(&mut self, differing: u64, y: u32) {
        self.row = differing;
        if differing != 0 {
            if self.count == 0 {
                self.top = y;
            }
            self.bottom = y;
            self.columns |= differing;
            self.count += differing.count_ones();
        }
    }

    /// x0, y0, x1, y1 in pixels of the frame, the last two exclusive; zeros where nothing differs.
    pub fn bounds(&self, column: usize) -> [i32; 4] {
        if self.count == 0 {
            return [0; 4];
        }
        let x = (column * TILE) as u32;
        let x0 = x + self.columns.trailing_zeros();
        let x1 = x + u64::BITS - self.columns.leading_zeros();
        [
            x0 as i32,
            self.top as i32,
            x1 as i32,
            self.bottom as i32 + 1,
        ]
    }
}

/// Counts and boxes the pixels of `before` and `after` whose squared colour distance is above `threshold`.
///
/// `counts` has one cell per tile, `boxes` four (x0, y0, x1, y1 in pixels of the frame, the last two exclusive), row by
/// row ([`crate::grid_shape`]); both are zero where nothing differs or the tile is not selected. `tiles` selects tiles
/// by non-zero cells, None all. `mask`, where it is given, has one cell per pixel, row by row, and becomes 1 where a
/// pixel is counted, else 0. Returns the number of differing pixels, or with nothing written [`Error::Size`],
/// [`Error::Threshold`] (above [`DISTANCE_MAX`]) or [`Error::Cells`].
pub fn difference(
    before: Frame<'_>,
    after: Frame<'_>,
    threshold: u32,
    tiles: Option<&[u8]>,
    counts: &mut [u32],
    boxes: &mut [i32],
    mask: Option<&mut [u8]>,
) -> Result<u64, Error> {
    difference_at(
        Level::best(),
        before,
        after,
        threshold,
        tiles,
        counts,
        boxes,
        mask,
    )
}

/// [`difference`] with the vector instructions of `level`.
#[allow(clippy::too_many_arguments)]
pub fn difference_at(
    level: Level,
    before: Frame<'_>,
    after: Frame<'_>,
    threshold: u32,
    tiles: Option<&[u8]>,
    counts: &mut [u32],
    boxes: &mut [i32],
    mut mask: Option<&mut [u8]>,
) -> Result<u64, Error> {
    before.layout().check_size(&after.layout())?;
    if threshold > DISTANCE_MAX {
        return Err(Error::Threshold(threshold));
    }
    let shape = before.layout().grid();
    let cells = shape.0 * shape.1;
    if let Some(tiles) = tiles {
        check("tiles", tiles.len(), cells)?;
    }
    check("counts", counts.len(), cells)?;
    check("boxes", boxes.len(), 4 * cells)?;
    let (height, width) = (before.layout().height, before.layout().width);
    if let Some(mask) = &mut mask {
        check("mask", mask.len(), height * width)?;
        mask.fill(0);
    }
    counts.fill(0);
    boxes.fill(0);
    let mut total = 0;
    for strip in strips(shape, tiles) {
        let mut found = [Found::default(); STRIP];
        for y in strip.lines(height) {
            compare_row(level, &before, &after, threshold, strip, y, &mut found);
            if let Some(mask) = &mut mask {
                let row = &mut mask[y * width..(y + 1) * width];
                for tile in strip.each() {
                    let first = (strip.column + tile) * TILE;
                    spread(found[tile].row, &mut row[first..width.min(first + TILE)]);
                }
            }
        }
        for tile in strip.each() {
            let cell = strip.cell + tile;
            counts[cell] = found[tile].count;
            boxes[4 * cell..][..4].copy_from_slice(&found[tile].bounds(strip.column + tile));
            total += u64::from(found[tile].count);
        }
    }
    Ok(total)
}

/// Compares row `y` of the strip's selected tiles.
pub(crate) fn compare_row(
    level: Level,
    before: &Frame<'_>,
    after: &Frame<'_>,
    threshold: u32,
    strip: Strip,
    y: usize,
    found: &mut [Found; STRIP],
) {
    let whole = before.whole_tiles(y).min(after.whole_tiles(y));
    let whole = whole.saturating_sub(strip.column).min(strip.tiles);
    for (start, end) in runs(strip.selected & lowest(whole)) {
        let (first, beyond) = (strip.column + start, strip.column + end);
        let (a, b) = (
            before.spans(y, first, beyond),
            after.spans(y, first, beyond),
        );
        simd::compare(level, &mut found[start..end], a, b, y as u32, threshold);
    }
    for (start, end) in runs(strip.selected & !lowest(whole)) {
        for tile in start..end {
            let (mut a, mut b) = ([0; SPAN], [0; SPAN]);
            before.widen(y, strip.column + tile, &mut a);
            after.widen(y, strip.column + tile, &mut b);
            simd::compare(level, &mut found[tile..=tile], &a, &b, y as u32, threshold);
        }
    }
}

/// Bit i becomes cell i, 0 or 1.
fn spread(bits: u64, cells: &mut [u8]) {
    // A byte eight times over, of which each keeps another bit, which then becomes its lowest.
    const EACH: u64 = 0x0101_0101_0101_0101;
    const ITS_BIT: u64 = 0x8040_2010_0804_0201;
    for (cells, byte) in cells.chunks_mut(8).zip(bits.to_le_bytes()) {
        let kept = (u64::from(byte) * EACH) & ITS_BIT;
        let ones = (kept + (EACH * 0x7F)) >> 7 & EACH;
        cells.copy_from_slice(&ones.to_le_bytes()[..cells.len()]);
    }
}

/// The plain loop: adds to `found` what differs in row `y` of neighbouring tiles, 256 bytes each.
pub(crate) fn compare(found: &mut [Found], before: &[u8], after: &[u8], y: u32, threshold: u32) {
    for ((found, before), after) in found
        .iter_mut()
        .zip(before.chunks_exact(SPAN))
        .zip(after.chunks_exact(SPAN))
    {
        let mut differing = 0;
        for (x, (a, b)) in before
            .chunks_exact(4)
            .zip(after.chunks_exact(4))
            .enumerate()
        {
            let distance: u32 = a[..3]
                .iter()
                .zip(&b[..3])
                .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2))
                .sum();
            differing |= u64::from(distance > threshold) << x;
        }
        found.add(differing, y);
    }
}
