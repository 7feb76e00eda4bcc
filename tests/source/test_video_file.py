"""What is said of files before they are decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ironcliw.errors import SourceError
from ironcliw.source.file import LARGEST_FRAME_PX, check_size, kind_of, missing_bytes
from making import cards, write_gif, write_video


@pytest.mark.parametrize("suffix", ["png", "jpeg", "bmp", "tiff", "webp", "gif", "avif"])
def test_images_are_known_by_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "unnamed"
    Image.fromarray(cards(1)[0]).save(path, format=suffix)
    assert kind_of(path) == suffix
    assert missing_bytes(path) == 0


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "ts", "flv", "nut"])
def test_videos_are_known_by_content(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("av")
    path = write_video(tmp_path / f"a.{suffix}", cards(2, 64, 48), codec="libx264", pixel_format="yuv420p")
    assert kind_of(path) == ("video" if suffix != "nut" else None)
    assert missing_bytes(path) == 0


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 300, b"RIFF\0\0\0\0WAVE", b"GIF90a"])
def test_other_files_are_not(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert kind_of(path) is None


@pytest.mark.parametrize("suffix", ["mov", "mkv", "avi"])
def test_every_missing_byte_is_counted(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("av")
    path = write_video(tmp_path / f"a.{suffix}", cards(2), codec="rawvideo" if suffix == "avi" else "mpeg4",
                       pixel_format="bgr24" if suffix == "avi" else "yuv420p")  # fmt: skip
    data = path.read_bytes()
    path.write_bytes(data[:-7])
    assert missing_bytes(path) == 7


def test_a_gif_cut_anywhere_is_not_whole(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [1, 2])
    data = path.read_bytes()
    whole = set[int]()
    for length in range(6, len(data) + 1):
        path.write_bytes(data[:length])
        if not missing_bytes(path):
            whole.add(length)
    assert {len(data), len(data) - 1} <= whole  # with its trailer, and without
    assert len(whole) <= 7  # else only between two blocks


@pytest.mark.parametrize(
    "content",
    [
        b"\x1aE\xdf\xa3",
        b"\x1aE\xdf\xa3\x00",
        b"\x1aE\xdf\xa3\x80\x00",
        b"\0\0\0\x01ftyp",
        b"\0\0\0\x07ftypabcd" * 3,
        b"GIF89a",
    ],
)
def test_cut_and_senseless_headers(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert missing_bytes(path) in (0, 1)


def test_a_box_of_sixty_four_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x08free" + b"\0\0\0\x01mdat" + (1 << 40).to_bytes(8, "big") + b"x" * 84)
    assert missing_bytes(path) == (1 << 40) + 8 - 108
    path.write_bytes(b"\0\0\0\x08free" + b"\0\0\0\0mdat" + b"x" * 92)  # 0: to the end of the file
    assert missing_bytes(path) == 0


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 5), (32_769, 1), (1, 32_769), (32_768, 4097)])
def test_sizes_that_are_refused(width: int, height: int) -> None:
    with pytest.raises(SourceError, match=f"a.mp4: frames of {width}x{height} pixels; at most 32768 a side"):
        check_size("a.mp4", width, height)


def test_sizes_that_are_taken() -> None:
    check_size("a.mp4", 1, 1)
    check_size("a.mp4", 32_768, LARGEST_FRAME_PX // 32_768)
