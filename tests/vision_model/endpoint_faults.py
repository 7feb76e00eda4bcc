"""More than sixty ways in which an endpoint can go wrong, by name; each is a Scenario of ``model_server``.

FAULTS["hang mid-body"](peer)

EARLY are played before a request is read. WORKS are those after which an answer is right all the same.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import time
from collections.abc import Callable

from model_server import VERDICT, Peer, Scenario, head, well

FAULTS: dict[str, Scenario] = {}
EARLY: dict[str, Scenario] = {}
STREAM = {"content-type": "text/event-stream"}


def _named(name: str, into: dict[str, Scenario] = FAULTS) -> Callable[[Scenario], Scenario]:
    def add(scenario: Scenario) -> Scenario:
        into[name] = scenario
        return scenario

    return add


# -- before the request is read --------------------------------------------------------------------------------

EARLY["reset at accept"] = lambda peer: peer.reset()
EARLY["close at accept"] = lambda peer: peer.sock.close()
EARLY["hang at accept"] = lambda peer: peer.pause(3600)
EARLY["speaks first, and nonsense"] = lambda peer: peer.send(b"220 mail.example ESMTP\r\n")

# -- the connection --------------------------------------------------------------------------------------------

FAULTS["reset after request"] = lambda peer: peer.reset()
FAULTS["close after request"] = lambda peer: peer.sock.close()
FAULTS["hang after request"] = lambda peer: peer.hang()


def _part(name: str, share: float, then: Callable[[Peer], None]) -> None:
    def scenario(peer: Peer) -> None:
        peer.send(peer.good[: int(len(peer.good) * share)])
        peer.pause(0.02)
        then(peer)

    FAULTS[name] = scenario


for _name, _then in (("reset", Peer.reset), ("close", lambda peer: peer.sock.close()), ("hang", Peer.hang)):
    _part(f"{_name} in headers", 0.02, _then)
    _part(f"{_name} mid-body", 0.5, _then)
    _part(f"{_name} before the last event", 0.93, _then)


def _slowly(peer: Peer, data: bytes, pause_s: float = 0.05) -> None:
    for at in range(len(data)):
        peer.send(data[at : at + 1])
        peer.pause(pause_s)


FAULTS["one byte at a time from the start"] = lambda peer: _slowly(peer, peer.good)


@_named("one byte at a time in the body")
def _(peer: Peer) -> None:
    start = peer.good.index(b"\r\n\r\n") + 4
    peer.send(peer.good[:start])
    _slowly(peer, peer.good[start:])


@_named("answer far too late")
def _(peer: Peer) -> None:
    peer.pause(30)
    well(peer)


# -- statuses --------------------------------------------------------------------------------------------------


def _status(name: str, status: int, headers: dict[str, str] | None = None, body: bytes = b"{}") -> None:
    FAULTS[name] = lambda peer: peer.send(
        head(status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}) + body
    )


for _after in ("0", "0.05", "5", "86400", "-3", "nan", "soon", "1" * 400):
    _status(f"429, Retry-After {_after[:9]}", 429, {"retry-after": _after})
_status("429", 429)
_status("429 with a date", 429, {"retry-after": email.utils.formatdate(time.time() + 3600)})
_status("429 with a date long ago", 429, {"retry-after": email.utils.formatdate(0)})
for _code in (500, 502, 503, 504, 529):
    _status(str(_code), _code)
_status("500 with prose", 500, body=b"<html>oops</html>")
_status("529 with a hostile body", 529, body=b'{"error":{"message":"\x1b[2J' + b"A" * 5000 + b'"}}')
_status("503, Retry-After 1", 503, {"retry-after": "1"})
for _code in (400, 401, 403, 404, 413, 422):
    _status(str(_code), _code)
_status("302 to another host", 302, {"location": "http://127.0.0.2:9/v1/messages"})
_status("307 to another host", 307, {"location": "https://example.invalid/v1/messages"})
_status("308 to itself", 308, {"location": "/elsewhere"})
_status("301 to nowhere", 301)
_status("204", 204, body=b"")
_status("600", 600)

# -- what comes with 200 ---------------------------------------------------------------------------------------


def _answer(name: str, body: bytes | Callable[[Peer], bytes], headers: dict[str, str] | None = None) -> None:
    def scenario(peer: Peer) -> None:
        data = body(peer) if callable(body) else body
        peer.send(head(200, {**STREAM, "content-length": str(len(data)), **(headers or {})}) + data)

    FAULTS[name] = scenario


def _event(data: str | bytes) -> bytes:
    return b"event: message_start\ndata: " + (data.encode() if isinstance(data, str) else data) + b"\n\n"


_answer("a page of HTML", b"<html><body>Sign in</body></html>", {"content-type": "text/html"})
_answer("nothing", b"")
_answer("one JSON object", b'{"type":"message"}', {"content-type": "application/json"})
_answer("no JSON", _event("{nothing"))
_answer("half of a JSON", _event('{"type":"message_start","message":{"id":'))
_answer("JSON 100,000 deep", _event("[" * 100_000 + "]" * 100_000))
_answer("JSON 100,000 objects deep", _event('{"a":' * 100_000))
_answer("a list", _event("[1,2,3]"))
_answer("a number", _event("17"))
_answer("null", _event("null"))
_answer("unknown events", _event('{"type":"surprise"}') * 5)
_answer("wrong types", _event('{"type":"message_start","message":7,"choices":"x"}'))
_answer("bad UTF-8", _event(b'{"type":"\xff\xfe\xc0"}'))
_answer("NUL bytes", b"\0" * 4096)
_answer("an event of 2 MB", lambda peer: _event('{"type":"' + "x" * 2_000_000 + '"}'))
_answer("an error event", _event(json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "x"}})))
_answer("a huge verdict", lambda peer: peer.body('{"verdict":"yes","reason":"' + "x" * 60_000 + '"}'))
_answer("prose", lambda peer: peer.body("Yes, the build is green."))
_answer("empty text", lambda peer: peer.body(""))
_answer("usage below nothing", lambda peer: peer.body(VERDICT, (-5, -7)))
_answer("usage beyond reason", lambda peer: peer.body(VERDICT, (10**30, 10**30)))
_answer("a shorter body than told", lambda peer: peer.body(VERDICT)[:-40], {"content-length": "100000"})
_answer("a longer body than told", lambda peer: peer.body(VERDICT), {"content-length": "60"})
_answer("no length that is one", lambda peer: peer.body(VERDICT), {"content-length": "-1"})
_answer("gzip", lambda peer: gzip.compress(peer.body(VERDICT)), {"content-encoding": "gzip"})
_answer("a gzip bomb", lambda peer: gzip.compress(b"\0" * 50_000_000), {"content-encoding": "gzip"})


@_named("an endless body")
def _(peer: Peer) -> None:
    peer.send(head(200, {**STREAM, "transfer-encoding": "chunked"}))
    line = b'event: ping\ndata: {"type":"ping"}\n\n' * 100
    while not peer.server.ended.is_set():
        peer.send(f"{len(line):x}\r\n".encode() + line + b"\r\n")


@_named("broken chunks")
def _(peer: Peer) -> None:
    peer.send(head(200, {**STREAM, "transfer-encoding": "chunked"}) + b"zz\r\nhello\r\n")


@_named("headers of 1 MB")
def _(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (at, b"y" * 1000) for at in range(1000)) + b"\r\n")


FAULTS["no HTTP at all"] = lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.9\r\n")


@_named("first prose, then a verdict")
def _(peer: Peer) -> None:
    body = peer.body(VERDICT if len(peer.server.requests) > 1 else "Sure! Here it is:")
    peer.send(head(200, {**STREAM, "content-length": str(len(body))}) + body)


@_named("first 529, then a verdict")
def _(peer: Peer) -> None:
    peer.send(peer.good if len(peer.server.requests) > 1 else head(529, {"content-length": "0"}))


WORKS = {
    "first prose, then a verdict", "first 529, then a verdict", "usage below nothing", "usage beyond reason"
}  # fmt: skip
