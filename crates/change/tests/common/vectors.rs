//! The answers in tests/kernels/vectors.json, and the frames that they are of.

use ironcliw_change::Layout;
use serde_json::Value;

use super::Pixels;

/// The file.
pub fn vectors() -> Value {
    let text = include_str!("../../../../tests/kernels/vectors.json");
    serde_json::from_str(text).expect("valid JSON")
}

/// A small number.
pub fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small number")
}

/// A list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// The well-known generator.
pub fn splitmix64(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

/// The frame of a recipe; tools/make_vectors.py says what each fill is.
pub fn frame(recipe: &Value) -> Pixels {
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
