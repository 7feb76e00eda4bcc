"""The engine as a whole, on the installed models and on text drawn here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, SOLARIZED, picture_of

from ironcliw.errors import ModelError
from ironcliw.frame import Rect
from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.paddle.engine import usable_cores
from ironcliw.text.protocol import TextEngine


@pytest.fixture(scope="module")
def engine() -> PaddleEngine:
    return PaddleEngine(threads=1)


def texts(engine: PaddleEngine, pixels: np.ndarray) -> list[str]:
    return [line.text for line in engine.read(pixels)]


@pytest.mark.parametrize("theme", [LIGHT, DARK, SOLARIZED])
@pytest.mark.parametrize("size", [11, 12, 14, 20])
def test_terminal_lines_are_read_back(engine: PaddleEngine, theme: object, size: int) -> None:
    drawn = ["BUILD FAILED token 7f3a9c2e", "error: cannot open file", "test_engine.py PASSED"]
    pitch = 2 * size
    pixels = picture_of(*((8, 6 + row * pitch, text) for row, text in enumerate(drawn)), size=size, theme=theme)
    assert texts(engine, pixels) == drawn


def test_boxes_hug_the_ink(engine: PaddleEngine) -> None:
    pixels = picture_of((40, 30, "Hello World"))
    (line,) = engine.read(pixels)
    rows, columns = np.nonzero((pixels[:, :, :3] < 128).any(axis=2))
    assert line.box.x <= columns.min()
    assert line.box.right > columns.max()
    assert abs(line.box.x - columns.min()) <= 2
    assert abs(line.box.right - columns.max() - 1) <= 2
    assert abs(line.box.y - rows.min()) <= 2
    assert abs(line.box.bottom - rows.max() - 1) <= 2
    assert 0.8 < line.confidence <= 1


def test_reading_order_is_top_to_bottom_then_left_to_right(engine: PaddleEngine) -> None:
    pixels = picture_of((400, 20, "second"), (8, 20, "first"), (400, 70, "fourth"), (8, 70, "third"))
    assert texts(engine, pixels) == ["first", "second", "third", "fourth"]


def test_words_of_a_sentence_are_one_line_and_columns_are_not(engine: PaddleEngine) -> None:
    pixels = picture_of((8, 30, "one sentence of five words"), (450, 30, "elsewhere"))
    assert texts(engine, pixels) == ["one sentence of five words", "elsewhere"]


@pytest.mark.parametrize("digits", ["c14d732f64", "5c0a09cfce14db06"])
def test_ones_in_hexadecimal_stay_ones(engine: PaddleEngine, digits: str) -> None:
    assert texts(engine, picture_of((8, 30, digits), size=12)) == [digits]


@pytest.mark.parametrize("digits", ["7697d0", "81c0fb", "40be0a", "c00d9e", "e0d071"])
@pytest.mark.parametrize("size", [12, 15, 19])
def test_zeros_in_hexadecimal_stay_zeros(engine: PaddleEngine, digits: str, size: int) -> None:
    line = f"compiled module {digits} in 95 ms"
    assert texts(engine, picture_of((8, 30, line), size=size)) == [line]


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_text_at_the_border_is_found(engine: PaddleEngine, side: str) -> None:
    pixels = picture_of((40, 30, "BUILD FAILED"), theme=DARK)
    rows, columns = np.nonzero((pixels[:, :, :3] > 60).any(axis=2))
    cuts = {
        "left": pixels[:, columns.min() :],
        "right": pixels[:, : columns.max() + 1],
        "top": pixels[rows.min() :],
        "bottom": pixels[: rows.max() + 1],
    }
    assert texts(engine, cuts[side]) == ["BUILD FAILED"]


@pytest.mark.parametrize("size", [11, 12, 13, 16])
@pytest.mark.parametrize("word", ["BUILD FAILED", "warning", "module", "DOWNLOAD", "make [INFO]"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_strokes_at_the_border_are_not_drawn_out(
    engine: PaddleEngine, word: str, size: int, theme: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    """What changed on a lossless screen ends where its glyphs do."""
    pixels = picture_of((40, 30, word), size=size, theme=theme)
    rows, columns = np.nonzero((pixels[:, :, :3] != pixels[0, 0, :3]).any(axis=2))
    tight = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert texts(engine, tight) == [word]


def test_views_read_like_copies(engine: PaddleEngine) -> None:
    pixels = picture_of((8, 30, "a view of a frame"), theme=DARK)
    frame = np.zeros((300, 900, 4), np.uint8)
    frame[100:220, 50:690] = pixels
    view = frame[100:220, 50:690]
    assert not view.flags.c_contiguous
    assert engine.read(view) == engine.read(pixels)
    assert engine.read(np.flip(np.flip(pixels, 1).copy(), 1)) == engine.read(pixels)


def test_the_fourth_byte_and_writability_do_not_matter(engine: PaddleEngine) -> None:
    pixels = picture_of((8, 30, "fourth byte"))
    other = pixels.copy()
    other[:, :, 3] = np.arange(640, dtype=np.uint16).astype(np.uint8)
    other.flags.writeable = False
    before = other.copy()
    assert PaddleEngine(1).read(other) == engine.read(pixels)
    assert np.array_equal(other, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (4, 4), (5, 5), (0, 0), (0, 7), (64, 3)])
def test_pictures_too_small_for_text_give_nothing(engine: PaddleEngine, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 4), np.uint8)
    assert engine.read(noise) == []


@pytest.mark.parametrize("shape", [(5, 5), (6, 300), (33, 31), (17, 64), (64, 17)])
def test_odd_sizes_are_read_without_complaint(engine: PaddleEngine, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (*shape, 4), np.uint8)
    for line in engine.read(noise):
        assert line.text == line.text.strip() != ""
        assert line.box.width > 0


def test_blank_pictures_cost_no_network(engine: PaddleEngine) -> None:
    before = engine.counters
    gradient = np.zeros((2160, 3840, 4), np.uint8)
    gradient[:] = np.linspace(0, 255, 3840).astype(np.uint8)[np.newaxis, :, np.newaxis]
    assert engine.read(gradient) == []
    after = engine.counters
    assert after.pixels_read - before.pixels_read == 2160 * 3840
    assert after.pixels_detected == before.pixels_detected


def test_one_line_on_a_screen_detects_a_small_part_of_it(engine: PaddleEngine) -> None:
    before = engine.counters
    assert texts(engine, picture_of((700, 500, "one new line"), width=1920, height=1080)) == ["one new line"]
    assert engine.counters.pixels_detected - before.pixels_detected < 0.01 * 1920 * 1080


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((10, 10, 3), np.uint8),
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.float32),
        np.zeros((2, 10, 10, 4), np.uint8),
        [[1, 2], [3, 4]],
        None,
    ],
)
def test_another_dtype_or_shape_is_refused(engine: PaddleEngine, pixels: object) -> None:
    with pytest.raises(ValueError, match=r"must be .*\(height, width, 4\) uint8"):
        engine.read(pixels)


def test_lines_seen_before_are_not_recognised_again() -> None:
    engine = PaddleEngine(1)
    first = engine.read(picture_of((8, 10, "scrolled away"), (8, 50, "stays in view"), theme=DARK))
    assert [line.text for line in first] == ["scrolled away", "stays in view"]
    assert (engine.counters.lines_recognised, engine.counters.cache_hits) == (2, 0)
    moved = engine.read(picture_of((8, 22, "stays in view"), (8, 62, "is new"), theme=DARK))
    assert [line.text for line in moved] == ["stays in view", "is new"]
    assert (engine.counters.lines_recognised, engine.counters.cache_hits) == (3, 1)
    assert moved[0].confidence == first[1].confidence


def test_a_line_reads_the_same_whatever_stands_beside_it() -> None:
    alone = PaddleEngine(1).read(picture_of((8, 50, "company 4f1c does not matter")))
    among = PaddleEngine(1).read(
        picture_of(
            (8, 10, "x"), (8, 30, "a much longer line than the others " * 2), (8, 50, alone[0].text), (8, 90, "y")
        )
    )
    assert [(line.text, line.confidence) for line in alone] == [(among[-2].text, among[-2].confidence)]


def test_threads_do_not_change_the_lines() -> None:
    pixels = picture_of(*((8, 4 + 20 * row, f"line {row} of id {row * 7919:08x}") for row in range(5)), theme=DARK)
    one, two, again = PaddleEngine(1), PaddleEngine(2), PaddleEngine(2)
    assert one.read(pixels) == two.read(pixels) == again.read(pixels)
    assert len(one.read(pixels)) == 5


def test_engines_keep_no_picture() -> None:
    import gc
    import weakref

    class Picture(np.ndarray):
        pass

    engine = PaddleEngine(1)
    pixels = picture_of((8, 30, "let go")).view(Picture)
    assert texts(engine, pixels) == ["let go"]
    kept = weakref.ref(pixels)
    del pixels
    gc.collect()
    assert kept() is None


def test_a_screen_larger_than_one_tile_is_read_across_the_seams(engine: PaddleEngine) -> None:
    width, height = 2100, 1000
    pixels = picture_of(
        (700, 470, "this line runs across a seam between tiles of the detector, left to right, until here"),
        (10, 5, "top left"),
        (1900, 970, "bottom right"),
        width=width,
        height=height,
    )
    pixels[60:420:4, 40:2050:4, :3] = 0  # dots all over, so that no blank row parts the picture
    found = texts(engine, pixels)
    assert "this line runs across a seam between tiles of the detector, left to right, until here" in found
    assert "top left" in found
    assert "bottom right" in found


def test_highlighted_text_and_text_beside_a_border(engine: PaddleEngine) -> None:
    pixels = picture_of((50, 30, "selected entry"), (50, 80, "framed"))
    dark = picture_of((50, 30, "selected entry"), theme=DARK)
    right = int(np.flatnonzero((dark[:, :, :3] > 60).any(axis=(0, 2)))[-1]) + 5
    pixels[26:50, 46:right] = dark[26:50, 46:right]
    pixels[74:104, 44] = pixels[74:104, right] = 0
    pixels[74, 44:right] = pixels[103, 44:right] = 0
    assert texts(engine, pixels) == ["selected entry", "framed"]


def test_boxes_stay_inside_the_picture(engine: PaddleEngine) -> None:
    pixels = picture_of((-3, -2, "cut at the corner"), (560, 108, "and here"), theme=DARK)
    whole = Rect(0, 0, 640, 120)
    for line in engine.read(pixels):
        assert line.box.intersection(whole) == line.box


def test_threads_must_be_at_least_one() -> None:
    with pytest.raises(ValueError, match="one thread or more, not 0"):
        PaddleEngine(threads=0)


def test_networks_load_late_and_missing_ones_are_said(tmp_path: Path) -> None:
    engine = PaddleEngine(models=tmp_path)
    assert engine.read(np.zeros((2, 2, 4), np.uint8)) == []
    with pytest.raises(ModelError, match=r"missing from .*: run make setup"):
        engine.read(picture_of((8, 30, "needs models")))
    with pytest.raises(ModelError, match="run make setup"):
        engine.load()


def test_it_is_a_text_engine() -> None:
    engine: TextEngine = PaddleEngine()
    assert engine.name == "paddle"
    assert usable_cores() >= 1
