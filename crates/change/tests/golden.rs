//! The answers in tests/kernels/vectors.json, made with another XXH3, at every level of vector instructions.

mod common;

use common::Pixels;
use common::vectors::{frame, list, number, vectors};
use ironcliw_change::{Layout, Level, difference_at, fingerprint_at};
use serde_json::Value;

#[test]
fn fingerprints() {
    let vectors = vectors();
    assert!(list(&vectors["fingerprint"]).len() >= 10);
    for vector in list(&vectors["fingerprint"]) {
        let pixels = frame(&vector["frame"]);
        let hex = |value: &Value| {
            u64::from_str_radix(value.as_str().expect("a string"), 16).expect("hexadecimal")
        };
        let expected: Vec<u64> = list(&vector["grid"]).iter().map(hex).collect();
        for level in Level::available() {
            let mut grid = vec![0; expected.len()];
            let mut changed = vec![7; expected.len()];
            let count = fingerprint_at(level, pixels.frame(), &mut grid, &mut changed, None);
            assert_eq!(grid, expected, "{level}: {}", vector["frame"]);
            assert_eq!(count, Ok(expected.len()));
            assert!(changed.iter().all(|&cell| cell == 1));
        }
    }
}

#[test]
fn a_tile_of_zeros() {
    let expected = vectors()["zero_tile"].as_str().map(str::to_owned);
    let pixels = Pixels {
        bytes: vec![0; 16_384].into(),
        offset: 0,
        layout: Layout::packed(64, 64, 4),
    };
    assert_eq!(Some(format!("{:016x}", pixels.fingerprints()[0])), expected);
}

#[test]
fn differences() {
    let vectors = vectors();
    assert!(list(&vectors["difference"]).len() >= 10);
    for vector in list(&vectors["difference"]) {
        let (before, after) = (frame(&vector["before"]), frame(&vector["after"]));
        let threshold = number(&vector["threshold"]) as u32;
        let expected: Vec<usize> = list(&vector["counts"]).iter().map(number).collect();
        let expected_boxes: Vec<usize> = list(&vector["boxes"])
            .iter()
            .flat_map(list)
            .map(number)
            .collect();
        for level in Level::available() {
            let mut counts = vec![9; expected.len()];
            let mut boxes = vec![9; 4 * expected.len()];
            let total = difference_at(
                level,
                before.frame(),
                after.frame(),
                threshold,
                None,
                &mut counts,
                &mut boxes,
                None,
            );
            let what = format!(
                "{level}: {} to {} beyond {threshold}",
                vector["before"], vector["after"]
            );
            assert!(
                counts
                    .iter()
                    .map(|&count| count as usize)
                    .eq(expected.iter().copied()),
                "{what}: {counts:?}"
            );
            assert!(
                boxes
                    .iter()
                    .map(|&edge| edge as usize)
                    .eq(expected_boxes.iter().copied()),
                "{what}: {boxes:?}"
            );
            assert_eq!(total, Ok(expected.iter().sum::<usize>() as u64), "{what}");
        }
    }
}
