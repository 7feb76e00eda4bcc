"""Asking: a connection to a watcher of the same user."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ironcliw.errors import IpcError, NoWatcherError, PeerGoneError
from ironcliw.ipc.message import Reply, receive, send


class Connection:
    """A connection to the watcher at ``path``; close it, or use it as a ``with`` block. One request at a time.

    timeout_s: how long an answer may take

    Raises NoWatcherError where nobody answers there, and IpcError where it is another user's.
    """

    def __init__(self, path: Path, timeout_s: float = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            self._socket.close()
            raise NoWatcherError("no watcher is running: start one with 'ironcliw start'") from None
        except OSError as error:
            self._socket.close()
            raise IpcError(f"the watcher at {path} cannot be reached: {error.strerror or error}") from None

    def ask(self, verb: str, **arguments: Any) -> Reply:
        """One request, one reply; its descriptors are the caller's to close. IpcError with what the watcher said."""
        replies = list(self.stream(verb, **arguments))
        if len(replies) != 1:
            raise IpcError(f"the watcher gave {len(replies)} answers to {verb!r}: use one version on both sides")
        return replies[0]

    def stream(self, verb: str, **arguments: Any) -> Iterator[Reply]:
        """One request and its replies, one after the other as they come. IpcError with what the watcher said."""
        try:
            send(self._socket, {"verb": verb, "arguments": arguments})
            while (received := self._reply()) is not None:
                reply, more = received
                yield reply
                if not more:
                    return
        except TimeoutError:
            raise IpcError(f"the watcher did not answer {verb!r} in time") from None
        except OSError as error:
            raise PeerGoneError(f"the watcher went away: {error.strerror or error}") from None

    def _reply(self) -> tuple[Reply, bool] | None:
        """The next reply and whether others follow; None at the end of a stream."""
        message = receive(self._socket)
        if message is None:
            raise PeerGoneError("the watcher went away: it closed the connection")
        head, payload, fds = message
        if head.get("end") is True:
            return None
        data, error = head.get("data"), head.get("error")
        if isinstance(error, str) or not isinstance(data, dict) or len(fds) != head.get("fds"):
            for fd in fds:
                os.close(fd)
            raise IpcError(error if isinstance(error, str) else "the watcher sent what is no reply: use one version")
        return Reply(data, payload, tuple(fds)), head.get("more") is True  # pyright: ignore[reportUnknownArgumentType]

    def close(self) -> None:
        """End the connection; may be called twice."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
