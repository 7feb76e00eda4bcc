//! Memory that a compositor writes pixels into: the caller's frames, and a staging area for those that must be converted.
//!
//! The only `unsafe` of this crate lives here: mapping a memory file, and borrowing the caller's descriptor.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::NonNull;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, ftruncate, memfd_create};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use crate::Error;

/// A shared, writable mapping of a whole memory file, and the file.
///
/// Others have the same memory mapped: the compositor, which writes only between a copy request of ours and its answer;
/// the caller of [`super::WaylandCapture::next`], who by contract touches the frame in use only outside that call; and
/// whoever the caller lets read it, which writes nothing. Slices of it are formed only in between, by the thread that
/// makes those requests, and only of the frame in use.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    length: usize,
    file: OwnedFd,
}

// SAFETY: the mapping is plain memory that is not tied to the thread that made it, and `Mapping` has one owner.
unsafe impl Send for Mapping {}

impl Mapping {
    /// The caller's memory file, whose size must not change any more.
    pub(crate) fn of_caller(fd: RawFd) -> Result<Self, Error> {
        if fd < 0 {
            return Err(Error::Memory("it has no descriptor".to_owned()));
        }
        // SAFETY: the caller has this descriptor open during the call; a closed one is refused by the kernel.
        let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
        let described = |error: rustix::io::Errno| Error::Memory(format!("{error}"));
        let file = fcntl_dupfd_cloexec(borrowed, 3).map_err(described)?;
        let length = usize::try_from(fstat(&file).map_err(described)?.st_size).unwrap_or(0);
        Self::of(file, length)
    }

    /// Zeroed memory of our own.
    pub(crate) fn private(length: usize) -> Result<Self, Error> {
        let made = || {
            let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
            let file = memfd_create("ironcliw-staging", flags)?;
            ftruncate(&file, length as u64)?;
            fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
            Ok(file)
        };
        let file = made().map_err(|error: rustix::io::Errno| missing(length, error.into()))?;
        Self::of(file, length)
    }

    fn of(file: OwnedFd, length: usize) -> Result<Self, Error> {
        if length == 0 {
            return Err(Error::Memory("the file is empty".to_owned()));
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let null = std::ptr::null_mut();
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing; the file holds `length` bytes.
        let start = unsafe { mmap(null, length, access, MapFlags::SHARED, &file, 0) };
        let start = start.map_err(|error| missing(length, error.into()))?;
        let start = NonNull::new(start.cast())
            .ok_or_else(|| missing(length, io::ErrorKind::OutOfMemory.into()))?;
        Ok(Self {
            start,
            length,
            file,
        })
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: `length` bytes are mapped and initialised (a memory file reads as zero), the range lies inside, and
        // nobody writes to it now: see the type.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().add(range.start), range.len()) }
    }

    pub(crate) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: as in `bytes`; `&mut self` is the only way in from this process's native code.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().add(range.start), range.len()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `of` with this length, and no slice outlives `self`. It cannot fail for such a range.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
    }
}

fn missing(length: usize, error: io::Error) -> Error {
    Error::NoMemory(format!("{length} bytes ({error})"))
}
