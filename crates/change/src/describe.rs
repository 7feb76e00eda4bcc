//! What a tile looks like, in a few whole numbers: sums of its colours, of its luma and of that squared, its gradient,
//! and a histogram of luma; and the histogram of the frame, kept by subtraction.
//!
//! Only integers, so that describing the changed tiles anew gives what describing the whole frame would.

use crate::frame::{Block, SPAN};
use crate::grid::{STRIP, Strip, check, lowest, runs, strips};
use crate::{Error, Frame, Level, TILE, simd};

/// Numbers that describe a tile: sums of B, of G, of R, of luma and of squared luma, and the gradient.
pub const FEATURES: usize = 6;

/// Bins of a luma histogram, four shades each.
pub const BINS: usize = 64;

/// Side of the blocks whose mean luma a histogram counts.
pub(crate) const BLOCK: usize = 8;

/// A block's sum of luma shifted right by this is its bin: 64 pixels of 256 shades in 64 bins.
const BIN_SHIFT: u32 = 8;

/// Luma is (29 B + 150 G + 77 R) >> 8.
pub(crate) const WEIGHTS: [u32; 3] = [29, 150, 77];

/// What is known of a tile so far. Sums are in lanes, which vectors add to; any lane may hold any share.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(crate) struct Tally {
    pub blue: [u32; 8],
    pub green: [u32; 8],
    pub red: [u32; 8],
    pub squares: [u32; 8],
    pub gradient: [u64; 4],
    /// Luma of each 8 columns, in the rows of the blocks that are not complete yet.
    pub blocks: [u64; TILE / BLOCK],
    /// The row before: its luma, the last pixel's twice.
    pub row: [u8; TILE + 32],
    /// Luma of the blocks that are complete.
    luma: u32,
    /// How many of those are in each bin.
    bins: [u16; BINS],
}

impl Tally {
    const EMPTY: Self = Self {
        blue: [0; 8],
        green: [0; 8],
        red: [0; 8],
        squares: [0; 8],
        gradient: [0; 4],
        blocks: [0; TILE / BLOCK],
        row: [0; TILE + 32],
        luma: 0,
        bins: [0; BINS],
    };

    /// The features, after the last row.
    fn features(&self) -> [u32; FEATURES] {
        let gradient = self.gradient.iter().sum::<u64>() + across(&self.row);
        [
            self.blue.iter().sum(),
            self.green.iter().sum(),
            self.red.iter().sum(),
            self.luma,
            self.squares.iter().sum(),
            gradient as u32,
        ]
    }

    /// After row `line` of the tile: counts the blocks that are complete with it.
    #[inline(always)]
    pub fn end_row(&mut self, line: usize) {
        if line % BLOCK == BLOCK - 1 {
            for sum in std::mem::take(&mut self.blocks) {
                self.luma += sum as u32;
                self.bins[(sum >> BIN_SHIFT) as usize % BINS] += 1;
            }
        }
    }
}

/// Describes the tiles of non-zero cells in `tiles` (None: all); the others stay as they are.
///
/// `features` has [`FEATURES`] numbers for each tile, `histograms` [`BINS`], row by row; what lies beyond the frame's
/// edges is zeros. `histogram` is kept the sum of `histograms`: what a tile had there is subtracted, what it has now is
/// added. Returns the number of tiles described, or [`Error::Cells`] with nothing written.
pub fn describe(
    frame: Frame<'_>,
    tiles: Option<&[u8]>,
    features: &mut [u32],
    histograms: &mut [u16],
    histogram: &mut [u32],
) -> Result<usize, Error> {
    describe_at(Level::best(), frame, tiles, features, histograms, histogram)
}

/// [`describe`] with the vector instructions of `level`.
pub fn describe_at(
    level: Level,
    frame: Frame<'_>,
    tiles: Option<&[u8]>,
    features: &mut [u32],
    histograms: &mut [u16],
    histogram: &mut [u32],
) -> Result<usize, Error> {
    let shape = frame.layout().grid();
    let cells = shape.0 * shape.1;
    if let Some(tiles) = tiles {
        check("tiles", tiles.len(), cells)?;
    }
    check("features", features.len(), FEATURES * cells)?;
    check("histograms", histograms.len(), BINS * cells)?;
    check("histogram", histogram.len(), BINS)?;
    let mut described = 0;
    let mut tallies = [Tally::EMPTY; STRIP];
    for strip in strips(shape, tiles) {
        for tile in strip.each() {
            tallies[tile] = Tally::EMPTY;
        }
        for y in strip.blocks() {
            tally_block(level, &frame, strip, y, &mut tallies);
        }
        for tile in strip.each() {
            let cell = strip.cell + tile;
            features[FEATURES * cell..][..FEATURES].copy_from_slice(&tallies[tile].features());
            let now = tallies[tile].bins;
            let then = &mut histograms[BINS * cell..][..BINS];
            for ((sum, then), now) in histogram.iter_mut().zip(then).zip(now) {
                *sum = sum
                    .wrapping_sub(u32::from(*then))
                    .wrapping_add(u32::from(now));
                *then = now;
            }
            described += 1;
        }
    }
    Ok(described)
}

fn tally_block(
    level: Level,
    frame: &Frame<'_>,
    strip: Strip,
    y: usize,
    tallies: &mut [Tally; STRIP],
) {
    let line = y % TILE;
    let whole = frame
        .whole_in_block(y)
        .saturating_sub(strip.column)
        .min(strip.tiles);
    for (start, end) in runs(strip.selected & lowest(whole)) {
        let rows = frame.block(y, strip.column + start, strip.column + end);
        let ahead_bytes = strip.ahead(y, start, end) * frame.layout().row_stride;
        simd::tally(level, &mut tallies[start..end], rows, line, ahead_bytes);
    }
    for (start, end) in runs(strip.selected & !lowest(whole)) {
        for tile in start..end {
            let block = frame.widen_block(y, strip.column + tile);
            let rows = block.each_ref().map(|span| &span[..]);
            simd::tally(level, &mut tallies[tile..=tile], rows, line, 0);
        }
    }
}

/// Differences side by side of one row's luma.
fn across(row: &[u8; TILE + 32]) -> u64 {
    let pairs = row[..TILE].iter().zip(&row[1..=TILE]);
    pairs.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum()
}

/// The plain loop: takes the block from row `line` of neighbouring tiles, 256 bytes of each row for each.
pub(crate) fn tally(tallies: &mut [Tally], rows: Block<'_>, line: usize) {
    for (tile, tally) in tallies.iter_mut().enumerate() {
        for (row, line) in rows.iter().zip(line..) {
            tally_span(tally, &row[tile * SPAN..(tile + 1) * SPAN], line);
        }
    }
}

fn tally_span(tally: &mut Tally, span: &[u8], line: usize) {
    let mut now = [0; TILE + 32];
    for (luma, pixel) in now.iter_mut().zip(span.chunks_exact(4)) {
        let [b, g, r] = [0, 1, 2].map(|channel| u32::from(pixel[channel]));
        let grey = (WEIGHTS[0] * b + WEIGHTS[1] * g + WEIGHTS[2] * r) >> 8;
        *luma = grey as u8;
        tally.blue[0] += b;
        tally.green[0] += g;
        tally.red[0] += r;
        tally.squares[0] += grey * grey;
    }
    now[TILE] = now[TILE - 1];
    if line > 0 {
        let down = now[..TILE].iter().zip(&tally.row);
        tally.gradient[0] += down.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum::<u64>();
        tally.gradient[0] += across(&tally.row);
    }
    for (sum, luma) in tally.blocks.iter_mut().zip(now.chunks_exact(BLOCK)) {
        *sum += luma.iter().map(|&grey| u64::from(grey)).sum::<u64>();
    }
    tally.row = now;
    tally.end_row(line);
}
