//! A connection on which nothing waits for ever.
//!
//! A server that is stopped keeps its sockets open, so an ordinary client blocks in `connect`, in the set-up or in its
//! next reply until someone ends it. Here each wait has an end, after which the caller hears [`Error::NoReply`].

use std::cell::Cell;
use std::io::{self, ErrorKind, IoSlice};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect as connect_socket, socket_with,
};
use x11rb::connection::{Connection as _, RequestConnection};
use x11rb::cookie::Cookie;
use x11rb::errors::{
    ConnectError, ConnectionError, DisplayParsingError, ReplyError, ReplyOrIdError,
};
use x11rb::reexports::x11rb_protocol::parse_display::{
    ConnectAddress, ParsedDisplay, parse_display,
};
use x11rb::reexports::x11rb_protocol::xauth::{Family, get_auth};
use x11rb::rust_connection::{DefaultStream, PollMode, RustConnection, Stream};
use x11rb::utils::RawFdContainer;
use x11rb::x11_utils::{TryParse, X11Error};

use crate::Error;

/// A connection whose every wait ends.
pub(crate) type Connection = RustConnection<DeadlineStream>;

/// A socket on which each wait for the server ends after `reply_timeout` without any progress.
///
/// It asks the system only what it does not know: a read that did not fill its buffer has emptied the socket until a
/// poll says otherwise, and a socket can be written to until a write says otherwise. A capture every 100 ms finds every
/// cache cold, where each call to the system costs a multiple of what it costs in a loop.
#[derive(Debug)]
pub(crate) struct DeadlineStream {
    inner: DefaultStream,
    reply_timeout: Cell<Duration>,
    local: bool,
    /// What the server had sent was read.
    drained: Cell<bool>,
    /// The last write found no room.
    full: Cell<bool>,
    /// Ends [`DeadlineStream::sleep`] early.
    alarm: Alarm,
}

impl DeadlineStream {
    fn new(inner: DefaultStream, reply_timeout: Duration, local: bool) -> io::Result<Self> {
        Ok(Self {
            inner,
            reply_timeout: Cell::new(reply_timeout),
            local,
            drained: Cell::new(false),
            full: Cell::new(false),
            alarm: Alarm::new()?,
        })
    }

    /// What ends a sleep early.
    pub(crate) fn alarm(&self) -> Alarm {
        self.alarm.clone()
    }

    /// Whether the server is on this machine, so that file descriptors can be handed to it.
    pub(crate) fn is_local(&self) -> bool {
        self.local
    }

    /// From now on the longest wait without progress.
    pub(crate) fn wait_at_most(&self, reply_timeout: Duration) {
        self.reply_timeout.set(reply_timeout);
    }

    /// Sleeps until the server has sent something, or `until`. False where a signal or the alarm ended the sleep.
    pub(crate) fn sleep(&self, until: Instant) -> Result<bool, Error> {
        self.wait(until, PollFlags::IN)
    }

    /// Sleeps until `until`, whatever the server sends, or the server goes away. False as for [`Self::sleep`].
    pub(crate) fn nap(&self, until: Instant) -> Result<bool, Error> {
        self.drained.set(false);
        self.wait(until, PollFlags::empty())
    }

    fn wait(&self, until: Instant, news: PollFlags) -> Result<bool, Error> {
        let timeout = timespec(until.saturating_duration_since(Instant::now()));
        let mut watched = [
            PollFd::from_borrowed_fd(self.inner.as_fd(), news),
            PollFd::from_borrowed_fd(self.alarm.0.as_fd(), PollFlags::IN),
        ];
        match poll(&mut watched, Some(&timeout)) {
            Ok(_) => {
                self.drained
                    .set(self.drained.get() && watched[0].revents().is_empty());
                Ok(watched[1].revents().is_empty() || !self.alarm.rang())
            }
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(Error::Lost(error.to_string())),
        }
    }
}

/// Ends the sleep of a [`DeadlineStream`] from another thread; where none sleeps, the next one.
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

impl AsFd for DeadlineStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl Stream for DeadlineStream {
    fn poll(&self, mode: PollMode) -> io::Result<()> {
        if mode.writable() && !self.full.get() {
            return Ok(());
        }
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, mode.readable());
        flags.set(PollFlags::OUT, mode.writable());
        let deadline = Instant::now() + self.reply_timeout.get();
        loop {
            let timeout = timespec(deadline.saturating_duration_since(Instant::now()));
            match poll(
                &mut [PollFd::from_borrowed_fd(self.inner.as_fd(), flags)],
                Some(&timeout),
            ) {
                Ok(0) => return Err(ErrorKind::TimedOut.into()),
                Ok(_) => {
                    self.drained.set(false);
                    self.full.set(false);
                    return Ok(());
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn read(&self, buf: &mut [u8], fd_storage: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        if self.drained.get() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = self.inner.read(buf, fd_storage);
        self.drained.set(match &read {
            Ok(length) => (1..buf.len()).contains(length),
            Err(_) => would_block(&read),
        });
        read
    }

    fn write(&self, buf: &[u8], fds: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        let written = self.inner.write(buf, fds);
        self.full.set(would_block(&written));
        written
    }

    fn write_vectored(
        &self,
        bufs: &[IoSlice<'_>],
        fds: &mut Vec<RawFdContainer>,
    ) -> io::Result<usize> {
        let written = self.inner.write_vectored(bufs, fds);
        self.full.set(would_block(&written));
        written
    }
}

fn would_block(done: &io::Result<usize>) -> bool {
    matches!(done, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: duration.as_secs() as i64,
        tv_nsec: i64::from(duration.subsec_nanos()) as _,
    }
}

/// Connects to `display` (`None`: the environment's), and says which of its screens was asked for.
pub(crate) fn connect(
    display: Option<&str>,
    reply_timeout: Duration,
) -> Result<(Connection, usize), Error> {
    let parsed =
        parse_display(display).map_err(|error| Error::NoDisplay(unusable_name(display, &error)))?;
    let name = display_name(display);
    let (stream, family, address) = open(&parsed, &name, reply_timeout)?;
    // As other clients do: an unreadable cookie file is the same as none; the server then says whether it minds.
    let (auth_name, auth_data) = get_auth(family, &address, parsed.display)
        .ok()
        .flatten()
        .unwrap_or_default();
    let screen = usize::from(parsed.screen);
    RustConnection::connect_to_stream_with_auth_info(stream, screen, auth_name, auth_data)
        .map(|connection| (connection, screen))
        .map_err(|error| refused(&name, screen, error, reply_timeout))
}

/// The display's name as messages show it.
pub(crate) fn display_name(display: Option<&str>) -> String {
    display.map_or_else(
        || std::env::var("DISPLAY").unwrap_or_default(),
        str::to_owned,
    )
}

fn unusable_name(display: Option<&str>, error: &DisplayParsingError) -> String {
    match (error, display) {
        (DisplayParsingError::DisplayNotSet, _) => "no display: DISPLAY is not set".to_owned(),
        _ => format!(
            "'{}' is not the name of a display: it looks like ':0'",
            display_name(display)
        ),
    }
}

fn open(
    parsed: &ParsedDisplay,
    name: &str,
    reply_timeout: Duration,
) -> Result<(DeadlineStream, Family, Vec<u8>), Error> {
    let mut why = "no such address".to_owned();
    for address in parsed.connect_instruction() {
        let socket = match &address {
            ConnectAddress::Socket(path) => {
                open_unix(path).and_then(DefaultStream::from_unix_stream)
            }
            ConnectAddress::Hostname(host, port) => {
                open_tcp(host, *port, reply_timeout).and_then(DefaultStream::from_tcp_stream)
            }
            _ => continue,
        };
        match socket {
            Ok((inner, (family, peer))) => {
                let local = matches!(address, ConnectAddress::Socket(_));
                let stream = DeadlineStream::new(inner, reply_timeout, local)
                    .map_err(|error| Error::Lost(error.to_string()))?;
                return Ok((stream, family, peer));
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(Error::Denied {
                    display: name.to_owned(),
                    reason: error.to_string(),
                });
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(Error::NoReply(reply_timeout));
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(Error::NoDisplay(format!(
        "cannot connect to display '{name}': {why}"
    )))
}

/// Connects to the socket file, or to the abstract socket of the same name where there is no file. Never blocks:
/// `WouldBlock` means that the server has stopped taking connections.
fn open_unix(path: &str) -> io::Result<UnixStream> {
    let connect_to = |address: SocketAddrUnix| -> io::Result<UnixStream> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        connect_socket(&socket, &address)?;
        Ok(UnixStream::from(socket))
    };
    connect_to(SocketAddrUnix::new(path)?).or_else(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            connect_to(SocketAddrUnix::new_abstract_name(path.as_bytes())?).map_err(|_| error)
        }
        _ => Err(error),
    })
}

fn open_tcp(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let mut why = io::Error::from(ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn refused(name: &str, screen: usize, error: ConnectError, reply_timeout: Duration) -> Error {
    let no_display =
        |why: String| Error::NoDisplay(format!("cannot connect to display '{name}': {why}"));
    match error {
        ConnectError::IoError(error) if error.kind() == ErrorKind::TimedOut => {
            Error::NoReply(reply_timeout)
        }
        ConnectError::SetupFailed(failed) => {
            let reason = one_line(&failed.reason);
            let lower = reason.to_lowercase();
            if ["auth", "cookie", "no protocol specified", "permission"]
                .iter()
                .any(|word| lower.contains(word))
            {
                Error::Denied {
                    display: name.to_owned(),
                    reason,
                }
            } else {
                no_display(reason)
            }
        }
        ConnectError::SetupAuthenticate(more) => Error::Denied {
            display: name.to_owned(),
            reason: one_line(&more.reason),
        },
        ConnectError::InvalidScreen => no_display(format!("it has no screen {screen}")),
        other => no_display(other.to_string()),
    }
}

fn one_line(reason: &[u8]) -> String {
    let text = String::from_utf8_lossy(reason);
    text.trim_matches(['\0', '\n', ' '])
        .replace(['\n', '\0'], " ")
}

/// A request as x11rb hands it out: the cookie of its reply, or why it could not be sent.
pub(crate) type Sent<'c, R> = Result<Cookie<'c, Connection, R>, ConnectionError>;

/// The reply to a request whose refusal by the server is not expected.
pub(crate) fn reply<R: TryParse>(connection: &Connection, sent: Sent<'_, R>) -> Result<R, Error> {
    optional_reply(connection, sent)?.map_err(|error| {
        let request = error.request_name.unwrap_or("a request");
        Error::Lost(format!(
            "the X server refused {request}: {:?}",
            error.error_kind
        ))
    })
}

/// The reply to a request that the server may refuse: the inner error is its refusal.
pub(crate) fn optional_reply<R: TryParse>(
    connection: &Connection,
    sent: Sent<'_, R>,
) -> Result<Result<R, X11Error>, Error> {
    match sent.map_err(|error| failed(connection, error))?.reply() {
        Ok(reply) => Ok(Ok(reply)),
        Err(ReplyError::X11Error(error)) => Ok(Err(error)),
        Err(ReplyError::ConnectionError(error)) => Err(failed(connection, error)),
    }
}

/// Whether the server has the extension.
pub(crate) fn has_extension(connection: &Connection, name: &'static str) -> Result<bool, Error> {
    let information = connection
        .extension_information(name)
        .map_err(|error| failed(connection, error))?;
    Ok(information.is_some())
}

/// An identifier for a new resource of ours.
pub(crate) fn new_id(connection: &Connection) -> Result<u32, Error> {
    connection.generate_id().map_err(|error| match error {
        ReplyOrIdError::ConnectionError(error) => failed(connection, error),
        other => Error::Lost(other.to_string()),
    })
}

/// What a broken connection means.
pub(crate) fn failed(connection: &Connection, error: ConnectionError) -> Error {
    match error {
        ConnectionError::IoError(error) if error.kind() == ErrorKind::TimedOut => {
            Error::NoReply(connection.stream().reply_timeout.get())
        }
        ConnectionError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Error::Lost("the X server closed the connection".to_owned())
        }
        other => Error::Lost(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::net::UnixListener;

    const TIMEOUT: Duration = Duration::from_millis(50);

    #[test]
    fn an_unusable_name_is_one_clear_line() {
        for name in ["", "nonsense", ":", ":x", ":1.y"] {
            let error = connect(Some(name), TIMEOUT).unwrap_err();
            assert!(
                matches!(&error, Error::NoDisplay(text) if text.lines().count() == 1),
                "{name}: {error}"
            );
        }
    }

    #[test]
    fn nobody_there_is_no_display() {
        let error = connect(Some("unix/:54321"), TIMEOUT).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot connect to display 'unix/:54321'"),
            "{error}"
        );
    }

    #[test]
    fn a_server_that_never_answers_ends_in_no_reply() {
        let (ours, _silent_server) = UnixStream::pair().unwrap();
        let (inner, _) = DefaultStream::from_unix_stream(ours).unwrap();
        let stream = DeadlineStream::new(inner, TIMEOUT, true).unwrap();
        let error = RustConnection::connect_to_stream(stream, 0).unwrap_err();
        assert!(matches!(
            refused(":7", 0, error, TIMEOUT),
            Error::NoReply(TIMEOUT)
        ));
    }

    fn pair() -> (DeadlineStream, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (inner, _) = DefaultStream::from_unix_stream(ours).unwrap();
        (DeadlineStream::new(inner, TIMEOUT, true).unwrap(), theirs)
    }

    #[test]
    fn what_comes_after_the_socket_was_emptied_is_read_after_the_next_poll() {
        let (stream, mut server) = pair();
        let read = || stream.read(&mut [0; 8], &mut Vec::new());
        for _ in 0..2 {
            server.write_all(b"abc").unwrap();
            stream.poll(PollMode::Readable).unwrap();
            assert_eq!(read().unwrap(), 3);
            assert!(would_block(&read()));
        }
        server.write_all(&[0; 12]).unwrap();
        assert!(stream.sleep(Instant::now() + TIMEOUT).unwrap());
        assert_eq!((read().unwrap(), read().unwrap()), (8, 4));
        drop(server);
        stream.poll(PollMode::Readable).unwrap();
        assert_eq!(read().unwrap(), 0);
    }

    #[test]
    fn a_server_that_reads_nothing_is_waited_for_and_then_given_up() {
        let (stream, _silent_server) = pair();
        let error = loop {
            if let Err(error) = stream.poll(PollMode::ReadAndWritable) {
                break error;
            }
            let _ = stream.write(&[0; 65_536], &mut Vec::new());
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn an_alarm_ends_one_sleep() {
        let (stream, _server) = pair();
        stream.alarm().ring();
        let late = Instant::now() + Duration::from_secs(60);
        assert!(!stream.sleep(late).unwrap());
        assert!(stream.sleep(Instant::now() + TIMEOUT).unwrap());
    }

    #[test]
    fn a_nap_is_ended_by_the_alarm_and_by_the_servers_end_but_not_by_what_it_sends() {
        let (stream, mut server) = pair();
        let late = || Instant::now() + Duration::from_secs(60);
        stream.alarm().ring();
        assert!(!stream.nap(late()).unwrap());
        server.write_all(&[0; 4]).unwrap();
        let until = Instant::now() + TIMEOUT;
        assert!(stream.nap(until).unwrap());
        assert!(Instant::now() >= until);
        drop(server);
        assert!(stream.nap(late()).unwrap());
    }

    #[test]
    fn a_server_that_takes_no_more_connections_does_not_block() {
        let path = std::env::temp_dir().join(format!("ironcliw-full-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        let path_name = path.to_str().unwrap();
        let mut held = Vec::new();
        let error = loop {
            match open_unix(path_name) {
                Ok(stream) => held.push(stream),
                Err(error) => break error,
            }
            assert!(
                held.len() < 100_000,
                "the queue of the listener never fills"
            );
        };
        drop(listener);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn reasons_are_told_apart() {
        use x11rb::protocol::xproto::SetupFailed;
        let failed = |reason: &str| {
            let setup = SetupFailed {
                status: 0,
                protocol_major_version: 11,
                protocol_minor_version: 0,
                length: 0,
                reason: reason.as_bytes().to_vec(),
            };
            refused(":7", 0, ConnectError::SetupFailed(setup), TIMEOUT)
        };
        let denied = failed("Authorization required, but no authorization protocol specified\n");
        assert!(matches!(denied, Error::Denied { .. }) && denied.to_string().lines().count() == 1);
        assert!(matches!(
            failed("Invalid MIT-MAGIC-COOKIE-1 key"),
            Error::Denied { .. }
        ));
        assert!(matches!(
            failed("Maximum number of clients reached"),
            Error::NoDisplay(_)
        ));
    }
}
