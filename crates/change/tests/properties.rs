//! Random frames of odd sizes, strides and alignments against the plainest loops, at every level.

mod common;

use common::{Pixels, differences, tiles};
use ironcliw_change::{
    DISTANCE_MAX, FrameMut, Layout, Level, copy_tiles_at, difference_at, fingerprint_at,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const FORMATS: [(usize, usize); 3] = [(3, 3), (3, 4), (4, 4)];

/// A frame of `height` x `width` pixels of noise (half of the time of few colours), somehow laid out.
fn pixels(height: usize, width: usize) -> impl Strategy<Value = Pixels> {
    (
        select(&FORMATS[..]),
        0..9usize,
        0..5usize,
        any::<u64>(),
        any::<bool>(),
    )
        .prop_map(move |((channels, pixel_stride), gap, offset, seed, few)| {
            let row_stride = (width - 1) * pixel_stride + channels + gap;
            let layout = Layout {
                height,
                width,
                channels,
                row_stride,
                pixel_stride,
            };
            let size = offset + layout.size_bytes().expect("a layout that makes sense");
            let mut state = seed | 1;
            let bytes = std::iter::repeat_with(|| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let byte = (state >> 56) as u8;
                if few { byte & 1 } else { byte }
            });
            Pixels {
                bytes: bytes.take(size).collect(),
                offset,
                layout,
            }
        })
}

fn sizes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        (1..=140usize, 1..=200usize),
        (
            select(vec![1usize, 63, 64, 65, 128]),
            select(vec![1usize, 63, 64, 65, 128, 192])
        ),
        (1..=3usize, 4090..=4230usize),
    ]
}

fn mask(height: usize, width: usize) -> impl Strategy<Value = Option<Vec<u8>>> {
    let cells = height.div_ceil(64) * width.div_ceil(64);
    proptest::option::of(vec(select(vec![0u8, 0, 1, 255]), cells))
}

fn framed() -> impl Strategy<Value = (Pixels, Option<Vec<u8>>)> {
    sizes().prop_flat_map(|(height, width)| (pixels(height, width), mask(height, width)))
}

/// Two frames of one size, the second often the first but for a few pixels.
fn pairs() -> impl Strategy<Value = (Pixels, Pixels, Option<Vec<u8>>)> {
    let edits = vec(
        (any::<Index>(), any::<Index>(), 0..3usize, any::<u8>()),
        0..12,
    );
    (sizes(), any::<bool>(), edits).prop_flat_map(|((height, width), alike, edits)| {
        (
            pixels(height, width),
            pixels(height, width),
            mask(height, width),
        )
            .prop_map(move |(before, mut after, mask)| {
                if alike {
                    for y in 0..height {
                        for x in 0..width {
                            for channel in 0..3 {
                                let at = after.at(y, x, channel);
                                after.bytes[at] = before.bytes[before.at(y, x, channel)];
                            }
                        }
                    }
                    for (y, x, channel, value) in &edits {
                        let at = after.at(y.index(height), x.index(width), *channel);
                        after.bytes[at] = *value;
                    }
                }
                (before, after, mask)
            })
    })
}

fn on(mask: &Option<Vec<u8>>, cell: usize) -> bool {
    mask.as_ref().is_none_or(|mask| mask[cell] != 0)
}

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
            let (a, b) = (before.frame(), after.frame());
            let got = difference_at(level, a, b, threshold, mask.as_deref(), &mut counts, &mut boxes, None);
            prop_assert_eq!(got, Ok(total), "{}", level);
            prop_assert_eq!(&counts, &expected.0, "{}", level);
            prop_assert_eq!(&boxes, &expected.1, "{}", level);
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
