"""Streams over loopback: what is seen, what is lost and found again, and what stays secret."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from stream_server import StreamServer

from conftest import eventually
from ironcliw.errors import SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, Gap, Message, open_source
from ironcliw.source.stream import StreamSource


def picture(number: int) -> NDArray[np.uint8]:
    """All of the colour (number, 50, 99), with its top left corner white."""
    pixels = np.full((90, 160, 3), (number % 200, 50, 99), np.uint8)
    pixels[:5, :5] = 255
    return pixels


Serve = Callable[..., StreamServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[StreamServer] = []

    def start(**options: object) -> StreamServer:
        servers.append(StreamServer(picture, **options))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def opened(address: str, **options: object) -> tuple[StreamSource, FrameMemory]:
    source = open_source(address, fps=50)
    assert isinstance(source, StreamSource)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return source, memory


@pytest.mark.parametrize("http", [False, True])
def test_pictures_are_seen_as_they_were_drawn(serve: Serve, http: bool) -> None:
    source, memory = opened(serve(http=http).address)
    seen: list[int] = []
    while len(seen) < 5:
        if isinstance(source.read(2000), Capture):
            number = int(memory.pixels[50, 50, 0])
            np.testing.assert_array_equal(memory.pixels[..., :3], picture(number))
            seen.append(number)
    assert seen == sorted(set(seen))
    assert source.lossless
    source.close()
    memory.close()


def test_a_stream_that_ends_is_lost_and_opened_again(serve: Serve) -> None:
    server = serve(frames=12)
    source, memory = opened(server.address)
    seen: list[Message] = []
    eventually(lambda: isinstance(seen.append(source.read(500)) or seen[-1], Gap), "no gap")
    assert isinstance(seen[-1], Gap)
    assert seen[-1].reason == "lost"
    eventually(lambda: isinstance(seen.append(source.read(500)) or seen[-1], Back), "it did not return")
    whole = source.read(3000)
    assert isinstance(whole, Capture)
    assert whole.damage is None
    assert server.connections >= 2
    source.close()
    memory.close()


def test_a_stream_that_stands_still_is_no_reply(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ironcliw.source.stream.READ_S", 2.0)
    source, memory = opened(serve(still_after=6).address)
    seen: list[Message] = []
    eventually(lambda: isinstance(seen.append(source.read(500)) or seen[-1], Gap), "no gap")
    assert isinstance(seen[-1], Gap)
    assert seen[-1].reason == "no_reply"
    source.close()
    memory.close()


def test_the_newest_picture_is_taken_where_nobody_looked_for_a_while(serve: Serve) -> None:
    source, memory = opened(serve().address)
    assert isinstance(source.read(2000), Capture)
    first = int(memory.pixels[50, 50, 0])
    eventually(lambda: source._newest is not None, "nothing came")
    then_s = source._newest.time
    eventually(lambda: source._newest.time > then_s + 1, "nothing more came")
    assert isinstance(source.read(2000), Capture)
    assert int(memory.pixels[50, 50, 0]) > first + 2
    source.close()
    memory.close()


def test_a_password_reaches_the_server_and_no_message(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLIW_STREAM_PASSWORD", "hunt:er/2")
    server = serve(http=True, asks=True)
    source, memory = opened(server.address.replace("http://", "http://me@") + "?token=abc")
    sent = base64.b64encode(b"me:hunt:er/2")
    assert any(sent in request for request in server.requests)
    shown = source.name + str(source.describe())
    assert "hunt" not in shown
    assert "abc" not in shown
    source.close()
    memory.close()
    server.close()
    with pytest.raises(SourceError) as refused:
        StreamSource(server.address.replace("http://", "http://me@") + "?token=abc").open()
    assert "hunt" not in str(refused.value)
    assert "abc" not in str(refused.value)
    with pytest.raises(SourceError, match="no password in an address") as refused:
        open_source("rtsp://me:hunter2@camera/live")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "concat://a", "gopher://x", "rtsp://"])
def test_what_is_no_stream_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(SourceError) as refused:
        open_source(address)
    assert "\n" not in str(refused.value)
