//! Words of a memory file that is mapped. The only `unsafe` of this crate.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rustix::fs::{SealFlags, fcntl_get_seals, fstat};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Bytes of a word.
const WORD_BYTES: usize = 8;

/// The first words of a memory file that cannot become shorter.
///
/// Other processes have the same memory mapped and write to it; all access here is atomic.
pub(super) struct Mapping {
    start: NonNull<u8>,
    words: usize,
    writable: bool,
}

// SAFETY: the mapping is plain memory that is not tied to the thread that made it, and is only accessed atomically.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `words` words of `fd`, which is duplicated for that, not taken.
    pub(super) fn new(fd: RawFd, words: usize, writable: bool) -> io::Result<Self> {
        if fd < 0 || words == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // SAFETY: `fd` is not -1 and is only used for the `dup` in this statement; a number that is no open descriptor
        // makes that fail with EBADF.
        let own = fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, 0)?;
        let length = words * WORD_BYTES;
        if usize::try_from(fstat(&own)?.st_size).unwrap_or(0) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !fcntl_get_seals(&own)?.contains(SealFlags::SHRINK) {
            return Err(io::Error::other("it could be made shorter"));
        }
        let mut access = ProtFlags::READ;
        access.set(ProtFlags::WRITE, writable);
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing; the file holds `length` bytes and
        // is sealed against becoming shorter, so that every page of it stays backed.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                length,
                access,
                MapFlags::SHARED,
                own.as_fd(),
                0,
            )?
        };
        NonNull::new(start.cast())
            .map(|start| Self {
                start,
                words,
                writable,
            })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    /// The words. Only to be stored to where the mapping is [`Self::writable`]: anything else is a SIGSEGV.
    pub(super) fn words(&self) -> &[AtomicU64] {
        // SAFETY: a mapping begins at a page and is thus aligned; `words` words of it are mapped, initialised and only
        // accessed atomically from this process's native code; no slice outlives `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.words) }
    }

    /// The low half of a word, for the kernel, which sleeps on 32 bits.
    pub(super) fn low_half(&self, word: usize) -> &AtomicU32 {
        let word = &self.words()[word];
        let half = usize::from(cfg!(target_endian = "big"));
        // SAFETY: half a word lies within it and is aligned; both sizes are only accessed atomically, and no store here
        // is of 32 bits.
        unsafe { &*std::ptr::from_ref(word).cast::<AtomicU32>().add(half) }
    }

    pub(super) fn writable(&self) -> bool {
        self.writable
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this mapping was made by `new` with this length, and no slice of it outlives `self`.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.words * WORD_BYTES) };
        debug_assert!(unmapped.is_ok());
    }
}
