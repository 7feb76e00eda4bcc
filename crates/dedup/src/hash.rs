//! Keys, and the two 64-bit halves that each is hashed into.

use xxhash_rust::xxh3::xxh3_64;

/// An odd number without any pattern: 2^64 divided by the golden ratio.
pub(crate) const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The key of some bytes: XXH3 64-bit, seed 0.
pub fn key_of(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// The first two numbers of splitmix64 seeded with `key`.
#[inline(always)]
pub(crate) fn halves(key: u64) -> (u64, u64) {
    let first = key.wrapping_add(STEP);
    (mix(first), mix(first.wrapping_add(STEP)))
}

#[inline(always)]
fn mix(mut value: u64) -> u64 {
    value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn splitmix64_is_the_published_one() {
        // The first numbers of the reference implementation for seed 1234567.
        assert_eq!(
            halves(1_234_567),
            (6_457_827_717_110_365_317, 3_203_168_211_198_807_973)
        );
    }

    #[test]
    fn xxh3_is_the_published_one() {
        assert_eq!(key_of(b""), 0x2D06_8005_38D3_94C2);
    }

    /// The key of one of the golden vectors.
    pub(crate) fn key(vector: &serde_json::Value) -> u64 {
        let text = vector["key"].as_str().expect("text");
        let hex = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
        match vector["kind"].as_str() {
            Some("int") => text.parse().expect("a number"),
            Some("str") => key_of(text.as_bytes()),
            _ => key_of(&(0..text.len()).step_by(2).map(hex).collect::<Vec<u8>>()),
        }
    }
}
