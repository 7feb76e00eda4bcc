//! What the tests share: frames in exactly as much memory as they need, and the plainest way to each answer.

#![allow(dead_code)]

use ironcliw_change::{Frame, Layout, TILE, grid_shape};

pub mod made;
pub mod vectors;

/// Bytes and how pixels lie in them; no byte follows the last pixel's last channel.
#[derive(Debug, Clone)]
pub struct Pixels {
    /// `offset` bytes of nothing, then the frame.
    pub bytes: Box<[u8]>,
    /// Where the frame starts, to try every alignment.
    pub offset: usize,
    /// How its pixels lie.
    pub layout: Layout,
}

impl Pixels {
    /// The frame.
    pub fn frame(&self) -> Frame<'_> {
        Frame::new(&self.bytes[self.offset..], self.layout).expect("a frame that fits its memory")
    }

    /// Where a channel of a pixel lies in `bytes`.
    pub fn at(&self, y: usize, x: usize, channel: usize) -> usize {
        self.offset + y * self.layout.row_stride + x * self.layout.pixel_stride + channel
    }

    /// B, G and R, or None beyond the frame's edges.
    pub fn colour(&self, y: usize, x: usize) -> Option<[u8; 3]> {
        let inside = y < self.layout.height && x < self.layout.width;
        inside.then(|| std::array::from_fn(|channel| self.bytes[self.at(y, x, channel)]))
    }

    /// One fingerprint per tile, by a third party's XXH3 of the tile's bytes.
    pub fn fingerprints(&self) -> Vec<u64> {
        tiles(&self.layout)
            .map(|(row, column)| {
                let mut tile = Vec::with_capacity(TILE * TILE * 4);
                for (y, x) in places(row, column) {
                    let [b, g, r] = self.colour(y, x).unwrap_or_default();
                    tile.extend([b, g, r, 0]);
                }
                xxhash_rust::xxh3::xxh3_64(&tile)
            })
            .collect()
    }
}

/// Rows and columns of the tiles of a frame, in the order of the cells.
pub fn tiles(layout: &Layout) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (rows, columns) = grid_shape(layout.height, layout.width);
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// Rows and columns of the pixels of a tile, beyond the frame's edges too.
pub fn places(row: usize, column: usize) -> impl Iterator<Item = (usize, usize)> {
    (row * TILE..(row + 1) * TILE)
        .flat_map(move |y| (column * TILE..(column + 1) * TILE).map(move |x| (y, x)))
}

/// Counts and boxes, pixel by pixel, and 1 for each pixel that is counted.
pub fn differences(
    a: &Pixels,
    b: &Pixels,
    threshold: u32,
    selected: Option<&[u8]>,
) -> (Vec<u32>, Vec<i32>, Vec<u8>) {
    let (mut counts, mut boxes) = (Vec::new(), Vec::new());
    let mut mask = vec![0; a.layout.height * a.layout.width];
    for (cell, (row, column)) in tiles(&a.layout).enumerate() {
        let on = selected.is_none_or(|selected| selected[cell] != 0);
        let differing: Vec<(usize, usize)> = places(row, column)
            .filter(|&(y, x)| match (a.colour(y, x), b.colour(y, x)) {
                (Some(a), Some(b)) => {
                    let squares = a
                        .iter()
                        .zip(b)
                        .map(|(&a, b)| (i64::from(a) - i64::from(b)).pow(2));
                    on && squares.sum::<i64>() > i64::from(threshold)
                }
                _ => false,
            })
            .collect();
        for (y, x) in &differing {
            mask[y * a.layout.width + x] = 1;
        }
        counts.push(differing.len() as u32);
        let ends = |of: fn(&(usize, usize)) -> usize| {
            let values = differing.iter().map(of);
            (
                values.clone().min().unwrap_or(0) as i32,
                values.max().map_or(0, |value| value as i32 + 1),
            )
        };
        let ((y0, y1), (x0, x1)) = (ends(|place| place.0), ends(|place| place.1));
        boxes.extend([x0, y0, x1, y1]);
    }
    (counts, boxes, mask)
}
