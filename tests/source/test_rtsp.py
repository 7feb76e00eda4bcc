"""A camera over RTSP: what is seen of it, how it is lost and found again, and what stays secret."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from rtsp_server import RtspServer

from conftest import eventually, open_fds, threads
from ironcliw.errors import SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, Gap, Message, open_source
from ironcliw.source.stream import StreamSource

PASSWORD = "hunt:er/2 %"


def picture(number: int) -> NDArray[np.uint8]:
    """Its green tells its number, 8 a step; its top left quarter is white."""
    pixels = np.full((96, 160, 3), (60, 8 * (number % 28), 120), np.uint8)
    pixels[:48, :80] = 255
    return pixels


Serve = Callable[..., RtspServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[RtspServer] = []

    def start(**options: object) -> RtspServer:
        servers.append(RtspServer(picture, **options))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Watched:
    """An opened source with its memory."""

    def __init__(self, address: str) -> None:
        source = open_source(address, fps=50)
        assert isinstance(source, StreamSource)
        self.source = source
        geometry = source.open()
        assert (geometry.width, geometry.height) == (160, 96)
        self.memory = FrameMemory(geometry.width, geometry.height)
        source.attach(self.memory)

    def until(self, kind: type[Message]) -> Message:
        found: list[Message] = []

        def seen() -> bool:
            message = self.source.read(500)
            found.extend([message] if isinstance(message, kind) else [])
            return bool(found)

        eventually(seen, f"no {kind.__name__}", 60)
        return found[0]

    def close(self) -> None:
        self.source.close()
        self.memory.close()


def test_pictures_are_seen_as_they_were_sent_but_for_their_compression(serve: Serve) -> None:
    watched = Watched(serve().address)
    seen: list[int] = []
    while len(set(seen)) < 5:
        assert isinstance(watched.until(Capture), Capture)
        pixels = watched.memory.pixels[..., :3].astype(int)
        number = round(int(pixels[80, 120, 1]) / 8)
        assert abs(pixels - picture(number)).mean() < 4
        seen.append(number)
    assert watched.source.describe()["codec"] == "h264"
    assert not watched.source.lossless
    watched.close()


def test_a_camera_that_hangs_up_is_lost_and_found_again(serve: Serve) -> None:
    server = serve(frames=12)
    watched = Watched(server.address)
    for _ in range(2):
        gap = watched.until(Gap)
        assert isinstance(gap, Gap)
        assert gap.reason == "lost"
        watched.until(Back)
        capture = watched.until(Capture)
        assert isinstance(capture, Capture)
        assert capture.damage is None
    assert server.plays >= 3
    watched.close()


def test_a_camera_that_is_switched_off_and_on_again(serve: Serve) -> None:
    server = serve()
    watched = Watched(server.address)
    watched.until(Capture)
    before = open_fds(), threads()
    for _ in range(2):
        server.close()
        watched.until(Gap)
        server = serve(port=server.port)
        watched.until(Back)
        watched.until(Capture)
    # The old connection's threads take a moment to end, and those of tests before may go meanwhile.
    eventually(lambda: open_fds() <= before[0] and threads() <= before[1], "something is left of each connection")
    watched.close()


def test_a_camera_that_says_nothing_more_is_no_reply(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ironcliw.source.stream.READ_S", 2.0)
    watched = Watched(serve(still_after=6).address)
    gap = watched.until(Gap)
    assert isinstance(gap, Gap)
    assert gap.reason == "no_reply"
    watched.close()


def test_a_password_reaches_the_camera_and_nobody_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("IRONCLIW_STREAM_PASSWORD", PASSWORD)
    server = serve(password=PASSWORD)
    address = server.address.replace("rtsp://", "rtsp://me@") + "?token=abc17"
    watched = Watched(address)
    watched.until(Capture)
    sent = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert any(sent in request for request in server.requests)
    assert not any(PASSWORD in request or "hunt" in request.split("\r\n")[0] for request in server.requests)
    said = [watched.source.name, str(watched.source.describe())]
    server.close()
    gap = watched.until(Gap)
    watched.close()
    said.append(str(gap))
    serve(password="another", port=server.port)
    with pytest.raises(SourceError) as refused:
        StreamSource(address).open()
    said += [str(refused.value), caplog.text, *capfd.readouterr()]
    assert "\n" not in str(refused.value)
    for secret in ("hunt", "abc17", sent):
        assert not any(secret in words for words in said)
