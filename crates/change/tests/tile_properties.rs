//! Stored and described tiles of random frames against the plainest loops, at every level.

mod common;

use common::made::{framed, mask, on, pairs};
use common::{Pixels, places, tiles};
use ironcliw_change::{
    BINS, Error, FEATURES, Level, TILE, TILE_BYTES, describe_at, store_tiles_at,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// The features and the histogram of one tile.
fn described(pixels: &Pixels, row: usize, column: usize) -> ([u32; FEATURES], [u16; BINS]) {
    let (mut features, mut bins) = ([0; FEATURES], [0; BINS]);
    let mut blocks = [0u32; BINS];
    let luma = |y: usize, x: usize| {
        let [b, g, r] = pixels.colour(y, x).unwrap_or_default().map(u32::from);
        (29 * b + 150 * g + 77 * r) / 256
    };
    for (y, x) in places(row, column) {
        for (sum, channel) in features
            .iter_mut()
            .zip(pixels.colour(y, x).unwrap_or_default())
        {
            *sum += u32::from(channel);
        }
        let grey = luma(y, x);
        features[3] += grey;
        features[4] += grey * grey;
        if x % TILE > 0 {
            features[5] += grey.abs_diff(luma(y, x - 1));
        }
        if y % TILE > 0 {
            features[5] += grey.abs_diff(luma(y - 1, x));
        }
        blocks[y % TILE / 8 * 8 + x % TILE / 8] += grey;
    }
    for sum in blocks {
        bins[sum as usize / 256] += 1;
    }
    (features, bins)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn descriptions_are_sums_and_histograms((first, second, among) in pairs()) {
        let cells: Vec<(usize, usize)> = tiles(&first.layout).collect();
        for level in Level::available() {
            let mut features = vec![7; FEATURES * cells.len()];
            let mut histograms = vec![0; BINS * cells.len()];
            let mut histogram = [0; BINS];
            let mut frame = [0u32; BINS];
            let mut expected = vec![([7; FEATURES], [0; BINS]); cells.len()];
            for (pixels, among) in [(&first, &None), (&second, &among)] {
                let mut count = 0;
                for (cell, &(row, column)) in cells.iter().enumerate() {
                    if on(among, cell) {
                        expected[cell] = described(pixels, row, column);
                        count += 1;
                    }
                }
                frame.fill(0);
                for (_, bins) in &expected {
                    frame.iter_mut().zip(bins).for_each(|(sum, &bin)| *sum += u32::from(bin));
                }
                let got = describe_at(
                    level, pixels.frame(), among.as_deref(), &mut features, &mut histograms, &mut histogram,
                );
                prop_assert_eq!(got, Ok(count), "{}", level);
                for (cell, (of_tile, bins)) in expected.iter().enumerate() {
                    prop_assert_eq!(&features[FEATURES * cell..][..FEATURES], of_tile, "{} {}", level, cell);
                    prop_assert_eq!(&histograms[BINS * cell..][..BINS], bins, "{} {}", level, cell);
                }
                prop_assert_eq!(histogram, frame, "{}", level);
            }
        }
    }

    #[test]
    fn stored_tiles_are_what_is_hashed((pixels, tiles) in framed(), spare in 0..3usize, seed in any::<u64>()) {
        let expected = pixels.fingerprints();
        let selected: Vec<usize> = (0..expected.len()).filter(|&cell| on(&tiles, cell)).collect();
        let capacity = selected.len() + spare;
        // The slots of the selected tiles in some order, all different; the others may be anything.
        let mut slots = vec![i32::MIN; expected.len()];
        for (i, &cell) in selected.iter().enumerate() {
            slots[cell] = ((i + (seed as usize % selected.len())) % selected.len()) as i32;
        }
        for level in Level::available() {
            let mut pool = vec![9; capacity * TILE_BYTES];
            let written = store_tiles_at(level, pixels.frame(), tiles.as_deref(), &mut pool, &slots);
            prop_assert_eq!(written, Ok(selected.len() * TILE_BYTES), "{}", level);
            for &cell in &selected {
                let block = &pool[slots[cell] as usize * TILE_BYTES..][..TILE_BYTES];
                prop_assert_eq!(xxhash_rust::xxh3::xxh3_64(block), expected[cell], "{} {}", level, cell);
            }
            prop_assert!(pool[selected.len() * TILE_BYTES..].iter().all(|&byte| byte == 9), "{}", level);
        }
    }

    #[test]
    fn slots_out_of_range_are_found_before_anything_is_written(
        tiles in mask(100, 300), slots in vec(-2..6i32, 10), capacity in 1..5usize,
    ) {
        let layout = ironcliw_change::Layout::packed(100, 300, 3);
        let pixels = Pixels { bytes: vec![1; 100 * 300 * 3].into(), offset: 0, layout };
        let wrong = (0..10).find(|&cell| on(&tiles, cell) && !(0..capacity as i32).contains(&slots[cell]));
        let mut pool = vec![9; capacity * TILE_BYTES];
        let got = store_tiles_at(Level::best(), pixels.frame(), tiles.as_deref(), &mut pool, &slots);
        match wrong {
            Some(cell) => {
                let slot = slots[cell];
                prop_assert_eq!(got, Err(Error::Slot { slot, row: cell / 5, column: cell % 5, capacity }));
                prop_assert!(pool.iter().all(|&byte| byte == 9));
            }
            None => prop_assert!(got.is_ok()),
        }
    }
}
