//! Random frames, of odd sizes, strides and alignments, and selections of their tiles.

use ironcliw_change::Layout;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::Pixels;

const FORMATS: [(usize, usize); 3] = [(3, 3), (3, 4), (4, 4)];

/// A frame of `height` x `width` pixels of noise (half of the time of few colours), somehow laid out.
pub fn pixels(height: usize, width: usize) -> impl Strategy<Value = Pixels> {
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

/// Heights and widths.
pub fn sizes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        (1..=140usize, 1..=200usize),
        (
            select(vec![1usize, 63, 64, 65, 128]),
            select(vec![1usize, 63, 64, 65, 128, 192])
        ),
        (1..=3usize, 4090..=4230usize),
    ]
}

/// A selection of tiles, or of all.
pub fn mask(height: usize, width: usize) -> impl Strategy<Value = Option<Vec<u8>>> {
    let cells = height.div_ceil(64) * width.div_ceil(64);
    proptest::option::of(vec(select(vec![0u8, 0, 1, 255]), cells))
}

/// A frame and a selection of its tiles.
pub fn framed() -> impl Strategy<Value = (Pixels, Option<Vec<u8>>)> {
    sizes().prop_flat_map(|(height, width)| (pixels(height, width), mask(height, width)))
}

/// Two frames of one size, the second often the first but for a few pixels.
pub fn pairs() -> impl Strategy<Value = (Pixels, Pixels, Option<Vec<u8>>)> {
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

/// Whether a tile is selected.
pub fn on(mask: &Option<Vec<u8>>, cell: usize) -> bool {
    mask.as_ref().is_none_or(|mask| mask[cell] != 0)
}
