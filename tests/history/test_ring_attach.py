"""What a process sees of another's ring: the newest frame, all of them, the next one, as arrays and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ring_pattern import number_in
from ring_writer import writing

import ironcliw
from ironcliw import clock
from ironcliw.errors import NoWatcherError, RecycledFrameError, SettingsError
from ironcliw.frame import Geometry, Rect


def test_another_processs_frame_is_seen_without_a_copy(tmp_path: Path) -> None:
    with writing(tmp_path, frames=3) as writer, ironcliw.attach(path=writer.path) as ring:
        with ring.latest() as frame:
            assert (frame.sequence, frame.time_ns) == (2, 2 * clock.MS)
            assert frame.geometry == Geometry(100, 48)
            assert frame.changed == Rect(0, 0, 100, 48)
            assert abs(frame.wall_ns - clock.wall_ns()) < 60 * clock.SECOND
            assert frame.pixels.shape == (48, 100, 4)
            assert not frame.pixels.flags.owndata
            assert not frame.pixels.flags.writeable
            assert number_in(frame.copy()) == 2
            writer.write()
            seen = ring.wait(20)
            assert seen is not None
            assert (seen.sequence, number_in(seen.copy())) == (3, 3)
            assert frame.is_current
        assert ring.wait(0) is None
        assert ring.source == "ring_process"
        assert ring.seconds_since_verified < 60


def test_all_but_the_slot_being_written_are_there_in_order(tmp_path: Path) -> None:
    with writing(tmp_path, slots=5) as writer, ironcliw.attach(path=writer.path) as ring:
        assert [frame.sequence for frame in ring.frames()] == [0]
        writer.write(7)
        frames = ring.frames()
        assert [frame.sequence for frame in frames] == [4, 5, 6, 7]
        assert [number_in(frame.copy()) for frame in frames] == [4, 5, 6, 7]
        assert [frame.sequence for frame in ring.since(3600)] == [4, 5, 6, 7]
        assert [frame.sequence for frame in ring.since(0)] == [7]
        assert ring.slots == 5


def test_a_frame_that_was_recycled_is_refused_by_all_that_promise_it_whole(tmp_path: Path) -> None:
    with writing(tmp_path, slots=3) as writer, ironcliw.attach(path=writer.path) as ring:
        frame = ring.latest()
        writer.write(3)
        for use in (
            frame.check,
            frame.copy,
            frame.image,
            lambda: np.array(frame),
            lambda: frame.__exit__(None, None, None),
        ):
            with pytest.raises(RecycledFrameError, match=r"frame 0 was recycled"):
                use()
        with pytest.raises(RecycledFrameError), ring.latest():
            writer.write(3)
        with pytest.raises(ZeroDivisionError), ring.latest():  # what went wrong in the block is what is told
            _ = 1 / (writer.write(3) - writer.frames)
        looked_at = ring.since(3600)
        next(looked_at)
        writer.write(3)
        with pytest.raises(RecycledFrameError):
            next(looked_at)


def test_views_outlive_frame_reader_and_writer(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        ring = ironcliw.attach(path=writer.path)
        with ring.latest() as frame:
            kept = frame.pixels[3:, ::2]
        with pytest.raises(ValueError, match="was left"):
            _ = frame.pixels
        ring.close()
        ring.close()
        with pytest.raises(ValueError, match="closed"):
            ring.latest()
        assert number_in(kept) == 0
        writer.tell("end")
        assert kept.sum() == 0  # zeroed at the end, and still mapped


def test_other_libraries_take_frames(tmp_path: Path) -> None:
    with writing(tmp_path, frames=200) as writer, ironcliw.attach(path=writer.path) as ring, ring.latest() as frame:
        assert np.asarray(frame).base is not None
        assert np.shares_memory(np.asarray(frame), frame.pixels)
        assert np.array(frame).flags.writeable
        assert np.asarray(frame, np.float32).dtype == np.float32
        assert np.shares_memory(np.from_dlpack(frame), frame.pixels)
        picture = frame.image()
        assert (picture.size, picture.mode, picture.getpixel((5, 7))) == ((100, 48), "RGB", (0, 0, 199))
        with pytest.raises(ValueError, match="read-only"):
            frame.pixels[0, 0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            frame.pixels.flags.writeable = True


def test_a_ring_of_another_size_is_found_by_itself(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, ironcliw.attach(path=writer.path) as ring:
        old = ring.latest()
        writer.tell("begin 33 17")
        new = ring.wait(20)
        assert new is not None
        assert (new.geometry, new.sequence, number_in(new.copy())) == (Geometry(33, 17), 1, 1)
        with pytest.raises(RecycledFrameError):
            old.check()


def test_senseless_times_are_refused(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, ironcliw.attach(path=writer.path) as ring:
        for wrong in (-1, float("nan"), float("inf")):
            with pytest.raises(SettingsError):
                ring.wait(wrong)
            with pytest.raises(SettingsError):
                ring.since(wrong)


def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoWatcherError, match="no watcher is running"):
        ironcliw.attach(path=tmp_path / "watch.sock")
