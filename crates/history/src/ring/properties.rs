//! The protocol by one thread, step by step against what it is to mean.

use std::sync::atomic::AtomicU64;

use proptest::prelude::*;

use super::layout::{FIELDS, RECORD_WORDS};
use super::protocol::{begin, complete, generation, is_current, read};

#[derive(Clone, Debug)]
enum Step {
    Begin,
    Complete(u64),
    Read,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Begin),
        any::<u64>().prop_map(Step::Complete),
        Just(Step::Read)
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn a_record_shows_what_was_completed_last_and_nothing_while_it_is_written(steps in steps()) {
        let record: Vec<AtomicU64> = (0..RECORD_WORDS).map(|_| AtomicU64::new(0)).collect();
        let mut current = 0;
        let mut shown: Option<u64> = None;
        let mut taken: Vec<(u64, bool)> = Vec::new();
        for step in steps {
            match step {
                Step::Begin => {
                    current = begin(&record, current);
                    shown = None;
                    taken.iter_mut().for_each(|(_, valid)| *valid = false);
                }
                Step::Complete(value) => {
                    current = complete(&record, begin(&record, current), &[value; FIELDS]);
                    prop_assert_eq!((current % 2, generation(&record)), (0, current));
                    shown = Some(value);
                    taken.iter_mut().for_each(|(_, valid)| *valid = false);
                }
                Step::Read => {
                    let got = read(&record);
                    prop_assert_eq!(got.map(|(_, fields)| fields), shown.map(|value| [value; FIELDS]));
                    taken.extend(got.map(|(generation, _)| (generation, true)));
                }
            }
            for &(generation, valid) in &taken {
                prop_assert_eq!(is_current(&record, generation), valid);
            }
        }
    }
}
