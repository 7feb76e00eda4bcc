"""A server on loopback that speaks the wire formats of Anthropic and OpenAI, well or as badly as it is told to.

    with ModelServer(answer=lambda request: VERDICT) as server:
        server.url("claude"), server.requests

A scenario gets the connection, the request and the reply it would send; ``faults.py`` has those that break things.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

VERDICT = '{"verdict":"yes","confidence":0.9,"reason":"it says so","quote":null}'


@dataclass
class Received:
    """One request as it came: the target, headers in lower case, the body's bytes."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def wire(self) -> str:
        return "claude" if "messages" in self.target else "openai"

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def words(self) -> str:
        """The text beside the pictures."""
        content = self.data["messages"][-1]["content"]
        return "\n".join(part["text"] for part in content if part["type"] == "text")

    @property
    def system(self) -> str:
        return self.data["system"] if self.wire == "claude" else self.data["messages"][0]["content"]

    @property
    def pictures(self) -> list[str]:
        """Each in base64."""
        content = self.data["messages"][-1]["content"]
        if self.wire == "claude":
            return [part["source"]["data"] for part in content if part["type"] == "image"]
        return [part["image_url"]["url"].split(",")[1] for part in content if part["type"] == "image_url"]


Scenario = Callable[["Peer"], None]


@dataclass
class Peer:
    """A connection whose request was read (or not yet: ``request`` None), and what there is to say to it."""

    sock: socket.socket
    server: ModelServer
    request: Received | None = None

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def pause(self, seconds: float) -> None:
        """Wait, or end with the server."""
        if self.server.ended.wait(seconds):
            raise ConnectionError("the server ends")

    def hang(self) -> None:
        """Until the other side goes or the server ends."""
        self.sock.settimeout(0.05)
        while not self.server.ended.is_set():
            try:
                if not self.sock.recv(65_536):
                    return
            except TimeoutError:
                continue

    @property
    def good(self) -> bytes:
        """A whole good response."""
        body = self.body(self.server.reply(self.request))
        return head(200, {"content-type": "text/event-stream", "content-length": str(len(body))}) + body

    def body(self, text: str, tokens: tuple[int, int] | None = None) -> bytes:
        assert self.request is not None
        given, taken = tokens or self.server.usage(self.request)
        return stream(self.request.wire, text, given, taken)


def head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def stream(wire: str, text: str, given: int = 25, taken: int = 12) -> bytes:
    """A reply as the provider streams it, in two pieces."""
    return _anthropic(text, given, taken) if wire == "claude" else _openai(text, given, taken)


def _anthropic(text: str, given: int, taken: int) -> bytes:
    half = len(text) // 2
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "stop_reason": None,
               "stop_sequence": None, "usage": {"input_tokens": given, "output_tokens": 1}}  # fmt: skip
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": part}}
            for part in (text[:half], text[half:])
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": taken}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events)


def _openai(text: str, given: int, taken: int) -> bytes:
    half = len(text) // 2

    def chunk(choices: list[Any], usage: Any = None) -> bytes:
        data = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
        return f"data: {json.dumps({**data, 'usage': usage})}\n\n".encode()

    parts = [
        chunk([{"index": 0, "delta": {"role": "assistant", "content": part}, "finish_reason": None}])
        for part in (text[:half], text[half:])
    ]
    end = chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    usage = {"prompt_tokens": given, "completion_tokens": taken, "total_tokens": given + taken}
    return b"".join([*parts, end, chunk([], usage), b"data: [DONE]\n\n"])


def well(peer: Peer) -> None:
    """Answer as one should."""
    peer.send(peer.good)


@dataclass
class ModelServer:
    """Starts with ``with``; ``scenario`` may be changed at any time.

    early: a scenario for connections whose request is not to be read; answer: the reply's text for a request
    """

    scenario: Scenario = well
    answer: Callable[[Received], str] = field(default=lambda request: VERDICT)
    usage: Callable[[Received], tuple[int, int]] = field(default=lambda request: (25, 12))
    early: Scenario | None = None
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self.ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def url(self, wire: str, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}" + ("" if wire == "claude" else "/v1")

    def reply(self, request: Received | None) -> str:
        assert request is not None
        return self.answer(request)

    def forget(self) -> None:
        """What was received, which thousands of requests would fill memory with, and threads that have ended."""
        self.requests.clear()
        self._threads = [thread for thread in self._threads if thread.is_alive()]

    def __enter__(self) -> ModelServer:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._accepting.join(5)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self.ended.is_set():
                sock.close()
                return
            self.connections += 1
            with self._lock:
                self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        sock = raw
        try:
            if self.context is not None:
                sock = self.context.wrap_socket(raw, server_side=True)
            if self.early is not None:
                self.early(Peer(sock, self))
                return
            while not self.ended.is_set():
                request = _read(sock)
                if request is None:
                    return
                self.requests.append(request)
                self.scenario(Peer(sock, self, request))
                if self.scenario is not well:
                    return
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(raw)
            sock.close()
            raw.close()


def _read(sock: socket.socket) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65_536)
        if not part:
            return None
        data += part
    top, _, body = data.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        part = sock.recv(65_536)
        if not part:  # killed in the middle of its request
            return None
        body += part
    return Received(first.split(" ")[1], headers, body)
