//! The caller's frames as buffers of the compositor, and the staging area for what must be converted.

use std::time::Instant;

use crate::connection::Connection;
use crate::convert::{Offer, PIXEL_BYTES};
use crate::memory::Mapping;
use crate::{Error, Rect};

/// As many slots as a ring is likely to have.
const LIKELY_SLOTS: usize = 64;

/// Memory that the compositor has mapped, and its name for it.
struct Pool {
    id: u32,
    /// The buffers in it: where they begin, and their names.
    buffers: Vec<(usize, u32)>,
}

impl Pool {
    /// The compositor maps the memory when it reads this request: wait for that before the file is sealed.
    fn new(
        connection: &mut Connection,
        shm: u32,
        memory: &Mapping,
        deadline: Instant,
    ) -> Result<Self, Error> {
        let id = connection.new_id();
        let length = memory.length().min(i32::MAX as usize) as i32;
        // The descriptor goes with the first byte that is sent together with it.
        connection.flush(None, deadline)?;
        connection.request(shm, 0).word(id).number(length).end();
        connection.flush(Some(memory.file()), deadline)?;
        Ok(Self {
            id,
            buffers: Vec::with_capacity(LIKELY_SLOTS),
        })
    }

    fn buffer(&mut self, connection: &mut Connection, start: usize, offer: &Offer) -> u32 {
        if let Some(&(_, id)) = self.buffers.iter().find(|(at, _)| *at == start) {
            return id;
        }
        let id = connection.new_id();
        let message = connection.request(self.id, 0).word(id).number(start as i32);
        let message = message.number(offer.width).number(offer.height);
        message.number(offer.stride).word(offer.format).end();
        self.buffers.push((start, id));
        id
    }

    fn close(&self, connection: &mut Connection) {
        for &(_, buffer) in &self.buffers {
            connection.request(buffer, 0).end();
        }
        connection.request(self.id, 1).end();
    }
}

/// Where captures go.
pub(crate) struct Frames {
    memory: Mapping,
    /// Where the frame in use begins.
    start: usize,
    pool: Pool,
    /// Where the compositor writes in place of the frames, if what it writes is to be converted.
    staging: Option<Staging>,
    offer: Offer,
    /// What the frame in use lacks of what was captured last.
    pub(crate) stale: Vec<Rect>,
}

impl Frames {
    pub(crate) fn new(
        connection: &mut Connection,
        shm: u32,
        memory: Mapping,
        start: usize,
        offer: Offer,
        deadline: Instant,
    ) -> Result<Self, Error> {
        check(&memory, start, &offer)?;
        let staged = !offer.is_frame()? || memory.length() > i32::MAX as usize;
        let staging = match staged {
            true => Some(Staging(Mapping::private(staging_bytes(&offer)?)?)),
            false => None,
        };
        let pool = Pool::new(
            connection,
            shm,
            staging.as_ref().map_or(&memory, |staging| &staging.0),
            deadline,
        )?;
        Ok(Self {
            memory,
            start,
            pool,
            staging,
            offer,
            stale: Vec::with_capacity(LIKELY_SLOTS),
        })
    }

    /// The same frames, of a buffer that turns out to be another.
    pub(crate) fn again(
        self,
        connection: &mut Connection,
        shm: u32,
        offer: Offer,
        deadline: Instant,
    ) -> Result<Self, Error> {
        self.close(connection);
        let Self { memory, start, .. } = self;
        Self::new(connection, shm, memory, start, offer, deadline)
    }

    pub(crate) fn is_staged(&self) -> bool {
        self.staging.is_some()
    }

    /// Bytes of the memory of our own that the compositor writes into.
    pub(crate) fn staged_bytes(&self) -> usize {
        self.staging
            .as_ref()
            .map_or(0, |staging| staging.0.length())
    }

    pub(crate) fn move_to(&mut self, start: usize) -> Result<(), Error> {
        check(&self.memory, start, &self.offer)?;
        self.start = start;
        Ok(())
    }

    /// The buffer that the compositor is to write into.
    pub(crate) fn buffer(&mut self, connection: &mut Connection) -> u32 {
        let start = if self.is_staged() { 0 } else { self.start };
        self.pool.buffer(connection, start, &self.offer)
    }

    /// Brings `rects` of the frame from where the compositor wrote them.
    pub(crate) fn fetch(&mut self, rects: &[Rect]) {
        let Some(staging) = &self.staging else { return };
        let buffer = staging.0.bytes(0..staging.0.length());
        let frame = self
            .memory
            .bytes_mut(self.start..self.start + frame_bytes(&self.offer));
        for &rect in rects {
            self.offer.copy(buffer, frame, rect);
        }
    }

    pub(crate) fn close(&self, connection: &mut Connection) {
        self.pool.close(connection);
    }
}

/// Zeroed when it is let go: pixels never outlive their use.
struct Staging(Mapping);

impl Drop for Staging {
    fn drop(&mut self) {
        let length = self.0.length();
        self.0.bytes_mut(0..length).fill(0);
    }
}

fn frame_bytes(offer: &Offer) -> usize {
    offer.width as usize * offer.height as usize * PIXEL_BYTES
}

fn staging_bytes(offer: &Offer) -> Result<usize, Error> {
    let bytes = offer.stride as usize * offer.height as usize;
    let narrow = (offer.stride as usize) < offer.width as usize * PIXEL_BYTES;
    if narrow || bytes > i32::MAX as usize {
        return Err(Error::Unsupported(format!(
            "{} x {} pixels in rows of {} bytes",
            offer.width, offer.height, offer.stride
        )));
    }
    Ok(bytes)
}

fn check(memory: &Mapping, start: usize, offer: &Offer) -> Result<(), Error> {
    let length = frame_bytes(offer);
    if start
        .checked_add(length)
        .is_none_or(|end| end > memory.length())
    {
        return Err(Error::Memory(format!(
            "{length} bytes from {start} do not lie in a file of {}",
            memory.length()
        )));
    }
    Ok(())
}
