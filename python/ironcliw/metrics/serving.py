"""Metrics for Prometheus, on a port of this machine that no other machine can reach.

    server = MetricsServer(watch.metrics, port=9464)
    server.start()
    ...
    server.close()

Only ``GET /metrics``, only for who asks for this very address: a page in a browser that had a name of its own resolved
to 127.0.0.1 is refused by the name it asks for. A peer that is slow or talks too much is cut off, and there are never
many. Numbers only: nothing of what a screen shows.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time

from ironcliw.errors import MetricsError
from ironcliw.metrics.exposition import CONTENT_TYPE, exposition
from ironcliw.metrics.registry import Registry

ADDRESS = "127.0.0.1"
MOST_CONNECTIONS = 8
LONGEST_HEAD_BYTES = 8192
PATIENCE_S = 5.0
"""How long one request may take in all, from the connection to the last byte of the answer."""

_HOSTS = ("127.0.0.1", "localhost")


class MetricsServer:
    """Answers at ``port`` of 127.0.0.1 (0 for any that is free; ``port`` says which).

    Raises MetricsError where the port cannot be had.
    """

    def __init__(self, registry: Registry, port: int) -> None:
        self._registry = registry
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._peers: dict[socket.socket, threading.Thread] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._accept, name="ironcliw-metrics", daemon=True)

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering, end every connection and wait for their threads; may be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            peers = dict(self._peers)
        # A socket that listens does not wake its accept when it is only closed.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in (self._thread, *peers.values()):
            if thread.ident is not None:
                thread.join(PATIENCE_S)

    def _accept(self) -> None:
        while not self._closed:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(peer,), name="ironcliw-metrics-peer", daemon=True)
            with self._lock:
                welcome = not self._closed and len(self._peers) < MOST_CONNECTIONS
                if welcome:
                    self._peers[peer] = thread
            if welcome:
                thread.start()
            else:
                with contextlib.suppress(OSError), peer:
                    peer.settimeout(0.05)
                    peer.send(_response(503, "there are too many connections"))
                    peer.shutdown(socket.SHUT_WR)
                    peer.recv(4096)  # see _send

    def _answer(self, peer: socket.socket) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        try:
            head = _head(peer, deadline_s)
            _send(peer, self._response(head), deadline_s)
        except OSError:
            pass  # it went away, or took too long: there is nobody to tell
        finally:
            with self._lock:
                self._peers.pop(peer, None)
            peer.close()

    def _response(self, head: bytes | None) -> bytes:
        if head is None:
            return _response(431, f"a request has {LONGEST_HEAD_BYTES} bytes at most")
        try:
            request, *lines = head.decode("ascii").split("\r\n")
            method, target, version = request.split(" ")
        except ValueError:
            return _response(400, "not a request")
        hosts = [value.strip() for name, _, value in (line.partition(":") for line in lines) if name.lower() == "host"]
        if not version.startswith("HTTP/1.") or len(hosts) != 1:
            return _response(400, "HTTP/1.1 with one Host is spoken here")
        if hosts[0].lower() not in {
            f"{host}{port}" for host in _HOSTS for port in (f":{self.port}", *_default(self.port))
        }:
            return _response(421, f"ask for {ADDRESS}:{self.port}")
        if target.partition("?")[0] != "/metrics":
            return _response(404, "there is only /metrics")
        if method not in ("GET", "HEAD"):
            return _response(405, "there is only GET", "Allow: GET, HEAD\r\n")
        body = exposition(self._registry)
        return _response(200, body, f"Content-Type: {CONTENT_TYPE}\r\n", bodiless=method == "HEAD")


def _default(port: int) -> tuple[str, ...]:
    """What may be left out behind the name of a host."""
    return ("",) if port == 80 else ()


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise MetricsError(f"a port is 1 to 65535 (0: any that is free), not {port}")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A port that is still in TIME_WAIT after the watch before may be had at once; one that is in use may not.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((ADDRESS, port))
        listening.listen(MOST_CONNECTIONS)
    except OSError as error:
        listening.close()
        used = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise MetricsError(f"port {port} of {ADDRESS} cannot be had for metrics: {used}; name another one") from None
    return listening


def _head(peer: socket.socket, deadline_s: float) -> bytes | None:
    """A request up to its empty line; None where it is too long. OSError for a peer that goes away or is too slow."""
    head = bytearray()
    while (end := head.find(b"\r\n\r\n")) < 0:
        if len(head) > LONGEST_HEAD_BYTES:
            return None
        peer.settimeout(max(deadline_s - time.monotonic(), 0.001))
        got = peer.recv(4096)
        if not got:
            raise ConnectionError("the peer went away within its request")
        head += got
        if time.monotonic() > deadline_s:
            raise TimeoutError("the peer took too long")
    return bytes(head[:end]) if end <= LONGEST_HEAD_BYTES else None


def _send(peer: socket.socket, response: bytes, deadline_s: float) -> None:
    peer.settimeout(max(deadline_s - time.monotonic(), 0.001))
    peer.sendall(response)  # the timeout is of all of it
    # What was not read of a request would make closing reset the connection, and the peer lose our answer.
    with contextlib.suppress(OSError):
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(0.2)
        for _ in range(16):
            if not peer.recv(65536):
                break


_WORDS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def _response(status: int, said: str | bytes, headers: str = "", *, bodiless: bool = False) -> bytes:
    body = f"{said}\n".encode() if isinstance(said, str) else said
    kind = "Content-Type: text/plain; charset=utf-8\r\n" if isinstance(said, str) else ""
    head = (
        f"HTTP/1.1 {status} {_WORDS[status]}\r\n{kind}{headers}Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if bodiless else body)
