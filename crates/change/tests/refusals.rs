//! What cannot be worked on is refused, and nothing is written.

use ironcliw_change::{Error, Frame, FrameMut, Layout, copy_tiles, difference, fingerprint};

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
