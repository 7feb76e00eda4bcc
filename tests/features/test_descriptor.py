"""Distances, bytes, and what looks the same."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ironcliw.errors import SettingsError
from ironcliw.features import SAME, Descriptor, describe_pixels
from ironcliw.features.descriptor import SIZE_BYTES, distances


def page(title: str, lines: int = 12, ground: int = 245) -> np.ndarray:
    """A window with text, as people see it."""
    image = Image.new("RGB", (640, 400), (ground, ground, ground))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 640, 24), fill=(60, 70, 90))
    draw.text((10, 6), title, fill=(255, 255, 255))
    for row in range(lines):
        draw.text((16, 40 + 20 * row), f"line {row}: the quick brown fox jumps over {title}", fill=(20, 20, 20))
    pixels = np.zeros((400, 640, 4), np.uint8)
    pixels[:, :, :3] = np.asarray(image)[:, :, ::-1]
    return pixels


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, 2::-1])).save(buffer, "JPEG", quality=quality)
    coded = np.zeros_like(pixels)
    coded[:, :, :3] = np.asarray(Image.open(buffer))[:, :, ::-1]
    return coded


def apart(a: np.ndarray, b: np.ndarray) -> int:
    one, other = describe_pixels(a), describe_pixels(b)
    assert one.distance(other) == other.distance(one)
    return one.distance(other)


def test_equal_screens_are_no_distance_apart() -> None:
    assert apart(page("mail"), page("mail")) == 0


def test_a_caret_a_clock_and_coding_leave_a_screen_the_same() -> None:
    with_caret = page("mail")
    with_caret[100:116, 300:302, :3] = 0
    assert apart(page("mail"), with_caret) <= SAME
    with_pointer = page("mail")
    with_pointer[200:214, 400:408, :3] = 60
    assert apart(page("mail"), with_pointer) <= SAME
    assert apart(page("mail"), jpeg(page("mail"), 90)) <= SAME
    assert apart(jpeg(page("mail"), 75), jpeg(with_caret, 75)) <= SAME


def test_another_screen_is_another() -> None:
    assert apart(page("mail"), page("mail", ground=30)) > 10 * SAME
    assert apart(page("mail"), page("mail", lines=4)) > 2 * SAME
    with_dialog = page("mail")
    with_dialog[140:260, 200:440, :3] = 210
    assert apart(page("mail"), with_dialog) > SAME


def test_bytes_come_back() -> None:
    found = describe_pixels(page("mail"))
    assert len(found.to_bytes()) == SIZE_BYTES == 1168
    assert Descriptor.from_bytes(found.to_bytes()) == found
    assert (distances(found, np.stack([found.row, describe_pixels(page("x", 3)).row])) > 0).tolist() == [False, True]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a descriptor"),
        (b"PNG" + bytes(1165), "not a descriptor"),
        (b"ICD\x02" + bytes(1164), "version 2"),
        (b"ICD\x01" + bytes(1163), "cut or joined"),
        (b"ICD\x01" + bytes(1165), "cut or joined"),
    ],
)
def test_other_bytes_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Descriptor.from_bytes(data)
