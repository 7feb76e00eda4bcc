"""Lines read at a glance, and their doubtful words by the recogniser."""

from __future__ import annotations

import random
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ocr_pictures import DARK, MONO, picture_of

from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.paddle.picture import Pixels
from ironcliw.text.paddle.pieces import canvas_of, upright
from ironcliw.text.paddle.quick import HEXADECIMAL, LEAST_LENGTH, MOST_AGAIN, QuickRecogniser, _with_neighbours
from ironcliw.text.paddle.reader import LineReader
from ironcliw.text.paddle.recogniser import Recogniser
from ironcliw.text.paddle.spacing import glyphs_unsaid, stretches_of_ink


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return PaddleEngine(threads=1)._loaded()[1]


@pytest.fixture
def quick(reader: LineReader) -> QuickRecogniser:
    return reader._quick


@pytest.fixture
def recogniser(reader: LineReader) -> Recogniser:
    return reader._recogniser


def line(text: str) -> Pixels:
    return picture_of((4, 3, text), size=13, width=12 + 8 * len(text), height=20, theme=DARK)


def read(reader: LineReader, *crops: Pixels) -> list[str]:
    return [reading.text for _, reading in reader.read(crops, lambda: None)]


def tokens(count: int) -> list[str]:
    dice = random.Random(20261128)
    letters = "acdefhkmnprtuvwxy34679"
    return [f"burst 11 row {row} done {''.join(dice.choices(letters, k=8))}" for row in range(count)]


@pytest.mark.skipif(not MONO.exists(), reason="DejaVu Sans Mono is not installed")
def test_doubtful_words_alone_are_read_again_and_as_in_their_line(
    reader: LineReader, quick: QuickRecogniser, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    crops = [line(text) for text in tokens(30)]
    glances = [quick.glance(canvas_of(upright(crop))) for crop in crops]
    parted = [crop for crop, parts in zip(crops, glances, strict=True) if len(parts) > 1]
    assert len(parted) >= 5  # this font's 11 is doubted; lines whose last word is, too, are read whole
    whole = [recogniser.read(crop).text for crop in parted]
    seen: list[int] = []
    read_piece = recogniser.read_piece

    def counted(canvas: Pixels) -> object:
        seen.append(canvas.shape[1])
        return read_piece(canvas)

    monkeypatch.setattr(recogniser, "read_piece", counted)
    assert read(reader, *parted) == whole
    assert sum(seen) < 0.7 * sum(canvas_of(upright(crop)).shape[1] for crop in parted)


def test_parts_cover_a_line_in_order_and_are_not_cut_through_ink(quick: QuickRecogniser) -> None:
    for text in tokens(30):
        canvas = canvas_of(upright(line(text)))
        parts = quick.glance(canvas)
        assert [part.columns[0] for part in parts[:1]] + [part.columns[1] for part in parts[-1:]] == [
            0,
            canvas.shape[1],
        ]
        for one, following in pairwise(parts):
            cut = one.columns[1]
            assert following.columns[0] == cut
            assert canvas[:, cut - 2 : cut + 2, :3].min() > 128
            assert (one.reading is None) != (following.reading is None)
        again = sum(part.columns[1] - part.columns[0] for part in parts if part.reading is None)
        assert len(parts) == 1 or 0 < again <= MOST_AGAIN * canvas.shape[1]


def test_the_same_line_reads_the_same_alone_and_among_others(reader: LineReader) -> None:
    crops = [line(text) for text in tokens(8)]
    assert read(LineReader(reader._quick, reader._recogniser, threads=2), *crops) == [
        read(reader, crop)[0] for crop in crops
    ]


def test_what_only_the_whole_line_tells_is_read_whole(
    reader: LineReader, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that turns out to be in an unread script, or to be nothing."""
    crop = line("burst 11 row 0 done again and again")
    width = canvas_of(upright(crop)).shape[1]
    expected = recogniser.read(crop)
    read_piece = recogniser.read_piece
    for left_out in (expected._replace(unread=True), expected._replace(text="")):
        monkeypatch.setattr(
            recogniser,
            "read_piece",
            lambda canvas, out=left_out: read_piece(canvas) if canvas.shape[1] == width else out,
        )
        assert read(reader, crop) == [expected.text]


def test_what_is_no_word_is_read_in_its_line(quick: QuickRecogniser) -> None:
    """A doubtful "81c0fb" is read as "81cOfb" where it is cut out."""
    for text in tokens(30):
        parts = quick.glance(canvas_of(upright(line(text))))
        for part in parts:
            token_from = canvas_of(upright(line(text))).shape[1] * 0.8
            assert len(parts) == 1 or part.reading is not None or part.columns[1] < token_from


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


def test_letters_in_what_may_be_hexadecimal_are_in_doubt() -> None:
    assert HEXADECIMAL.search("user ale28d")
    assert HEXADECIMAL.search("GET /items/led916")
    for text in ("level 12", "all 200", "a1e28d", "feed2", "v1l"):
        assert not HEXADECIMAL.search(text)


def test_short_lines_and_blank_ones_are_in_doubt_as_a_whole(quick: QuickRecogniser) -> None:
    for text in ("12:04", "a b c d", " " * 12):
        canvas = canvas_of(upright(line(text)))
        assert quick.glance(canvas) == [((0, canvas.shape[1]), None)]
    believed = quick.read(line("one sentence of five words"))
    assert believed is not None
    assert len("a b c d") < LEAST_LENGTH <= len(believed.text)


lengths = st.lists(st.integers(1, 9), min_size=1, max_size=12)


@given(lengths, st.data())
def test_doubt_is_kept_and_has_a_word_beside_it(words_of: list[int], data: st.DataObject) -> None:
    ends = np.cumsum([length + 1 for length in words_of]) - 1
    words = [(int(end) - length, int(end)) for end, length in zip(ends, words_of, strict=True)]
    doubtful = data.draw(st.sets(st.integers(0, words[-1][1] - 1), min_size=1))
    runs = _with_neighbours(words, doubtful)
    assert (runs[0][0], runs[-1][1]) == (words[0][0], words[-1][1])
    assert all(one[1] + 1 == following[0] for one, following in pairwise(runs))
    assert all(len(list(alike)) == 1 for _, alike in groupby(again for _, _, again in runs))
    for first, end, again in runs:
        inside = [word for word in words if first <= word[0] and word[1] <= end]
        assert inside[0][0] == first
        assert inside[-1][1] == end
        assert not again or len(inside) > 1 or len(words) == 1
    for number in doubtful:
        assert any(first - 1 <= number <= end and again for first, end, again in runs)
