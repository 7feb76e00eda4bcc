//! What cannot be worked on is refused, and nothing is written.

use ironcliw_change::{
    Error, Frame, FrameMut, Layout, TILE_BYTES, Tiles, Tracker, copy_tiles, describe, difference,
    fingerprint, perceptual_hash, store_tiles,
};

const SMALL: Layout = Layout::packed(2, 3, 4);

fn refused(bytes: usize, layout: Layout) -> Error {
    Frame::new(&vec![0; bytes], layout).expect_err("no frame")
}

#[test]
fn layouts_that_make_no_sense() {
    let layouts = [
        Layout { height: 0, ..SMALL },
        Layout { width: 0, ..SMALL },
        Layout {
            channels: 2,
            ..SMALL
        },
        Layout {
            channels: 5,
            ..SMALL
        },
        Layout {
            pixel_stride: 3,
            ..SMALL
        },
        Layout {
            pixel_stride: 5,
            ..SMALL
        },
        Layout {
            row_stride: 11,
            ..SMALL
        },
        Layout {
            row_stride: usize::MAX,
            height: 3,
            ..SMALL
        },
        Layout {
            width: usize::MAX,
            ..SMALL
        },
    ];
    for layout in layouts {
        assert!(
            matches!(refused(64, layout), Error::Layout { .. }),
            "{layout:?}"
        );
    }
}

#[test]
fn memory_that_ends_too_early() {
    assert_eq!(
        refused(23, SMALL),
        Error::Short {
            needed: 24,
            got: 23
        }
    );
    // Three channels four bytes apart need no byte after the last pixel's third.
    let layout = Layout {
        channels: 3,
        ..SMALL
    };
    assert!(Frame::new(&[0; 23], layout).is_ok());
    assert_eq!(
        refused(22, layout),
        Error::Short {
            needed: 23,
            got: 22
        }
    );
}

#[test]
fn targets_of_three_channels() {
    let refused = FrameMut::new(&mut [0; 64], Layout::packed(2, 3, 3)).expect_err("no target");
    assert!(matches!(refused, Error::Layout { channels: 3, .. }));
}

#[test]
fn grids_of_the_wrong_length() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let cells = |name, got| {
        Err(Error::Cells {
            name,
            got,
            expected: 1,
        })
    };
    assert_eq!(
        fingerprint(frame, &mut [], &mut [0], None),
        cells("grid", 0)
    );
    assert_eq!(
        fingerprint(frame, &mut [0], &mut [0, 0], None),
        cells("changed", 2)
    );
    assert_eq!(
        fingerprint(frame, &mut [0], &mut [0], Some(&[])),
        cells("among", 0)
    );
    let (mut counts, mut boxes) = ([5], [5; 4]);
    let found = difference(frame, frame, 0, Some(&[]), &mut counts, &mut boxes, None);
    assert_eq!(
        found,
        Err(Error::Cells {
            name: "tiles",
            got: 0,
            expected: 1
        })
    );
    let found = difference(frame, frame, 0, None, &mut counts, &mut boxes[..3], None);
    assert_eq!(
        found,
        Err(Error::Cells {
            name: "boxes",
            got: 3,
            expected: 4
        })
    );
    let found = difference(frame, frame, 0, None, &mut [], &mut boxes, None);
    assert_eq!(
        found,
        Err(Error::Cells {
            name: "counts",
            got: 0,
            expected: 1
        })
    );
    assert_eq!((counts, boxes), ([5], [5; 4]));
}

#[test]
fn frames_of_two_sizes() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let other = Frame::new(&[0; 24], Layout::packed(3, 2, 4)).unwrap();
    let size = Error::Size {
        height: 2,
        width: 3,
        got_height: 3,
        got_width: 2,
    };
    assert_eq!(
        difference(frame, other, 0, None, &mut [0], &mut [0; 4], None),
        Err(size.clone())
    );
    let mut bytes = [7; 24];
    let target = FrameMut::new(&mut bytes, Layout::packed(3, 2, 4)).unwrap();
    assert_eq!(copy_tiles(frame, target, None), Err(size));
    assert_eq!(bytes, [7; 24]);
}

#[test]
fn thresholds_beyond_every_colour() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let found = difference(frame, frame, 195_076, None, &mut [0], &mut [0; 4], None);
    assert_eq!(found, Err(Error::Threshold(195_076)));
    assert_eq!(
        found.unwrap_err().to_string(),
        "threshold must be 0 to 195075, got 195076"
    );
}

fn cells<T>(name: &'static str, got: usize, expected: usize) -> Result<T, Error> {
    Err(Error::Cells {
        name,
        got,
        expected,
    })
}

#[test]
fn masks_of_another_size() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let (mut counts, mut boxes, mut mask) = ([5], [5; 4], [5; 7]);
    let mut found =
        |mask: &mut [u8]| difference(frame, frame, 0, None, &mut counts, &mut boxes, Some(mask));
    assert_eq!(found(&mut mask), cells("mask", 7, 6));
    assert_eq!(found(&mut mask[..5]), cells("mask", 5, 6));
    assert_eq!((counts, boxes, mask), ([5], [5; 4], [5; 7]));
}

#[test]
fn pools_and_slots() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let mut pool = vec![5; 2 * TILE_BYTES];
    let slot = |slot, capacity| {
        Err(Error::Slot {
            slot,
            row: 0,
            column: 0,
            capacity,
        })
    };
    assert_eq!(
        store_tiles(frame, Some(&[]), &mut pool, &[0]),
        cells("tiles", 0, 1)
    );
    assert_eq!(
        store_tiles(frame, None, &mut pool, &[0, 0]),
        cells("slots", 2, 1)
    );
    let (short, whole) = (TILE_BYTES + 1, TILE_BYTES);
    assert_eq!(
        store_tiles(frame, None, &mut pool[..short], &[0]),
        cells("pool", short, whole)
    );
    for wrong in [-1, 2, i32::MAX, i32::MIN] {
        assert_eq!(
            store_tiles(frame, None, &mut pool, &[wrong]),
            slot(wrong, 2)
        );
        assert_eq!(
            store_tiles(frame, Some(&[0]), &mut pool, &[wrong]),
            Ok(0),
            "what is not selected may be anything"
        );
    }
    assert_eq!(store_tiles(frame, None, &mut [], &[0]), slot(0, 0));
    assert!(pool.iter().all(|&byte| byte == 5));
}

#[test]
fn descriptions_of_another_size() {
    let frame = Frame::new(&[0; 24], SMALL).unwrap();
    let (mut features, mut histograms, mut histogram) = ([5; 7], [5; 65], [5; 65]);
    let mut got = |tiles: Option<&[u8]>, lengths: [usize; 3]| {
        describe(
            frame,
            tiles,
            &mut features[..lengths[0]],
            &mut histograms[..lengths[1]],
            &mut histogram[..lengths[2]],
        )
    };
    assert_eq!(got(Some(&[1, 1]), [6, 64, 64]), cells("tiles", 2, 1));
    for (lengths, name, length, expected) in [
        ([5, 64, 64], "features", 5, 6),
        ([7, 64, 64], "features", 7, 6),
        ([6, 63, 64], "histograms", 63, 64),
        ([6, 65, 64], "histograms", 65, 64),
        ([6, 64, 63], "histogram", 63, 64),
        ([6, 64, 65], "histogram", 65, 64),
    ] {
        assert_eq!(got(None, lengths), cells(name, length, expected));
    }
    assert_eq!(
        (features, histograms, histogram),
        ([5; 7], [5; 65], [5; 65])
    );
}

#[test]
fn hashes_of_another_size() {
    for (height, width, name, got) in [
        (0, 5, "height", 0),
        (5, 0, "width", 0),
        (65_537, 1, "height", 65_537),
        (1, usize::MAX, "width", usize::MAX),
    ] {
        let refused = perceptual_hash(&[0; 6], height, width);
        assert_eq!(refused, Err(Error::Side { name, got }));
    }
    assert_eq!(perceptual_hash(&[0; 6], 64, 65), cells("features", 6, 12));
    assert_eq!(perceptual_hash(&[0; 6], 64, 64), Ok(0));
}

#[test]
fn trackers() {
    let refused = |height, width, threshold, blinks_after| {
        Tracker::new(height, width, threshold, blinks_after).map(|_| ())
    };
    assert!(matches!(refused(0, 5, 0, 1), Err(Error::Layout { .. })));
    assert!(matches!(refused(5, 0, 0, 1), Err(Error::Layout { .. })));
    assert!(matches!(
        refused(usize::MAX, 5, 0, 1),
        Err(Error::Layout { .. })
    ));
    assert_eq!(refused(2, 3, 195_076, 1), Err(Error::Threshold(195_076)));
    assert_eq!(refused(2, 3, 0, 0), Err(Error::Blinks));
    assert_eq!(
        Error::Blinks.to_string(),
        "blinks_after must be 1 to 255, got 0"
    );
    assert_eq!(refused(2, 3, 195_075, 255), Ok(()));
}

#[test]
fn frames_and_arrays_of_another_size_than_the_trackers() {
    let other = Layout::packed(3, 2, 4);
    let size = Err(Error::Size {
        height: 2,
        width: 3,
        got_height: 3,
        got_width: 2,
    });
    for started in [false, true] {
        let mut tracker = Tracker::new(2, 3, 0, 1).unwrap();
        let mut bytes = [7; 24];
        let (mut grid, mut changed) = ([5; 2], [5; 2]);
        let (mut counts, mut boxes) = ([5; 2], [5; 5]);
        let mut apply = |frame: Layout, shown: Layout, lengths: [usize; 4]| {
            let frame = Frame::new(&[1; 24], frame).unwrap();
            let shown = FrameMut::new(&mut bytes, shown).unwrap();
            let tiles = Tiles {
                grid: &mut grid[..lengths[0]],
                changed: &mut changed[..lengths[1]],
                counts: &mut counts[..lengths[2]],
                boxes: &mut boxes[..lengths[3]],
            };
            let change = tracker.apply(frame, shown, tiles, Some(&[]));
            change.map(|change| change.tiles)
        };
        if started {
            assert_eq!(apply(SMALL, SMALL, [1, 1, 1, 4]), Ok(1));
        }
        assert_eq!(apply(other, SMALL, [1, 1, 1, 4]), size);
        assert_eq!(apply(SMALL, other, [1, 1, 1, 4]), size);
        for (lengths, name, got, expected) in [
            ([0, 1, 1, 4], "grid", 0, 1),
            ([2, 1, 1, 4], "grid", 2, 1),
            ([1, 0, 1, 4], "changed", 0, 1),
            ([1, 2, 1, 4], "changed", 2, 1),
            ([1, 1, 0, 4], "counts", 0, 1),
            ([1, 1, 2, 4], "counts", 2, 1),
            ([1, 1, 1, 3], "boxes", 3, 4),
            ([1, 1, 1, 5], "boxes", 5, 4),
        ] {
            assert_eq!(apply(SMALL, SMALL, lengths), cells(name, got, expected));
        }
        // What was refused leaves no trace.
        if started {
            assert_eq!(apply(SMALL, SMALL, [1, 1, 1, 4]), Ok(0));
        } else {
            assert_eq!((bytes, grid, changed), ([7; 24], [5; 2], [5; 2]));
            assert_eq!((counts, boxes), ([5; 2], [5; 5]));
        }
    }
}
