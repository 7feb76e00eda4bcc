"""The only way out: connections to one host that the user named, bounded in time and size.

    client = open_client(Endpoint("https://api.anthropic.com", key="..."))

A transport of our own for the SDKs, because theirs leave open what must not be: each read waits until the deadline at
most (``Deadline.here()``), a reply has a largest size and no compression, no other host is ever connected to, no
redirect followed, and no header sent but those that are needed. Proxy variables of the environment are not read.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2

from ironcliw.vision_model.deadline import Deadline

REPLY_BYTES = 256 * 1024
"""The most that one reply may take on the wire; a verdict takes a few thousand."""

_HEADERS = frozenset(
    (b"host", b"accept", b"content-type", b"content-length", b"user-agent", b"anthropic-version", b"connection")
)
_WRITE_BYTES = 64 * 1024
_TALKATIVE = ("anthropic", "openai", "httpx2", "httpcore2")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go.

    key_header: the one header that carries ``key``, which is in no repr; what else an SDK would send for it does not go
    proxy: set by the user, never by the environment
    ca_file: certificates to trust instead of the system's
    """

    base_url: str
    key: str = field(default="", repr=False)
    key_header: str = "authorization"
    proxy: str | None = None
    ca_file: str | None = None


class TooLargeError(httpx2.ReadError):
    """A reply beyond REPLY_BYTES, or one that is compressed and might be."""


class _Stream(httpcore2.NetworkStream):
    """A connection whose every wait ends with the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _waiting(self._inner) as left:
            return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _WRITE_BYTES):
            with _waiting(self._inner) as left:
                self._inner.write(buffer[at : at + _WRITE_BYTES], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        with _waiting(self._inner) as left:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@contextlib.contextmanager
def _waiting(stream: httpcore2.NetworkStream) -> Generator[float]:
    """Seconds that may be waited; a cancelled deadline ends the wait."""
    deadline = Deadline.here()
    left = deadline.left_s if deadline is not None else 0.0
    if deadline is None or left <= 0:
        raise httpcore2.ReadTimeout("the deadline has passed")
    with deadline.reading(stream.get_extra_info("socket")):
        yield left


class _Backend(httpcore2.SyncBackend):
    """Connects to one host and port only."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._pinned = (host, port)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        if (host, port) != self._pinned:
            raise httpcore2.ConnectError("another host than the one that was named")
        deadline = Deadline.here()
        left = 0.0 if deadline is None else deadline.left_s
        if left <= 0:
            raise httpcore2.ConnectTimeout("the deadline has passed")
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise httpcore2.ConnectError("another host than the one that was named")


class _Body(httpx2.SyncByteStream):
    """A reply's bytes, up to REPLY_BYTES."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with _faults():
            for part in self._response.iter_stream():
                size += len(part)
                if size > REPLY_BYTES:
                    raise TooLargeError(f"the reply is larger than {REPLY_BYTES} bytes")
                yield part

    def close(self) -> None:
        self._response.close()


class Transport(httpx2.BaseTransport):
    """What the SDKs' clients send through."""

    def __init__(self, endpoint: Endpoint) -> None:
        url = httpx2.URL(endpoint.base_url)
        self._origin = (url.scheme, url.host, _port(url))
        self._key = [(endpoint.key_header.encode(), _credential(endpoint))] if endpoint.key else []
        # Loading the system's certificates takes longer than a request to this machine.
        context = ssl.create_default_context(cafile=endpoint.ca_file) if url.scheme == "https" else None
        if endpoint.proxy is None:
            backend = _Backend(url.host, _port(url))
            self._pool = httpcore2.ConnectionPool(ssl_context=context, max_connections=1, network_backend=backend)
        else:
            proxy = httpx2.URL(endpoint.proxy)
            backend = _Backend(proxy.host, _port(proxy))
            self._pool = httpcore2.HTTPProxy(
                str(proxy), ssl_context=context, max_connections=1, network_backend=backend
            )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request to the pinned origin; any other is refused before a connection is made."""
        url = request.url
        if (url.scheme, url.host, _port(url)) != self._origin:
            raise httpx2.ConnectError("another host than the one that was named", request=request)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() in _HEADERS]
        headers += [(b"accept-encoding", b"identity"), *self._key]
        content = request.read()
        with _faults():
            response = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method.encode("ascii"),
                    url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=headers,
                    content=content,
                )
            )
        if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in response.headers):
            response.close()
            raise TooLargeError("the reply is compressed, which was not asked for")
        return httpx2.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def open_client(endpoint: Endpoint) -> httpx2.Client:
    """An HTTP client that reaches this endpoint, and nothing else.

    The SDKs log whole requests where somebody debugs, or where a variable of theirs asks for it: what the screen shows
    is in them. They log nothing from here on.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return httpx2.Client(transport=Transport(endpoint), trust_env=False, follow_redirects=False, timeout=None)


def _credential(endpoint: Endpoint) -> bytes:
    bearer = endpoint.key_header == "authorization"
    return f"Bearer {endpoint.key}".encode() if bearer else endpoint.key.encode()


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


@contextlib.contextmanager
def _faults() -> Generator[None]:
    """Errors of the connection as the SDKs know them."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise httpx2.ReadTimeout(str(error)) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
        raise httpx2.ReadError(_short(error)) from error
    except (OSError, ValueError) as error:
        raise httpx2.ConnectError(_short(error)) from error


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
