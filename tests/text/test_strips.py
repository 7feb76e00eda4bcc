"""Strips of ink: cut the same wherever they stand, and text found in them once is not looked for again."""

from __future__ import annotations

import random

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, picture_of

from ironcliw.frame import Rect
from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.paddle.strips import Strip, StripCache, strips
from ironcliw.text.protocol import ReadLine

PITCH = 20
VERBS = ["compiled", "linked", "checked", "error in", "skipped: (i=1)", "step", "a_b_c", "job"]


def drawn(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [f"{rng.choice(VERBS)} module {rng.randint(100, 999)} in {rng.randint(2, 99)} s" for _ in range(count)]


Theme = tuple[tuple[int, int, int], tuple[int, int, int]]


def page(lines: list[str], theme: Theme = LIGHT) -> np.ndarray:
    rows = ((6, 8 + PITCH * row, line) for row, line in enumerate(lines))
    return picture_of(*rows, size=14, width=400, height=16 + PITCH * len(lines), theme=theme)


def whole(pixels: np.ndarray) -> Rect:
    return Rect(0, 0, pixels.shape[1], pixels.shape[0])


def gist(lines: list[ReadLine]) -> list[tuple[str, Rect]]:
    return [(line.text, line.box) for line in lines]


def test_a_line_is_one_strip_with_its_dots_and_underscores() -> None:
    pixels = page(["is it in", "a_b", "= = =", "no"])
    found = strips(pixels, whole(pixels))
    assert len(found) == 4
    for strip in found:
        ink = np.asarray(pixels[strip.box.y : strip.box.bottom, :, :3] < 128).any(axis=(0, 2))
        columns = np.flatnonzero(ink)
        assert strip.box.x <= columns[0]
        assert columns[-1] < strip.box.right


def test_a_strip_is_the_same_wherever_it_stands() -> None:
    lines = drawn(1, 8)
    high, low = page(lines), page(lines[3:])
    first, second = strips(high, whole(high)), strips(low, whole(low))
    assert [strip.key for strip in first[3:]] == [strip.key for strip in second]
    assert len({strip.key for strip in first}) == 8


def test_a_strip_is_the_same_however_close_it_was_cut_out() -> None:
    pixels = page(drawn(1, 8))
    found = strips(pixels, whole(pixels))
    left, right = min(strip.box.x for strip in found), max(strip.box.right for strip in found)
    for part in (pixels[:, left:right], pixels[:, left - 1 : right + 1], pixels[:, left - 3 :]):
        assert [strip.key for strip in strips(part, whole(part))] == [strip.key for strip in found]


def test_upright_rules_do_not_hang_lines_together() -> None:
    pixels = page(drawn(2, 8))
    assert len(strips(pixels, whole(pixels))) == 8
    pixels[:, 2:4] = 0  # the edge of a window
    pixels[:, -3:-1] = 90  # its scroll bar
    assert len(strips(pixels, whole(pixels))) == 8


def test_a_cursor_below_a_line_is_no_part_of_it() -> None:
    lines = ["step a", "with a tail: gjp", ""]
    plain, beside = page(lines), page(lines)
    bottom = strips(plain, whole(plain))[1].box.bottom
    beside[bottom : bottom + 14, 6:14] = 0
    first, second = strips(plain, whole(plain)), strips(beside, whole(beside))
    assert [strip.key for strip in second[:2]] == [strip.key for strip in first]
    assert [strip.box for strip in second[2:]] == [Rect(6, bottom, 8, 14)]


def test_every_row_with_ink_is_in_one_strip() -> None:
    rng = np.random.default_rng(5)
    pixels = np.full((120, 90, 4), 255, np.uint8)
    for top in (3, 11, 40, 44, 90):
        pixels[top : top + int(rng.integers(1, 9)), 20:60] = rng.integers(0, 200, (1, 40, 1))
    inside = np.zeros(120, int)
    for strip in strips(pixels, whole(pixels)):
        inside[strip.box.y : strip.box.bottom] += 1
    inked = (pixels[:, 1:] != pixels[:, :-1]).any(axis=(1, 2))
    assert (inside[inked] == 1).all()
    assert inside.max() == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_after_a_scroll_only_new_lines_are_looked_for(theme: Theme) -> None:
    engine, lines = PaddleEngine(threads=1), drawn(3, 40)
    engine.read(page(lines[:20], theme))
    for start in range(1, 15):
        before = engine.counters
        pixels = page(lines[start : start + 20], theme)
        got = engine.read(pixels)
        if start % 7 == 0:  # the oracle has seen nothing before
            assert gist(got) == gist(PaddleEngine(threads=1).read(pixels)), start
        looked_at = engine.counters.pixels_detected - before.pixels_detected
        assert looked_at <= 4 * PITCH * pixels.shape[1], (start, looked_at)


def test_what_comes_back_is_not_looked_for() -> None:
    engine = PaddleEngine(threads=1)
    first, other = page(drawn(4, 12)), page(drawn(5, 12), DARK)
    read = engine.read(first)
    engine.read(other)
    before = engine.counters
    assert engine.read(first) == read
    assert engine.counters.pixels_detected == before.pixels_detected
    assert engine.counters.lines_recognised == before.lines_recognised


def test_a_line_known_from_elsewhere_is_read_where_the_picture_ends_at_its_ink() -> None:
    engine, pixels = PaddleEngine(threads=1), page(["compiled module 7", "linked module 42", "step 9"])
    first, second, third = engine.read(pixels)
    for line in (first, second, third):
        box = line.box
        (cut,) = engine.read(pixels[box.y : box.bottom, box.x : box.right])
        assert cut.text == line.text
        assert cut.box == Rect(0, 0, box.width, box.height)


def test_cores_that_stand_over_their_strip_stay_in_the_picture() -> None:
    """A strip may be known with a core that reaches above it: at the picture's border there is nothing."""
    engine, pixels = PaddleEngine(threads=1), page(["linked module 42"])
    (line,) = engine.read(pixels)
    over = Rect(line.box.x, line.box.y - 2, line.box.width, 3)
    strip = strips(pixels, whole(pixels))[0]
    moved = tuple(core.moved(-strip.box.x, -strip.box.y) for core in (line.box.grown(0, -3), over))
    engine._strips._cores.put(strip.key, moved)
    cut = pixels[strip.box.y : strip.box.bottom, strip.box.x : strip.box.right]
    assert [each.text for each in engine.read(cut)] == [line.text]


def strip_at(y: int, key: bytes = b"k") -> Strip:
    return Strip(Rect(10, y, 100, 12), np.ones(100, np.bool_), key)


def test_cores_are_recalled_where_the_strip_stands_now() -> None:
    cache = StripCache(8, 1 << 20)
    cache.note([strip_at(50)], [Rect(12, 53, 96, 6)])
    assert cache.recall(strip_at(20)) == [Rect(12, 23, 96, 6)]
    assert cache.recall(strip_at(20, b"another")) is None
    assert cache.used_bytes > 0
    cache.limit(0)
    assert cache.recall(strip_at(20)) is None
    assert cache.used_bytes == 0


@pytest.mark.parametrize(
    "cores",
    [
        [],
        [Rect(12, 53, 40, 6)],  # half of it
        [Rect(12, 60, 96, 6)],  # half in the next one
        [Rect(12, 45, 96, 30)],  # over several
    ],
)
def test_what_was_found_in_part_is_looked_for_again(cores: list[Rect]) -> None:
    cache = StripCache(8, 1 << 20)
    cache.note([strip_at(50)], cores)
    assert cache.recall(strip_at(50)) is None
