"""Frames of 8K, letters of all sizes, text that is turned, slivers: nothing is lost, nothing is made up."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
from ocr_pictures import LIGHT, bgrx, picture_of
from PIL import Image, ImageDraw, ImageFont

from ironcliw.text.misreading import skeleton
from ironcliw.text.paddle import PaddleEngine

SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
WORDS = "Backup finished"


@pytest.fixture(scope="module")
def engine() -> PaddleEngine:
    return PaddleEngine(1)


def drawn(size: int, turned: int = 0) -> np.ndarray:
    font = ImageFont.truetype(SANS, size) if SANS.exists() else ImageFont.load_default(size)
    width = int(font.getlength(WORDS))
    image = Image.new("RGB", (width + 4 * size, 3 * size), LIGHT[0])
    ImageDraw.Draw(image).text((2 * size, size), WORDS, font=font, fill=LIGHT[1])
    return bgrx(image.rotate(turned, expand=True, fillcolor=LIGHT[0]))


def test_lines_at_the_corners_of_an_8k_frame_are_read_in_bounded_memory(engine: PaddleEngine) -> None:
    frame = np.full((4320, 7680, 4), 255, np.uint8)
    line = picture_of((10, 4, WORDS), size=18, width=200, height=30)
    corners = [(0, 0), (7480, 0), (3333, 2222), (0, 4290), (7480, 4290)]
    for x, y in corners:
        frame[y : y + 30, x : x + 200] = line
    engine.read(line)
    before, detected = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, engine.counters.pixels_detected
    found = engine.read(frame)
    assert [skeleton(each.text) for each in found] == [skeleton(WORDS)] * len(corners)
    for (x, y), each in zip(corners, found, strict=True):
        assert x <= each.box.x < each.box.right <= x + 200
        assert y <= each.box.y < each.box.bottom <= y + 30
    # What is blank is not put before the network, and what is held beside the frame goes with its pixels.
    assert engine.counters.pixels_detected - detected < 0.01 * frame.size / 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10
    assert engine.read(frame) == found


@pytest.mark.parametrize("size", [9, 12, 24, 48, 96])
def test_letters_of_all_sizes_are_read(engine: PaddleEngine, size: int) -> None:
    read = "".join(line.text for line in engine.read(drawn(size)))
    assert skeleton(read) == skeleton(WORDS)


def test_letters_larger_than_a_tile_is_high_by_half_are_read_whole(engine: PaddleEngine) -> None:
    """A part of them may be said twice, where tiles meet."""
    assert skeleton(WORDS) in {skeleton(line.text) for line in engine.read(drawn(160))} | {
        skeleton("".join(line.text for line in engine.read(drawn(160))[1:]))
    }


@pytest.mark.parametrize("turned", [90, 270])
def test_text_that_runs_up_or_down_is_not_guessed(engine: PaddleEngine, turned: int) -> None:
    assert [line for line in engine.read(drawn(18, turned)) if sum(map(str.isalpha, line.text)) > 2] == []


@pytest.mark.parametrize(("height", "width"), [(1, 1920), (1080, 1), (4, 1920), (5, 1920), (1080, 5), (1, 1)])
def test_slivers_of_text_are_read_as_nothing_or_little(engine: PaddleEngine, height: int, width: int) -> None:
    whole = np.tile(picture_of((0, 2, "MMMM WWWW"), size=14, width=120, height=20), (54, 16, 1))[:1080, :1920]
    part = whole[8 : 8 + height, 6 : 6 + width] if height < 1080 else whole[:height, 6 : 6 + width]
    for line in engine.read(part):
        assert line.box.clipped(width, height) == line.box


def test_a_line_as_wide_as_several_screens_is_read_to_its_end(engine: PaddleEngine) -> None:
    words = [f"word{number}" for number in range(120)]
    picture = picture_of((10, 8, " ".join(words)), size=16, width=9600, height=36)
    read = " ".join(line.text for line in engine.read(picture)).split()
    assert read[0] == words[0]
    assert len(set(read) & set(words)) >= 0.9 * len([word for word in words if (words.index(word) + 1) * 78 < 9500])


def test_noise_is_bounded_work_and_no_text(engine: PaddleEngine) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (400, 640, 4), np.uint8)
    assert len([line for line in engine.read(noise) if len(line.text) > 8]) == 0
