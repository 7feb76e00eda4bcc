//! A 64-bit number that stays nearly the same while a frame looks nearly the same, from its tiles' sums of luma.
//!
//! The lowest 8 x 8 frequencies of the discrete cosine transform of 32 x 32 cells, each above their median or not, as
//! perceptual hashes commonly are; in fixed point, so that every machine gives the same.

use crate::describe::FEATURES;
use crate::grid::check;
use crate::{Error, TILE, grid_shape};

/// Rows and columns of cells.
const SIDE: usize = 32;

/// Frequencies down and across.
const LOWEST: usize = 8;

/// As many rows or columns a frame may have to be hashed; with no more of them no sum exceeds 64 bits.
pub const SIDE_MAX: usize = 65_536;

/// Which feature is the sum of luma.
const LUMA: usize = 3;

/// The largest mean, in sixteenths of a shade.
const MEAN_MAX: i64 = 255 * 16;

/// cos(pi * k / 64) * 2^14, rounded, for k = 0 to 32.
#[rustfmt::skip]
const QUARTER: [i16; SIDE + 1] = [
    16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449, 14053, 13623, 13160, 12665, 12140,
    11585, 11003, 10394, 9760, 9102, 8423, 7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606, 804, 0,
];

/// The waves of the transform: cos(pi * (2 i + 1) * u / 64) * 2^14 for frequency u and cell i.
const WAVES: [[i16; SIDE]; LOWEST] = {
    let mut waves = [[0; SIDE]; LOWEST];
    let mut u = 0;
    while u < LOWEST {
        let mut i = 0;
        while i < SIDE {
            let angle = (2 * i + 1) * u % 128;
            let folded = if angle > 64 { 128 - angle } else { angle };
            waves[u][i] = if folded > SIDE {
                -QUARTER[64 - folded]
            } else {
                QUARTER[folded]
            };
            i += 1;
        }
        u += 1;
    }
    waves
};

/// Hashes a frame of `height` x `width` pixels by its tiles' `features`, as [`crate::describe`] gives them.
///
/// Bit 8 u + v says whether the coefficient of frequency u down and v across is above the median of the 64. Fails with
/// [`Error::Side`] for 0 or more than 65,536 rows or columns, and with [`Error::Cells`].
pub fn perceptual_hash(features: &[u32], height: usize, width: usize) -> Result<u64, Error> {
    for (name, got) in [("height", height), ("width", width)] {
        if !(1..=SIDE_MAX).contains(&got) {
            return Err(Error::Side { name, got });
        }
    }
    let (rows, columns) = grid_shape(height, width);
    check("features", features.len(), FEATURES * rows * columns)?;
    let cells = cells(features, height, width);
    let mut down = [[0i32; SIDE]; LOWEST];
    for (wave, out) in WAVES.iter().zip(&mut down) {
        for (&amplitude, row) in wave.iter().zip(&cells) {
            for (out, &cell) in out.iter_mut().zip(row) {
                // At most 32 * 2^14 * 255 * 16, which is below 2^31.
                *out += i32::from(amplitude) * i32::from(cell);
            }
        }
    }
    // Centred, so that a frame of one colour has no waves at all: 1024 times what each cell is above the mean.
    let sum: i64 = cells.iter().flatten().map(|&cell| i64::from(cell)).sum();
    let mut lowest = [0; LOWEST * LOWEST];
    for (u, row) in down.iter().enumerate() {
        for (v, wave) in WAVES.iter().enumerate() {
            let products = wave.iter().zip(row);
            let across: i64 = products
                .map(|(&wave, &cell)| i64::from(wave) * i64::from(cell))
                .sum();
            lowest[LOWEST * u + v] = across * (SIDE * SIDE) as i64 - sum * total(u) * total(v);
        }
    }
    let mut sorted = lowest;
    sorted.sort_unstable();
    let middle = sorted[lowest.len() / 2 - 1] + sorted[lowest.len() / 2];
    let bits = lowest.iter().enumerate();
    Ok(bits.fold(0, |hash, (bit, &value)| {
        hash | u64::from(2 * value > middle) << bit
    }))
}

/// The sum of a wave, which its rounding keeps from being 0.
fn total(u: usize) -> i64 {
    WAVES[u].iter().map(|&amplitude| i64::from(amplitude)).sum()
}

/// Mean luma of 32 x 32 cells that divide the frame evenly, in sixteenths of a shade.
fn cells(features: &[u32], height: usize, width: usize) -> [[i16; SIDE]; SIDE] {
    let columns = width.div_ceil(TILE);
    let mut sums = [[0; SIDE]; SIDE];
    let mut down = Cells::of(height);
    for tiles in features.chunks_exact(FEATURES * columns) {
        let tile_height = down.tile();
        let mut line = [0; SIDE];
        let mut across = Cells::of(width);
        for tile in tiles.chunks_exact(FEATURES) {
            let pixels = tile_height * across.tile();
            let mean = (i64::from(tile[LUMA]) * 16 / pixels as i64).min(MEAN_MAX);
            across.shares(|cell, share| line[cell] += mean * share);
        }
        down.shares(|cell, share| {
            for (sum, line) in sums[cell].iter_mut().zip(line) {
                *sum += line * share;
            }
        });
    }
    let pixels = (height * width) as i64;
    sums.map(|row| row.map(|sum| quotient(sum, pixels)))
}

/// `sum / pixels` rounded down, several times faster than dividing whole numbers of 64 bits.
fn quotient(sum: i64, pixels: i64) -> i16 {
    // Sums are below 2^44, which a float holds exactly; the division may round up to the next whole number.
    let near = (sum as f64 / pixels as f64) as i64;
    (near - i64::from(near * pixels > sum)) as i16
}

/// Goes through the tiles along one side of a frame, and the cells that each lies in.
struct Cells {
    length: usize,
    /// First pixel of the next tile.
    begin: usize,
    /// The first cell that it lies in.
    cell: usize,
}

impl Cells {
    /// Along `length` pixels.
    fn of(length: usize) -> Self {
        Self {
            length,
            begin: 0,
            cell: 0,
        }
    }

    /// Pixels of the next tile.
    fn tile(&self) -> usize {
        TILE.min(self.length - self.begin)
    }

    /// Goes on beyond the next tile; `give` gets each of its cells, and how much of the cell it is, in 32nds of a pixel.
    fn shares(&mut self, mut give: impl FnMut(usize, i64)) {
        let (begin, end) = (self.begin * SIDE, (self.begin + self.tile()) * SIDE);
        loop {
            let (from, to) = (self.cell * self.length, (self.cell + 1) * self.length);
            give(self.cell, (end.min(to) - begin.max(from)) as i64);
            if to <= end {
                self.cell += 1;
            }
            if to >= end {
                break;
            }
        }
        self.begin = end / SIDE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_all_tiles_fill_every_cell() {
        for length in [1, 31, 32, 63, 64, 65, 1080, 1920, SIDE_MAX] {
            let mut filled = [0; SIDE];
            let mut cells = Cells::of(length);
            for _ in 0..length.div_ceil(TILE) {
                cells.shares(|cell, share| {
                    assert!(share > 0);
                    filled[cell] += share;
                });
            }
            assert_eq!(filled, [length as i64; SIDE]);
        }
    }

    #[test]
    fn one_colour_has_no_waves() {
        for (height, width) in [(1080, 1920), (100, 150), (1, 1)] {
            let (rows, columns) = grid_shape(height, width);
            let tile = |row: usize, column: usize| {
                let pixels = TILE.min(height - row * TILE) * TILE.min(width - column * TILE);
                [0, 0, 0, 77 * pixels as u32, 0, 0]
            };
            let features: Vec<u32> = (0..rows * columns)
                .flat_map(|cell| tile(cell / columns, cell % columns))
                .collect();
            assert_eq!(perceptual_hash(&features, height, width), Ok(0));
        }
    }

    #[test]
    fn impossible_features_do_no_harm() {
        assert!(perceptual_hash(&[u32::MAX; FEATURES], 1, 1).is_ok());
        let many = vec![u32::MAX; FEATURES * 1024];
        assert!(perceptual_hash(&many, 1, SIDE_MAX).is_ok());
        assert!(perceptual_hash(&[], 0, 1).is_err());
        assert!(perceptual_hash(&[0; FEATURES], 64, 65).is_err());
    }
}
