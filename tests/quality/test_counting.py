"""What an engine is made to read a second time."""

from __future__ import annotations

import numpy as np
import pytest

from ironcliw.quality.counting import CountingEngine, Reads
from ironcliw.quality.drawn import log_lines
from ironcliw.text.paddle import PaddleEngine, engine

PART = next(log_lines()).before[40:200, :900].copy()


def test_what_was_read_before_is_known_again():
    counting = CountingEngine(1)
    first = counting.read(PART)
    once = counting.reads
    assert once.lines == len(first) > 3
    assert (once.lines_again, once.lines_known, once.pictures, once.pictures_again) == (0, 0, 1, 0)
    assert counting.read(PART) == first == PaddleEngine(1).read(PART)
    again = counting.reads
    assert (again.lines, again.lines_again, again.lines_known) == (once.lines, 0, once.lines)
    assert (again.pictures, again.pictures_again) == (2, 1)


def test_an_engine_that_forgets_is_found_out(monkeypatch):
    monkeypatch.setattr(engine, "CACHE_ENTRIES", 0)
    counting = CountingEngine(1)
    counting.read(PART)
    lines = counting.reads.lines
    counting.read(PART)
    assert (counting.reads.lines, counting.reads.lines_again) == (2 * lines, lines)


def test_the_fourth_byte_of_a_pixel_makes_no_other_picture():
    counting = CountingEngine(1)
    counting.read(PART)
    counting.read(PART | np.array([0, 0, 0, 255], np.uint8))
    counting.read(PART[1:])
    assert (counting.reads.pictures, counting.reads.pictures_again) == (3, 1)


def test_reads_are_added_and_shared():
    reads = Reads(pixels=10, pixels_full=400, lines=5, lines_known=2) + Reads(10, 100, 1, 0, 1)
    assert reads == Reads(20, 500, 6, 0, 3)
    assert reads.pixel_share == pytest.approx(0.04)
    assert Reads().pixel_share is None
    assert reads.forgetful() == Reads(500, 500, 9, 3)
