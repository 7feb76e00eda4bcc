//! [`Header`]: the words of a ring in a memory file, for its writer or for one reader.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::thread::futex;
use rustix::time::{ClockId, clock_gettime};

use super::layout::{
    CONSTANT, EVENTS, FIELDS, HEADER_WORDS, LIVE, MOST_SLOTS, NEWEST, RECORD_WORDS, STATE, VERIFIED,
};
use super::mapping::Mapping;
use super::protocol::{self, Record};
use crate::Error;

/// Words of a record that are the same for all frames of a ring.
pub type Constant = [u64; CONSTANT.end - CONSTANT.start];

/// How often [`Header::newest`] tries again for a frame that is drawn over while it is looked at.
const TRIES: usize = 100;

/// How often [`Header::look`] looks whether there is something new: well below a microsecond.
const LOOKS: usize = 24;

/// A frame that was whole when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Where it is.
    pub slot: usize,
    /// The slot's generation.
    pub generation: u64,
    /// What the record says of it.
    pub fields: [u64; FIELDS],
}

/// What a writer says of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub sequence: u64,
    /// Source time.
    pub time_ns: i64,
    /// When its capture was complete, on the monotonic clock.
    pub captured_ns: i64,
    /// Left, top, width and height of the rectangle outside which it equals the frame before.
    pub changed: [u32; 4],
}

/// The words of a ring of frames.
pub struct Header {
    mapping: Mapping,
    slots: usize,
    constant: Constant,
}

impl Header {
    /// Maps the header and the records of `slots` slots of the memory file `fd`, which is duplicated, not taken. Only
    /// records with these `constant` words are frames of this ring.
    ///
    /// # Errors
    /// [`Error::Memory`] where it cannot be mapped, is too small or could become shorter; [`Error::Missing`] for a
    /// number of slots that no ring has.
    pub fn map(fd: RawFd, slots: usize, constant: Constant, writable: bool) -> Result<Self, Error> {
        if slots == 0 || slots > MOST_SLOTS {
            return Err(Error::Missing(format!(
                "{slots} slots: 1 to {MOST_SLOTS} are possible"
            )));
        }
        let words = HEADER_WORDS + slots * RECORD_WORDS;
        let mapping =
            Mapping::new(fd, words, writable).map_err(|error| Error::Memory(error.to_string()))?;
        Ok(Self {
            mapping,
            slots,
            constant,
        })
    }

    /// From now on `slot` is being written.
    ///
    /// # Errors
    /// [`Error::Missing`] for no such slot; [`Error::Memory`] where this is a reader.
    pub fn begin(&self, slot: usize) -> Result<(), Error> {
        let record = self.to_write(slot)?;
        protocol::begin(record, protocol::generation(record));
        Ok(())
    }

    /// `slot` is whole, is what `shown` says, is the newest frame from now on, and shows what the source was verified to
    /// show when it was captured; `following` is being written from now on. Readers that sleep wake up.
    ///
    /// # Errors
    /// As for [`Self::begin`].
    pub fn publish(&self, slot: usize, following: usize, shown: &Shown) -> Result<u64, Error> {
        let record = self.to_write(slot)?;
        let next = self.record(following)?;
        let fields = self.fields(shown);
        let generation = protocol::complete(record, protocol::generation(record), &fields);
        let words = self.mapping.words();
        words[NEWEST].store(slot as u64 + 1, Ordering::Release);
        words[VERIFIED].store(shown.captured_ns.cast_unsigned(), Ordering::Relaxed);
        protocol::begin(next, protocol::generation(next));
        // A word that is 0 in every record: the cache has the end of this one, too, when its frame comes.
        next[RECORD_WORDS - 1].store(0, Ordering::Relaxed);
        self.wake();
        Ok(generation)
    }

    /// What `slot` holds; `None` where that is nothing, being written, or no frame of this ring.
    ///
    /// # Errors
    /// [`Error::Missing`] for no such slot.
    pub fn read(&self, slot: usize) -> Result<Option<Taken>, Error> {
        Ok(protocol::read(self.record(slot)?)
            .filter(|(_, fields)| fields[CONSTANT] == self.constant)
            .map(|(generation, fields)| Taken {
                slot,
                generation,
                fields,
            }))
    }

    /// The newest frame, if its number is `least` or more and the ring goes on; `None` also where it cannot be caught.
    pub fn newer(&self, least: u64) -> Option<Taken> {
        if self.mapping.words()[STATE].load(Ordering::Acquire) != LIVE {
            return None;
        }
        for _ in 0..TRIES {
            let newest = self.newest()?;
            if let Ok(Some(taken)) = self.read(newest) {
                return (taken.fields[0] >= least).then_some(taken);
            }
        }
        None
    }

    /// As [`Self::newer`], looking for a moment: of those who look again and again, most are here when a frame comes,
    /// and none is on its way from one look to the next.
    pub fn look(&self, least: u64) -> Option<Taken> {
        let words = self.mapping.words();
        let seen = words[NEWEST].load(Ordering::Relaxed);
        if let Some(taken) = self.newer(least) {
            return Some(taken);
        }
        for _ in 0..LOOKS {
            if words[NEWEST].load(Ordering::Relaxed) != seen {
                return self.newer(least);
            }
            std::hint::spin_loop();
        }
        None
    }

    /// As [`Self::newer`], asleep until there is one: at most `timeout`, until a signal arrives, or the ring ends.
    pub fn wait(&self, least: u64, timeout: Duration) -> Option<Taken> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let events = self.events();
            if let Some(taken) = self.newer(least) {
                return Some(taken);
            }
            let left =
                deadline.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            let goes_on = self.mapping.words()[STATE].load(Ordering::Acquire) == LIVE;
            if left.is_zero() || !goes_on || !self.sleep(events, left) {
                return None;
            }
        }
    }

    /// Whether `slot` was not written into since it had this generation.
    ///
    /// # Errors
    /// [`Error::Missing`] for no such slot.
    pub fn is_current(&self, slot: usize, generation: u64) -> Result<bool, Error> {
        Ok(protocol::is_current(self.record(slot)?, generation))
    }

    /// The slot of the newest frame; `None` before the first.
    pub fn newest(&self) -> Option<usize> {
        let newest = self.mapping.words()[NEWEST].load(Ordering::Acquire);
        usize::try_from(newest)
            .ok()?
            .checked_sub(1)
            .filter(|&slot| slot < self.slots)
    }

    /// What the writer last said of the whole ring: its state, and when the source was last verified.
    pub fn state(&self) -> (u64, u64) {
        let words = self.mapping.words();
        (
            words[STATE].load(Ordering::Acquire),
            words[VERIFIED].load(Ordering::Relaxed),
        )
    }

    /// Says whether the ring goes on, and wakes readers.
    ///
    /// # Errors
    /// [`Error::Memory`] where this is a reader.
    pub fn set_state(&self, state: u64) -> Result<(), Error> {
        self.check_writable()?;
        self.mapping.words()[STATE].store(state, Ordering::Release);
        self.wake();
        Ok(())
    }

    /// Says when the source was last known to show what the newest frame shows.
    ///
    /// # Errors
    /// [`Error::Memory`] where this is a reader.
    pub fn set_verified(&self, verified: u64) -> Result<(), Error> {
        self.check_writable()?;
        self.mapping.words()[VERIFIED].store(verified, Ordering::Relaxed);
        Ok(())
    }

    /// How much has happened.
    pub fn events(&self) -> u32 {
        self.mapping.low_half(EVENTS).load(Ordering::Acquire)
    }

    /// Sleeps at most `timeout`, until something has happened since [`Self::events`] returned `seen`. False where the
    /// time was up or a signal arrived.
    fn sleep(&self, seen: u32, timeout: Duration) -> bool {
        let limit = futex::Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let word = self.mapping.low_half(EVENTS);
        let slept = futex::wait(word, futex::Flags::empty(), seen, Some(&limit));
        matches!(slept, Ok(()) | Err(Errno::AGAIN))
    }

    fn fields(&self, shown: &Shown) -> [u64; FIELDS] {
        let [x, y, width, height] = shown.changed.map(u64::from);
        let since_ns = shown.captured_ns - now_ns(ClockId::Monotonic);
        let mut fields = [0; FIELDS];
        fields[0] = shown.sequence;
        fields[1] = shown.time_ns.cast_unsigned();
        fields[2] = shown.captured_ns.cast_unsigned();
        fields[3] = (now_ns(ClockId::Realtime) + since_ns).cast_unsigned();
        fields[CONSTANT].copy_from_slice(&self.constant);
        fields[8] = x | y << 32;
        fields[9] = width | height << 32;
        fields
    }

    fn wake(&self) {
        self.mapping.words()[EVENTS].fetch_add(1, Ordering::Release);
        let word = self.mapping.low_half(EVENTS);
        // Nobody may be asleep, and whoever was not woken wakes by itself before long.
        let _ = futex::wake(word, futex::Flags::empty(), i32::MAX as u32);
    }

    fn record(&self, slot: usize) -> Result<&Record, Error> {
        if slot >= self.slots {
            return Err(Error::Missing(format!(
                "slot {slot}: there are {}",
                self.slots
            )));
        }
        let start = HEADER_WORDS + slot * RECORD_WORDS;
        let words: &[AtomicU64] = self.mapping.words();
        Ok(&words[start..start + RECORD_WORDS])
    }

    fn to_write(&self, slot: usize) -> Result<&Record, Error> {
        self.check_writable()?;
        self.record(slot)
    }

    fn check_writable(&self) -> Result<(), Error> {
        if self.mapping.writable() {
            Ok(())
        } else {
            Err(Error::Memory("it is mapped to be read only".to_owned()))
        }
    }
}

fn now_ns(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
