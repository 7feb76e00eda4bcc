//! The socket to a compositor: what is to be written, what was read, who is called what, and when to stop waiting.

use std::env;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{Errno, IoSlice};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::Error;
use crate::wire::{Event, Message};

/// The object that every connection begins with.
pub(crate) const DISPLAY: u32 = 1;

/// The longest event there is.
const LONGEST_EVENT: usize = 1 << 16;

/// Ends a wait from another thread; where none is under way, the next one.
#[derive(Clone, Debug)]
pub struct Alarm(Arc<OwnedFd>);

impl Alarm {
    fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(Arc::new(eventfd(0, flags)?)))
    }

    /// Rings.
    pub fn ring(&self) {
        // It fails only where it has rung 2^64 - 1 times and nobody has heard it.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Whether it has rung since this was asked.
    fn rang(&self) -> bool {
        rustix::io::read(&self.0, &mut [0; 8]).is_ok()
    }
}

/// Something to wait for beside an alarm: another thread's news.
pub(crate) struct Bell {
    news: Alarm,
    alarm: Alarm,
}

impl Bell {
    pub(crate) fn new() -> Result<Self, Error> {
        let made = || {
            Ok(Self {
                news: Alarm::new()?,
                alarm: Alarm::new()?,
            })
        };
        made().map_err(lost)
    }

    /// What is rung where there is news.
    pub(crate) fn alarm(&self) -> Alarm {
        self.news.clone()
    }

    /// What is rung to end a wait.
    pub(crate) fn interrupter(&self) -> Alarm {
        self.alarm.clone()
    }

    /// Waits for news, or until `until`. True where a signal or the alarm ended it.
    pub(crate) fn wait(&self, until: Instant) -> Result<bool, Error> {
        let timeout = timespec(until);
        let mut watched = [&self.news, &self.alarm]
            .map(|alarm| PollFd::from_borrowed_fd(alarm.0.as_fd(), PollFlags::IN));
        match poll(&mut watched, Some(&timeout)) {
            Ok(_) => {
                self.news.rang();
                Ok(self.alarm.rang())
            }
            Err(Errno::INTR) => Ok(true),
            Err(error) => Err(lost(error.into())),
        }
    }
}

fn timespec(until: Instant) -> Timespec {
    let left = until.saturating_duration_since(Instant::now());
    Timespec {
        tv_sec: left.as_secs() as _,
        tv_nsec: left.subsec_nanos() as _,
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    Compositor,
    Alarm,
    Time,
}

pub(crate) struct Connection {
    stream: UnixStream,
    alarm: Alarm,
    written: Vec<u8>,
    read: Vec<u8>,
    /// Which part of `read` has not been looked at yet.
    unread: std::ops::Range<usize>,
    next_id: u32,
    free_ids: Vec<u32>,
}

impl Connection {
    /// Connects to the socket that is named, else to the environment's.
    pub(crate) fn open(display: Option<&str>) -> Result<Self, Error> {
        let path = socket_path(display)?;
        let stream = UnixStream::connect(&path).map_err(|error| refused(&path, &error))?;
        let made = || {
            stream.set_nonblocking(true)?;
            Alarm::new()
        };
        let alarm = made().map_err(lost)?;
        Ok(Self {
            stream,
            alarm,
            written: Vec::with_capacity(LONGEST_EVENT),
            read: vec![0; 2 * LONGEST_EVENT],
            unread: 0..0,
            next_id: DISPLAY + 1,
            free_ids: Vec::with_capacity(64),
        })
    }

    pub(crate) fn alarm(&self) -> Alarm {
        self.alarm.clone()
    }

    /// A name for a new object.
    pub(crate) fn new_id(&mut self) -> u32 {
        self.free_ids.pop().unwrap_or_else(|| {
            self.next_id += 1;
            self.next_id - 1
        })
    }

    /// The compositor has forgotten this object.
    pub(crate) fn free_id(&mut self, id: u32) {
        self.free_ids.push(id);
    }

    /// A request, sent with the next [`Self::flush`].
    pub(crate) fn request(&mut self, object: u32, opcode: u32) -> Message<'_> {
        Message::new(&mut self.written, object, opcode)
    }

    /// Sends what was requested; with it a descriptor, which belongs to the last request.
    pub(crate) fn flush(
        &mut self,
        fd: Option<BorrowedFd<'_>>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let fds: Vec<BorrowedFd<'_>> = fd.into_iter().collect();
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&fds));
        }
        let mut sent = 0;
        while sent < self.written.len() {
            let slices = [IoSlice::new(&self.written[sent..])];
            match sendmsg(&self.stream, &slices, &mut ancillary, SendFlags::NOSIGNAL) {
                Ok(count) => {
                    sent += count;
                    ancillary.clear();
                }
                Err(Errno::AGAIN) if Instant::now() < deadline => {
                    self.wait(deadline, PollFlags::OUT, false)?;
                }
                Err(Errno::AGAIN) => return Err(Error::NoReply(Duration::ZERO)),
                Err(Errno::INTR) => {}
                // Why it closed the connection may be read yet.
                Err(Errno::PIPE | Errno::CONNRESET) => break,
                Err(error) => return Err(lost(error.into())),
            }
        }
        self.written.clear();
        Ok(())
    }

    /// Reads what the compositor has sent, without waiting. False where that is nothing.
    pub(crate) fn receive(&mut self) -> Result<bool, Error> {
        let left = self.unread.len();
        self.read.copy_within(self.unread.clone(), 0);
        self.unread = 0..left;
        match rustix::io::read(&self.stream, &mut self.read[left..]) {
            Ok(0) => Err(Error::Lost("it closed the connection".to_owned())),
            Ok(count) => {
                self.unread.end += count;
                Ok(true)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Err(error) => Err(lost(error.into())),
        }
    }

    /// The next event that was received.
    pub(crate) fn event(&mut self) -> Result<Option<Event<'_>>, Error> {
        let Some((event, size)) = Event::first(&self.read[self.unread.clone()])? else {
            return Ok(None);
        };
        self.unread.start += size;
        Ok(Some(event))
    }

    /// Waits until the compositor sends something, or `until`.
    pub(crate) fn sleep(&self, until: Instant) -> Result<Woken, Error> {
        self.wait(until, PollFlags::IN, true)
    }

    /// Waits until `until`, whatever the compositor sends, or it goes away.
    pub(crate) fn nap(&self, until: Instant) -> Result<Woken, Error> {
        self.wait(until, PollFlags::empty(), true)
    }

    fn wait(&self, until: Instant, news: PollFlags, alarmed: bool) -> Result<Woken, Error> {
        let timeout = timespec(until);
        let heard = if alarmed {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        let mut watched = [
            PollFd::from_borrowed_fd(self.stream.as_fd(), news),
            PollFd::from_borrowed_fd(self.alarm.0.as_fd(), heard),
        ];
        match poll(&mut watched, Some(&timeout)) {
            Ok(_) if !watched[1].revents().is_empty() && self.alarm.rang() => Ok(Woken::Alarm),
            Ok(_) if !watched[0].revents().is_empty() => Ok(Woken::Compositor),
            Ok(_) => Ok(Woken::Time),
            // A signal may be what ends this program.
            Err(Errno::INTR) => Ok(Woken::Alarm),
            Err(error) => Err(lost(error.into())),
        }
    }
}

fn socket_path(display: Option<&str>) -> Result<PathBuf, Error> {
    let named = |name| env::var_os(name).filter(|value| !value.is_empty());
    let name = display
        .filter(|name| !name.is_empty())
        .map(Into::into)
        .or_else(|| named("WAYLAND_DISPLAY"))
        .ok_or_else(|| {
            Error::NoCompositor(
                "no Wayland compositor is named: set WAYLAND_DISPLAY, as in wayland-0".to_owned(),
            )
        })?;
    let path = PathBuf::from(name);
    if path.is_absolute() {
        return Ok(path);
    }
    named("XDG_RUNTIME_DIR")
        .map(|folder| PathBuf::from(folder).join(&path))
        .ok_or_else(|| {
            Error::NoCompositor(format!(
                "no Wayland compositor is found at '{}': XDG_RUNTIME_DIR is not set",
                path.display()
            ))
        })
}

fn refused(path: &std::path::Path, error: &io::Error) -> Error {
    let socket = path.display().to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied => Error::Denied {
            socket,
            reason: "only the user whose session it is may use this socket".to_owned(),
        },
        io::ErrorKind::NotFound => Error::NoCompositor(format!(
            "no Wayland compositor at {socket}: there is no such socket"
        )),
        _ => Error::NoCompositor(format!(
            "no Wayland compositor answers at {socket}: {error}"
        )),
    }
}

fn lost(error: io::Error) -> Error {
    Error::Lost(error.to_string())
}
