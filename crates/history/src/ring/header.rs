//! [`Header`]: the words of a ring in a memory file, for its writer or for one reader.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex;

use super::layout::{
    EVENTS, FIELDS, HEADER_WORDS, MOST_SLOTS, NEWEST, RECORD_WORDS, STATE, VERIFIED,
};
use super::mapping::Mapping;
use super::protocol::{self, Record};
use crate::Error;

/// Why [`Header::sleep`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something happened since `seen`.
    Event,
    /// The time is up.
    Timeout,
    /// A signal arrived.
    Signal,
}

/// The words of a ring of frames.
pub struct Header {
    mapping: Mapping,
    slots: usize,
}

impl Header {
    /// Maps the header and the records of `slots` slots of the memory file `fd`, which is duplicated, not taken.
    ///
    /// # Errors
    /// [`Error::Memory`] where it cannot be mapped, is too small or could become shorter; [`Error::Missing`] for a
    /// number of slots that no ring has.
    pub fn map(fd: RawFd, slots: usize, writable: bool) -> Result<Self, Error> {
        if slots == 0 || slots > MOST_SLOTS {
            return Err(Error::Missing(format!(
                "{slots} slots: 1 to {MOST_SLOTS} are possible"
            )));
        }
        let words = HEADER_WORDS + slots * RECORD_WORDS;
        let mapping =
            Mapping::new(fd, words, writable).map_err(|error| Error::Memory(error.to_string()))?;
        Ok(Self { mapping, slots })
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

    /// `slot` is whole, is what `fields` say, and is the newest frame from now on; readers that sleep wake up.
    ///
    /// # Errors
    /// As for [`Self::begin`].
    pub fn publish(&self, slot: usize, fields: &[u64; FIELDS]) -> Result<u64, Error> {
        let record = self.to_write(slot)?;
        let generation = protocol::complete(record, protocol::generation(record), fields);
        self.mapping.words()[NEWEST].store(slot as u64 + 1, Ordering::Release);
        self.wake();
        Ok(generation)
    }

    /// What `slot` holds: its generation and fields; `None` where that is nothing, or being written.
    ///
    /// # Errors
    /// [`Error::Missing`] for no such slot.
    pub fn read(&self, slot: usize) -> Result<Option<(u64, [u64; FIELDS])>, Error> {
        Ok(protocol::read(self.record(slot)?))
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

    /// How much has happened, for [`Self::sleep`].
    pub fn events(&self) -> u32 {
        self.mapping.low_half(EVENTS).load(Ordering::Acquire)
    }

    /// Sleeps at most `timeout`, until something has happened since [`Self::events`] returned `seen`.
    pub fn sleep(&self, seen: u32, timeout: Duration) -> Woken {
        let limit = futex::Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let word = self.mapping.low_half(EVENTS);
        match futex::wait(word, futex::Flags::empty(), seen, Some(&limit)) {
            Ok(()) | Err(Errno::AGAIN) => Woken::Event,
            Err(Errno::INTR) => Woken::Signal,
            Err(_) => Woken::Timeout,
        }
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
