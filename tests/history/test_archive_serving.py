"""The archive over a socket, and the pictures and videos that the command line makes of it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from archive_screens import EDITS, Maker, same, shown
from PIL import Image

from ironcliw.cli.clip import save_clip
from ironcliw.cli.frames import check_out, save_frame
from ironcliw.errors import ActionError, ArchiveError, IpcError, SettingsError
from ironcliw.history import Archive, ArchiveClient, archive, archive_handlers
from ironcliw.ipc import Connection, Reply, Server
from ironcliw.service.moments import parse_length_s, parse_moment

SECOND = 1_000_000_000


@contextmanager
def asked(handlers: dict[str, object], path: Path) -> Iterator[ArchiveClient]:
    server = Server(path, handlers)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with Connection(path) as connection:
            yield ArchiveClient(connection)
    finally:
        server.close()
        thread.join()


def test_frames_come_over_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SEGMENT_FRAMES", 7)
    screens = shown(1, list(EDITS) * 3, 150, 170)
    kept = Archive(100_000_000)
    for i, screen in enumerate(screens):
        kept.add(screen, i * SECOND, i * SECOND)
    with asked(archive_handlers(kept), tmp_path / "s") as client:
        for own, given in zip(kept.since(20), client.since(20), strict=True):
            assert (own.number, own.time_ns, own.wall_ns) == (given.number, given.time_ns, given.wall_ns)
            assert same(own.pixels, given.pixels)
        for i in (0, 3, len(screens) - 1):
            assert same(client.frame_at(i * SECOND).pixels, screens[i])
            assert same(client.frame_at(wall_ns=i * SECOND).pixels, screens[i])
        with pytest.raises(IpcError, match="is outside of history, which goes from 1970-01-01T00:00:00"):
            client.frame_at(10**15)
        for arguments in ({"time_ns": "5"}, {"time_ns": 2**70}, {}, {"time_ns": 1, "wall_ns": 1}):
            with pytest.raises(IpcError, match=r"archive\.frame"):
                client._connection.ask("archive.frame", **arguments)
        for seconds in (-1, "x", True, None):
            with pytest.raises(IpcError, match="expected seconds"):
                list(client._connection.stream("archive.since", seconds=seconds))
        assert same(client.frame_at(0).pixels, screens[0])


@pytest.mark.parametrize(
    "reply",
    [Reply({"begin": 0, "end": 1}, b"nothing"), Reply({"begin": 0, "end": 9}, b""), Reply({}), Reply({"begin": -1})],
)
def test_replies_that_are_none(tmp_path: Path, reply: Reply) -> None:
    with (
        asked({"archive.frame": lambda request: reply}, tmp_path / "s") as client,
        pytest.raises((ArchiveError, IpcError)),
    ):
        client.frame_at(0)


def kept_for_pictures() -> tuple[Archive, list[np.ndarray]]:
    maker = Maker(2, 61, 83)
    kept = Archive(50_000_000)
    screens = []
    now_ns = round(datetime.now().timestamp()) * SECOND
    for i in range(6):
        screens.append(maker.change("window"))
        kept.add(screens[-1], i * SECOND, now_ns - (5 - i) * SECOND)
    return kept, screens


def test_a_picture_of_a_time(tmp_path: Path) -> None:
    kept, screens = kept_for_pictures()
    span = kept.span
    assert span is not None
    time = datetime.fromtimestamp(span.oldest_wall_ns / SECOND).isoformat()
    said = save_frame(kept, time, tmp_path / "shot.png")
    assert said.startswith(f"saved {tmp_path / 'shot.png'}: 83x61, shown since 2")
    with Image.open(tmp_path / "shot.png") as picture:
        assert (np.asarray(picture) == screens[0][:, :, 2::-1]).all()
    with pytest.raises(ActionError, match=r"^cannot save .*shot\.what: unknown file extension"):
        save_frame(kept, time, tmp_path / "shot.what")


def test_a_video_lasts_as_long_as_it_was(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    kept, screens = kept_for_pictures()
    clip = tmp_path / "clip.mp4"
    assert save_clip(kept.since(3), clip) == 4
    with av.open(str(clip)) as container:
        frames = [(float(frame.time), frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]
    assert [round(time, 2) for time, _ in frames] == [0, 1, 2, 3, 3.5]
    for (_, picture), screen in zip(frames, [*screens[2:], screens[5]], strict=True):
        assert picture.shape == (62, 84, 3)
        difference = picture[:61, :83].astype(int) - screen[:, :, :3]
        assert np.abs(difference).mean() < 45  # the colours are coarser than the pixels
    with pytest.raises(ActionError, match="there are no frames"):
        save_clip([], clip)
    assert not clip.exists()
    with pytest.raises(ActionError, match="cannot save"):
        save_clip(kept.since(3), tmp_path / "clip.unknown")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="it is a folder"):
        check_out(tmp_path)
    with pytest.raises(ActionError, match="no such folder"):
        check_out(tmp_path / "missing" / "shot.png")


NOW = datetime(2026, 11, 27, 12, 0, 0, tzinfo=timezone(timedelta(hours=-7)))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("30s", "2026-11-27T18:59:30"),
        ("1.5h", "2026-11-27T17:30:00"),
        ("250ms", "2026-11-27T18:59:59.750"),
        ("11:03:05", "2026-11-27T18:03:05"),
        ("9:03", "2026-11-27T16:03:00"),
        ("11:03:05.25", "2026-11-27T18:03:05.250"),
        ("2026-11-26T11:03:05", "2026-11-26T18:03:05"),
        ("2026-11-26 11:03:05+01:00", "2026-11-26T10:03:05"),
        ("2026-11-26T11:03:05Z", "2026-11-26T11:03:05"),
    ],
)
def test_moments(text: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc + "+00:00").timestamp()
    assert parse_moment(text, NOW) == round(expected * 1000) * 1_000_000


@pytest.mark.parametrize("text", ["", "now", "25:00", "12:61:00", "30", "2026-13-01T00:00", "-5s", "2026-11-26"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^time must be like 30s \(ago\), 12:03:05"):
        parse_moment(text, NOW)


def test_lengths() -> None:
    assert (parse_length_s("10m", "--since"), parse_length_s("2d", "--since")) == (600, 172_800)
    with pytest.raises(SettingsError, match=r"^--since must be a length of time"):
        parse_length_s("12:03", "--since")


def test_the_commands_without_a_watcher(tmp_path: Path) -> None:
    for arguments in (["frame", "12:03:05", "--out"], ["frames", "--since", "30s", "--out"]):
        command = [sys.executable, "-m", "ironcliw", *arguments, str(tmp_path / "out.png")]
        environment = {"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "", "HOME": str(tmp_path)}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr == "ironcliw: no watcher is running: start one with 'ironcliw start'\n"


def test_whoever_looks_slowly_is_given_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without fetching all of it first, the watcher has given up on the reader long before the end."""
    monkeypatch.setattr(archive, "SEGMENT_FRAMES", 2)
    monkeypatch.setattr("ironcliw.ipc.server._SEND_TIMEOUT_S", 0.7)
    random, kept = np.random.default_rng(5), Archive(100_000_000)
    for i in range(12):
        kept.add(random.integers(0, 256, (256, 256, 4), dtype=np.uint8), i * SECOND, i * SECOND)
    with asked(archive_handlers(kept), tmp_path / "s") as client:
        slow = client.since(60)
        seen = [next(slow).number]
        time.sleep(2.0)
        assert seen + [frame.number for frame in slow] == list(range(12))
