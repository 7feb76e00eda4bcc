//! [`PipeWireCapture`]: one stream of pictures, the newest of which is copied into memory of the caller's.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

use super::library::{Buffer, Chunk, Hook, Library, Meta, Opaque, StreamEvents, library};
use super::pod::{self, Format};
use crate::connection::{Alarm, Bell};
use crate::convert::Offer;
use crate::memory::Mapping;
use crate::{Error, Rect};

const AUTOCONNECT: u32 = 1;
const MAP_BUFFERS: u32 = 1 << 2;
const DONT_RECONNECT: u32 = 1 << 7;
const INPUT: c_int = 0;

const STATE_ERROR: c_int = -1;
const UNCONNECTED: c_int = 0;
const STREAMING: c_int = 3;

const CHUNK_CORRUPTED: i32 = 1;
const HEADER_CORRUPTED: u32 = 1 << 1;

/// More buffers than a stream is likely to have.
const MOST_BUFFERS: usize = 64;

/// How long buffers may take to come after the format they are of.
const BUFFERS: Duration = Duration::from_millis(500);

/// A stream that has stopped, or sends nothing although its pictures come at a fixed rate, is stalled after this.
const STALLED: Duration = Duration::from_secs(2);

/// What [`PipeWireCapture::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamUpdate {
    /// The frame memory shows the newest picture; [`PipeWireCapture::damage`] says what changed.
    Captured {
        /// Whether anything may have changed.
        whole: bool,
        /// Pixel bytes that were copied.
        bytes: u64,
    },
    /// Nothing new.
    Idle,
    /// Pictures have another size: attach new memory.
    Resized,
}

/// What the callbacks tell. Touched only under the loop's lock, which callbacks are called with.
struct Told {
    library: &'static Library,
    stream: Opaque,
    bell: Alarm,
    state: c_int,
    error: String,
    since: Instant,
    format: Option<Format>,
    /// The newest picture, held until another comes: other memory may be attached while the screen is still.
    newest: *mut Buffer,
    /// It was not copied yet.
    fresh: bool,
    /// The stream's buffers, and the bytes that are mapped for each.
    buffers: Vec<(*mut Buffer, usize)>,
    damage: Vec<Rect>,
    /// Where a picture did not say what changed in it.
    anything: bool,
    cursor: Option<(i32, i32)>,
}

impl Told {
    /// Takes what a picture says; it becomes the newest, unless there is nothing to see in it.
    ///
    /// # Safety
    /// `buffer` was dequeued from this stream and not queued since.
    unsafe fn take(&mut self, buffer: *mut Buffer) {
        // SAFETY: a dequeued buffer and all that it points to stay as they are until it is queued or removed.
        let (metas, chunk, mapped) = unsafe {
            let inner = &*(*buffer).buffer;
            let metas = match inner.n_metas {
                0 => &[][..],
                count => std::slice::from_raw_parts(inner.metas, count as usize),
            };
            if inner.n_datas == 0 {
                (metas, None, false)
            } else {
                let data = &*inner.datas;
                (metas, data.chunk.as_ref().copied(), !data.data.is_null())
            }
        };
        let before = self.damage.len();
        // SAFETY: the producer's memory, of plain words, which is not written while we have the buffer.
        let heard = unsafe { hear(metas, &mut self.damage) };
        self.cursor = heard.cursor.or(self.cursor);
        let empty = |Chunk { size, flags, .. }| size == 0 || flags & CHUNK_CORRUPTED != 0;
        let broken = heard.corrupted || chunk.is_none_or(empty) || !mapped;
        if broken {
            // What changed in it will be seen in the next one, wherever that says it changed.
            self.anything |= chunk.is_some_and(|chunk| chunk.size > 0);
            self.damage.truncate(before);
            // SAFETY: dequeued, and not used any more.
            unsafe { (self.library.pw_stream_queue_buffer)(self.stream, buffer) };
            return;
        }
        self.anything |= self.damage.len() == before || self.damage.len() > 256;
        if self.anything {
            self.damage.clear();
        }
        // SAFETY: as by the contract.
        unsafe { self.give_back() };
        self.newest = buffer;
        self.fresh = true;
        self.since = Instant::now();
    }

    /// Lets the newest picture go, where there is one.
    ///
    /// # Safety
    /// The stream is alive, and its loop is locked.
    unsafe fn give_back(&mut self) {
        let newest = std::mem::replace(&mut self.newest, null_mut());
        self.fresh = false;
        if !newest.is_null() {
            // SAFETY: it was dequeued from this stream, and is not used any more.
            unsafe { (self.library.pw_stream_queue_buffer)(self.stream, newest) };
        }
    }

    /// Whether there is something to copy, for memory that shows nothing yet (`everything`) or the picture before.
    fn there(&self, everything: bool) -> bool {
        !self.newest.is_null() && (self.fresh || everything)
    }
}

/// What comes beside a picture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    corrupted: bool,
    cursor: Option<(i32, i32)>,
}

/// Reads what comes beside a picture; rectangles of damage are added to `damage`.
///
/// # Safety
/// The data of each of `metas` is null, or as long as it says and aligned to words.
unsafe fn hear(metas: &[Meta], damage: &mut Vec<Rect>) -> Heard {
    let mut heard = Heard::default();
    for meta in metas {
        let words = meta.size as usize / 4;
        if meta.data.is_null() || words == 0 {
            continue;
        }
        // SAFETY: by the contract.
        let words = unsafe { std::slice::from_raw_parts(meta.data.cast::<u32>(), words) };
        match meta.kind {
            pod::META_HEADER => heard.corrupted |= words[0] & HEADER_CORRUPTED != 0,
            pod::META_DAMAGE => {
                let regions = words.chunks_exact(4).map(|region| {
                    let [x, y, width, height] = [0, 1, 2, 3].map(|at| region[at] as i32);
                    Rect::new(x, y, width, height)
                });
                damage.extend(regions.take_while(|rect| rect.width != 0 && rect.height != 0));
            }
            pod::META_CURSOR if words.len() >= 4 && words[0] != 0 => {
                heard.cursor = Some((words[2] as i32, words[3] as i32));
            }
            _ => {}
        }
    }
    heard
}

/// One stream of pictures of PipeWire's.
///
/// After an error other than [`Error::Memory`] the stream is of no more use: drop this and begin anew.
pub struct PipeWireCapture {
    library: &'static Library,
    thread_loop: Opaque,
    context: Opaque,
    core: Opaque,
    stream: Opaque,
    told: *mut Told,
    // The library keeps their addresses.
    _events: Box<StreamEvents>,
    _hook: Box<Hook>,
    news: Bell,
    interval: Duration,
    due: Instant,
    format: Format,
    memory: Option<(Mapping, usize)>,
    everything: bool,
    damage: Vec<Rect>,
    owner: u32,
}

// SAFETY: the library's objects may be used from any thread that has locked the loop; all use of them here does that.
unsafe impl Send for PipeWireCapture {}

struct Lock<'l>(&'l Library, Opaque);

impl<'l> Lock<'l> {
    fn new(library: &'l Library, thread_loop: Opaque) -> Self {
        // SAFETY: the loop lives as long as its owner, who calls this outside of it.
        unsafe { (library.pw_thread_loop_lock)(thread_loop) };
        Self(library, thread_loop)
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // SAFETY: locked by `new`, in this thread.
        unsafe { (self.0.pw_thread_loop_unlock)(self.1) };
    }
}

impl PipeWireCapture {
    /// Connects to PipeWire by `remote`, the descriptor that the portal gave, and to the node with this number; waits at
    /// most `patience` to learn what its pictures are like. At most one capture in `interval`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] without libpipewire, or for pictures that are not read here; [`Error::NoReply`],
    /// [`Error::Lost`].
    pub fn connect(
        remote: OwnedFd,
        node: u32,
        interval: Duration,
        patience: Duration,
    ) -> Result<Self, Error> {
        let library = library()?;
        let news = Bell::new()?;
        let told = Box::into_raw(Box::new(Told {
            library,
            stream: null_mut(),
            bell: news.alarm(),
            state: UNCONNECTED + 1,
            error: String::new(),
            since: Instant::now(),
            format: None,
            newest: null_mut(),
            fresh: false,
            buffers: Vec::with_capacity(MOST_BUFFERS),
            damage: Vec::with_capacity(512),
            anything: true,
            cursor: None,
        }));
        let mut capture = Self {
            library,
            thread_loop: null_mut(),
            context: null_mut(),
            core: null_mut(),
            stream: null_mut(),
            told,
            _events: Box::new(EVENTS),
            _hook: Box::new(Hook::EMPTY),
            news,
            interval,
            due: Instant::now(),
            format: Format::default(),
            memory: None,
            everything: true,
            damage: Vec::with_capacity(512),
            owner: std::process::id(),
        };
        capture.start(remote, node)?;
        let deadline = Instant::now() + patience;
        loop {
            if let Some(format) = capture.look(|told| Ok(told.format))? {
                capture.format = format;
                capture.wait_for_buffers(deadline)?;
                return Ok(capture);
            }
            if Instant::now() >= deadline {
                return Err(Error::NoReply(patience));
            }
            capture.news.wait(deadline)?;
        }
    }

    /// Waits a moment for the buffers of a format that was told, so that what they take is known where memory for frames
    /// is made: they come right after it.
    fn wait_for_buffers(&self, deadline: Instant) -> Result<(), Error> {
        let deadline = deadline.min(Instant::now() + BUFFERS);
        while self.look(|told| Ok(told.buffers.is_empty()))? && Instant::now() < deadline {
            if self.news.wait(deadline)? {
                break;
            }
        }
        Ok(())
    }

    fn start(&mut self, remote: OwnedFd, node: u32) -> Result<(), Error> {
        let (library, lost) = (self.library, |what: &str| {
            Error::Lost(format!("PipeWire: {what}"))
        });
        let failed = |what: &str| {
            let error = std::io::Error::last_os_error();
            lost(&format!("{what} ({error})"))
        };
        // SAFETY: calls in the order and with the arguments that the library's documentation asks for. What is made is
        // kept in `self` at once, and ended by `drop`, in the reverse order. The descriptor becomes the context's.
        unsafe {
            self.thread_loop = (library.pw_thread_loop_new)(c"ironcliw".as_ptr(), null());
            if self.thread_loop.is_null() {
                return Err(failed("no loop"));
            }
            let inner = (library.pw_thread_loop_get_loop)(self.thread_loop);
            self.context = (library.pw_context_new)(inner, null_mut(), 0);
            if self.context.is_null() {
                return Err(failed(
                    "no context: is its configuration (client.conf) installed?",
                ));
            }
            if (library.pw_thread_loop_start)(self.thread_loop) < 0 {
                return Err(failed("its loop does not start"));
            }
            let _lock = Lock::new(library, self.thread_loop);
            self.core =
                (library.pw_context_connect_fd)(self.context, remote.into_raw_fd(), null_mut(), 0);
            if self.core.is_null() {
                return Err(failed("it does not let us in"));
            }
            let properties = CString::new(
                "{ media.type = Video media.category = Capture media.role = Screen node.name = ironcliw }",
            )
            .unwrap_or_default();
            let properties = (library.pw_properties_new_string)(properties.as_ptr());
            self.stream = (library.pw_stream_new)(self.core, c"ironcliw".as_ptr(), properties);
            if self.stream.is_null() {
                return Err(failed("no stream"));
            }
            (*self.told).stream = self.stream;
            (library.pw_stream_add_listener)(
                self.stream,
                &mut *self._hook,
                &*self._events,
                self.told.cast(),
            );
            let fps = (1.0 / self.interval.as_secs_f64().max(1e-3))
                .ceil()
                .max(1.0) as u32;
            let formats = pod::formats(fps);
            let flags = AUTOCONNECT | MAP_BUFFERS | DONT_RECONNECT;
            let params = [formats.as_ptr()];
            if (library.pw_stream_connect)(self.stream, INPUT, node, flags, params.as_ptr(), 1) < 0
            {
                return Err(failed("the stream cannot be connected"));
            }
        }
        Ok(())
    }

    /// Width and height of pictures.
    pub fn size(&self) -> (i32, i32) {
        (self.format.width as i32, self.format.height as i32)
    }

    /// Bytes of the stream's buffers that are mapped here.
    pub fn mapped_bytes(&self) -> usize {
        let bytes = |told: &mut Told| Ok(told.buffers.iter().map(|&(_, bytes)| bytes).sum());
        self.look(bytes).unwrap_or(0)
    }

    /// Where the pointer was seen last, in pixels; `None` where the stream does not say.
    pub fn cursor(&self) -> Option<(i32, i32)> {
        self.look(|told| Ok(told.cursor)).ok().flatten()
    }

    /// Where the last capture may differ from the one before; of no meaning where that was a whole one.
    pub fn damage(&self) -> &[Rect] {
        &self.damage
    }

    /// Captures into the memory file `fd` from byte `start` on, from now on. What is there shows what was captured last,
    /// or the next capture is a whole one (`anew`).
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::NoMemory`].
    pub fn attach(&mut self, fd: i32, start: usize, anew: bool) -> Result<(), Error> {
        let memory = match self.memory.take() {
            Some((memory, _)) if !anew => memory,
            _ => Mapping::of_caller(fd)?,
        };
        let length = self.format.width as usize * self.format.height as usize * 4;
        if start
            .checked_add(length)
            .is_none_or(|end| end > memory.length())
        {
            return Err(Error::Memory(format!(
                "{length} bytes from {start} do not lie in a file of {}",
                memory.length()
            )));
        }
        self.memory = Some((memory, start));
        if anew {
            self.everything = true;
            self.due = Instant::now(); // the present picture, at once
        }
        Ok(())
    }

    /// Ends [`Self::next`] early, from any thread.
    pub fn alarm(&self) -> Alarm {
        self.news.interrupter()
    }

    /// Waits at most `timeout` for a picture, and copies what changed. Ends early, with [`StreamUpdate::Idle`], where a
    /// signal arrives or the alarm rings.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing is attached; [`Error::Lost`] where the stream ended, [`Error::NoReply`] where it
    /// stands still though it should not.
    pub fn next(&mut self, timeout: Duration) -> Result<StreamUpdate, Error> {
        let deadline = Instant::now() + timeout.min(Duration::from_secs(1 << 30));
        loop {
            let (now, everything) = (Instant::now(), self.everything);
            let (format, there, stalled) = self.look(|told| {
                let fixed = told.format.is_some_and(|format| format.rate[0] > 0);
                let waits = !told.fresh && (fixed || told.state != STREAMING);
                let slow = told.format.map_or(Duration::ZERO, |format| {
                    Duration::from_secs(10) * format.rate[1] / format.rate[0].max(1)
                });
                let limit = STALLED.max(if fixed { slow } else { Duration::ZERO });
                let stalled = waits && now.saturating_duration_since(told.since) > limit;
                Ok((told.format, told.there(everything), stalled))
            })?;
            if let Some(format) = format
                && format != self.format
            {
                let resized =
                    (format.width, format.height) != (self.format.width, self.format.height);
                self.format = format;
                self.everything = true;
                if resized {
                    self.memory = None;
                    self.wait_for_buffers(deadline)?;
                    return Ok(StreamUpdate::Resized);
                }
            }
            if self.memory.is_none() {
                return Err(Error::Memory("none is attached".to_owned()));
            }
            if there && now >= self.due {
                return self.copy();
            }
            if stalled {
                return Err(Error::NoReply(STALLED));
            }
            let until = if there { self.due } else { now + STALLED / 2 };
            if self.news.wait(until.min(deadline))? || Instant::now() >= deadline {
                let now = Instant::now();
                let ready = there && now >= self.due;
                if !ready {
                    return Ok(StreamUpdate::Idle);
                }
            }
        }
    }

    /// Copies what changed of the newest picture, or all of it. It is kept until the next one comes.
    fn copy(&mut self) -> Result<StreamUpdate, Error> {
        let (library, thread_loop) = (self.library, self.thread_loop);
        let _lock = Lock::new(library, thread_loop);
        // SAFETY: the loop is locked, so nobody else touches it.
        let told = unsafe { &mut *self.told };
        if !told.there(self.everything) || told.format != Some(self.format) {
            return Ok(StreamUpdate::Idle); // its memory was taken back a moment ago
        }
        let buffer = told.newest;
        told.fresh = false;
        let swapped = matches!(self.format.format, pod::RGBX | pod::RGBA);
        let mut offer = Offer {
            width: self.format.width as i32,
            height: self.format.height as i32,
            format: if swapped {
                u32::from_le_bytes(*b"XB24")
            } else {
                1
            },
            ..Offer::default()
        };
        let whole = std::mem::take(&mut told.anything) || self.everything;
        self.damage.clear();
        if whole {
            self.damage.push(Rect::new(0, 0, offer.width, offer.height));
        } else {
            let inside = |rect: &Rect| rect.within(offer.width, offer.height);
            self.damage.extend(told.damage.iter().filter_map(inside));
        }
        told.damage.clear();
        // SAFETY: held since it was dequeued; `take` has seen that there is data. The producer leaves it alone until it is
        // queued, and what lies in it are plain bytes.
        let pixels = unsafe {
            let data = &*(*(*buffer).buffer).datas;
            let chunk = *data.chunk;
            let offset = (chunk.offset % data.max_size.max(1)) as usize;
            offer.stride = if chunk.stride == 0 {
                offer.width * 4
            } else {
                chunk.stride
            };
            std::slice::from_raw_parts(data.data.add(offset), data.max_size as usize - offset)
        };
        let fits = offer.stride >= offer.width * 4
            && pixels.len()
                >= offer.stride as usize * (offer.height as usize - 1) + offer.width as usize * 4;
        let mut bytes = 0;
        if let Some((memory, start)) = self.memory.as_mut().filter(|_| fits) {
            let length = offer.width as usize * offer.height as usize * 4;
            let frame = memory.bytes_mut(*start..*start + length);
            for &rect in &self.damage {
                offer.copy(pixels, frame, rect);
                bytes += rect.width as u64 * rect.height as u64 * 4;
            }
        }
        if !fits {
            return Err(Error::Unsupported(format!(
                "PipeWire hands out {} bytes for {} x {} pixels in rows of {}",
                pixels.len(),
                offer.width,
                offer.height,
                offer.stride
            )));
        }
        self.everything = false;
        let now = Instant::now();
        self.due = if now < self.due + self.interval {
            self.due + self.interval
        } else {
            now + self.interval
        };
        if self.damage.is_empty() {
            return Ok(StreamUpdate::Idle);
        }
        Ok(StreamUpdate::Captured { whole, bytes })
    }

    fn look<T>(&self, with: impl FnOnce(&mut Told) -> Result<T, Error>) -> Result<T, Error> {
        let _lock = Lock::new(self.library, self.thread_loop);
        // SAFETY: the loop is locked, so nobody else touches it.
        let told = unsafe { &mut *self.told };
        match told.state {
            STATE_ERROR => Err(Error::Lost(format!("the stream failed: {}", told.error))),
            UNCONNECTED => Err(Error::Lost("the stream ended".to_owned())),
            _ => with(told),
        }
    }
}

impl Drop for PipeWireCapture {
    fn drop(&mut self) {
        if std::process::id() != self.owner {
            return; // a forked child has neither the thread nor a right to speak on the connection
        }
        let library = self.library;
        // SAFETY: each was made by `start`, or is null; the reverse order. The loop is not locked. No callback comes once
        // the stream is gone, so that what they are given can be freed.
        unsafe {
            if !self.thread_loop.is_null() {
                {
                    let _lock = Lock::new(library, self.thread_loop);
                    if !self.stream.is_null() {
                        (library.pw_stream_destroy)(self.stream);
                    }
                    if !self.core.is_null() {
                        (library.pw_core_disconnect)(self.core);
                    }
                }
                (library.pw_thread_loop_stop)(self.thread_loop);
                if !self.context.is_null() {
                    (library.pw_context_destroy)(self.context);
                }
                (library.pw_thread_loop_destroy)(self.thread_loop);
            }
            drop(Box::from_raw(self.told));
        }
    }
}

const EVENTS: StreamEvents = StreamEvents {
    version: 0,
    destroy: None,
    state_changed: Some(state_changed),
    control_info: None,
    io_changed: None,
    param_changed: Some(param_changed),
    add_buffer: Some(add_buffer),
    remove_buffer: Some(remove_buffer),
    process: Some(process),
    drained: None,
};

/// What a callback was given: see [`Told`].
///
/// # Safety
/// `data` is what the listener was added with, and the loop is locked by whoever called us.
unsafe fn told<'t>(data: *mut c_void) -> &'t mut Told {
    // SAFETY: by the contract.
    unsafe { &mut *data.cast() }
}

unsafe extern "C" fn state_changed(
    data: *mut c_void,
    _: c_int,
    state: c_int,
    error: *const c_char,
) {
    // SAFETY: called by the stream, with what was given with the listener.
    let told = unsafe { told(data) };
    told.state = state;
    told.since = Instant::now();
    if !error.is_null() {
        // SAFETY: a text of the library's, which lasts for this call.
        told.error = unsafe { CStr::from_ptr(error) }
            .to_string_lossy()
            .into_owned();
    }
    told.bell.ring();
}

unsafe extern "C" fn param_changed(data: *mut c_void, id: u32, param: *const u32) {
    if id != pod::FORMAT || param.is_null() {
        return;
    }
    // SAFETY: called by the stream, with what was given with the listener; a parameter's first word is its length in bytes
    // beside the two words of its header, and it is of whole words.
    let (told, words) = unsafe {
        let length = 2 + *param as usize / 4;
        (told(data), std::slice::from_raw_parts(param, length))
    };
    let Some(format) = pod::read_format(words) else {
        return;
    };
    // A picture of the format before is never taken for one of this.
    // SAFETY: the stream is alive, as it calls us.
    unsafe { told.give_back() };
    told.damage.clear();
    told.format = Some(format);
    told.anything = true;
    let buffers = pod::buffers(&format);
    let params = [0, 1, 2, 3].map(|number: usize| buffers[number].as_ptr());
    // SAFETY: the stream is alive, as it calls us; it copies the parameters.
    unsafe { (told.library.pw_stream_update_params)(told.stream, params.as_ptr(), 4) };
    told.bell.ring();
}

unsafe extern "C" fn add_buffer(data: *mut c_void, buffer: *mut Buffer) {
    // SAFETY: called by the stream, with what was given with the listener; what it tells of is there until it is removed.
    let (told, datas) = unsafe {
        let inner = &*(*buffer).buffer;
        let datas = match inner.n_datas {
            0 => &[][..],
            count => std::slice::from_raw_parts(inner.datas, count as usize),
        };
        (told(data), datas)
    };
    let mapped = datas.iter().filter(|data| !data.data.is_null());
    let bytes = mapped.map(|data| data.max_size as usize).sum();
    told.buffers.push((buffer, bytes));
    told.bell.ring();
}

unsafe extern "C" fn remove_buffer(data: *mut c_void, buffer: *mut Buffer) {
    // SAFETY: called by the stream, with what was given with the listener.
    let told = unsafe { told(data) };
    told.buffers.retain(|&(known, _)| known != buffer);
    if told.newest == buffer {
        told.newest = null_mut();
        told.fresh = false;
        told.anything = true;
    }
}

unsafe extern "C" fn process(data: *mut c_void) {
    // SAFETY: called by the stream, with what was given with the listener; not from the real-time thread, as that was not
    // asked for.
    unsafe {
        let told = told(data);
        loop {
            let buffer = (told.library.pw_stream_dequeue_buffer)(told.stream);
            if buffer.is_null() {
                break;
            }
            told.take(buffer);
        }
        told.bell.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(kind: u32, words: &mut [u32]) -> Meta {
        Meta {
            kind,
            size: words.len() as u32 * 4,
            data: words.as_mut_ptr().cast(),
        }
    }

    #[test]
    fn damage_ends_at_the_first_empty_region_and_the_pointer_is_where_it_says() {
        let mut regions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0, 0, 1, 1, 1, 1];
        let (mut header, mut cursor) = ([0; 8], [1, 0, 70, 80, 0, 0, 0]);
        let metas = [
            meta(pod::META_HEADER, &mut header),
            meta(pod::META_DAMAGE, &mut regions),
            meta(pod::META_CURSOR, &mut cursor),
        ];
        let mut damage = Vec::new();
        // SAFETY: words of ours, as long as is said.
        let heard = unsafe { hear(&metas, &mut damage) };
        assert_eq!(damage, [Rect::new(1, 2, 3, 4), Rect::new(5, 6, 7, 8)]);
        assert_eq!((heard.corrupted, heard.cursor), (false, Some((70, 80))));
    }

    #[test]
    fn what_is_too_short_or_nothing_says_nothing() {
        let (mut header, mut short, mut cursor) = ([HEADER_CORRUPTED], [1, 2, 3], [7]);
        let mut none = meta(pod::META_DAMAGE, &mut []);
        none.data = null_mut();
        none.size = 64;
        let metas = [
            meta(pod::META_HEADER, &mut header),
            meta(pod::META_DAMAGE, &mut short),
            meta(pod::META_CURSOR, &mut cursor),
            none,
        ];
        let mut damage = Vec::new();
        // SAFETY: words of ours, as long as is said, or null.
        let heard = unsafe { hear(&metas, &mut damage) };
        assert!(damage.is_empty());
        assert_eq!((heard.corrupted, heard.cursor), (true, None));
    }
}
