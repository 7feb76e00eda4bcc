"""One request over HTTPS, ended at its deadline whatever the other side does.

    sender = Sender(parse_target("https://hooks.example.org/x"))
    sender.send("POST", b"{}", {"Content-Type": "application/json"}, timeout_s=10)   # Answer(200, None)

Certificates are verified, redirects are not followed, proxies of the environment are not looked at.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ironcliw.action.target import Target, connect
from ironcliw.errors import ActionError

_LARGEST_ANSWER_BYTES = 64 << 10
_LONGEST_RETRY_AFTER_S = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. ``retry_after_s``: when it wants to be asked again, where it says so."""

    status: int
    retry_after_s: float | None = None


class Sender:
    """Sends requests to one target, each over a connection of its own.

    proxy: ``http://host:port``, asked to connect us; TLS is still with the target
    context: how certificates are verified; the system's authorities unless given
    """

    def __init__(
        self,
        target: Target,
        *,
        allow_private: Sequence[str] = (),
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.target = target
        self._allow_private = allow_private
        self._proxy = None if proxy is None else _proxy(proxy)
        self._context = context or (ssl.create_default_context() if target.scheme == "https" else None)
        self._lock = threading.Lock()
        self._peer: socket.socket | None = None
        self._closed = False

    def send(self, method: str, body: bytes | None, headers: Mapping[str, str], timeout_s: float) -> Answer:
        """Send one request. OSError (ssl.SSLError, TimeoutError among them) and http.client.HTTPException where it
        fails, ActionError where the address is refused."""
        expired = threading.Event()
        connection = http.client.HTTPConnection(self.target.host, self.target.port)
        timer = threading.Timer(timeout_s, self._give_up, (expired,))
        timer.daemon = True
        timer.start()
        try:
            connection.sock = self._connected(timeout_s)
            connection.request(method, self.target.path, body, {"Host": self.target.name, **headers})
            with contextlib.closing(connection.getresponse()) as response:
                if expired.is_set():  # an end within the headers looks like theirs
                    raise TimeoutError
                # What follows the headers is not read: it may come slowly, or never end.
                return Answer(response.status, _seconds(response.headers.get("Retry-After")))
        except (OSError, http.client.HTTPException):
            if expired.is_set():
                raise TimeoutError(f"no answer within {timeout_s:g} s") from None
            raise
        finally:
            timer.cancel()
            with self._lock:
                peer, self._peer = self._peer, None
            connection.close()
            if peer is not None:
                peer.close()

    def close(self) -> None:
        """End what is being sent, from any thread; nothing is sent any more."""
        with self._lock:
            self._closed = True
        self._give_up(threading.Event())

    def _give_up(self, expired: threading.Event) -> None:
        expired.set()
        with self._lock, contextlib.suppress(OSError):
            if self._peer is not None:
                self._peer.shutdown(socket.SHUT_RDWR)

    def _connected(self, timeout_s: float) -> socket.socket:
        if self._proxy is None:
            peer = connect(self.target, self._allow_private, timeout_s)
        else:
            peer = socket.create_connection(self._proxy, timeout_s)
        self._hold(peer)
        if self._proxy is not None:
            _tunnel(peer, self.target)
        if self._context is None:
            return peer
        secured = self._context.wrap_socket(peer, server_hostname=self.target.host)
        self._hold(secured)
        return secured

    def _hold(self, peer: socket.socket) -> None:
        """Have ``close`` and the deadline reach it."""
        with self._lock:
            closed, self._peer = self._closed, peer
        if closed:
            raise ConnectionAbortedError("it is not wanted any more")


def _proxy(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname and parts.username is None:
            return parts.hostname, parts.port or 3128
    except ValueError:
        pass
    raise ActionError("a proxy is given as http://HOST:PORT, without a password")


def _tunnel(peer: socket.socket, target: Target) -> None:
    """Have the proxy connect us. OSError where it does not."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    peer.sendall(f"CONNECT {host}:{target.port} HTTP/1.1\r\nHost: {host}:{target.port}\r\n\r\n".encode())
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        part = peer.recv(1)  # not a byte more: what follows is TLS
        if not part or len(said) > _LARGEST_ANSWER_BYTES:
            raise ConnectionError("the proxy closed the connection")
        said += part
    words = said.split(None, 2)
    if len(words) < 2 or words[1] != b"200":
        raise ConnectionError("the proxy refuses to connect us")


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; dates and nonsense are left aside."""
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        return None
    return min(float(text.strip()[:9]), _LONGEST_RETRY_AFTER_S)
