"""When a line that was read at a glance is believed."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ocr_pictures import DARK, MONO, picture_of

from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.paddle.picture import Pixels
from ironcliw.text.paddle.quick import HEXADECIMAL, LEAST_LENGTH, QuickRecogniser
from ironcliw.text.paddle.reader import LineReader
from ironcliw.text.paddle.spacing import glyphs_unsaid, stretches_of_ink


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return PaddleEngine(threads=1)._loaded()[1]


@pytest.fixture
def quick(reader: LineReader) -> QuickRecogniser:
    return reader._quick


def line(text: str) -> Pixels:
    return picture_of((4, 3, text), size=13, width=12 + 8 * len(text), height=20, theme=DARK)


def read(reader: LineReader, *crops: Pixels) -> list[str]:
    return [reading.text for _, reading in reader.read(crops, lambda: None)]


def tokens(count: int) -> list[str]:
    dice = random.Random(20261128)
    letters = "acdefhkmnprtuvwxy34679"
    return [f"burst 11 row {row} done {''.join(dice.choices(letters, k=8))}" for row in range(count)]


def test_the_same_line_reads_the_same_alone_and_among_others(reader: LineReader) -> None:
    crops = [line(text) for text in tokens(8)]
    assert read(LineReader(reader._quick, reader._recogniser, threads=2), *crops) == [
        read(reader, crop)[0] for crop in crops
    ]


@pytest.mark.parametrize(
    ("said", "unsaid"),
    [
        ([("I", 1), ("n", 3), ("l", 5), ("l", 7), ("s", 9)], False),
        ([("I", 1), ("n", 3), ("l", 5), ("s", 9)], True),
        ([("n", 3), ("l", 5), ("l", 7), ("s", 9)], True),
        ([("I", 1), ("n", 3), ('"', 6), ("s", 9)], False),
        ([], False),
    ],
)
def test_each_glyph_has_a_character(said: list[tuple[str, int]], unsaid: bool) -> None:
    ink = [(8 * step + 1, 8 * step + 7) for step in (1, 3, 5, 7, 9)]
    assert glyphs_unsaid("".join(each for each, _ in said), [(step, step + 1) for _, step in said], ink) == unsaid


@given(arrays(np.bool_, st.tuples(st.integers(1, 3), st.integers(1, 30))))
def test_stretches_are_the_columns_with_ink(ink: np.ndarray) -> None:
    columns = [column for start, end in stretches_of_ink(ink) for column in range(start, end)]
    assert columns == np.flatnonzero(ink.any(axis=0)).tolist()
    assert all(one[1] < other[0] for one, other in pairwise(stretches_of_ink(ink)))


@pytest.mark.skipif(not MONO.exists(), reason="DejaVu Sans Mono is not installed")
def test_ones_in_numbers_are_no_doubt(quick: QuickRecogniser) -> None:
    for text in ("step 11 of 11 is ready", "World War II came to pass", "so ll is for a list here"):
        reading = quick.read(line(text))
        assert reading is None or reading.text == text
    assert [quick.read(line(f"burst 11 row {row} is ready")) is not None for row in range(20, 30)].count(True) >= 8


def test_letters_in_what_may_be_hexadecimal_are_in_doubt() -> None:
    assert HEXADECIMAL.search("user ale28d")
    assert HEXADECIMAL.search("GET /items/led916")
    for text in ("level 12", "all 200", "a1e28d", "feed2", "v1l"):
        assert not HEXADECIMAL.search(text)


def test_short_lines_and_blank_ones_are_in_doubt(quick: QuickRecogniser) -> None:
    assert all(quick.read(line(text)) is None for text in ("12:04", "a b c d", " " * 12))
    believed = quick.read(line("one sentence of five words"))
    assert believed is not None
    assert len("a b c d") < LEAST_LENGTH <= len(believed.text)


@pytest.mark.skipif(not MONO.exists(), reason="DejaVu Sans Mono is not installed")
def test_nothing_is_left_out_of_what_is_believed(quick: QuickRecogniser) -> None:
    """The control is the network itself: of lines small in their crops it leaves letters out."""
    believed = 0
    for size in (8, 9, 10, 12):
        for number in range(48, 60):
            text = f"step {number} of installing is done"
            crop = picture_of((2, 2, text), size=size, width=(size - 2) * len(text), height=2 * size + 6)
            reading = quick.read(crop)
            believed += reading is not None
            assert reading is None or len(reading.text.replace(" ", "")) >= len(text.replace(" ", ""))
    assert believed
