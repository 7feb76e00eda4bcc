//! Filters in the cache and out of it: `cargo bench -p ironcliw-dedup`. What the project quotes is measured beside other
//! filters by `python benches/bloom.py`; this is for a quick look while working on one.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ironcliw_dedup::Bloom;

/// Blocks of 64 bytes: 16 KiB and 10 MiB.
const SIZES: [(&str, usize); 2] = [("in the cache", 256), ("out of it", 163_840)];
const HASHES: usize = 7;
const KEYS: usize = 100_000;

fn keys(seed: u64) -> Vec<u64> {
    let mix = |i: u64| (i ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (0..KEYS as u64).map(|i| mix(i).rotate_left(29)).collect()
}

fn filled(blocks: usize) -> Bloom {
    let bloom = Bloom::new(blocks, HASHES, 2).expect("memory for a small filter");
    bloom.add_many(&keys(1));
    bloom
}

fn batches(criterion: &mut Criterion) {
    for (place, blocks) in SIZES {
        let mut group = criterion.benchmark_group(format!("batch, {place}"));
        group.throughput(Throughput::Elements(KEYS as u64));
        let (known, mut seen) = (keys(1), vec![0; KEYS]);
        let bloom = filled(blocks);
        group.bench_function("contains", |bencher| {
            bencher.iter(|| bloom.contains_many(&known, &mut seen));
        });
        group.bench_function("add, keys that are there", |bencher| {
            bencher.iter(|| bloom.add_many(&known));
        });
        group.bench_function("check and add, new keys", |bencher| {
            let mut seed = 2;
            let fresh = || {
                seed += 1;
                (filled(blocks), keys(seed))
            };
            let add = |(bloom, keys): (Bloom, Vec<u64>)| bloom.check_and_add_many(&keys, &mut seen);
            bencher.iter_batched(fresh, add, BatchSize::PerIteration);
        });
        group.finish();
    }
}

fn single(criterion: &mut Criterion) {
    for (place, blocks) in SIZES {
        let mut group = criterion.benchmark_group(format!("one key, {place}"));
        let (bloom, known) = (filled(blocks), keys(1));
        let mut turn = known.iter().cycle();
        group.bench_function("contains", |bencher| {
            bencher.iter(|| bloom.contains(black_box(*turn.next().unwrap_or(&0))));
        });
        group.bench_function("check and add", |bencher| {
            bencher.iter(|| bloom.check_and_add(black_box(*turn.next().unwrap_or(&0))));
        });
        group.finish();
    }
}

criterion_group!(benches, batches, single);
criterion_main!(benches);
