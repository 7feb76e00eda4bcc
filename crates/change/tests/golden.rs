//! The answers in tests/kernels/vectors.json, made with another XXH3, at every level of vector instructions.

mod common;

use common::Pixels;
use ironcliw_change::{Layout, Level, difference_at, fingerprint_at};
use serde_json::Value;

fn vectors() -> Value {
    let text = include_str!("../../../tests/kernels/vectors.json");
    serde_json::from_str(text).expect("valid JSON")
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small number")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn splitmix64(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

/// The frame of a recipe; tools/make_vectors.py says what each fill is.
fn frame(recipe: &Value) -> Pixels {
    let [height, width, channels, seed] =
        ["height", "width", "channels", "seed"].map(|key| number(&recipe[key]));
    let byte = |i: usize| match recipe["fill"].as_str() {
        Some("noise") => splitmix64((seed + i / 8) as u64).to_le_bytes()[i % 8],
        Some("ramp") => (seed + 7 * i) as u8,
        Some("flat") => seed as u8,
        other => panic!("unknown fill {other:?}"),
    };
    let bytes = (0..height * width * channels).map(byte).collect();
    let mut pixels = Pixels {
        bytes,
        offset: 0,
        layout: Layout::packed(height, width, channels),
    };
    for edit in list(&recipe["edits"]) {
        let [y, x, channel, value] = [0, 1, 2, 3].map(|i| number(&edit[i]));
        let at = pixels.at(y, x, channel);
        pixels.bytes[at] = value as u8;
    }
    pixels
}

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
