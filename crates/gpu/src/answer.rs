//! What the card says of a frame, and how it is written where the kernels' callers look for it.

use ironcliw_change::{BINS, FEATURES, TILE};

use crate::selection::Selection;

/// Words of a tile: how many pixels differ and the box around them.
pub(crate) const FOUND: usize = 5;

/// Words of a tile's marks, a byte for each pixel.
pub(crate) const MARKS: usize = TILE * TILE / 4;

/// Words of a tile's description: its features and a byte for each bin.
pub(crate) const DESCRIBED: usize = FEATURES + BINS / 4;

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word))
}

/// Writes counts and boxes of the selected tiles, zeros for the others; returns how many pixels differ.
pub(crate) fn found(
    bytes: &[u8],
    selection: &Selection,
    columns: usize,
    counts: &mut [u32],
    boxes: &mut [i32],
) -> u64 {
    counts.fill(0);
    boxes.fill(0);
    let mut total = 0;
    for (cell, answer) in selection.cells.iter().zip(bytes.chunks_exact(4 * FOUND)) {
        let cell = *cell as usize;
        let mut answer = words(answer);
        let count = answer.next().unwrap_or(0);
        counts[cell] = count;
        total += u64::from(count);
        if count > 0 {
            let corner = [cell % columns * TILE, cell / columns * TILE];
            for ((place, side), corner) in boxes[4 * cell..][..4]
                .iter_mut()
                .zip(answer)
                .zip(corner.iter().cycle())
            {
                *place = (side as usize + corner) as i32;
            }
        }
    }
    total
}

/// Writes 1 for each pixel that differs, 0 for each other.
pub(crate) fn marks(
    bytes: &[u8],
    selection: &Selection,
    columns: usize,
    width: usize,
    mask: &mut [u8],
) {
    mask.fill(0);
    for (cell, tile) in selection.cells.iter().zip(bytes.chunks_exact(4 * MARKS)) {
        let (row, column) = (*cell as usize / columns, *cell as usize % columns);
        let rows = mask.chunks_exact_mut(width).skip(row * TILE).take(TILE);
        for (into, marks) in rows.zip(tile.chunks_exact(TILE)) {
            let into = &mut into[column * TILE..width.min((column + 1) * TILE)];
            into.copy_from_slice(&marks[..into.len()]);
        }
    }
}

/// Writes features and histograms of the selected tiles; hands each bin as it was and as it is to `turned`.
pub(crate) fn described(
    bytes: &[u8],
    selection: &Selection,
    features: &mut [u32],
    histograms: &mut [u16],
    mut turned: impl FnMut(usize, u16, u16),
) {
    for (cell, answer) in selection
        .cells
        .iter()
        .zip(bytes.chunks_exact(4 * DESCRIBED))
    {
        let cell = *cell as usize;
        let (sums, bins) = answer.split_at(4 * FEATURES);
        for (feature, sum) in features[FEATURES * cell..][..FEATURES]
            .iter_mut()
            .zip(words(sums))
        {
            *feature = sum;
        }
        let then = histograms[BINS * cell..][..BINS].iter_mut();
        for (bin, (then, now)) in then.zip(bins).enumerate() {
            let now = u16::from(*now);
            turned(bin, *then, now);
            *then = now;
        }
    }
}
