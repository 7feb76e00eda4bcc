//! What is promised to threads that use one filter at the same time.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;

use ironcliw_dedup::Bloom;

const LOOKS: usize = 200_000;

/// How often three readers are wrong while another thread adds a key and turns, over and over.
fn while_it_turns(bloom: &Bloom, key: u64, wrong: impl Fn() -> usize + Sync) -> usize {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                bloom.check_and_add(key);
                bloom.turn();
            }
        });
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(&wrong)).collect();
        let wrong = readers
            .into_iter()
            .map(|reader| reader.join().expect("no panic"))
            .sum();
        done.store(true, Relaxed);
        wrong
    })
}

/// The key is always in the generation that is kept; only in which of the two changes all the time.
#[test]
fn a_key_that_is_kept_is_found_while_generations_turn() {
    for (blocks, hashes) in [(1, 1), (1, 7), (40, 16)] {
        let bloom = Bloom::new(blocks, hashes, 2).expect("small");
        bloom.check_and_add(7);
        let missed = while_it_turns(&bloom, 7, || {
            (0..LOOKS).filter(|_| !bloom.contains(7)).count()
        });
        assert_eq!(missed, 0, "{blocks} blocks, {hashes} hashes");
    }
}

#[test]
fn a_batch_finds_keys_that_are_kept_while_generations_turn() {
    let bloom = Bloom::new(40, 16, 2).expect("small");
    bloom.check_and_add(7);
    let missed = while_it_turns(&bloom, 7, || {
        let mut seen = vec![0; LOOKS];
        bloom
            .contains_many(&vec![7; LOOKS], &mut seen)
            .expect("as many cells as keys");
        seen.iter().filter(|&&seen| seen == 0).count()
    });
    assert_eq!(missed, 0);
}

/// Of keys that were added and looked for while at most one turn was under way.
#[test]
fn what_was_added_while_generations_turn_is_there() {
    let bloom = Bloom::new(64, 5, 2).expect("small");
    let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let lost: usize = thread::scope(|scope| {
        let adders: Vec<_> = (0..4u64)
            .map(|number| {
                let (bloom, begun, ended) = (&bloom, &begun, &ended);
                scope.spawn(move || {
                    let mut lost = 0;
                    for i in 0..20_000u64 {
                        let key = number << 32 | i;
                        let before = ended.load(SeqCst);
                        let seen = bloom.try_check_and_add(key);
                        seen.unwrap_or_else(|| bloom.check_and_add(key));
                        let found = bloom.contains(key);
                        let turns = begun.load(SeqCst) - before;
                        lost += usize::from(!found && turns <= 1);
                        if i % 64 == 0 {
                            begun.fetch_add(1, SeqCst);
                            bloom.turn();
                            ended.fetch_add(1, SeqCst);
                        }
                    }
                    lost
                })
            })
            .collect();
        adders
            .into_iter()
            .map(|adder| adder.join().expect("no panic"))
            .sum()
    });
    assert_eq!(lost, 0);
}

/// Sixteen threads add the same keys, one at a time and in batches, and one turns once: of each key at most one is told
/// that it is new, and by then all of them are found.
#[test]
fn exactly_one_thread_is_the_first_across_a_turn() {
    const KEYS: u64 = 4000;
    let bloom = Bloom::new(4096, 7, 2).expect("small");
    let firsts: Vec<AtomicUsize> = (0..KEYS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for number in 0..16usize {
            let (bloom, firsts) = (&bloom, &firsts);
            scope.spawn(move || {
                let keys: Vec<u64> = (0..KEYS).collect();
                let mut seen = vec![0; keys.len()];
                if number % 2 == 0 {
                    for (seen, &key) in seen.iter_mut().zip(&keys) {
                        let at_once = bloom.try_check_and_add(key);
                        *seen = at_once.unwrap_or_else(|| bloom.check_and_add(key)).into();
                    }
                } else {
                    bloom
                        .check_and_add_many(&keys, &mut seen)
                        .expect("as many cells as keys");
                }
                if number == 5 {
                    bloom.turn();
                }
                for (first, seen) in firsts.iter().zip(seen) {
                    first.fetch_add(usize::from(seen == 0), Relaxed);
                }
            });
        }
    });
    let firsts: Vec<usize> = firsts.iter().map(|first| first.load(Relaxed)).collect();
    assert_eq!(firsts.iter().max(), Some(&1));
    // False positives only.
    assert!(firsts.iter().filter(|&&first| first == 0).count() <= 4);
    assert!((0..KEYS).all(|key| bloom.contains(key)));
}
