//! Whose turn it is to write.
//!
//! A turn mostly lasts some nanoseconds (one key) or a microsecond (a part of a batch), and taking one that is free has to
//! cost next to nothing, so it is one number: a mutex of the standard library does its work twice, on the way in and out.
//!
//! A child of fork has only the thread that forked. If another one had the turn just then, nobody would ever give it
//! back; so the number is that of the process, counted from fork to fork, and who finds that of a process before takes
//! the turn over.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

const SPINS: u32 = 100;
const YIELDS: u32 = 100;
const NAP: Duration = Duration::from_micros(50);
const FREE: u32 = 0;

static PROCESS: AtomicU32 = AtomicU32::new(FREE + 1);

/// To be called in the child after a fork, before anything else is done with a [`Bloom`](crate::Bloom) there.
pub fn forked() {
    let next = PROCESS.load(Ordering::Relaxed).wrapping_add(1);
    PROCESS.store(next.max(FREE + 1), Ordering::Relaxed);
}

/// A turn that one thread has at a time.
#[derive(Debug, Default)]
pub(crate) struct Turn(AtomicU32);

/// The turn, until it is dropped.
pub(crate) struct Taken<'a> {
    turn: &'a Turn,
    /// Whether it was taken over from a thread that is no more, and that may have left its work half done.
    pub abandoned: bool,
}

impl Turn {
    /// The turn, if nobody has it.
    #[inline]
    pub fn try_take(&self) -> Option<Taken<'_>> {
        let process = PROCESS.load(Ordering::Relaxed);
        // What the one before wrote is seen from here on.
        let before = self.0.swap(process, Ordering::Acquire);
        (before != process).then(|| Taken {
            turn: self,
            abandoned: before != FREE,
        })
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
        self.turn.0.store(FREE, Ordering::Release);
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
    fn a_turn_that_a_fork_left_taken_is_taken_over_once() {
        let turn = Turn(AtomicU32::new(u32::MAX));
        let taken = turn.try_take().expect("it was another process's");
        assert!(taken.abandoned);
        assert!(turn.try_take().is_none());
        drop(taken);
        assert!(turn.try_take().is_some_and(|taken| !taken.abandoned));
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
