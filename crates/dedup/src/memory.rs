//! The memory of the bits: zeroed, on lines of the cache, and in large pages where the system has them.
//!
//! A filter is read and written all over. In pages of 4 KiB one of 10 MiB has 2560, more than a processor remembers the
//! places of, and to look one up again can cost more than the memory behind it. In pages of 2 MiB it has five.

#![allow(unsafe_code)]

use std::alloc::{self, Layout};
use std::ops::Deref;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::AtomicU64;

use crate::layout::BLOCK_WORDS;

/// A filter of at least as much asks for large pages.
const LARGE_PAGE_BYTES: usize = 2 << 20;

/// One line of the cache.
#[repr(align(64))]
pub(crate) struct Block(pub [AtomicU64; BLOCK_WORDS]);

/// Blocks of zeros, until somebody sets their bits.
pub(crate) struct Blocks {
    start: NonNull<Block>,
    count: usize,
    _owner: Owner,
}

// SAFETY: it owns the blocks, which are atomics, as a vector of them would.
unsafe impl Send for Blocks {}
// SAFETY: as above.
unsafe impl Sync for Blocks {}

impl Blocks {
    /// So many blocks, 1 or more; None where there is no such memory.
    pub fn new(count: usize) -> Option<Self> {
        let bytes = count.checked_mul(size_of::<Block>())?;
        let layout = Layout::from_size_align(bytes, align_of::<Block>()).ok()?;
        let (start, owner) = if cfg!(target_os = "linux") && bytes >= LARGE_PAGE_BYTES {
            Owner::mapped(bytes)?
        } else {
            Owner::allocated(layout)?
        };
        // SAFETY: so many bytes are there, and zeros are blocks. They are written, although they are zeros, so that the
        // pages are there before the first key is.
        unsafe { start.write_bytes(0, bytes) };
        Some(Self {
            start: start.cast(),
            count,
            _owner: owner,
        })
    }
}

impl Deref for Blocks {
    type Target = [Block];

    #[inline(always)]
    fn deref(&self) -> &[Block] {
        // SAFETY: so many blocks were made there, and they stay as long as their owner, which is ours.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.count) }
    }
}

/// Where the memory comes from, and goes to once this is dropped.
enum Owner {
    Allocated(NonNull<u8>, Layout),
    #[cfg(target_os = "linux")]
    Mapped(NonNull<u8>, usize),
}

impl Owner {
    fn allocated(layout: Layout) -> Option<(NonNull<u8>, Self)> {
        assert!(layout.size() > 0, "no memory has no place");
        // SAFETY: the size is not 0.
        let start = NonNull::new(unsafe { alloc::alloc(layout) })?;
        Some((start, Self::Allocated(start, layout)))
    }

    /// Fresh memory that begins where a large page may. From the allocator it might be some that is in small ones.
    #[cfg(target_os = "linux")]
    fn mapped(bytes: usize) -> Option<(NonNull<u8>, Self)> {
        use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};
        let whole = bytes.checked_add(LARGE_PAGE_BYTES)?;
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a place is not asked for, so none that is in use is given.
        let place =
            unsafe { mmap_anonymous(std::ptr::null_mut(), whole, access, MapFlags::PRIVATE) };
        let place = NonNull::new(place.ok()?.cast::<u8>())?;
        let owner = Self::Mapped(place, whole);
        // SAFETY: it is at most a large page further on, and the mapping is longer than asked for by one.
        let start = unsafe { place.add(place.align_offset(LARGE_PAGE_BYTES)) };
        // SAFETY: memory of our own; only the size of the pages behind it is asked for. Where the system has no large
        // ones, it refuses, and small ones do.
        let _ = unsafe { madvise(start.as_ptr().cast(), bytes, Advice::LinuxHugepage) };
        Some((start, owner))
    }

    #[cfg(not(target_os = "linux"))]
    fn mapped(_: usize) -> Option<(NonNull<u8>, Self)> {
        None
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        match *self {
            // SAFETY: allocated with this layout, and used by nobody any more.
            Self::Allocated(start, layout) => unsafe { alloc::dealloc(start.as_ptr(), layout) },
            #[cfg(target_os = "linux")]
            Self::Mapped(place, whole) => {
                // SAFETY: mapped with this length, and used by nobody any more. It cannot fail for such.
                let _ = unsafe { rustix::mm::munmap(place.as_ptr().cast(), whole) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    #[test]
    fn memory_of_any_size_is_empty_and_on_lines_of_the_cache() {
        let large = LARGE_PAGE_BYTES / size_of::<Block>();
        for count in [1, 2, 1000, large - 1, large, large + 1, 3 * large] {
            let blocks = Blocks::new(count).expect("so little memory");
            assert_eq!(blocks.len(), count);
            assert_eq!(blocks.as_ptr().align_offset(64), 0);
            assert!(
                blocks
                    .iter()
                    .flat_map(|block| &block.0)
                    .all(|word| word.load(Relaxed) == 0)
            );
            blocks[count - 1].0[BLOCK_WORDS - 1].store(u64::MAX, Relaxed);
        }
    }

    #[test]
    fn memory_that_is_not_there_is_refused() {
        for count in [
            usize::MAX,
            usize::MAX / 64,
            usize::MAX / 64 - 2 * LARGE_PAGE_BYTES,
            1 << 50,
        ] {
            assert!(Blocks::new(count).is_none());
        }
    }
}
