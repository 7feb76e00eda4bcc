//! Memory that the X server writes pixels into: the caller's frame and a private staging area.
//!
//! The only `unsafe` of this crate lives here: mapping a file descriptor, and borrowing the caller's.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::NonNull;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, ftruncate, memfd_create};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};
use x11rb::errors::ReplyError;
use x11rb::protocol::shm::{self, ConnectionExt as _, Seg};

use super::connection::{Connection, failed, has_extension, new_id, reply};
use crate::{Error, Rect};

/// Bytes of a pixel: blue, green, red and one that means nothing.
pub(crate) const PIXEL_BYTES: usize = 4;

/// A shared, writable mapping of a whole memory file.
///
/// Others have the same memory mapped: the X server, which writes only between a GetImage request of ours and its
/// reply; the caller of [`super::X11Capture::next`], who by contract touches the frames in use only outside that call;
/// and whoever the caller lets read it, which writes nothing. Slices of it are formed only in between, on the thread
/// that makes those requests, and only of the frames in use.
struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping is plain memory that is not tied to the thread that made it, and `Mapping` has one owner.
unsafe impl Send for Mapping {}

impl Mapping {
    /// With `touched` every page is mapped now and not when it is used for the first time.
    fn new(fd: BorrowedFd<'_>, length: usize, touched: bool) -> io::Result<Self> {
        let mut flags = MapFlags::SHARED;
        flags.set(MapFlags::POPULATE, touched);
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing; the file holds `length` bytes
        // (the callers check or set its size), so that every page of it is backed.
        let start = unsafe { mmap(std::ptr::null_mut(), length, access, flags, fd, 0)? };
        NonNull::new(start.cast())
            .map(|start| Self { start, length })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: `length` bytes are mapped and initialised (a memory file reads as zero), the range lies inside, and
        // nobody writes to it now: see the type.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().add(range.start), range.len()) }
    }

    fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: as in `bytes`; `&mut self` is the only way in from this process's native code.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().add(range.start), range.len()) }
    }

    /// Gives back what mapping these bytes costs, not the bytes: others have them mapped, too, and they come back when
    /// they are used.
    fn let_go(&mut self, range: Range<usize>) {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: the range lies in this mapping, of which no slice exists now; the pages of a shared mapping of a
        // memory file keep what they hold.
        let given = unsafe {
            let start = self.start.as_ptr().add(range.start);
            madvise(start.cast(), range.len(), Advice::LinuxDontNeed)
        };
        // Refused where a frame does not begin with a page: then they stay mapped, which is all that it would spare.
        let _ = given;
    }

    /// Copies bytes within the mapping.
    fn copy(&mut self, from: Range<usize>, to: usize) {
        assert!(from.start <= from.end && from.end <= self.length);
        assert!(to <= self.length - from.len());
        let start = self.start.as_ptr();
        // SAFETY: both ranges lie inside of the mapping, which nobody else writes to now: see the type. They may
        // overlap.
        unsafe { std::ptr::copy(start.add(from.start), start.add(to), from.len()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this mapping was made by `new` with this length, and no slice of it outlives `self`.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Memory mapped here and, where the server can share it, there.
pub(crate) struct Segment {
    mapping: Mapping,
    /// Where the bytes in use begin, and how many they are.
    start: usize,
    length: usize,
    /// The server's name of it; `None` where pixels come through the connection instead.
    seg: Option<Seg>,
}

impl Segment {
    /// The caller's frame memory: `length` bytes of `fd` from `start`. The descriptor is duplicated, not taken.
    pub(crate) fn of_caller(
        connection: &Connection,
        share: bool,
        fd: RawFd,
        start: usize,
        length: usize,
    ) -> Result<Self, Error> {
        let unusable =
            |error: io::Error| Error::Memory(format!("descriptor {fd} cannot be mapped: {error}"));
        if fd < 0 {
            return Err(Error::Memory(format!("{fd} is not a file descriptor")));
        }
        // SAFETY: `fd` is not -1 and is only used for the `dup` in this statement; a number that is no open
        // descriptor makes that fail with EBADF.
        let own = fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, 0)
            .map_err(|e| unusable(e.into()))?;
        let size = fstat(&own).map_err(|error| unusable(error.into()))?.st_size;
        let whole = usize::try_from(size).unwrap_or(0);
        check_range(whole, start, length)?;
        // One frame is written all the time; of several most are read elsewhere, and would count twice here.
        let mapping = Mapping::new(own.as_fd(), whole, whole == length).map_err(|error| {
            if error.kind() == io::ErrorKind::OutOfMemory {
                return Error::NoMemory(format!("{whole} bytes cannot be mapped"));
            }
            unusable(error)
        })?;
        Ok(Self {
            mapping,
            start,
            length,
            seg: if share {
                attach(connection, own)?
            } else {
                None
            },
        })
    }

    /// A private area of `length` bytes that cannot be shrunk under us.
    pub(crate) fn private(
        connection: &Connection,
        share: bool,
        length: usize,
    ) -> Result<Self, Error> {
        let unusable =
            |error: io::Error| Error::Memory(format!("no staging area of {length} bytes: {error}"));
        let make = || -> io::Result<(OwnedFd, Mapping)> {
            let fd = memfd_create(
                "ironcliw-staging",
                MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
            )?;
            ftruncate(&fd, length as u64)?;
            fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
            let mapping = Mapping::new(fd.as_fd(), length, false)?;
            Ok((fd, mapping))
        };
        let (fd, mapping) = make().map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => Error::NoMemory(format!(
                "{length} bytes to stage pixels in cannot be mapped"
            )),
            _ => unusable(error),
        })?;
        Ok(Self {
            mapping,
            start: 0,
            length,
            seg: if share { attach(connection, fd)? } else { None },
        })
    }

    /// The server's name of this memory, where it can write into it.
    pub(crate) fn seg(&self) -> Option<Seg> {
        self.seg
    }

    /// Bytes in use.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Where the bytes in use begin.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Uses as many bytes from another place of the same memory.
    pub(crate) fn move_to(&mut self, start: usize) -> Result<(), Error> {
        check_range(self.mapping.length, start, self.length)?;
        self.start = start;
        Ok(())
    }

    /// Gives back what mapping the frame from `start` costs, until it is used again.
    pub(crate) fn let_go(&mut self, start: usize) {
        self.mapping.let_go(start..start + self.length);
    }

    fn bytes(&self) -> &[u8] {
        self.mapping.bytes(self.start..self.start + self.length)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.mapping.bytes_mut(self.start..self.start + self.length)
    }

    /// Tells the server to let go of the memory.
    pub(crate) fn detach(&mut self, connection: &Connection) -> Result<(), Error> {
        if let Some(seg) = self.seg.take() {
            connection
                .shm_detach(seg)
                .map_err(|error| failed(connection, error))?;
        }
        Ok(())
    }

    /// Forgets the pixels.
    pub(crate) fn clear(&mut self) {
        self.bytes_mut().fill(0);
    }

    /// Puts `pixels` (rows of `rect` without gaps) into this frame, whose rows are `frame_width` pixels.
    pub(crate) fn put(&mut self, frame_width: i32, rect: Rect, pixels: &[u8]) {
        let bytes = self.bytes_mut();
        for (row, pixels) in pixels
            .chunks_exact(row_bytes(rect))
            .enumerate()
            .take(rect.height as usize)
        {
            bytes[span(frame_width, rect, row)].copy_from_slice(pixels);
        }
    }

    /// Puts rows of `rect` without gaps, from `offset` of `staging`, into this frame.
    pub(crate) fn put_from(&mut self, frame_width: i32, rect: Rect, staging: &Self, offset: usize) {
        let length = row_bytes(rect) * rect.height as usize;
        self.put(frame_width, rect, &staging.bytes()[offset..offset + length]);
    }

    /// Puts `rect` of the frame, a part of `whole`, into this frame from `staging`, which begins with rows of `whole`
    /// without gaps.
    pub(crate) fn put_part(&mut self, frame_width: i32, rect: Rect, staging: &Self, whole: Rect) {
        self.put_held(frame_width, rect, staging, whole, 0);
    }

    /// As [`Self::put_part`], where the rows of `whole` begin at `offset` of `staging`.
    pub(crate) fn put_held(
        &mut self,
        frame_width: i32,
        rect: Rect,
        staging: &Self,
        whole: Rect,
        offset: usize,
    ) {
        let (bytes, pixels) = (self.bytes_mut(), &staging.bytes()[offset..]);
        let part = rect.moved(-whole.x, -whole.y);
        for row in 0..rect.height as usize {
            bytes[span(frame_width, rect, row)]
                .copy_from_slice(&pixels[span(whole.width, part, row)]);
        }
    }

    /// Blanks `rect` of this frame.
    pub(crate) fn blank(&mut self, frame_width: i32, rect: Rect) {
        let bytes = self.bytes_mut();
        for row in 0..rect.height as usize {
            bytes[span(frame_width, rect, row)].fill(0);
        }
    }

    /// Copies `rect` from the frame that begins at `newest` of the same memory.
    pub(crate) fn put_newest(&mut self, frame_width: i32, rect: Rect, newest: usize) {
        for row in 0..rect.height as usize {
            let Range { start, end } = span(frame_width, rect, row);
            let to = self.start + start;
            self.mapping.copy(newest + start..newest + end, to);
        }
    }

    /// Whether `part` of the frame that begins at `newest` shows the same colours as the same part of `band`, whose rows
    /// (of full width) start at row `band_top` of the frame.
    pub(crate) fn shows(
        &self,
        newest: usize,
        frame_width: i32,
        part: Rect,
        band: &Self,
        band_top: i32,
    ) -> bool {
        let mine = self.mapping.bytes(newest..newest + self.length);
        let theirs = band.bytes();
        (0..part.height as usize).all(|row| {
            let here = &mine[span(frame_width, part, row)];
            let there = &theirs[span(frame_width, part.moved(0, -band_top), row)];
            here == there || same_colours(here, there)
        })
    }

    /// Puts `pixels` at a place of this memory counted in bytes.
    pub(crate) fn put_at(&mut self, offset: usize, pixels: &[u8]) {
        self.bytes_mut()[offset..offset + pixels.len()].copy_from_slice(pixels);
    }
}

/// Whether `length` bytes from `start` can be used of a memory of `whole`: the server counts places in 32 bits.
fn check_range(whole: usize, start: usize, length: usize) -> Result<(), Error> {
    let end = start.checked_add(length);
    if !start.is_multiple_of(PIXEL_BYTES) || end.is_none_or(|end| end > whole) {
        return Err(Error::Memory(format!(
            "it holds {whole} bytes where a frame at {start} needs {length}"
        )));
    }
    if u32::try_from(whole).is_err() {
        return Err(Error::Memory(format!(
            "it holds {whole} bytes, and the X server can be handed at most {}",
            u32::MAX
        )));
    }
    Ok(())
}

fn row_bytes(rect: Rect) -> usize {
    rect.width as usize * PIXEL_BYTES
}

/// The bytes of one row of `rect` in a frame of that width.
fn span(frame_width: i32, rect: Rect, row: usize) -> std::ops::Range<usize> {
    let start = ((rect.y as usize + row) * frame_width as usize + rect.x as usize) * PIXEL_BYTES;
    start..start + row_bytes(rect)
}

/// Equality without the fourth byte of each pixel, which servers may fill with anything.
fn same_colours(a: &[u8], b: &[u8]) -> bool {
    a.chunks_exact(PIXEL_BYTES)
        .zip(b.chunks_exact(PIXEL_BYTES))
        .all(|(a, b)| a[..3] == b[..3])
}

/// Whether the server can be handed a file descriptor to write pixels into.
pub(crate) fn can_share(connection: &Connection) -> Result<bool, Error> {
    if !connection.stream().is_local() || !has_extension(connection, shm::X11_EXTENSION_NAME)? {
        return Ok(false);
    }
    let version = reply(connection, connection.shm_query_version())?;
    Ok((version.major_version, version.minor_version) >= (1, 2))
}

/// Hands the memory to the server. `None` where it will not have it: the connection may be forwarded by something that
/// passes bytes but no descriptors.
fn attach(connection: &Connection, fd: OwnedFd) -> Result<Option<Seg>, Error> {
    let seg = new_id(connection)?;
    let request = connection
        .shm_attach_fd(seg, fd, false)
        .map_err(|error| failed(connection, error))?;
    match request.check() {
        Ok(()) => Ok(Some(seg)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(failed(connection, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(length: usize) -> Segment {
        let fd = memfd_create("test", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&fd, length as u64).unwrap();
        Segment {
            mapping: Mapping::new(fd.as_fd(), length, false).unwrap(),
            start: 0,
            length,
            seg: None,
        }
    }

    #[test]
    fn rows_land_where_they_belong() {
        let mut frame = memory(5 * 4 * PIXEL_BYTES);
        let rect = Rect::new(2, 1, 3, 2);
        let pixels: Vec<u8> = (1..=rect.area() as u8 * 4).collect();
        frame.put(5, rect, &pixels);
        let bytes = frame.bytes();
        assert_eq!(bytes[(5 + 2) * 4..(5 + 5) * 4], pixels[..12]);
        assert_eq!(bytes[(10 + 2) * 4..(10 + 5) * 4], pixels[12..]);
        assert_eq!(
            bytes.iter().filter(|&&byte| byte != 0).count(),
            pixels.len()
        );
        frame.blank(5, Rect::new(2, 1, 3, 1));
        assert_eq!(
            frame.bytes().iter().filter(|&&byte| byte != 0).count(),
            pixels.len() / 2
        );
    }

    #[test]
    fn a_part_of_what_was_staged_lands_where_it_belongs() {
        let (mut frame, mut staging) = (memory(5 * 4 * PIXEL_BYTES), memory(3 * 3 * PIXEL_BYTES));
        staging.put_at(0, &(0..9 * 4).collect::<Vec<u8>>());
        let (whole, rect) = (Rect::new(1, 1, 3, 3), Rect::new(2, 2, 2, 1));
        frame.put_part(5, rect, &staging, whole);
        let mut expected = vec![0; 5 * 4 * PIXEL_BYTES];
        expected[(2 * 5 + 2) * 4..(2 * 5 + 4) * 4]
            .copy_from_slice(&(4 * 4..6 * 4).collect::<Vec<u8>>());
        assert_eq!(frame.bytes(), expected);
    }

    #[test]
    fn a_comparison_ignores_the_fourth_byte_and_nothing_else() {
        let (mut frame, mut band) = (memory(8 * 6 * PIXEL_BYTES), memory(8 * 2 * PIXEL_BYTES));
        let whole = Rect::new(0, 3, 8, 2);
        assert!(frame.shows(0, 8, whole, &band, 3));
        band.put_at((8 + 7) * PIXEL_BYTES, &[0, 0, 0, 255]);
        assert!(frame.shows(0, 8, whole, &band, 3));
        band.put_at((8 + 7) * PIXEL_BYTES, &[0, 0, 1, 0]);
        assert!(!frame.shows(0, 8, whole, &band, 3));
        assert!(frame.shows(0, 8, Rect::new(0, 3, 7, 2), &band, 3));
        frame.put(8, Rect::new(7, 4, 1, 1), &[0, 0, 1, 9]);
        assert!(frame.shows(0, 8, whole, &band, 3));
    }

    #[test]
    fn a_frame_elsewhere_in_the_memory_is_brought_up_to_date() {
        let frame_bytes = 4 * 3 * PIXEL_BYTES;
        let mut frame = memory(3 * frame_bytes);
        frame.length = frame_bytes;
        frame.put_at(0, &(0..48).collect::<Vec<u8>>());
        frame.move_to(2 * frame_bytes).unwrap();
        frame.put_newest(4, Rect::new(1, 1, 2, 2), 0);
        let mut expected = vec![0; frame_bytes];
        for row in [1, 2] {
            let place = (row * 4 + 1) * PIXEL_BYTES..(row * 4 + 3) * PIXEL_BYTES;
            expected[place.clone()].copy_from_slice(&(0..48).collect::<Vec<u8>>()[place]);
        }
        assert_eq!(frame.bytes(), expected);
        assert!(
            frame
                .mapping
                .bytes(frame_bytes..2 * frame_bytes)
                .iter()
                .all(|&byte| byte == 0)
        );
    }

    #[test]
    fn places_outside_of_the_memory_are_refused() {
        for (whole, start, length) in [
            (100, 4, 100),
            (100, 2, 40),
            (100, usize::MAX - 3, 40),
            (1 << 33, 0, 40),
        ] {
            assert!(
                check_range(whole, start, length).is_err(),
                "{whole} {start} {length}"
            );
        }
        assert!(check_range(100, 60, 40).is_ok());
    }
}
