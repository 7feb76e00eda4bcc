"""Where labelled words are seen in what appeared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironcliw.frame import Rect
from ironcliw.quality.observing import TextSeen
from ironcliw.quality.words import Sighting, Sightings, holds


def line(text: str, y: int = 0, time_s: float = 1.0, told_s: float = 1.1, x: int = 10) -> TextSeen:
    return TextSeen(text, Rect(x, y, 8 * len(text), 16), time_s, told_s)


@pytest.mark.parametrize(
    ("text", "words", "held"),
    [
        ("$ Build Successfully done", "build successfully", True),
        ("BuildSuccessfully", "Build Successfully", True),
        ("expected '<label>' to contain", 'expected "<label>" to contain', True),
        ("Build Succesfully", "Build Successfully", False),
        ("Notes", "No", False),
        ("No, thanks", "No", True),
        ("'Yes'", "Yes", True),
        ("12/30", "2/3", False),
        ("run 2/3 failed", "2/3", True),
        ("100%", "100%", True),
        ("1100%", "100%", False),
        ("温柔的触碰", "温柔的触碰", True),
        ("", "x", False),
    ],
)
def test_words_in_a_line(text, words, held):
    assert holds(text, words) is held


def test_every_line_with_the_words_is_a_sighting_in_order_of_time():
    seen = Sightings([line("Flash Done", 20, 19.7, 19.9), line("Flash Done", 0, 19.4, 19.5), line("Flashing", 40)])
    assert seen.of("flash done") == [Sighting(19.4, 19.5), Sighting(19.7, 19.9)]
    assert seen.of("Flash Done") == seen.of("flash done")


def test_words_that_run_over_a_wrap_are_seen_when_the_last_line_is_there():
    seen = Sightings([line("Are you sure you want to", 0, 1.0), line("delete your account?", 20, 1.05)])
    assert seen.of("Are you sure you want to delete your account") == [Sighting(1.05, 1.1)]


def test_lines_told_of_at_different_times_are_not_read_together():
    parts = [line("Are you sure you want to", 0, 1.0, 1.1), line("delete your account?", 20, 5.0, 5.1)]
    assert Sightings(parts).of("want to delete your account") == []


def test_lines_far_apart_are_not_read_together():
    parts = [line("Are you sure you want to", 0), line("delete your account?", 400)]
    assert Sightings(parts).of("want to delete your account") == []


def test_a_line_that_holds_the_words_itself_is_counted_once():
    parts = [line("compiling module 7", 0), line("compiling module 8", 20)]
    assert Sightings(parts).of("compiling module") == [Sighting(1.0, 1.1)] * 2
    assert Sightings(parts).of("module 7") == [Sighting(1.0, 1.1)]


def test_nothing_seen():
    assert Sightings([]).of("anything at all") == []


pieces = st.lists(st.sampled_from(["No", "Notes", "2/3", "'Yes'", "Straße", "build", "failed", "x"]), max_size=4)


@given(st.lists(pieces.map(" ".join), max_size=6), pieces.filter(bool).map(" ".join))
def test_many_lines_are_searched_as_each_of_them(shown, words):
    # Told of one by one, so that nothing runs over a wrap; some of them twice.
    lines = [line(text, 20 * row, float(row), row + 0.1) for row, text in enumerate(shown + shown[:2])]
    wanted = [Sighting(seen.time_s, seen.told_s) for seen in lines if holds(seen.text, words)]
    assert Sightings(lines).of(words) == wanted


def test_a_wrap_that_is_shown_again_is_seen_again():
    parts = [
        line(text, y, told_s - 0.1, told_s)
        for told_s in (1.1, 5.1, 9.1)
        for text, y in (("Are you sure you want to", 0), ("delete your account?", 20))
    ]
    seen = Sightings(parts).of("sure you want to delete your account")
    assert [sighting.told_s for sighting in seen] == [1.1, 5.1, 9.1]
    assert [sighting.time_s for sighting in seen] == [1.0, 5.0, 9.0]
