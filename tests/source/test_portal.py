"""The portal source, on a private bus with a portal of our own and real PipeWire behind it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.conftest import eventually, open_fds
from tests.fake_portal import TOKEN, Desktop

from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring
from ironcliw.history.layout import slot_bytes_of
from ironcliw.memory import FrameMemory, Ledger
from ironcliw.monitor.holding import SourceHoldings
from ironcliw.source import Capture, Gap
from ironcliw.source.opening import open_source
from ironcliw.source.portal import PortalSource
from ironcliw.source.portal_token import PortalToken
from ironcliw.source.protocol import Back, Message, Resized, hand_on

pytestmark = pytest.mark.live
WIDTH, HEIGHT = 160, 120
MB = 1_000_000


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desktop]:
    yield from _desktop(monkeypatch, tmp_path, 0)


@pytest.fixture
def steady_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desktop]:
    yield from _desktop(monkeypatch, tmp_path, 30)


def _desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fps: int) -> Iterator[Desktop]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Desktop(WIDTH, HEIGHT, fps) as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def source() -> Iterator[PortalSource]:
    opened = PortalSource(fps=60, reply_timeout_ms=10_000)
    yield opened
    opened.close()


def settled_fds() -> int:
    """Descriptors that are open now, without the pipes of what the desktop runs to link a stream every 0.1 s."""
    found = []
    for _ in range(20):
        found.append(open_fds())
        time.sleep(0.02)
    return min(found)


def picture(shade: int) -> NDArray[np.uint8]:
    pixels = np.full((HEIGHT, WIDTH, 4), shade, np.uint8)
    pixels[10:20, 30:40] = (1, 2, 3, 0)
    return pixels


def begun(source: PortalSource) -> FrameMemory:
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return memory


def until(source: PortalSource, kind: type[Message], what: str) -> Message:
    """The next message of this kind."""
    found: list[Message] = []

    def seen() -> bool:
        message = source.read(200)
        if isinstance(message, kind):
            found.append(message)
        return bool(found)

    eventually(seen, what)
    return found[0]


def shows(desktop: Desktop, source: PortalSource, memory: FrameMemory, pixels: NDArray[np.uint8]) -> bool:
    """Show a picture; whether it is captured as it is."""
    desktop.show(pixels)
    source.read(100)
    return bool(np.array_equal(memory.pixels[:, :, :3], pixels[:, :, :3]))


def test_pictures_are_captured_as_they_are_and_nothing_is_left_open(desktop: Desktop) -> None:
    fds = settled_fds()
    source = PortalSource(fps=60, reply_timeout_ms=10_000)
    memory = begun(source)
    assert source.name == "portal"
    for shade in range(40, 200, 20):
        eventually(lambda shade=shade: shows(desktop, source, memory, picture(shade)), "not captured")
    assert source.describe()["pointer"] == "told beside the pictures"
    options = dict(desktop.portal.asked)["SelectSources"]
    assert (options["types"], options["cursor_mode"], options["persist_mode"]) == (1, 4, 2)
    source.close()
    source.close()
    memory.close()
    eventually(lambda: open_fds() <= fds, "descriptors are left open")


def test_the_buffers_of_pipewire_are_counted_while_they_are_mapped(desktop: Desktop, source: PortalSource) -> None:
    ledger = Ledger(100 * MB)
    beside = SourceHoldings(ledger, source)
    assert source.held_bytes == 0
    memory = begun(source)
    beside.fit()
    held = source.held_bytes
    assert held >= 2 * WIDTH * HEIGHT * 4  # no producer does with fewer
    told = ledger.report()["source"]
    assert (told.used, told.budget) == (held, held)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    desktop.show(np.zeros((2 * HEIGHT, 2 * WIDTH, 4), np.uint8))
    until(source, Resized, "the other size is not told")
    assert source.held_bytes >= 4 * held
    source.close()
    memory.close()
    assert ledger.report()["source"].used == source.held_bytes == 0
    beside.close()


def test_pictures_go_through_the_ring(desktop: Desktop, source: PortalSource) -> None:
    ring = Ring("test", 3 * slot_bytes_of(Geometry(WIDTH, HEIGHT)))
    geometry = source.open()
    assert (geometry.width, geometry.height, geometry.x, geometry.y) == (WIDTH, HEIGHT, 7, 9)
    source.attach(ring.begin(geometry))
    captures = list[Capture]()
    for shade in range(40, 200, 20):

        def caught_up(shade: int = shade) -> bool:
            desktop.show(picture(shade))
            if not isinstance(message := source.read(100), Capture):
                return False
            captures.append(message)
            seen = ring.memory.pixels[:, :, :3].copy()
            changed = message.damage or (Rect(0, 0, WIDTH, HEIGHT),)
            hand_on(source, ring.publish(message.time_ns, message.captured_at_ns, changed))
            return np.array_equal(seen, picture(shade)[:, :, :3])

        eventually(caught_up, "not captured")
    assert [capture.sequence for capture in captures] == list(range(len(captures)))
    ring.close()


def test_the_users_choice_is_remembered_for_nobody_elses_eyes(desktop: Desktop, source: PortalSource) -> None:
    begun(source).close()
    path = PortalToken("").path
    assert path.read_text() == TOKEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    source.open()
    asked = [options.get("restore_token") for name, options in desktop.portal.asked if name == "SelectSources"]
    assert asked == [None, TOKEN]
    path.chmod(0o644)
    assert PortalToken("").read() == ""


def test_a_refusal_says_what_to_allow(desktop: Desktop, source: PortalSource) -> None:
    fds = settled_fds()
    desktop.portal.answer = 1
    with pytest.raises(SourceDeniedError, match="declined: choose a screen and press 'Share' in the dialog"):
        source.open()
    desktop.portal.answer = 2
    with pytest.raises(SourceDeniedError, match="press 'Share'"):
        source.open()
    eventually(lambda: open_fds() <= fds, "a refusal leaves descriptors")


def test_sharing_that_is_stopped_is_not_begun_again(desktop: Desktop, source: PortalSource) -> None:
    memory = begun(source)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    desktop.portal.close_session()
    gap = until(source, Gap, "the end is not told")
    assert isinstance(gap, Gap)
    assert gap.reason == "denied"
    before = len(desktop.portal.asked)
    with pytest.raises(SourceDeniedError, match="start ironcliw again"):
        until(source, Back, "never")
    assert len(desktop.portal.asked) == before
    memory.close()


def test_a_stream_that_ends_is_a_gap_and_returns_without_a_question(desktop: Desktop, source: PortalSource) -> None:
    memory = begun(source)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    desktop.stop("producer")
    gap = until(source, Gap, "the loss is not told")
    assert isinstance(gap, Gap)
    desktop.start_producer()
    message = until(source, Back, "the return is not told")
    assert not isinstance(message, Resized)
    eventually(lambda: shows(desktop, source, memory, picture(90)), "not captured")
    asked = [options.get("restore_token") for name, options in desktop.portal.asked if name == "SelectSources"]
    assert asked[-1] == TOKEN
    memory.close()


def test_pipewire_that_ends_is_a_gap(desktop: Desktop, source: PortalSource) -> None:
    memory = begun(source)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    desktop.stop("pipewire")
    gap = until(source, Gap, "the loss is not told")
    assert isinstance(gap, Gap)
    assert gap.reason == "lost"
    memory.close()


def test_a_stream_of_a_fixed_rate_that_stands_still_is_a_gap(steady_desktop: Desktop, source: PortalSource) -> None:
    memory = begun(source)
    eventually(lambda: shows(steady_desktop, source, memory, picture(50)), "not captured")
    os.kill(steady_desktop.pid("producer"), signal.SIGSTOP)
    gap = until(source, Gap, "the stall is not told")
    assert isinstance(gap, Gap)
    assert (gap.reason, "stalled" in gap.detail) == ("no_reply", True)
    memory.close()


def test_a_stream_of_no_fixed_rate_may_be_still(desktop: Desktop, source: PortalSource) -> None:
    memory = begun(source)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    for _ in range(6):
        assert not isinstance(source.read(500), Gap)
    memory.close()


def test_a_machine_without_portal_or_bus_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}"), ("XDG_RUNTIME_DIR", "")):
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceError, match="message bus does not answer"):
        PortalSource().open()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    with pytest.raises(SourceError, match="DBUS_SESSION_BUS_ADDRESS is not set"):
        PortalSource().open()


def test_a_desktop_without_a_portal_is_told_so(desktop: Desktop, source: PortalSource) -> None:
    desktop.portal.close()
    with pytest.raises(SourceError, match="install xdg-desktop-portal"):
        source.open()


def test_names_and_numbers_that_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/b", "..", "x" * 65):
        with pytest.raises(SettingsError, match="letters, digits"):
            PortalSource(name)
    with pytest.raises(SettingsError, match="fps"):
        PortalSource(fps=float("nan"))
    assert isinstance(open_source("portal:left"), PortalSource)
    assert PortalToken("left").path.name == "portal-left.token"


def test_libpipewire_is_opened_only_for_the_portal() -> None:
    program = "import ironcliw._native; print('pipewire' in open('/proc/self/maps').read())"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_damage_and_the_pointer_come_beside_live_pictures(desktop: Desktop, source: PortalSource) -> None:
    """What is not said to have changed is not copied, as is seen where a picture does not say all."""
    memory = begun(source)
    eventually(lambda: shows(desktop, source, memory, picture(50)), "not captured")
    # A picture that was shown twice may still be on its way.
    eventually(lambda: not any(isinstance(source.read(100), Capture) for _ in range(5)), "never still")
    assert source.cursor is None
    lying = picture(50)
    lying[60:70, 20:40] = 9
    lying[100:110, 100:140] = 7
    desktop.show(lying, [(20, 60, 20, 10), (90, 5, 3, 2)], pointer=(33, 44))
    capture = until(source, Capture, "not captured")
    assert isinstance(capture, Capture)
    assert capture.damage == (Rect(20, 60, 20, 10), Rect(90, 5, 3, 2))
    assert capture.bytes_read == (20 * 10 + 3 * 2) * 4
    assert (memory.pixels[60:70, 20:40, :3] == 9).all()
    assert (memory.pixels[100:110, 100:140, :3] == 50).all()
    assert source.cursor == (33, 44)
    eventually(lambda: shows(desktop, source, memory, lying), "a picture that says nothing is not copied whole")
    assert source.cursor == (33, 44)
    memory.close()
