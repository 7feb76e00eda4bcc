"""A real compositor (sway without a screen): what the wayland source captures, and what it says about it."""

from __future__ import annotations

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.conftest import eventually, open_fds
from tests.rounds import rounds
from tests.sway import Sway
from tests.wlclient import WaylandClient

from ironcliw.errors import MonitorNotFoundError, SettingsError, SourceError
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring
from ironcliw.history.layout import slot_bytes_of
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture, Gap, Idle, Resized
from ironcliw.source.opening import open_source
from ironcliw.source.protocol import Back, Message, hand_on
from ironcliw.source.wayland import WaylandSource

pytestmark = pytest.mark.live


@pytest.fixture
def sway() -> Iterator[Sway]:
    with Sway(320, 200) as running:
        yield running


@contextmanager
def opened(sway: Sway, fps: float = 60, reply_timeout_ms: int = 5_000) -> Iterator[tuple[WaylandSource, FrameMemory]]:
    source = WaylandSource(display=sway.socket, fps=fps, reply_timeout_ms=reply_timeout_ms)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    try:
        yield source, memory
    finally:
        source.close()
        memory.close()


def until(source: WaylandSource, kind: type[Message], what: str) -> Message:
    """The next message of this kind."""
    found: list[Message] = []

    def seen() -> bool:
        message = source.read(200)
        if isinstance(message, kind):
            found.append(message)
        return bool(found)

    eventually(seen, what)
    return found[0]


def shows(source: WaylandSource, memory: FrameMemory, expected: NDArray[np.uint8]) -> bool:
    """Read once; whether the memory then shows what is expected."""
    source.read(200)
    return bool(np.array_equal(memory.pixels[:, :, :3], expected[:, :, :3]))


def unreported(before: NDArray[np.uint8], after: NDArray[np.uint8], damage: tuple[Rect, ...]) -> int:
    """How many pixels changed outside of the damage."""
    changed = np.any(before[:, :, :3] != after[:, :, :3], axis=2)
    for x, y, width, height in damage:
        changed[y : y + height, x : x + width] = False
    return int(changed.sum())


@pytest.mark.parametrize("planted", [False, True])
def test_each_changed_pixel_lies_in_reported_damage_and_slots_of_a_ring_are_whole(sway: Sway, planted: bool) -> None:
    """The client's own pixels are the oracle. Planted: damage that is told one column too narrow must be found out."""
    seed = int(os.environ.get("IRONCLIW_SEED", "0")) or random.randrange(1 << 30)
    print(f"IRONCLIW_SEED={seed}")
    rng = random.Random(seed)
    ring = Ring("test", 4 * slot_bytes_of(Geometry(320, 200)))
    source = WaylandSource(display=sway.socket, fps=120)
    missed, partial, captures, last = 0, 0, list[Capture](), None
    with WaylandClient(sway.socket) as client:
        client.show(0x203040)
        source.attach(ring.begin(source.open()))
        try:
            for _ in range(rounds(short=20, full=1000)):
                x, y = rng.randrange(300), rng.randrange(180)
                client.rect(x, y, rng.randrange(1, 20), rng.randrange(1, 20), rng.randrange(1 << 24))

                def caught_up() -> bool:
                    nonlocal missed, partial, last
                    message = source.read(100)
                    if isinstance(message, Capture):
                        captures.append(message)
                        pixels = ring.memory.pixels.copy()
                        damage = message.damage
                        if damage is not None and planted:
                            damage = tuple(Rect(x, y, width - 1, height) for x, y, width, height in damage)
                        if damage is not None and last is not None:
                            missed += unreported(last, pixels, damage)
                            partial += sum(width * height for _, _, width, height in damage) < 320 * 200
                        last = pixels
                        changed = message.damage or (Rect(0, 0, 320, 200),)
                        hand_on(source, ring.publish(message.time_ns, message.captured_at_ns, changed))
                    return last is not None and np.array_equal(last[:, :, :3], client.pixels[:, :, :3])

                eventually(caught_up, "what was drawn is not captured")
        finally:
            source.close()
            ring.close()
    assert [capture.sequence for capture in captures] == list(range(len(captures)))
    assert all(a.time_ns < b.time_ns for a, b in pairwise(captures))
    assert (missed > 0) is planted
    assert partial >= len(captures) // 2


def test_nothing_is_written_after_read_has_returned(sway: Sway) -> None:
    with WaylandClient(sway.socket) as client, opened(sway) as (source, memory):
        client.show(0x112233)
        eventually(lambda: shows(source, memory, client.pixels), "never seen")
        eventually(lambda: isinstance(source.read(100), Idle), "never idle")
        for step in range(10):
            before = memory.pixels.copy()
            client.rect(10 * step, 10, 9, 9, 0xFF0000 + step)
            client.sync()
            assert np.array_equal(memory.pixels, before)
            eventually(lambda: shows(source, memory, client.pixels), "never seen")
            eventually(lambda: isinstance(source.read(0), Idle), "never idle")


@pytest.mark.parametrize("transform", ["90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"])
def test_a_turned_output_is_seen_upright(sway: Sway, transform: str) -> None:
    sway.tell(f"output HEADLESS-1 transform {transform}")
    with WaylandClient(sway.socket) as client:
        client.show(0x203040)
        with opened(sway) as (source, memory):
            assert memory.pixels.shape == client.pixels.shape
            client.rect(3, 5, 40, 7, 0xFF8000)
            eventually(lambda: shows(source, memory, client.pixels), "not seen as it was drawn")
            client.rect(50, 90, 11, 30, 0x00FF80)
            eventually(lambda: shows(source, memory, client.pixels), "not seen as it was drawn")
            assert "converted" in source.describe()["pixels"]
            assert source.held_bytes >= client.pixels.nbytes  # what the compositor writes into, before that
        assert source.held_bytes == 0


def test_a_turned_output_goes_through_the_ring_too(sway: Sway) -> None:
    sway.tell("output HEADLESS-1 transform 90")
    with WaylandClient(sway.socket) as client:
        client.show(0x203040)
        source = WaylandSource(display=sway.socket, fps=120)
        ring = Ring("test", 3 * slot_bytes_of(Geometry(200, 320)))
        source.attach(ring.begin(source.open()))
        try:
            for step in range(8):
                client.rect(20 * step, 10 + step, 9, 9, 0xFF0000 + step)

                def caught_up() -> bool:
                    if not isinstance(message := source.read(100), Capture):
                        return False
                    seen = ring.memory.pixels[:, :, :3].copy()
                    changed = message.damage or (Rect(0, 0, 200, 320),)
                    hand_on(source, ring.publish(message.time_ns, message.captured_at_ns, changed))
                    return np.array_equal(seen, client.pixels[:, :, :3])

                eventually(caught_up, "what was drawn is not captured")
        finally:
            source.close()
            ring.close()


def test_an_output_that_becomes_another_size_is_told_and_captured(sway: Sway) -> None:
    with WaylandClient(sway.socket) as client, opened(sway) as (source, memory):
        client.show(0x445566)
        eventually(lambda: shows(source, memory, client.pixels), "never seen")
        sway.tell("output HEADLESS-1 resolution 400x300")
        message = until(source, Resized, "the new size is not told")
        assert isinstance(message, Resized)
        assert (message.geometry.width, message.geometry.height) == (400, 300)
        larger = FrameMemory(400, 300)
        source.attach(larger)
        eventually(
            lambda: client.fit(0x665544) is None and client.pixels.shape == (300, 400, 4), "window is not resized"
        )
        eventually(lambda: shows(source, larger, client.pixels), "never seen")
        larger.close()


def test_a_scaled_output_is_captured_in_its_own_pixels(sway: Sway) -> None:
    sway.tell("output HEADLESS-1 scale 2")
    with opened(sway) as (source, memory):
        assert memory.pixels.shape == (200, 320, 4)
        assert isinstance(source.read(1000), Capture)


def test_a_compositor_that_ends_is_a_gap_and_comes_back(sway: Sway) -> None:
    fds = open_fds()
    with opened(sway) as (source, _):
        until(source, Capture, "nothing captured")
        sway.stop()
        gap = until(source, Gap, "the loss is not told")
        assert isinstance(gap, Gap)
        assert gap.reason == "lost"
        assert isinstance(source.read(0), Idle)
        sway.start()
        until(source, Back, "the return is not told")
        capture = until(source, Capture, "nothing captured")
        assert isinstance(capture, Capture)
        assert capture.damage is None
    assert open_fds() <= fds  # those of tests before may have gone meanwhile


def test_a_compositor_that_stops_answering_is_a_gap(sway: Sway) -> None:
    with opened(sway, reply_timeout_ms=1_000) as (source, _):
        until(source, Capture, "nothing captured")
        os.kill(sway.pid, signal.SIGSTOP)
        try:
            gap = until(source, Gap, "the silence is not told")
            assert isinstance(gap, Gap)
            assert gap.reason == "no_reply"
        finally:
            os.kill(sway.pid, signal.SIGCONT)
        until(source, Back, "the return is not told")


def test_a_read_is_ended_early(sway: Sway) -> None:
    with opened(sway) as (source, _):
        until(source, Idle, "never idle")
        timer = threading.Timer(0.2, source.interrupt)
        timer.start()
        assert isinstance(source.read(60_000), Idle)
        timer.join()


def test_what_is_not_there_is_one_line(sway: Sway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MonitorNotFoundError, match=r"no output 'DP-7'.*HEADLESS-1"):
        WaylandSource("DP-7", display=sway.socket).open()
    with pytest.raises(SourceError, match="there is no such socket"):
        WaylandSource(display=str(tmp_path / "wayland-9")).open()
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SourceError, match="set WAYLAND_DISPLAY"):
        WaylandSource().open()
    for fps in (0, -1, float("nan"), 1000):
        with pytest.raises(SettingsError, match="fps"):
            WaylandSource(fps=fps)


def test_a_compositor_without_a_capture_protocol_names_the_portal(tmp_path: Path) -> None:
    """A compositor that offers shared memory and nothing else, as GNOME's does to such programs."""
    path = str(tmp_path / "wayland-0")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=_poor_compositor, args=(listener,))
        thread.start()
        with pytest.raises(SourceError, match="use the source 'portal'"):
            WaylandSource(display=path).open()
        thread.join(10)


def _poor_compositor(listener: socket.socket) -> None:
    client, _ = listener.accept()
    with client, suppress(ConnectionError):  # who has read enough hangs up
        request = b""
        while len(request) < 24:  # get_registry, sync
            part = client.recv(64)
            assert part, "it hung up before it had asked"
            request += part
        registry, callback = struct.unpack_from("=8xI", request)[0], struct.unpack_from("=20xI", request)[0]
        shm = struct.pack("=IIII8sI", registry, 28 << 16, 1, 7, b"wl_shm\0\0", 1)
        client.sendall(
            shm + struct.pack("=III", callback, 12 << 16, 0) + struct.pack("=III", 1, 12 << 16 | 1, callback)
        )
        client.recv(64)


def test_a_wayland_session_is_seen_without_being_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-1")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert isinstance(open_source("screen"), WaylandSource)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    assert isinstance(open_source("screen"), WaylandSource)
    monkeypatch.setenv("XDG_SESSION_TYPE", "x11")
    assert not isinstance(open_source("screen"), WaylandSource)
    assert isinstance(open_source("wayland:DP-1"), WaylandSource)


def test_a_rule_fires_on_what_a_terminal_under_sway_says(sway: Sway) -> None:
    sway.tell("output HEADLESS-1 resolution 900x500")
    sway.run("foot", "-f", "monospace:size=14", "sh", "-c", "sleep 4; echo BUILD FAILED; sleep 120")
    command = [sys.executable, "-m", "ironcliw", "wait", "text:BUILD FAILED", "--source", "wayland", "--timeout", "60s"]
    done = subprocess.run(command, env=sway.environ, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "BUILD FAILED" in done.stdout
