"""Recordings that are as they should be: their pixels, their times, their end."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ironcliw.errors import MissingExtraError
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, End
from ironcliw.source.video import LOSSLESS_CODECS, Timeline, VideoSource, over_black
from making import Played, cards, write_gif, write_video

pytest.importorskip("av")

UNEVEN = [0, 30, 300, 333, 1000, 2500]


def play(path: Path) -> Played:
    played = Played(VideoSource(path))
    assert played.error is None
    return played


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "tolerance"),
    [
        ("a.mkv", "ffv1", "bgr0", 0),
        ("a.mov", "qtrle", "rgb24", 0),
        ("a.mov", "png", "rgb24", 0),
        ("a.mp4", "libx264", "yuv444p", 6),
        ("a.webm", "libvpx-vp9", "yuv444p", 12),
    ],
)
def test_pixels_and_uneven_times(tmp_path: Path, name: str, codec: str, pixel_format: str, tolerance: int) -> None:
    frames = cards(6)
    for frame in frames:
        frame[:10, :20] = (255, 0, 0)  # channel order, and which way is up
    source = VideoSource(write_video(tmp_path / name, frames, UNEVEN, codec=codec, pixel_format=pixel_format))
    played = Played(source)
    assert played.error is None
    assert played.kinds == "CCCCCCE"
    assert played.times_ms == UNEVEN
    assert source.lossless == (codec in LOSSLESS_CODECS) == (tolerance == 0)
    for picture, frame in zip(played.pictures, frames, strict=True):
        assert picture.shape == frame.shape
        # Away from the corner's edge, where 4:4:4 codecs ring.
        for part in (np.s_[:6, :14], np.s_[20:, 30:]):
            assert int(np.abs(picture[part].astype(int) - frame[part]).max()) <= tolerance


@pytest.mark.parametrize(("width", "height"), [(2, 2), (3, 5), (64, 64), (65, 1), (333, 251)])
def test_odd_sizes(tmp_path: Path, width: int, height: int) -> None:
    frames = cards(2, width, height)
    frames[1][-1, -1] = (1, 2, 3)
    played = play(write_video(tmp_path / "odd.mkv", frames))
    assert (played.geometry.width, played.geometry.height) == (width, height)
    assert all(np.array_equal(picture, frame) for picture, frame in zip(played.pictures, frames, strict=True))


def test_capture_fields(tmp_path: Path) -> None:
    played = play(write_video(tmp_path / "a.mkv", cards(3)))
    assert [capture.sequence for capture in played.captures] == [0, 1, 2]
    assert all(capture.damage is None and capture.excluded == () for capture in played.captures)
    assert all(capture.bytes_read == 77 * 51 * 4 for capture in played.captures)
    moments = [capture.captured_at_ns for capture in played.captures]
    assert moments == sorted(moments)


def test_times_start_at_the_first_frame(tmp_path: Path) -> None:
    played = play(write_video(tmp_path / "late.mkv", cards(3), [5000, 5100, 5700]))
    assert played.times_ms == [0, 100, 700]
    assert played.messages[-1] == End(740_000_000)


def test_ninety_thousandths_keep_their_exact_time(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "a.mp4", cards(4, 64, 48), [0, 3003, 6006, 9009],
        codec="libx264", pixel_format="yuv420p", time_base=Fraction(1, 90_000), video_track_timescale="90000",
    )  # fmt: skip
    assert [capture.time_ns for capture in play(path).captures] == [0, 33_366_667, 66_733_333, 100_100_000]


def test_the_end_is_asked_for_twice(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mkv", cards(1)))
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    assert isinstance(source.read(0), Capture)
    assert source.read(0) == source.read(0) == End(40_000_000)
    source.close()
    source.close()
    assert memory.pixels[0, 0].tolist()[:3] == [200, 100, 0]  # what was captured is the memory owner's
    memory.close()


def test_a_source_plays_again_after_close(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mkv", cards(3)))
    assert Played(source).messages[-1] == Played(source).messages[-1]
    assert Played(source).times_ms == [0, 40, 80]


def test_the_same_recording_twice_is_the_same(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", cards(8, 64, 48), codec="libx264", pixel_format="yuv420p")
    first, second = play(path), play(path)
    assert first.times_ms == second.times_ms
    assert all(np.array_equal(a, b) for a, b in zip(first.pictures, second.pictures, strict=True))


def test_memory_of_another_size_is_refused(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mkv", cards(1)))
    memory = FrameMemory(51, 77)
    with pytest.raises(ValueError, match="attach before open"):
        source.attach(memory)
    source.open()
    with pytest.raises(ValueError, match="read before memory for 77x51 was attached"):
        source.read(0)
    with pytest.raises(ValueError, match="expected memory for 77x51 pixels, got 51x77"):
        source.attach(memory)
    source.close()
    with pytest.raises(ValueError, match="read before open or after close"):
        source.read(0)
    memory.close()


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_turned_recordings_are_shown_upright(tmp_path: Path, degrees: int, turns: int) -> None:
    frame = cards(1, 64, 32)[0]
    frame[:16, :16] = (255, 255, 255)
    path = write_video(tmp_path / "a.mov", [frame, frame], codec="qtrle", pixel_format="rgb24", rotation=degrees)
    played = play(path)
    assert np.array_equal(played.pictures[0], np.rot90(frame, turns))


def test_transparency_lies_over_black(tmp_path: Path) -> None:
    frame = np.full((20, 30, 4), (200, 100, 50, 255), np.uint8)
    frame[:10, :, 3] = 0
    frame[10:12, :, 3] = 128
    played = play(write_video(tmp_path / "a.mov", [frame, frame], codec="png", pixel_format="rgba"))
    assert played.pictures[0][0, 0].tolist() == [0, 0, 0]
    assert played.pictures[0][11, 0].tolist() == [100, 50, 25]
    assert played.pictures[0][19, 29].tolist() == [200, 100, 50]


def test_over_black_copies_only_where_it_must() -> None:
    opaque = np.full((2, 2, 4), 255, np.uint8)
    assert over_black(opaque) is opaque


def test_gif_delays_are_those_of_browsers(tmp_path: Path) -> None:
    source = VideoSource(write_gif(tmp_path / "a.gif", [7, 0, 1, 2, 150, 6]))
    played = Played(source)
    assert played.error is None
    # 0 and 1 count as 100 ms; 20 ms and more count as written, the last frame's stand too.
    assert played.times_ms == [0, 70, 170, 270, 290, 1790]
    assert played.messages[-1] == End(1_850_000_000)
    assert [picture[0, 0].tolist() for picture in played.pictures] == [[20 * n, 100, 200] for n in range(6)]
    assert not source.lossless


def test_unpainted_gif_pixels_are_black(tmp_path: Path) -> None:
    from PIL import Image

    image = Image.new("P", (20, 10), 1)
    image.putpalette([255, 255, 255, 10, 20, 30])
    image.paste(0, (0, 0, 10, 10))
    image.save(tmp_path / "a.gif", transparency=0)
    played = play(tmp_path / "a.gif")
    assert played.pictures[0][0, 0].tolist() == [0, 0, 0]
    assert played.pictures[0][0, 15].tolist() == [10, 20, 30]


def test_a_change_of_size_is_told_before_the_frame(tmp_path: Path) -> None:
    # MPEG transport streams may simply be joined, and then their times start anew as well.
    small = write_video(tmp_path / "a.ts", cards(3, 64, 48), codec="libx264", pixel_format="yuv420p")
    large = write_video(tmp_path / "b.ts", cards(3, 96, 80), codec="libx264", pixel_format="yuv420p")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    played = play(joined)
    assert played.kinds == "CCCRCCCE"
    assert [picture.shape[:2] for picture in played.pictures] == [(48, 64)] * 3 + [(80, 96)] * 3
    assert played.times_ms == sorted(played.times_ms)
    assert [capture.sequence for capture in played.captures] == list(range(6))


def test_description(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", cards(25))
    source = VideoSource(path)
    source.open()
    facts = source.describe()
    source.close()
    assert facts["source"] == str(path)
    assert facts["size"] == "77x51"
    assert facts["codec"] == "ffv1"
    assert facts["duration_s"] == "1.000"
    assert "truncated" not in facts


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    plain = write_video(tmp_path / "a.mkv", cards(2))
    odd = tmp_path / "%05d concat:\udcff.mkv"
    plain.rename(odd)
    assert len(play(odd).captures) == 2


def test_without_pyav_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "a.mkv", cards(1))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(
        MissingExtraError, match=r"video files needs the extra 'video': pip install 'ironcliw\[video\]'"
    ):
        VideoSource(path).open()


def timeline() -> Timeline:
    return Timeline(Fraction(1, 1000), frame_ns=40_000_000)


def test_timeline_fills_in_missing_times() -> None:
    line = timeline()
    assert [line.place(*given) for given in ((None, None), (None, 10), (100, None), (None, None), (200, 5))] == [
        0, 40_000_000, 50_000_000, 90_000_000, 150_000_000,
    ]  # fmt: skip
    assert line.end_ns == 155_000_000


def test_timeline_goes_on_where_times_jump_back() -> None:
    line = timeline()
    assert [line.place(pts, 40) for pts in (1000, 1040, 7, 47)] == [0, 40_000_000, 80_000_000, 120_000_000]


def test_timeline_keeps_equal_times() -> None:
    line = timeline()
    assert [line.place(pts, 0) for pts in (5, 5, 6)] == [0, 0, 1_000_000]
