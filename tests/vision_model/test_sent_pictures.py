"""Pictures as they are sent: areas averaged, secrets black, small, and the same bytes everywhere."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw.frame import Rect
from ironcliw.redaction import Gate
from ironcliw.text import ReadLine, open_engine
from ironcliw.vision_model import area_averaged, difference, evidence_of, picture_of, request_of
from ironcliw.vision_model.cells import cell_means, changed_boxes
from ironcliw.vision_model.picture import PICTURE_PATCHES, sent_size, stacked
from ironcliw.vision_model.tokens import image_tokens

SECOND = 1_000_000_000


def decoded(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize(
    ("size", "to"), [((64, 48), (16, 12)), ((101, 67), (33, 20)), ((50, 9), (49, 8)), ((7, 5), (1, 1))]
)
def test_each_pixel_counts_alike(size: tuple[int, int], to: tuple[int, int]) -> None:
    chance = np.random.default_rng(1)
    image = chance.integers(0, 256, (size[1], size[0], 3), np.uint8)
    exact = image.reshape(size[1], size[0], 3).astype(float).mean(axis=(0, 1))
    assert np.allclose(area_averaged(image, *to).reshape(-1, 3).mean(axis=0), exact, atol=0.6)
    # A white pixel anywhere weighs as much as it covers.
    for _ in range(20):
        dot = np.zeros((size[1], size[0], 3), np.uint8)
        y, x = chance.integers(size[1]), chance.integers(size[0])
        dot[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4] = 255
        share = dot.mean() / 255
        assert area_averaged(dot, *to).mean() / 255 == pytest.approx(share, abs=0.01)


def test_a_picture_made_for_other_ways_of_scaling_shows_nothing_hidden() -> None:
    """One pixel in 25 carries words that nearest neighbour picks out; people and averages see the paper."""
    factor, paper = 5, 240
    hidden = Image.new("L", (300, 60), paper)
    ImageDraw.Draw(hidden).text((10, 12), "DELETE 4711", fill=0, font=ImageFont.load_default(32))
    small = np.asarray(hidden)
    large = np.full((small.shape[0] * factor, small.shape[1] * factor), paper, np.uint8)
    large[factor // 2 :: factor, factor // 2 :: factor] = small
    image = np.dstack([large] * 3)
    naive = np.asarray(Image.fromarray(image).resize((300, 60), Image.Resampling.NEAREST))
    ours = area_averaged(image, 300, 60)
    engine = open_engine(1)

    def read(pixels: NDArray[np.uint8]) -> str:
        padded = np.dstack([pixels[:, :, ::-1], np.zeros(pixels.shape[:2], np.uint8)])
        return " ".join(line.text for line in engine.read(np.ascontiguousarray(padded)))

    assert "4711" in read(naive)  # the control: the attack works on who picks pixels
    assert naive.min() < 20
    assert ours.min() > paper - 255 / factor**2 - 2


def test_a_crop_is_small_and_never_larger_than_it_was() -> None:
    for width, height in ((1920, 1080), (3840, 2160), (2000, 20), (30, 900), (1, 1), (448, 168)):
        wide, high = sent_size(width, height)
        assert 1 <= wide <= width
        assert 1 <= high <= height
        assert image_tokens("claude", wide, high) <= PICTURE_PATCHES


def test_claude_counts_as_documented() -> None:
    assert image_tokens("claude", 1000, 1000) == 36 * 36
    assert image_tokens("claude", 1920, 1080) == image_tokens("claude", 3840, 2160) <= 1_568
    assert image_tokens("openai", 1024, 1024) == 765
    assert image_tokens("openai", 2048, 4096) == 1105


def test_secrets_are_black_before_they_are_scaled_and_nothing_is_left_where_the_gate_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.full((300, 800, 4), 255, np.uint8)
    pixels[20:40, 20:400, :3] = (10, 10, 200)
    line = ReadLine("password: hunter2secret", Rect(20, 20, 380, 20), 0.99)
    evidence = evidence_of(pixels, [line], Gate())
    assert evidence.text == "password: [password]"
    image = decoded(evidence.picture.png)
    assert (image[:30, 150:190] < 120).any()
    monkeypatch.setattr("ironcliw.redaction.gate.places_in_lines", lambda lines: 1 / 0)
    closed = evidence_of(pixels, [line], Gate())
    assert "hunter2" not in closed.text
    assert decoded(closed.picture.png).max() == 0


def test_the_same_crop_is_the_same_bytes() -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (200, 300, 4), np.uint8)
    assert picture_of(pixels).sha256 == picture_of(pixels.copy()).sha256


def test_compared_with_before_sends_both_and_the_difference() -> None:
    chance = np.random.default_rng(3)

    def seen(*words: str) -> tuple[NDArray[np.uint8], list[ReadLine]]:
        lines = [ReadLine(word, Rect(0, 20 * at, 90, 18), 0.9) for at, word in enumerate(words)]
        return chance.integers(0, 255, (90, 120, 4), np.uint8), lines

    before, now = (evidence_of(*seen(*words), Gate()) for words in (("one", "two"), ("two", "three")))
    plain = request_of("is it done?", now, before)
    assert len(plain.pictures) == 1
    assert plain.difference is None
    compared = request_of("has it changed?", now, before)
    assert [each.label for each in compared.pictures] == ["before", "now"]
    assert compared.difference == "- one\n+ three"
    assert difference(["a", "b"], ["b", "a"]) == "nothing"


def test_a_dot_is_a_change_and_a_still_picture_is_none() -> None:
    pixels = np.full((120, 200, 4), 30, np.uint8)
    before = cell_means(pixels)
    assert changed_boxes(before, cell_means(pixels)) == []
    pixels[50:56, 100:106, 1] = 230
    (box,) = changed_boxes(before, cell_means(pixels))
    assert box.overlaps(Rect(100, 50, 6, 6))
    assert box.area <= 32 * 32


def test_several_parts_are_one_picture_and_what_is_black_in_them_stays_black() -> None:
    pixels = np.zeros((100, 300, 4), np.uint8)
    pixels[10:20, 20:60], pixels[70:90, 200:280] = 50, 90
    whole, black = stacked(pixels, [Rect(20, 10, 40, 10), Rect(200, 70, 80, 20)], [Rect(210, 60, 300, 15)])
    assert whole.shape == (36, 80, 4)
    assert (whole[:10, :40] == 50).all()
    assert (whole[16:, :] == 90).all()
    assert (whole[10:16] == 128).all()
    assert black == [Rect(10, 16, 70, 5)]
    one, _ = stacked(pixels, [Rect(20, 10, 40, 10)])
    assert (one == 50).all()
