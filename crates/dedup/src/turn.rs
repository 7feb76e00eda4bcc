//! Whose turn it is to write.
//!
//! A turn mostly lasts some nanoseconds (one key) or a microsecond (a part of a batch), and taking one that is free has to
//! cost next to nothing, so it is one flag: a mutex of the standard library does its work twice, on the way in and out.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const SPINS: u32 = 100;
const YIELDS: u32 = 100;
const NAP: Duration = Duration::from_micros(50);

/// A turn that one thread has at a time.
#[derive(Debug, Default)]
pub(crate) struct Turn(AtomicBool);

/// The turn, until it is dropped.
pub(crate) struct Taken<'a>(&'a Turn);

impl Turn {
    /// The turn, if nobody has it.
    #[inline]
    pub fn try_take(&self) -> Option<Taken<'_>> {
        // What the one before wrote is seen from here on.
        let free = !self.0.swap(true, Ordering::Acquire);
        free.then(|| Taken(self))
    }

    /// The turn, once it is free.
    #[inline]
    pub fn take(&self) -> Taken<'_> {
        let mut tries = 0;
        loop {
            if let Some(taken) = self.try_take() {
                return taken;
            }
            tries += 1;
            self.wait(tries);
        }
    }

    #[cold]
    fn wait(&self, tries: u32) {
        if tries <= SPINS {
            spin_loop();
        } else if tries <= SPINS + YIELDS {
            thread::yield_now();
        } else {
            thread::sleep(NAP);
        }
    }
}

impl Drop for Taken<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_it() {
        let turn = Turn::default();
        let taken = turn.try_take();
        assert!(taken.is_some());
        assert!(turn.try_take().is_none());
        drop(taken);
        assert!(turn.try_take().is_some());
    }

    #[test]
    fn a_panic_passes_it_on() {
        let turn = Turn::default();
        let failed = thread::scope(|scope| {
            let failing = scope.spawn(|| {
                let _turn = turn.take();
                panic!("on purpose");
            });
            failing.join()
        });
        assert!(failed.is_err());
        assert!(turn.try_take().is_some());
    }

    #[test]
    fn who_waits_gets_it() {
        let turn = Turn::default();
        let taken = turn.take();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(turn.take()));
            // Long enough for the other to have come to its naps, short enough for a test.
            thread::sleep(20 * NAP);
            assert!(!waiting.is_finished());
            drop(taken);
            waiting.join().expect("it gets its turn");
        });
    }
}
