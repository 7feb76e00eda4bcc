"""Captured straight into the ring: what readers see is what the screen showed, however old the slot was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import mss
import numpy as np
import pytest
from numpy.typing import NDArray

import ironcliw
from conftest import Display, DisplayFactory, eventually
from ironcliw.errors import RecycledFrameError
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, ring_handlers
from ironcliw.history.layout import slot_bytes_of
from ironcliw.history.reader import RingReader
from ironcliw.ipc import Server
from ironcliw.memory import FrameMemory
from ironcliw.monitor import Watch, WatchOptions
from ironcliw.source.protocol import Capture, hand_on
from ironcliw.source.x11 import X11Source
from xclient import XClient


def grab(display: str) -> NDArray[np.uint8]:
    with mss.MSS(display=display) as screen:
        shot = screen.grab(screen.monitors[0])
        return np.frombuffer(bytes(shot.raw), np.uint8).reshape(shot.height, shot.width, 4)


@contextmanager
def shared(display: Display, path: Path, slots: int = 5) -> Iterator[tuple[Watch, RingReader]]:
    width, height = display.size
    size = slots * slot_bytes_of(Geometry(width, height))
    options = WatchOptions(text=False, fps=60, ring_bytes=size, share=True, probe_interval_s=0.1)
    with Watch(f"x11:{display.display}", options) as watch:
        assert watch.ring is not None
        server = Server(path, ring_handlers(watch.ring))
        serving = threading.Thread(target=server.run)
        serving.start()
        try:
            with ironcliw.attach(path=path) as ring:
                yield watch, ring
        finally:
            server.close()
            serving.join()


@pytest.mark.live
def test_every_slot_shows_the_screen_as_it_was(xvfb: DisplayFactory, tmp_path: Path) -> None:
    display = xvfb(403, 301)
    random = np.random.default_rng(seed := 5)
    print(f"seed {seed}")
    with XClient(display.display) as client, shared(display, tmp_path / "watch.sock") as (_, ring):
        window = client.window(0, 0, 403, 301, 0x101010)
        client.sync()
        seen = -1
        for _ in range(60):
            for _ in range(int(random.integers(1, 6))):
                x, y = int(random.integers(0, 400)), int(random.integers(0, 300))
                width, height = int(random.choice([1, 9, 80, 403])), int(random.choice([1, 12, 90]))
                client.rect(window, x, y, width, height, int(random.integers(0, 2**24)))
            client.sync()
            shown = grab(display.display)[:, :, :3]

            def matches(shown: NDArray[np.uint8] = shown) -> bool:
                # What was drawn just now may take several frames, and the oldest be recycled while it is compared.
                with suppress(RecycledFrameError), ring.latest() as frame:
                    return bool((frame.pixels[:, :, :3] == shown).all())
                return False

            eventually(matches, "the newest frame never showed the screen")
            newest = ring.latest()
            assert newest.sequence >= seen
            seen = newest.sequence
        assert seen > 30


@pytest.mark.live
def test_a_screen_that_is_redrawn_as_it_was_takes_no_slot(xvfb: DisplayFactory, tmp_path: Path) -> None:
    display = xvfb(200, 150)
    with XClient(display.display) as client, shared(display, tmp_path / "watch.sock") as (watch, ring):
        window = client.window(0, 0, 200, 150, 0x101010)
        client.rect(window, 20, 20, 30, 30, 0x00FF00)
        client.sync()
        eventually(lambda: tuple(ring.latest().pixels[25, 25, :3]) == (0, 255, 0), "never drawn")
        before = ring.latest().sequence
        duplicates = watch.engine.counts.duplicate
        for _ in range(5):
            done = watch.engine.counts.duplicate
            client.rect(window, 20, 20, 30, 30, 0x00FF00)
            client.sync()
            eventually(lambda done=done: watch.engine.counts.duplicate > done, "the redrawing was never captured")
        assert watch.engine.counts.duplicate >= duplicates + 5
        assert ring.latest().sequence == before
        client.rect(window, 60, 20, 5, 5, 0x0000FF)
        client.sync()
        frame = ring.wait(30)
        assert frame is not None
        assert (frame.sequence, frame.changed) == (before + 1, Rect(60, 20, 5, 5))
        np.testing.assert_array_equal(frame.copy()[:, :, :3], grab(display.display)[:, :, :3])
        eventually(lambda: ring.seconds_since_verified < 5, "never verified")


@pytest.mark.live
def test_a_display_that_returns_begins_a_new_ring(xvfb: DisplayFactory, tmp_path: Path) -> None:
    display = xvfb(160, 120)
    with shared(display, tmp_path / "watch.sock") as (_, ring):
        with ring.latest() as old:
            first = old.sequence
        epoch = ring._current().description.epoch  # pyright: ignore[reportPrivateUsage]
        display.restart()
        with XClient(display.display) as client:
            client.window(0, 0, 160, 120, 0x123456)
            client.sync()
            eventually(lambda: tuple(ring.latest().pixels[5, 5, :3]) == (0x56, 0x34, 0x12), "never seen again")
            assert ring.latest().sequence > first
            assert ring._current().description.epoch != epoch  # pyright: ignore[reportPrivateUsage]
            assert not old.is_current


@pytest.mark.live
def test_only_what_changed_is_fetched_into_a_slot_and_only_the_rest_copied(xvfb: DisplayFactory) -> None:
    """The source alone: damage is counted from the slot before, and the pixels fetched are those that changed."""
    display = xvfb(640, 480)
    ring = Ring("test", 4 * slot_bytes_of(Geometry(640, 480)))
    source = X11Source(display.display, fps=60, include_self=True, probe_ms=3_600_000)
    with XClient(display.display) as client:
        window = client.window(0, 0, 640, 480, 0x101010)
        client.sync()
        source.attach(ring.begin(source.open()))
        try:
            captured(source, ring)
            for step in range(12):
                client.rect(window, 10 + 40 * step, 50, 20, 20, 0x203040 + step)
                client.sync()
                capture = captured(source, ring)
                assert capture.damage == (Rect(10 + 40 * step, 50, 20, 20),)
                assert capture.bytes_read < 640 * 480 * 4 / 4  # with a probe or a guess
                newest = ring_slot_before(ring)
                np.testing.assert_array_equal(newest.pixels[:, :, :3], grab(display.display)[:, :, :3])
        finally:
            source.close()
            ring.close()


def captured(source: X11Source, ring: Ring) -> Capture:
    """The next capture, which goes into the ring as the monitor does it."""
    while not isinstance(message := source.read(1000), Capture):
        pass
    width, height = ring.memory.pixels.shape[1::-1]
    hand_on(
        source, ring.publish(message.time_ns, message.captured_at_ns, message.damage or [Rect(0, 0, width, height)])
    )
    return message


def ring_slot_before(ring: Ring) -> FrameMemory:
    epoch = ring._epoch  # pyright: ignore[reportPrivateUsage]
    assert epoch is not None
    return epoch.slots[epoch.turn[0] - 1]


def test_a_source_that_knows_nothing_of_rings_is_handed_memory_that_is_up_to_date() -> None:
    geometry = Geometry(130, 70)
    ring = Ring("test", 3 * slot_bytes_of(geometry))

    class Plain:
        memory: FrameMemory | None = None

        def attach(self, memory: FrameMemory) -> None:
            self.memory = memory

    source = Plain()
    source.attach(ring.begin(geometry))
    assert source.memory is not None
    expected = np.zeros((70, 130, 4), np.uint8)
    random = np.random.default_rng(3)
    for step in range(20):
        x, y = int(random.integers(0, 120)), int(random.integers(0, 60))
        for pixels in (expected, source.memory.pixels):
            pixels[y : y + 9, x : x + 9] = step + 1
        np.testing.assert_array_equal(source.memory.pixels, expected)
        changed = [Rect(0, 0, 130, 70)] if step == 0 else [Rect(x, y, min(9, 130 - x), min(9, 70 - y))]
        hand_on(source, ring.publish(0, 0, changed))  # pyright: ignore[reportArgumentType]
    ring.close()


@pytest.mark.live
def test_where_memory_is_scarce_the_ring_becomes_smaller_and_larger_again(
    xvfb: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a screen that stands still, too: readers have its frame all the time."""
    display = xvfb(403, 301)
    with XClient(display.display) as client, shared(display, tmp_path / "watch.sock") as (watch, ring):
        window = client.window(0, 0, 403, 301, 0x123456)
        client.sync()
        shows(ring, display)
        ladder = watch.keeper.ladder
        monkeypatch.setattr(watch.keeper, "check", lambda now_ns: None)  # which would see that memory is not scarce
        while "ring" not in ladder.dropped:
            ladder.shed_next()
        eventually(lambda: ring.slots == 3, "the ring never became smaller", 60)
        shows(ring, display)
        client.rect(window, 40, 40, 100, 50, 0xABCDEF)
        client.sync()
        shows(ring, display)
        while ladder.engaged:
            assert ladder.restore_next(1 << 30)
        eventually(lambda: ring.slots == 5, "the ring never became larger again", 60)
        shows(ring, display)


def shows(ring: RingReader, display: Display) -> None:
    shown = grab(display.display)[:, :, :3]
    eventually(
        lambda: bool((ring.latest().copy()[:, :, :3] == shown).all()), "the newest frame never showed the screen"
    )
