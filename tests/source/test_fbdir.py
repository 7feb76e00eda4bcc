"""The framebuffer file of Xvfb: what is read from it, what is said to have changed, and what is refused."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from x11_watch import Pixels, bgr, changed_outside, grab

from conftest import Display, DisplayFactory, eventually
from ironcliw.errors import SettingsError, SourceError
from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, Gap, Idle, Resized, open_source
from ironcliw.source.fbdir import FbdirSource, read_header
from xclient import XClient

pytestmark = pytest.mark.live


@pytest.fixture
def screen(xvfb: DisplayFactory, tmp_path: Path) -> Display:
    return xvfb(333, 200, "-fbdir", str(tmp_path))


@pytest.fixture
def source(screen: Display, tmp_path: Path) -> Iterator[FbdirSource]:
    found = open_source(f"fbdir:{tmp_path}", fps=50)
    assert isinstance(found, FbdirSource)
    yield found
    found.close()


def opened(source: FbdirSource) -> FrameMemory:
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return memory


def colours(memory: FrameMemory) -> Pixels:
    return memory.pixels[..., :3].copy()


def test_it_shows_what_the_server_shows(screen: Display, source: FbdirSource) -> None:
    memory = opened(source)
    assert isinstance(first := source.read(1000), Capture)
    assert first.damage is None
    with XClient(screen.display) as client:
        window = client.window(20, 30, 150, 100, 0x203040)
        client.rect(window, 5, 6, 70, 8, 0xFF8000)
        client.sync()
        eventually(lambda: isinstance(source.read(200), Idle), "the screen never rests")
        np.testing.assert_array_equal(colours(memory), grab(screen.display))
        before = colours(memory)
        client.rect(window, 100, 40, 1, 1, 0x00FF00)
        client.sync()
        change = source.read(1000)
        assert isinstance(change, Capture)
        assert change.damage == (Rect(64, 64, 64, 64),)
        assert changed_outside(before, colours(memory), change.damage) == 0
        assert (memory.pixels[70, 120, :3] == bgr(0x00FF00)).all()
    memory.close()


def test_a_still_screen_is_verified_and_the_server_does_nothing(screen: Display, source: FbdirSource) -> None:
    memory = opened(source)
    assert isinstance(source.read(1000), Capture)
    stat = Path(f"/proc/{screen.pid}/stat")

    def used() -> list[str]:
        return stat.read_text().split()[13:15]

    def rests() -> bool:
        before = used()
        time.sleep(0.3)
        return used() == before

    eventually(rests, "the server is still beginning")
    before = used()
    idle = source.read(300)
    assert isinstance(idle, Idle)
    assert idle.verified
    assert idle.bytes_read >= 333 * 200 * 4
    assert used() == before
    memory.close()


def test_a_state_that_was_drawn_and_taken_back_between_look_and_copy_is_not_kept(source: FbdirSource) -> None:
    """The copy may be newer than the look: fingerprints are those of what was copied."""
    memory = opened(source)
    assert isinstance(source.read(1000), Capture)
    memory.pixels[70:80, 70:80] = 99  # as if that had been drawn when the tile was copied ...
    source._changed.fill(True)
    kernels_saw = source._shown
    source._shown = memory.pixels
    source._copy(FrameMemory(333, 200).pixels)
    source._shown = kernels_saw  # ... and the server has taken it back
    again = source.read(1000)
    assert isinstance(again, Capture)
    assert again.damage == (Rect(64, 64, 64, 64),)
    assert (memory.pixels[70:80, 70:80] == 0).all()
    memory.close()


def test_a_server_that_ends_is_a_gap_and_another_one_is_found(
    screen: Display, source: FbdirSource, tmp_path: Path
) -> None:
    memory = opened(source)
    assert isinstance(source.read(1000), Capture)
    screen.stop()
    messages: list[object] = []
    eventually(lambda: isinstance(messages.append(source.read(500)) or messages[-1], Gap), "the loss is not told")
    assert isinstance(messages[-1], Gap)
    assert messages[-1].reason == "lost"
    assert isinstance(source.read(50), Idle)
    screen.restart()

    def returned() -> bool:
        messages.append(source.read(500))
        return isinstance(messages[-1], Back)

    eventually(returned, "it did not return")
    whole = source.read(1000)
    assert isinstance(whole, Capture)
    assert whole.damage is None
    screen.stop()
    eventually(lambda: isinstance(source.read(500), Gap), "the loss is not told")
    screen.size = (320, 240)
    screen.restart()
    eventually(lambda: isinstance(messages.append(source.read(500)) or messages[-1], Resized), "no new size")
    memory.close()


def test_a_server_that_was_killed_leaves_a_file_and_is_lost_all_the_same(screen: Display, source: FbdirSource) -> None:
    memory = opened(source)
    assert isinstance(source.read(1000), Capture)
    screen._process.kill()  # type: ignore[union-attr]
    screen._process.wait()  # type: ignore[union-attr]
    eventually(lambda: isinstance(source.read(500), Gap), "nobody noticed")
    source.close()
    with pytest.raises(SourceError, match="runs no more"):
        source.open()
    memory.close()


def header(**changes: int) -> bytes:
    words = [100, 7, 2, 24, 8, 4, 0, 0, 32, 0, 32, 32, 32, 4, 0xFF0000, 0xFF00, 0xFF, 8, 256, 0, 8, 4, 0, 0, 0]
    places = {"header": 0, "version": 1, "format": 2, "depth": 3, "width": 4, "order": 7, "bits": 11, "row": 12}
    for name, value in changes.items():
        words[places[name]] = value
    return struct.pack(">25I", *words)


def test_a_good_header_is_read() -> None:
    found = read_header(Path("x"), header(), 100 + 128)
    assert (found.width, found.height, found.row_bytes, found.start, found.end) == (8, 4, 32, 100, 228)


@pytest.mark.parametrize(
    "changes",
    [
        {"header": 20},
        {"header": 1 << 30},
        {"version": 6},
        {"format": 1},
        {"depth": 16},
        {"order": 1},
        {"bits": 16},
        {"width": 0},
        {"width": 9},
        {"row": 33},
        {"row": 0},
    ],
)
def test_a_bad_header_is_refused_in_one_line(changes: dict[str, int]) -> None:
    with pytest.raises(SourceError, match="x: ") as refused:
        read_header(Path("x"), header(**changes), 1 << 20)
    assert "\n" not in str(refused.value)


def test_random_bytes_and_short_files_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    for size in (0, 1, 99, 100, 160, 227):
        file = tmp_path / "Xvfb_screen0"
        file.write_bytes(random.bytes(size) if size < 200 else header()[:size])
        with pytest.raises(SourceError):
            FbdirSource(tmp_path).open()
    with pytest.raises(SourceError, match="no such file"):
        FbdirSource(tmp_path / "nowhere").open()
    (tmp_path / "Xvfb_screen1").write_bytes(header())
    with pytest.raises(SourceError, match="Xvfb_screen0, Xvfb_screen1"):
        FbdirSource(tmp_path).open()
    with pytest.raises(SettingsError, match="fps"):
        FbdirSource(tmp_path, fps=0)
    with pytest.raises(SourceError, match="expected a name"):
        open_source("fbdir:")
