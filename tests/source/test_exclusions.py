"""What is left out at the source: no pixel of it enters the memory that was attached, wherever it moves."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from x11_watch import Watch, bgr, grab, watching

from conftest import Display, DisplayFactory, eventually
from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.source.exclusion import Exclusions, parse_exclusions
from ironcliw.source.protocol import Capture, Idle
from rounds import rounds
from xclient import XClient

pytestmark = pytest.mark.live

CANARY = 0xAB12CD
FRAMES = rounds(short=250, full=10_000)
SEED = 20261127


def canaries(watch: Watch) -> int:
    """Pixels of the canary's colour in the attached memory, now."""
    return int((watch.memory.pixels[..., :3] == bgr(CANARY)).all(axis=2).sum())


class Mover:
    """A client with a canary window that never rests: it moves, hides, comes up, goes down, dies and is born again."""

    def __init__(self, display: str, bare: int) -> None:
        self._display, self.bare = display, bare
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._wander, name="mover")
        self.moves = 0

    def __enter__(self) -> Mover:
        self._thread.start()
        eventually(lambda: self.moves > 0, "the canary is not there")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _born(self, client: XClient) -> int:
        window = client.window(-500, -500, 90, 70, CANARY)
        client.name(window, "Canary - Bank", "Canary")
        return window

    def _wander(self) -> None:
        random = np.random.default_rng(SEED)
        x, y = 100, 100
        with XClient(self._display) as client:
            window = self._born(client)
            while not self._stop.is_set():
                self.moves += 1
                match int(random.integers(0, 30)):
                    case 0:
                        client.unmap(window)
                    case 1:
                        client.lower(window)
                    case 2:
                        client.destroy(window)
                        window = self._born(client)
                    case 3:
                        client.raise_(window)
                    case 4:
                        client.move(window, 300, 200)  # there and back: where it was is where it is
                        client.move(window, x, y)
                    case 5:
                        x, y = int(random.integers(-50, 450)), int(random.integers(-50, 350))
                        client.move(window, x, y)
                    case _:
                        x = min(max(x + int(random.integers(-9, 10)), -50), 450)
                        y = min(max(y + int(random.integers(-9, 10)), -50), 350)
                        client.move(window, x, y)
                        client.map(window)
                # As its program does where it was uncovered: without that it shows what stood there.
                client.rect(self.bare, 0, 0, 320, 240, 0x605030)
                client.sync()
                self._stop.wait(float(random.choice([0, 0.001, 0.004, 0.016])))


@contextmanager
def scenery(display: Display) -> Iterator[tuple[Callable[[int], None], int]]:
    """Something to move over. Yields what has one window draw, and a window without a background of its own."""
    with XClient(display.display) as client:
        client.window(0, 0, 640, 480, 0x303060)
        bare = client.bare_window(320, 0, 320, 240)
        client.window(100, 100, 200, 150, 0x406040)
        ticker = client.window(620, 460, 20, 20, 0)
        client.sync()

        def tick(colour: int) -> None:
            client.rect(ticker, 5, 5, 8, 8, colour)
            client.sync()

        yield tick, bare


def leaks(display: Display, frames: int, exclusions: Exclusions | None) -> tuple[int, int]:
    """Frames with canary pixels, and looks into the memory while it was written that saw some."""
    seen_meanwhile, done = 0, threading.Event()
    with scenery(display) as (tick, bare), watching(display.display, leave_out=exclusions, fps=200) as watch:

        def peek() -> None:
            nonlocal seen_meanwhile
            while not done.wait(0.001):
                seen_meanwhile += canaries(watch) > 0

        peeking = threading.Thread(target=peek, name="peek")
        leaked = captured = 0
        with Mover(display.display, bare):
            peeking.start()
            try:
                while captured < frames:
                    tick(captured)
                    if isinstance(watch.source.read(1000), Capture):
                        captured += 1
                        leaked += canaries(watch) > 0
            finally:
                done.set()
                peeking.join()
    return leaked, seen_meanwhile


@pytest.mark.parametrize("words", ["app:canary", "title:/bank$/"])
def test_a_moving_excluded_window_never_leaks_a_pixel(xvfb: DisplayFactory, words: str) -> None:
    print(f"seed {SEED}, {FRAMES} frames")
    assert leaks(xvfb(640, 480), FRAMES, parse_exclusions([words])) == (0, 0)


def test_control_without_the_mask_the_canary_is_seen(xvfb: DisplayFactory) -> None:
    leaked, meanwhile = leaks(xvfb(640, 480), 60, None)
    assert leaked > 10
    assert meanwhile > 0


def test_the_rest_is_the_truth_and_comes_back_when_the_window_has_gone(xvfb: DisplayFactory) -> None:
    display = xvfb(640, 480)
    leave_out = parse_exclusions(["title:bank", "region:600,0,40,40"])
    with scenery(display) as (tick, bare), watching(display.display, leave_out=leave_out, fps=200) as watch:
        with Mover(display.display, bare):
            for _ in range(60):
                watch.source.read(500)
        tick(0xFFFFFF)
        watch.settle()
        expected = grab(display.display)
        expected[0:40, 600:640] = 0
        np.testing.assert_array_equal(watch.colours, expected)


def test_an_application_takes_its_menus_along_and_a_frame_its_client(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as owner, XClient(display.display) as manager:
        client = owner.window(0, 0, 80, 60, CANARY)
        owner.name(client, "Vault", "Vault")
        owner.sync()
        frame = manager.window(50, 50, 90, 80, 0x808080)
        manager.reparent(client, frame, 5, 15)
        manager.sync()
        menu = owner.window(200, 50, 60, 60, CANARY)  # says nothing about itself
        owner.sync()
        with watching(display.display, leave_out=parse_exclusions(["app:VAULT"])) as watch:
            first = watch.until(Capture)
            assert set(first.excluded) == {Rect(50, 50, 90, 80), Rect(200, 50, 60, 60)}
            assert canaries(watch) == 0
            assert watch.source.windows() == []
        assert menu


def test_a_title_that_changes_hides_and_shows(xvfb: DisplayFactory) -> None:
    display = xvfb(400, 300)
    with XClient(display.display) as client:
        window = client.window(50, 50, 90, 80, 0x00FF00)
        client.name(window, "News - Browser", "Browser")
        client.sync()
        with watching(display.display, leave_out=parse_exclusions(["title:/my bank/"])) as watch:
            assert watch.until(Capture).excluded == ()
            found = watch.source.windows()
            assert found is not None
            assert [(each.title, each.application, each.box) for each in found] == [
                ("News - Browser", "Browser", Rect(50, 50, 90, 80))
            ]
            assert watch.source.windows() is None
            client.name(window, "My Bank - Browser")
            client.sync()
            assert watch.until(Capture).excluded == (Rect(50, 50, 90, 80),)
            client.name(window, "News - Browser")
            client.sync()
            eventually(lambda: isinstance(c := watch.source.read(200), Capture) and c.excluded == (), "still hidden")
            assert (watch.colours[60, 60] == bgr(0x00FF00)).all()


def test_what_matches_nothing_is_said_once(xvfb: DisplayFactory, caplog: pytest.LogCaptureFixture) -> None:
    display = xvfb(300, 200)
    with XClient(display.display) as client, caplog.at_level(logging.WARNING, logger="ironcliw"):
        client.name(client.window(0, 0, 50, 50, 1), "There", "There")
        client.sync()
        with watching(display.display, leave_out=parse_exclusions(["app:there", "app:nowhere"])) as watch:
            watch.settle()
            for colour in range(5):
                client.rect(client.root, 100, 100, 9, 9, colour + 2)
                client.sync()
                watch.settle()
            assert watch.source.describe()["excluded"] == "2, before pixels are kept"
    said = [record.message for record in caplog.records]
    assert said == ["exclude app:nowhere: no window matches now; one that comes will be left out"]


QUERY_TREE = 15


class BlindingServer:
    """Stands between a client and its server on a TCP port, and makes the server refuse to list the windows."""

    def __init__(self, display: Display) -> None:
        self._path = f"/tmp/.X11-unix/X{display.number}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.blind = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve, name="blinding")]
        self._threads[0].start()

    @property
    def display(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1] - 6000}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            each.close()
        for thread in self._threads:
            thread.join(10)

    def _serve(self) -> None:
        # Either end may hang up, and 'close' may come, between any two of these steps.
        with suppress(OSError, ValueError):
            client, _ = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            self._sockets += [client, server]
            server.connect(self._path)
            back = threading.Thread(target=_copy, args=(server, client), name="blinding-back")
            self._threads.append(back)
            back.start()
            with client.makefile("rb") as stream:
                self._requests(stream.read, server)
            server.shutdown(socket.SHUT_RDWR)

    def _requests(self, read: Callable[[int], bytes], server: socket.socket) -> None:
        head = read(12)
        if len(head) < 12:
            return
        name, data = struct.unpack("<HH", head[6:10])
        server.sendall(head + read(-(-name // 4) * 4 + -(-data // 4) * 4))
        while len(request := read(4)) == 4:
            length = struct.unpack("<H", request[2:])[0]
            if length == 0:
                request += read(4)
                length = struct.unpack("<I", request[4:])[0] - 1
            request += read(4 * (length - 1))
            if request[0] == QUERY_TREE and self.blind.is_set():
                request = request[:4] + struct.pack("<I", 0x1FFFFFFF)
            server.sendall(request)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)


def test_where_the_windows_cannot_be_listed_nothing_is_shown(xvfb: DisplayFactory) -> None:
    display = xvfb(200, 150)
    server = BlindingServer(display)
    try:
        with XClient(display.display) as other, XClient(display.display) as client:
            other.window(0, 0, 200, 150, 0x00FF00)
            other.sync()
            with watching(server.display, leave_out=parse_exclusions(["app:canary"]), reply_timeout_ms=10_000) as watch:
                watch.settle()
                assert (watch.colours == bgr(0x00FF00)).all()
                server.blind.set()
                window = client.window(20, 20, 40, 40, CANARY)
                client.name(window, "x", "Canary")
                client.sync()
                assert watch.until(Capture).excluded == (Rect(0, 0, 200, 150),)
                assert not watch.colours.any()
                server.blind.clear()
                client.move(window, 40, 40)
                client.sync()
                eventually(
                    lambda: not isinstance(watch.source.read(200), Idle) and bool(watch.colours.any()), "it stays blind"
                )
                assert canaries(watch) == 0
    finally:
        server.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app",
        "app:",
        "title:",
        "title:/",
        "title://",
        "window:x",
        "window:0",
        "region:1,2,3",
        "region:0,0,0,5",
        "x:y",
    ],
)
def test_what_is_no_exclusion_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_exclusions([text])
    assert "\n" not in str(refused.value)


def test_a_title_that_is_no_expression_is_refused(xvfb: DisplayFactory, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not a regular expression"):
        Watch(xvfb(100, 100).display, leave_out=parse_exclusions(["title:/(/"]))


def test_exclusions_are_parsed() -> None:
    found = parse_exclusions(["app:Foo", "title:a.b c", "title:/x|y/", "window:0x1c", "region:1,2,3,4"])
    assert found == Exclusions((28,), ("Foo",), (r"a\.b\ c", "x|y"), (Rect(1, 2, 3, 4),))
    assert found.names() == ["window:0x1c", "app:Foo", r"title:/a\.b\ c/", "title:/x|y/"]
    assert found
    assert not Exclusions()
