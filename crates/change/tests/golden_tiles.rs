//! The answers in tests/kernels/vectors.json for stored, described and hashed tiles, at every level.

mod common;

use common::vectors::{frame, list, number, vectors};
use ironcliw_change::{
    BINS, FEATURES, Level, TILE_BYTES, describe_at, perceptual_hash, store_tiles_at,
};
use xxhash_rust::xxh3::xxh3_64;

#[test]
fn stored_tiles() {
    let vectors = vectors();
    assert!(list(&vectors["store"]).len() >= 6);
    for vector in list(&vectors["store"]) {
        let pixels = frame(&vector["frame"]);
        let slots: Vec<i32> = list(&vector["slots"])
            .iter()
            .map(|slot| slot.as_i64().expect("a number") as i32)
            .collect();
        let tiles: Vec<u8> = slots.iter().map(|&slot| u8::from(slot >= 0)).collect();
        let stored = tiles.iter().filter(|&&on| on == 1).count();
        for level in Level::available() {
            let mut pool = vec![255; number(&vector["capacity"]) * TILE_BYTES];
            let written = store_tiles_at(level, pixels.frame(), Some(&tiles), &mut pool, &slots);
            assert_eq!(written, Ok(stored * TILE_BYTES), "{level}");
            let digest = format!("{:016x}", xxh3_64(&pool));
            assert_eq!(
                Some(&*digest),
                vector["pool"].as_str(),
                "{level}: {}",
                vector["frame"]
            );
        }
    }
}

#[test]
fn descriptions() {
    let vectors = vectors();
    assert!(list(&vectors["describe"]).len() >= 6);
    for vector in list(&vectors["describe"]) {
        let pixels = frame(&vector["frame"]);
        let expected: Vec<u32> = list(&vector["features"])
            .iter()
            .flat_map(list)
            .map(|value| number(value) as u32)
            .collect();
        let bins: Vec<u32> = list(&vector["histogram"])
            .iter()
            .map(|value| number(value) as u32)
            .collect();
        let cells = expected.len() / FEATURES;
        for level in Level::available() {
            let mut features = vec![7; expected.len()];
            let mut histograms = vec![0; BINS * cells];
            let mut histogram = [0; BINS];
            let count = describe_at(
                level,
                pixels.frame(),
                None,
                &mut features,
                &mut histograms,
                &mut histogram,
            );
            assert_eq!(count, Ok(cells), "{level}");
            assert_eq!(features, expected, "{level}: {}", vector["frame"]);
            assert_eq!(histogram[..], bins, "{level}: {}", vector["frame"]);
        }
    }
}

#[test]
fn hashes() {
    let vectors = vectors();
    assert!(list(&vectors["hash"]).len() >= 6);
    for vector in list(&vectors["hash"]) {
        let [height, width, seed] = ["height", "width", "seed"].map(|key| number(&vector[key]));
        let columns = width.div_ceil(64);
        let mut features = vec![0; FEATURES * height.div_ceil(64) * columns];
        for (cell, of_tile) in features.chunks_exact_mut(FEATURES).enumerate() {
            let (row, column) = (cell / columns, cell % columns);
            let area = 64.min(height - 64 * row) * 64.min(width - 64 * column);
            let noise = common::vectors::splitmix64((seed + cell / 8) as u64).to_le_bytes();
            of_tile[3] = u32::from(noise[cell % 8]) * area as u32;
        }
        let hash = perceptual_hash(&features, height, width).expect("a hash");
        assert_eq!(
            Some(&*format!("{hash:016x}")),
            vector["hash"].as_str(),
            "{vector}"
        );
    }
}
