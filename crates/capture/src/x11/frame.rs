//! Fetching rectangles of the screen into the caller's frame.

use x11rb::protocol::shm::{ConnectionExt as _, GetImageReply as ShmImageReply};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};

use super::connection::{Connection, Sent, optional_reply};
use super::shm::{PIXEL_BYTES, Segment};
use crate::rect::{clip, subtract};
use crate::{Error, Rect};

/// Rows that one probe looks at.
pub(crate) const PROBE_ROWS: i32 = 64;

/// Without shared memory a reply holds at most about this many bytes.
const LARGEST_REPLY_BYTES: usize = 4 << 20;

/// All planes: every bit of a pixel.
const ALL_PLANES: u32 = !0;

/// The server refused to read these pixels, as it does when the screen has become smaller than they assume.
pub(crate) struct Refused;

/// The caller's memory and where on the root window its pixels come from.
pub(crate) struct Frame {
    root: Window,
    area: Rect,
    memory: Segment,
    staging: Segment,
    behind: Option<Behind>,
}

/// The caller moved on to another frame of its memory, which does not yet show what the one before shows.
struct Behind {
    /// Where the frame begins that shows what was captured last.
    newest: usize,
    /// Outside of these the two are equal.
    stale: Vec<Rect>,
}

/// A request under way whose pixels go to the staging area.
struct Staged<'c> {
    sent: Sent<'c, ShmImageReply>,
    rect: Rect,
    offset: usize,
}

impl Frame {
    /// Maps the caller's memory `fd` for the pixels of `area` of `root`, which begin at `start` of it; `share`: let the
    /// server write into it. `veiled`: nothing goes into it before it is known what is to be hidden of it.
    pub(crate) fn new(
        connection: &Connection,
        root: Window,
        area: Rect,
        share: bool,
        fd: i32,
        start: usize,
        veiled: bool,
    ) -> Result<Self, Error> {
        let length = area.area() as usize * PIXEL_BYTES;
        let memory = Segment::of_caller(connection, share, fd, start, length)?;
        // What is staged is narrower than half the frame, or a probe.
        let probe = area.width as usize * PROBE_ROWS.min(area.height) as usize * PIXEL_BYTES;
        let staged = if veiled { length } else { length.div_ceil(2) };
        let staging = Segment::private(connection, share, staged.max(probe))?;
        Ok(Self {
            root,
            area,
            memory,
            staging,
            behind: None,
        })
    }

    /// Goes on at `start` of the same memory, where what is there may differ in `stale` from what was captured last.
    /// Only what the next capture does not fetch anyway is copied, and only then.
    pub(crate) fn go_on_at(&mut self, start: usize, stale: Vec<Rect>) -> Result<(), Error> {
        let newest = self.newest();
        if self.behind.is_some() || start == newest {
            return Err(Error::Memory(format!(
                "nothing was captured since it was moved to {}",
                self.memory.start()
            )));
        }
        self.memory.move_to(start)?;
        // Of a ring of frames one is written and one is read at a time; the others would be counted as used twice.
        self.memory.let_go(newest);
        self.behind = Some(Behind { newest, stale });
        Ok(())
    }

    /// Where the frame begins that shows what was captured last.
    fn newest(&self) -> usize {
        self.behind
            .as_ref()
            .map_or(self.memory.start(), |behind| behind.newest)
    }

    /// Brings the frame up to date but for `fetched`.
    fn catch_up(&mut self, fetched: &[Rect]) {
        if let Some(Behind { newest, stale }) = self.behind.take() {
            for rect in subtract(&clip(&stale, self.bounds()), fetched) {
                self.memory.put_newest(self.area.width, rect, newest);
            }
            self.memory.let_go(newest);
        }
    }

    /// The whole frame, in its own coordinates.
    pub(crate) fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.area.width, self.area.height)
    }

    /// Whether pixels come through shared memory.
    pub(crate) fn is_shared(&self) -> bool {
        self.memory.seg().is_some()
    }

    /// Asks for `rect` ahead of the rectangles that a [`Self::fetch`] will want, into the staging area. `None` where
    /// it does not fit there, or pixels come through the connection.
    pub(crate) fn stage<'c>(
        &self,
        connection: &'c Connection,
        rect: Rect,
    ) -> Option<Sent<'c, ShmImageReply>> {
        let seg = self.staging.seg()?;
        let fits = rect.area() as usize * PIXEL_BYTES <= self.staging.length();
        fits.then(|| self.request(connection, rect, seg, 0))
    }

    /// Fetches `rects` and says how many bytes that were. Bands of full width go straight into the frame, the rest
    /// through the staging area; as many requests as possible are under way at once. Where all of them lie in `staged`,
    /// which [`Self::stage`] has brought, the server need not be asked.
    pub(crate) fn fetch(
        &mut self,
        connection: &Connection,
        rects: &[Rect],
        staged: Option<Rect>,
    ) -> Result<Result<u64, Refused>, Error> {
        self.catch_up(rects);
        if let Some(staged) = staged
            && rects.iter().all(|&rect| staged.contains(rect))
        {
            for &rect in rects {
                self.memory
                    .put_part(self.area.width, rect, &self.staging, staged);
            }
            return Ok(Ok(0));
        }
        let mut direct = Vec::new();
        let mut staged: Vec<Staged<'_>> = Vec::new();
        let mut used = 0;
        let mut complete = true;
        for &rect in rects {
            let length = rect.area() as usize * PIXEL_BYTES;
            match (self.memory.seg(), self.staging.seg()) {
                (Some(seg), _) if rect.width == self.area.width => {
                    let row = rect.y as usize * self.area.width as usize * PIXEL_BYTES;
                    let offset = self.memory.start() + row;
                    direct.push(self.request(connection, rect, seg, offset));
                }
                (_, Some(seg)) => {
                    if used + length > self.staging.length() {
                        complete &= self.unstage(connection, std::mem::take(&mut staged))?;
                        used = 0;
                    }
                    staged.push(Staged {
                        sent: self.request(connection, rect, seg, used),
                        rect,
                        offset: used,
                    });
                    used += length;
                }
                _ => complete &= self.fetch_by_reply(connection, rect)?,
            }
        }
        complete &= self.unstage(connection, staged)?;
        for sent in direct {
            complete &= optional_reply(connection, sent)?.is_ok();
        }
        let bytes = rects.iter().map(|rect| rect.area() as u64).sum::<u64>() * PIXEL_BYTES as u64;
        Ok(if complete { Ok(bytes) } else { Err(Refused) })
    }

    /// Fetches `rects` into the staging area, and nothing into the frame: [`Self::show`] does that. Says how many bytes
    /// that were.
    pub(crate) fn hold(
        &mut self,
        connection: &Connection,
        rects: &[Rect],
    ) -> Result<Result<u64, Refused>, Error> {
        let length = |rect: &Rect| rect.area() as usize * PIXEL_BYTES;
        let needed = rects.iter().map(length).sum::<usize>();
        if needed > self.staging.length() {
            let why = "attach it again: exclusions were set since";
            return Err(Error::Memory(why.to_owned()));
        }
        let (mut offset, mut complete) = (0, true);
        let mut asked = Vec::new();
        for rect in rects {
            match self.staging.seg() {
                Some(seg) => asked.push(self.request(connection, *rect, seg, offset)),
                None => {
                    complete &= self.read_rows(connection, *rect, |frame, rows, pixels| {
                        let row = (rows.y - rect.y) as usize * rect.width as usize * PIXEL_BYTES;
                        frame.staging.put_at(offset + row, pixels);
                    })?;
                }
            }
            offset += length(rect);
        }
        for sent in asked {
            complete &= optional_reply(connection, sent)?.is_ok();
        }
        Ok(if complete {
            Ok(needed as u64)
        } else {
            Err(Refused)
        })
    }

    /// Puts what is held of `rects` (all of them, as they were given to [`Self::hold`]) into the frame, but for what is
    /// `hidden`.
    pub(crate) fn show(&mut self, rects: &[Rect], hidden: &[Rect]) {
        let shown = subtract(rects, hidden);
        self.catch_up(&shown);
        let mut offset = 0;
        for &rect in rects {
            for part in subtract(&[rect], hidden) {
                self.memory
                    .put_held(self.area.width, part, &self.staging, rect, offset);
            }
            offset += rect.area() as usize * PIXEL_BYTES;
        }
    }

    /// Whether the screen still shows `parts` of the rows from `band.y`, as far as they can be read. `band` is of full
    /// width and at most [`PROBE_ROWS`] high.
    pub(crate) fn still_shows(
        &mut self,
        connection: &Connection,
        band: Rect,
        parts: &[Rect],
    ) -> Result<Result<bool, Refused>, Error> {
        let fetched = match self.staging.seg() {
            Some(seg) => {
                optional_reply(connection, self.request(connection, band, seg, 0))?.is_ok()
            }
            None => self.read_rows(connection, band, |frame, rows, pixels| {
                let offset = (rows.y - band.y) as usize * band.width as usize * PIXEL_BYTES;
                frame.staging.put_at(offset, pixels);
            })?,
        };
        let (newest, width) = (self.newest(), self.area.width);
        let same = || {
            parts.iter().all(|&part| {
                self.memory
                    .shows(newest, width, part, &self.staging, band.y)
            })
        };
        Ok(if fetched { Ok(same()) } else { Err(Refused) })
    }

    /// Blanks `rect` of the frame.
    pub(crate) fn blank(&mut self, rect: Rect) {
        self.memory.blank(self.area.width, rect);
    }

    /// Lets go of the memory, here and at the server; what was staged is forgotten.
    pub(crate) fn close(mut self, connection: &Connection) -> Result<(), Error> {
        self.memory.detach(connection)?;
        self.staging.detach(connection)
    }

    fn request<'c>(
        &self,
        connection: &'c Connection,
        rect: Rect,
        seg: u32,
        offset: usize,
    ) -> Sent<'c, ShmImageReply> {
        let at = rect.moved(self.area.x, self.area.y);
        let (x, y, width, height) = (at.x as i16, at.y as i16, at.width as u16, at.height as u16);
        let format = ImageFormat::Z_PIXMAP.into();
        connection.shm_get_image(
            self.root,
            x,
            y,
            width,
            height,
            ALL_PLANES,
            format,
            seg,
            offset as u32,
        )
    }

    /// Waits for staged pixels and copies them into the frame. False where the server refused any of them.
    fn unstage(&mut self, connection: &Connection, staged: Vec<Staged<'_>>) -> Result<bool, Error> {
        let mut complete = true;
        for Staged { sent, rect, offset } in staged {
            if optional_reply(connection, sent)?.is_ok() {
                self.memory
                    .put_from(self.area.width, rect, &self.staging, offset);
            } else {
                complete = false;
            }
        }
        Ok(complete)
    }

    fn fetch_by_reply(&mut self, connection: &Connection, rect: Rect) -> Result<bool, Error> {
        let width = self.area.width;
        self.read_rows(connection, rect, |frame, rows, pixels| {
            frame.memory.put(width, rows, pixels)
        })
    }

    /// Reads `rect` through the connection, some rows at a time. False where the server refused.
    fn read_rows(
        &mut self,
        connection: &Connection,
        rect: Rect,
        mut put: impl FnMut(&mut Self, Rect, &[u8]),
    ) -> Result<bool, Error> {
        let rows_at_once =
            (LARGEST_REPLY_BYTES / (rect.width as usize * PIXEL_BYTES)).max(1) as i32;
        let mut top = rect.y;
        while top < rect.bottom() {
            let rows = Rect::new(
                rect.x,
                top,
                rect.width,
                rows_at_once.min(rect.bottom() - top),
            );
            let at = rows.moved(self.area.x, self.area.y);
            let (x, y, width, height) =
                (at.x as i16, at.y as i16, at.width as u16, at.height as u16);
            let sent = connection.get_image(
                ImageFormat::Z_PIXMAP,
                self.root,
                x,
                y,
                width,
                height,
                ALL_PLANES,
            );
            let Ok(image) = optional_reply(connection, sent)? else {
                return Ok(false);
            };
            let Some(pixels) = image.data.get(..rows.area() as usize * PIXEL_BYTES) else {
                return Err(Error::Lost(format!(
                    "the X server sent {} bytes for {rows:?}",
                    image.data.len()
                )));
            };
            put(self, rows, pixels);
            top = rows.bottom();
        }
        Ok(true)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.staging.clear();
    }
}
