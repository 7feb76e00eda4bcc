//! The card's kernels against those of the CPU, bit for bit, on whatever adapter there is; software will do.

use ironcliw_change::{BINS, FEATURES, Frame, Layout, grid_shape};
use ironcliw_gpu::{Batch, Error, Gpu, Options};

fn open() -> Gpu {
    Gpu::open(&Options {
        software: true,
        ..Options::default()
    })
    .expect("these tests need an adapter; on Debian the package mesa-vulkan-drivers has one")
}

/// Bytes that look like nothing, the same each time.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    total: u64,
    counts: Vec<u32>,
    boxes: Vec<i32>,
    mask: Vec<u8>,
}

fn difference(
    gpu: Option<&Gpu>,
    before: Frame<'_>,
    after: Frame<'_>,
    threshold: u32,
    tiles: Option<&[u8]>,
) -> Difference {
    let layout = before.layout();
    let cells = layout.grid().0 * layout.grid().1;
    let (mut counts, mut boxes) = (vec![7; cells], vec![7; 4 * cells]);
    let mut mask = vec![7; layout.height * layout.width];
    let total = match gpu {
        Some(gpu) => gpu
            .difference(
                before,
                after,
                threshold,
                tiles,
                &mut counts,
                &mut boxes,
                Some(&mut mask),
            )
            .unwrap(),
        None => ironcliw_change::difference(
            before,
            after,
            threshold,
            tiles,
            &mut counts,
            &mut boxes,
            Some(&mut mask),
        )
        .unwrap(),
    };
    Difference {
        total,
        counts,
        boxes,
        mask,
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Description {
    features: Vec<u32>,
    histograms: Vec<u16>,
    histogram: Vec<u32>,
}

fn describe(gpu: Option<&Gpu>, frame: Frame<'_>, tiles: Option<&[u8]>) -> Description {
    let cells = frame.layout().grid().0 * frame.layout().grid().1;
    let mut features = vec![3; FEATURES * cells];
    let (mut histograms, mut histogram) = (vec![5; BINS * cells], vec![u32::MAX; BINS]);
    let count = match gpu {
        Some(gpu) => gpu
            .describe(frame, tiles, &mut features, &mut histograms, &mut histogram)
            .unwrap(),
        None => {
            ironcliw_change::describe(frame, tiles, &mut features, &mut histograms, &mut histogram)
                .unwrap()
        }
    };
    assert_eq!(
        count,
        tiles.map_or(cells, |tiles| tiles
            .iter()
            .filter(|tile| **tile != 0)
            .count())
    );
    Description {
        features,
        histograms,
        histogram,
    }
}

const SIZES: [(usize, usize); 8] = [
    (1, 1),
    (1, 200),
    (63, 65),
    (64, 64),
    (65, 63),
    (130, 129),
    (2, 4300),
    (300, 500),
];

#[test]
fn everything_is_as_the_cpu_says() {
    let gpu = open();
    for (height, width) in SIZES {
        let (rows, columns) = grid_shape(height, width);
        let mask = noise(rows * columns, 9)
            .iter()
            .map(|byte| byte & 1)
            .collect::<Vec<_>>();
        let none = vec![0; rows * columns];
        for channels in [3, 4] {
            let layout = Layout::packed(height, width, channels);
            let (one, mut two) = (
                noise(height * width * channels, 1),
                noise(height * width * channels, 1),
            );
            let three = noise(height * width * channels, 2);
            for at in (0..two.len()).step_by(997) {
                two[at] ^= 129;
            }
            let frame = |bytes| Frame::new(bytes, layout).unwrap();
            for tiles in [None, Some(&mask[..]), Some(&none)] {
                for (before, after) in [(&one, &two), (&one, &three), (&two, &two)] {
                    for threshold in [0, 9_000, 195_075] {
                        let (before, after) = (frame(before), frame(after));
                        let expected = difference(None, before, after, threshold, tiles);
                        assert_eq!(
                            difference(Some(&gpu), before, after, threshold, tiles),
                            expected
                        );
                    }
                }
                assert_eq!(
                    describe(Some(&gpu), frame(&three), tiles),
                    describe(None, frame(&three), tiles)
                );
            }
        }
    }
}

#[test]
fn batches_are_as_their_frames_one_by_one() {
    let gpu = open();
    let (height, width, cells) = (130, 200, 12);
    let layout = Layout::packed(height, width, 4);
    let bytes: Vec<_> = (0..71)
        .map(|seed| noise(height * width * 4, seed / 2))
        .collect();
    let frames: Vec<_> = bytes
        .iter()
        .map(|bytes| Frame::new(bytes, layout).unwrap())
        .collect();
    for (before, frames) in [
        (None, &frames[..]),
        (Some(frames[0]), &frames[1..6]),
        (None, &frames[..1]),
        (None, &[][..]),
    ] {
        let count = frames.len();
        let (mut counts, mut boxes) = (vec![7; count * cells], vec![7; 4 * count * cells]);
        let (mut features, mut histograms) = (
            vec![7; FEATURES * count * cells],
            vec![7; BINS * count * cells],
        );
        let into = Batch {
            counts: &mut counts,
            boxes: &mut boxes,
            features: &mut features,
            histograms: &mut histograms,
        };
        let totals = gpu.process_batch(before, frames, 300, into).unwrap();
        assert_eq!(totals.len(), count);
        let mut last = before;
        for (number, frame) in frames.iter().enumerate() {
            let expected = last.map(|last| difference(None, last, *frame, 300, None));
            let at = number * cells..(number + 1) * cells;
            assert_eq!(
                totals[number],
                expected.as_ref().map_or(0, |expected| expected.total)
            );
            assert_eq!(
                counts[at.clone()],
                expected
                    .as_ref()
                    .map_or(vec![0; cells], |it| it.counts.clone())
            );
            assert_eq!(
                boxes[4 * at.start..4 * at.end],
                expected.map_or(vec![0; 4 * cells], |it| it.boxes)
            );
            let alone = describe(None, *frame, None);
            assert_eq!(
                features[FEATURES * at.start..FEATURES * at.end],
                alone.features
            );
            assert_eq!(histograms[BINS * at.start..BINS * at.end], alone.histograms);
            last = Some(*frame);
        }
    }
}

#[test]
fn a_card_that_goes_away_is_lost() {
    let gpu = open();
    let bytes = noise(64 * 64 * 4, 1);
    let frame = Frame::new(&bytes, Layout::packed(64, 64, 4)).unwrap();
    let (mut counts, mut boxes) = ([7], [7; 4]);
    assert_eq!(
        gpu.difference(frame, frame, 0, None, &mut counts, &mut boxes, None),
        Ok(0)
    );
    gpu.destroy();
    counts = [7];
    for _ in 0..2 {
        let answer = gpu.difference(frame, frame, 0, None, &mut counts, &mut boxes, None);
        assert!(matches!(answer, Err(Error::Lost(_))), "{answer:?}");
    }
    assert_eq!(counts, [7], "nothing is written by a card that is lost");
}

#[test]
fn a_card_that_is_too_small_says_so() {
    let small = Gpu::open(&Options {
        software: true,
        binding_bytes_max: 1 << 16,
    })
    .unwrap();
    let bytes = noise(300 * 300 * 4, 1);
    let frame = Frame::new(&bytes, Layout::packed(300, 300, 4)).unwrap();
    let (mut counts, mut boxes) = (vec![0; 25], vec![0; 100]);
    let answer = small.difference(frame, frame, 0, None, &mut counts, &mut boxes, None);
    let expected = Error::Limits {
        what: "a frame's bytes",
        needed: 25 * 16_384,
        has: 1 << 16,
    };
    assert_eq!(answer, Err(expected));
    let one = Frame::new(&bytes, Layout::packed(64, 64, 4)).unwrap();
    assert_eq!(
        small.difference(one, one, 0, None, &mut counts[..1], &mut boxes[..4], None),
        Ok(0)
    );
    let asked = Gpu::open(&Options {
        software: true,
        binding_bytes_max: u64::MAX / 2,
    });
    assert!(matches!(asked, Err(Error::Limits { .. })));
}

#[test]
fn wrong_arguments_are_the_cpus() {
    let gpu = open();
    let bytes = noise(65 * 65 * 4, 1);
    let large = Frame::new(&bytes, Layout::packed(65, 65, 4)).unwrap();
    let small = Frame::new(&bytes, Layout::packed(64, 65, 4)).unwrap();
    let (mut counts, mut boxes) = ([0; 4], [0; 16]);
    for (after, threshold, cells) in [(small, 0, 4), (large, 195_076, 4), (large, 0, 3)] {
        let card = gpu.difference(
            large,
            after,
            threshold,
            None,
            &mut counts[..cells],
            &mut boxes,
            None,
        );
        let cpu = ironcliw_change::difference(
            large,
            after,
            threshold,
            None,
            &mut counts[..cells],
            &mut boxes,
            None,
        );
        assert_eq!(card, Err(Error::Argument(cpu.unwrap_err())));
    }
}

#[test]
fn resident_frames_are_timed() {
    let speed = open().speed(128, 192, 6, 4).unwrap();
    assert_eq!(speed.frame_bytes, 128 * 192 * 4);
    assert!(!speed.difference.is_zero() && !speed.copy.is_zero());
}
