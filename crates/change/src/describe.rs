//! What a tile looks like, in a few whole numbers: sums of its colours, of its luma and of that squared, its gradient,
//! and a histogram of luma; and the histogram of the frame, kept by subtraction.
//!
//! Only integers, so that describing the changed tiles anew gives what describing the whole frame would.

use crate::frame::SPAN;
use crate::grid::{STRIP, Strip, check, lowest, runs, strips};
use crate::{Error, Frame, Level, TILE, simd};

/// Numbers that describe a tile: sums of B, of G, of R, of luma and of squared luma, and the gradient.
pub const FEATURES: usize = 6;

/// Bins of a luma histogram, four shades each.
pub const BINS: usize = 64;

/// Pixels side by side that are counted together, by their mean.
pub(crate) const GROUP: usize = 8;

/// A group's sum of luma shifted right by this is its bin: 8 pixels of 256 shades in 64 bins.
pub(crate) const BIN_SHIFT: u32 = 5;

/// Luma is (29 B + 150 G + 77 R) >> 8.
pub(crate) const WEIGHTS: [u32; 3] = [29, 150, 77];

/// Tables of bins for one tile. Groups take turns, because an increment waits for the one before of the same bin.
pub(crate) const TABLES: usize = 4;

/// What is known of a tile so far. Sums are in lanes, which vectors add to; any lane may hold any share.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(crate) struct Tally {
    pub blue: [u32; 8],
    pub green: [u32; 8],
    pub red: [u32; 8],
    pub squares: [u32; 8],
    pub luma: [u64; 4],
    pub gradient: [u64; 4],
    /// The row before: its luma, the last pixel's twice.
    pub row: [u8; TILE + 32],
    /// At most 128 groups each.
    pub bins: [[u8; BINS]; TABLES],
}

impl Tally {
    const EMPTY: Self = Self {
        blue: [0; 8],
        green: [0; 8],
        red: [0; 8],
        squares: [0; 8],
        luma: [0; 4],
        gradient: [0; 4],
        row: [0; TILE + 32],
        bins: [[0; BINS]; TABLES],
    };

    /// The features, after the last row.
    fn features(&self) -> [u32; FEATURES] {
        let last_row = across(&self.row);
        let gradient = self.gradient.iter().sum::<u64>() + last_row;
        let luma: u64 = self.luma.iter().sum();
        [
            self.blue.iter().sum(),
            self.green.iter().sum(),
            self.red.iter().sum(),
            luma as u32,
            self.squares.iter().sum(),
            gradient as u32,
        ]
    }

    fn histogram(&self) -> [u16; BINS] {
        let mut bins = [0; BINS];
        for table in &self.bins {
            for (bin, &count) in bins.iter_mut().zip(table) {
                *bin += u16::from(count);
            }
        }
        bins
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
        for y in strip.row * TILE..(strip.row + 1) * TILE {
            tally_row(level, &frame, strip, y, &mut tallies);
        }
        for tile in strip.each() {
            let cell = strip.cell + tile;
            features[FEATURES * cell..][..FEATURES].copy_from_slice(&tallies[tile].features());
            let now = tallies[tile].histogram();
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

fn tally_row(
    level: Level,
    frame: &Frame<'_>,
    strip: Strip,
    y: usize,
    tallies: &mut [Tally; STRIP],
) {
    let first = y.is_multiple_of(TILE);
    let whole = frame
        .whole_tiles(y)
        .saturating_sub(strip.column)
        .min(strip.tiles);
    for (start, end) in runs(strip.selected & lowest(whole)) {
        let row = frame.spans(y, strip.column + start, strip.column + end);
        let ahead_bytes = strip.ahead(y, start, end) * frame.layout().row_stride;
        simd::tally(level, &mut tallies[start..end], row, first, ahead_bytes);
    }
    for (start, end) in runs(strip.selected & !lowest(whole)) {
        for tile in start..end {
            let mut span = [0; SPAN];
            frame.widen(y, strip.column + tile, &mut span);
            simd::tally(level, &mut tallies[tile..=tile], &span, first, 0);
        }
    }
}

/// Differences side by side of one row's luma.
fn across(row: &[u8; TILE + 32]) -> u64 {
    let pairs = row[..TILE].iter().zip(&row[1..=TILE]);
    pairs.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum()
}

/// The plain loop: takes one pixel row of neighbouring tiles, 256 bytes each; `first` of the tile or not.
pub(crate) fn tally(tallies: &mut [Tally], row: &[u8], first: bool) {
    for (tally, span) in tallies.iter_mut().zip(row.chunks_exact(SPAN)) {
        let mut now = [0; TILE + 32];
        for (luma, pixel) in now.iter_mut().zip(span.chunks_exact(4)) {
            let [b, g, r] = [0, 1, 2].map(|channel| u32::from(pixel[channel]));
            let grey = (WEIGHTS[0] * b + WEIGHTS[1] * g + WEIGHTS[2] * r) >> 8;
            *luma = grey as u8;
            tally.blue[0] += b;
            tally.green[0] += g;
            tally.red[0] += r;
            tally.luma[0] += u64::from(grey);
            tally.squares[0] += grey * grey;
        }
        now[TILE] = now[TILE - 1];
        if !first {
            let down = now[..TILE].iter().zip(&tally.row);
            tally.gradient[0] += down.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum::<u64>();
            tally.gradient[0] += across(&tally.row);
        }
        for (group, luma) in now[..TILE].chunks_exact(GROUP).enumerate() {
            let sum: u32 = luma.iter().map(|&grey| u32::from(grey)).sum();
            tally.bins[group % TABLES][(sum >> BIN_SHIFT) as usize] += 1;
        }
        tally.row = now;
    }
}
