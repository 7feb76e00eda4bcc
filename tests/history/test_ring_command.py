"""``ironcliw watch --share`` on a real screen, and another process that reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ironcliw
from conftest import DisplayFactory, eventually, listens
from ironcliw.errors import NoWatcherError, SettingsError, WriterGoneError
from ironcliw.monitor import Watch, WatchOptions, answering
from xclient import XClient


@pytest.mark.live
def test_the_frames_of_a_shared_watch_are_read_by_name(
    xvfb: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = xvfb(320, 200)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    command = [sys.executable, "-m", "ironcliw", "watch", f"x11:{display.display}", "--share", "--no-text"]
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    try:
        socket = tmp_path / "ironcliw" / "watch.sock"
        eventually(lambda: listens(socket) or watcher.poll() is not None, "no socket")
        with XClient(display.display) as client, ironcliw.attach() as ring:
            assert ring.source == f"x11:{display.display}"
            with ring.latest() as first:
                assert first.pixels.shape == (200, 320, 4)
            window = client.window(10, 10, 50, 50, 0xFF0000)
            client.rect(window, 0, 0, 5, 5, 0x00FF00)
            client.sync()
            eventually(lambda: tuple(ring.latest().pixels[12, 12, :3]) == (0, 255, 0), "never seen")
            watcher.send_signal(signal.SIGTERM)
            assert watcher.wait(60) == 0
            with pytest.raises(WriterGoneError):
                ring.wait(30)
        with pytest.raises(NoWatcherError):
            ironcliw.attach()
    finally:
        watcher.kill()
        watcher.communicate()


def test_what_is_read_as_fast_as_it_can_be_is_not_shared(tmp_path: Path) -> None:
    path = tmp_path / "watch.sock"
    options = WatchOptions(pace="max", text=False, share=True)
    with (
        Watch("synthetic:office?seed=1&minutes=1", options) as running,
        pytest.raises(SettingsError, match="not a recording"),
        answering(running, {"path": str(path), "metrics_port": None}),
    ):
        pass


def test_a_paced_recording_is_shared_as_a_screen_is(tmp_path: Path) -> None:
    path = tmp_path / "watch.sock"
    options = WatchOptions(text=False, share=True, ring_bytes=64 << 20)
    with (
        Watch("synthetic:office?seed=1&minutes=1", options) as running,
        answering(running, {"path": str(path), "metrics_port": None}),
        ironcliw.attach(path=path) as ring,
    ):
        seen = [ring.latest().sequence]
        while len(seen) < 4:
            frame = ring.wait(60)
            assert frame is not None
            seen.append(frame.sequence)
            assert frame.is_current
        assert seen == sorted(set(seen))

        # What the slot shows is what the watch saw: whole frames although only changes were painted.
        def same() -> bool:
            newest = ring.latest()
            equal = bool((newest.pixels[:, :, :3] == running.snapshot()[:, :, :3]).all())
            return equal and newest.is_current

        eventually(same, "the ring never showed what the watch saw")
