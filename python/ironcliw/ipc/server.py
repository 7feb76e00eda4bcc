"""Answering requests: one thread accepts, each connection has one of its own, and there are never many.

The conductor gives ``run`` its thread. A handler that raises answers with an error; it ends neither the connection nor
the server.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path

from ironcliw.errors import IpcError, IroncliwError
from ironcliw.ipc.message import Reply, Request, receive, send

log = logging.getLogger("ironcliw.ipc")

Handler = Callable[[Request], Reply | Iterable[Reply]]
"""Answers one request, by one reply or by one after the other for as long as the peer listens."""

MOST_CONNECTIONS = 64
_SEND_TIMEOUT_S = 5.0
_CREDENTIALS = struct.Struct("3i")


class Server:
    """A socket at ``path``, mode 0600, whose requests ``handlers`` answer by their verb.

    Raises IpcError where another process answers there already, naming it, or where the path cannot be had.
    """

    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self.path = path
        self._handlers = dict(handlers)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._socket = _listen(path)

    def run(self) -> None:
        """Answer until ``close``; blocks."""
        while not self._closed:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                welcome = not self._closed and len(self._connections) < MOST_CONNECTIONS
                if welcome:
                    self._connections.add(peer)
            if welcome:
                threading.Thread(target=self._converse, args=(peer,), name="ironcliw-ipc", daemon=True).start()
            else:
                _refuse(peer, f"there are {MOST_CONNECTIONS} connections already: close one")

    def close(self) -> None:
        """Stop answering, end every connection and remove the socket; may be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            open_now = list(self._connections)
        # A socket that listens does not wake its accept when it is only closed.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.path.unlink(missing_ok=True)
        for peer in open_now:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def _converse(self, peer: socket.socket) -> None:
        try:
            pid, uid = _peer_of(peer)
            if uid != os.getuid():
                _refuse(peer, "this watcher belongs to another user")
                return
            peer.settimeout(None)
            while (message := receive(peer)) is not None:
                head, _, fds = message
                for fd in fds:  # no request brings any
                    os.close(fd)
                peer.settimeout(_SEND_TIMEOUT_S)
                self._answer(peer, head, pid, uid)
                peer.settimeout(None)
        except (OSError, IpcError) as error:
            log.debug("a connection ended: %s", error)
        finally:
            with self._lock:
                self._connections.discard(peer)
            peer.close()

    def _answer(self, peer: socket.socket, head: dict[str, object], pid: int, uid: int) -> None:
        verb, arguments = head.get("verb"), head.get("arguments", {})
        handler = self._handlers.get(verb) if isinstance(verb, str) else None
        if not isinstance(verb, str) or handler is None or not isinstance(arguments, dict):
            known = ", ".join(sorted(self._handlers))
            send(peer, {"error": f"this watcher does not answer {verb!r}; it answers {known}"})
            return
        try:
            given = handler(Request(verb, {str(key): value for key, value in arguments.items()}, pid, uid))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            if isinstance(given, Reply):
                _reply(peer, given, more=False)
                return
            for reply in given:
                _reply(peer, reply, more=True)
            send(peer, {"end": True})
        except IroncliwError as error:
            send(peer, {"error": str(error)})
        except OSError:
            raise
        except Exception as error:
            # What it was about may be on the screen: the log gets the kind, and so does the peer.
            log.exception("the request %r failed", verb, exc_info=error)
            send(peer, {"error": f"the request {verb!r} failed: {type(error).__name__}"})


def _reply(peer: socket.socket, reply: Reply, *, more: bool) -> None:
    send(peer, {"data": reply.data, "fds": len(reply.fds), "more": more}, reply.payload, reply.fds)


def _refuse(peer: socket.socket, why: str) -> None:
    with contextlib.suppress(OSError), peer:
        send(peer, {"error": why})


def _listen(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _alone(path.parent):
            if path.is_socket() and not _is_abandoned(path):
                raise IpcError(f"another watcher answers at {path} already: stop it first (ironcliw stop)")
            path.unlink(missing_ok=True)
            # Made with the mode it is to have: between bind and chmod anybody could have connected.
            before = os.umask(0o177)
            try:
                listening.bind(str(path))
            finally:
                os.umask(before)
            listening.listen(2 * MOST_CONNECTIONS)  # beyond these, connecting fails instead of waiting
    except OSError as error:
        listening.close()
        raise IpcError(f"{path} cannot be made a socket: {error.strerror or error}") from None
    except IpcError:
        listening.close()
        raise
    return listening


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Of watchers that begin at the same moment, one is let in: a socket that is bound and does not listen yet looks
    abandoned to another, which would take its place.
    """
    import fcntl  # noqa: PLC0415 - not there on Windows, where nothing is served yet

    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _is_abandoned(path: Path) -> bool:
    """Whether nobody listens there any more: its process was killed and left the file behind."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(1.0)
        try:
            trial.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        except OSError:
            return False
    return False


def _peer_of(peer: socket.socket) -> tuple[int, int]:
    """The process and user at the other end, as the kernel knows them."""
    if not hasattr(socket, "SO_PEERCRED"):
        raise IpcError("this system does not tell who is at the other end of a socket: not yet supported here")
    pid, uid, _ = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return pid, uid
