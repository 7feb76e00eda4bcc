//! Random frames of odd sizes, strides and alignments against the plainest loops, at every level.

mod common;

use common::made::{framed, on, pairs};
use common::{Pixels, differences, tiles};
use ironcliw_change::{
    DISTANCE_MAX, FrameMut, Layout, Level, copy_tiles_at, difference_at, fingerprint_at,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn fingerprint_is_xxh3_of_each_tile((pixels, among) in framed(), known in any::<bool>()) {
        let expected = pixels.fingerprints();
        let start: Vec<u64> = expected.iter().map(|value| if known { *value } else { !value }).collect();
        for level in Level::available() {
            let mut grid = start.clone();
            let mut changed = vec![9; grid.len()];
            let count = fingerprint_at(level, pixels.frame(), &mut grid, &mut changed, among.as_deref());
            let mut expected_count = 0;
            for (cell, &value) in expected.iter().enumerate() {
                let moved = on(&among, cell) && !known;
                expected_count += usize::from(moved);
                prop_assert_eq!(changed[cell], u8::from(moved), "{}", level);
                prop_assert_eq!(grid[cell], if on(&among, cell) { value } else { start[cell] }, "{}", level);
            }
            prop_assert_eq!(count, Ok(expected_count));
        }
    }

    #[test]
    fn difference_counts_and_boxes((before, after, mask) in pairs(), threshold in prop_oneof![
        Just(0u32), 1..64u32, 0..=DISTANCE_MAX, Just(DISTANCE_MAX),
    ]) {
        let expected = differences(&before, &after, threshold, mask.as_deref());
        let total: u64 = expected.0.iter().map(|&count| u64::from(count)).sum();
        for level in Level::available() {
            let mut counts = vec![9; expected.0.len()];
            let mut boxes = vec![9; expected.1.len()];
            let mut pixels = vec![9; before.layout.height * before.layout.width];
            let (a, b) = (before.frame(), after.frame());
            for of_pixels in [None, Some(&mut pixels[..])] {
                let (tiles, counts, boxes) = (mask.as_deref(), &mut counts, &mut boxes);
                let got = difference_at(level, a, b, threshold, tiles, counts, boxes, of_pixels);
                prop_assert_eq!(got, Ok(total), "{}", level);
            }
            prop_assert_eq!(&counts, &expected.0, "{}", level);
            prop_assert_eq!(&boxes, &expected.1, "{}", level);
            prop_assert!(pixels == expected.2, "{}", level);
        }
    }

    #[test]
    fn copies_move_whole_tiles_and_nothing_else((source, mask) in framed(), gap in 0..70usize, offset in 0..40usize) {
        let Layout { height, width, .. } = source.layout;
        let layout = Layout { row_stride: width * 4 + gap, ..Layout::packed(height, width, 4) };
        let size = layout.size_bytes().expect("a layout that makes sense");
        for level in Level::available() {
            let mut target = Pixels { bytes: vec![9; offset + size].into(), offset, layout };
            let mut expected = target.bytes.clone();
            let mut written = 0;
            for (cell, (row, column)) in tiles(&layout).enumerate() {
                for (y, x) in common::places(row, column).filter(|_| on(&mask, cell)) {
                    if let Some([b, g, r]) = source.colour(y, x) {
                        expected[target.at(y, x, 0)..][..4].copy_from_slice(&[b, g, r, 0]);
                        written += 4;
                    }
                }
            }
            let frame = FrameMut::new(&mut target.bytes[offset..], layout).expect("a frame that fits its memory");
            prop_assert_eq!(copy_tiles_at(level, source.frame(), frame, mask.as_deref()), Ok(written), "{}", level);
            prop_assert!(target.bytes == expected, "{}", level);
        }
    }
}
