"""Lines are joined where a reader's eye would join them, and not where it would not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_screens import line, stacked

from ironcliw.rule.passage import Layout
from ironcliw.rule.pattern import Phrase, phrase, regex
from ironcliw.rule.sighting import SIGHTINGS_MAX, Finder, Sighting
from ironcliw.text.screen import Line


def find(pattern: str, *lines: Line) -> list[Sighting]:
    made = regex(pattern[1:-1]) if pattern.startswith("/") else phrase(pattern)
    return Finder(made).find(Layout(lines), time_ns=0)


def test_a_phrase_in_one_line() -> None:
    (sighting,) = find("build failed", line("the BUILD FAILED again", 10, 40, id=7))
    assert sighting.words == "build failed"
    assert sighting.text == "the BUILD FAILED again"
    assert sighting.ids == (7,)
    assert sighting.regions == (line("the BUILD FAILED again", 10, 40).box,)


def test_a_phrase_over_the_end_of_a_line() -> None:
    (sighting,) = find("build failed", *stacked("error: the BUILD", "FAILED at once"))
    assert sighting.ids == (1, 2)
    assert sighting.text == "error: the BUILD FAILED at once"
    assert len(sighting.regions) == 2


def test_a_phrase_over_three_lines() -> None:
    (sighting,) = find("the build has failed", *stacked("oh, the", "build has", "failed now"))
    assert sighting.ids == (1, 2, 3)


@pytest.mark.parametrize("indent", [-60, 0, 12, 24])
def test_the_next_line_may_hang_in_or_out(indent: int) -> None:
    lines = line("error: the BUILD", 80, 0, id=1), line("FAILED at once", 80 + indent, 20, id=2)
    assert len(find("build failed", *lines)) == 1


def test_centred_lines_are_joined() -> None:
    lines = line("Are you sure you want to", 100, 0, id=1), line("delete it?", 156, 20, id=2)
    assert len(find("want to delete", *lines)) == 1


@pytest.mark.parametrize(
    "below",
    [
        line("FAILED", 0, 60, id=2),  # too far below
        line("FAILED", 400, 20, id=2),  # beside, and below
        line("FAILED", 100, 20, id=2),  # far in, not centred
        Line(2, "FAILED", line("FAILED", 0, 20).box._replace(height=48), 0.9, 0),  # a headline
    ],
)
def test_lines_that_do_not_continue_each_other(below: Line) -> None:
    assert find("build failed", line("the BUILD", 0, 0), below) == []
    assert find("/BUILD FAILED/", line("the BUILD", 0, 0), below) == []


def test_the_line_above_does_not_continue_the_one_below() -> None:
    assert find("build failed", *stacked("FAILED", "BUILD")) == []


def test_pieces_on_one_baseline_are_joined() -> None:
    lines = line("BUILD", 0, 0, id=1), line("FAILED", 70, 2, id=2), line("now", 140, 1, id=3)
    (sighting,) = find("build failed now", *lines)
    assert sighting.ids == (1, 2, 3)
    assert len(find(r"/BUILD\s+FAILED/", *lines)) == 1


def test_pieces_far_apart_are_not_joined() -> None:
    assert find("build failed", line("BUILD", 0, 0, id=1), line("FAILED", 300, 0, id=2)) == []


def test_columns_are_read_down_as_well_as_across() -> None:
    lines = (
        line("the BUILD", 0, 0, id=1),
        line("all TESTS", 100, 0, id=2),
        line("FAILED now", 0, 20, id=3),
        line("PASSED now", 100, 20, id=4),
    )
    assert [s.ids for s in find("build failed", *lines)] == [(1, 3)]
    assert [s.ids for s in find("tests passed", *lines)] == [(2, 4)]
    assert [s.ids for s in find("failed now passed", *lines)] == [(3, 4)]
    assert [s.ids for s in find("/TESTS PASSED/", *lines)] == [(2, 4)]


def test_a_row_of_pieces_wraps_into_the_row_below() -> None:
    lines = line("[12:00]", 0, 0, id=1), line("error: BUILD", 70, 0, id=2), line("FAILED", 0, 20, id=3)
    assert [s.ids for s in find("build failed", *lines)] == [(2, 3)]


def test_a_word_cut_by_a_terminals_edge() -> None:
    lines = stacked("a long enough line with BUILD FAI", "LED in the end")
    assert [s.ids for s in find("build failed", *lines)] == [(1, 2)]
    assert [s.ids for s in find("/BUILD FAILED/", *lines)] == [(1, 2)]


def test_a_short_row_is_not_cut_in_a_word() -> None:
    assert find("build failed", *stacked("BUILD FAI", "LED", "a line that reaches far to the right")) == []


def test_several_matches_on_a_line_are_several() -> None:
    assert len(find("error", line("error error, Error"))) == 3


def test_a_match_is_counted_once_however_lines_can_be_joined() -> None:
    lines = (
        line("error one", 0, 0, id=1),
        line("error two", 90, 0, id=2),
        line("error three", 0, 20, id=3),
        line("error four", 110, 20, id=4),
    )
    assert [s.ids for s in find("error", *lines)] == [(1,), (2,), (3,), (4,)]
    assert [s.ids for s in find("/error/", *lines)] == [(1,), (2,), (3,), (4,)]


def test_a_regex_is_matched_line_by_line_first() -> None:
    lines = stacked("error: disk full", "all is well", "error: no net")
    assert [s.words for s in find("/error.*/", *lines)] == ["error: disk full", "error: no net"]
    assert [s.words for s in find("/^all.*$/", *lines)] == ["all is well"]


def test_a_regex_may_span_a_wrap() -> None:
    (sighting,) = find(r"/took \d+ seconds/", *stacked("the build took 12", "seconds to fail"))
    assert (sighting.words, sighting.ids) == ("took 12 seconds", (1, 2))
    (sighting,) = find(r"/took \d+ seconds/", *stacked("the build took", "12", "seconds to fail"))
    assert sighting.ids == (1, 2, 3)


def test_sightings_come_in_reading_order_and_are_bounded() -> None:
    lines = stacked(*["x" * 40] * 30)
    sightings = find("x", *lines)
    assert len(sightings) <= SIGHTINGS_MAX
    places = [(s.box.y, s.box.x) for s in sightings]
    assert places == sorted(places)
    assert len(find("/x/", *lines)) == SIGHTINGS_MAX


def test_confidence_and_time_are_of_the_weakest_and_the_latest_line() -> None:
    lines = line("BUILD", 0, 0, id=1, confidence=0.9, time_ns=5), line("FAILED", 0, 20, id=2, confidence=0.4, time_ns=8)
    (sighting,) = Finder(phrase("build failed")).find(Layout(lines), time_ns=20)
    assert (sighting.confidence, sighting.appeared_ns) == (0.4, 8)
    (sighting,) = Finder(phrase("build failed")).find(Layout(lines), time_ns=6)
    assert sighting.appeared_ns == 6


def test_a_finder_that_remembers_finds_the_same_as_a_new_one() -> None:
    finder = Finder(regex("a+b"))
    first, second = stacked("aab", "ab ab", "b"), stacked("aab", "xxab", "b")
    for lines in (first, second, first, ()):
        assert finder.find(Layout(lines), 0) == Finder(regex("a+b")).find(Layout(lines), 0)


def test_no_lines_and_lines_without_words() -> None:
    assert find("x") == []
    assert find("x", line(""), line(" ", 0, 20, id=2)) == []


WORDS = st.sampled_from(["build", "failed", "BUILD", "Failed", "x", "a longer piece of text", ""])
LINES = st.lists(st.tuples(WORDS, st.integers(0, 400), st.integers(0, 200), st.integers(4, 40)), max_size=25)


@settings(deadline=None, max_examples=200)
@given(LINES)
def test_however_lines_lie_each_is_searched_and_nothing_twice(items: list[tuple[str, int, int, int]]) -> None:
    lines = [
        Line(index, text, line(text, x, y).box._replace(height=height), 0.9, 0)
        for index, (text, x, y, height) in enumerate(items)
    ]
    for pattern in (phrase("failed"), regex("(?i)failed")):
        sightings = Finder(pattern).find(Layout(lines), 0)
        alone = [s for s in sightings if len(s.ids) == 1]
        assert sorted(s.ids[0] for s in alone) == [item.id for item in lines if item.text.lower() == "failed"]
        assert len(sightings) == len({(s.ids, s.words) for s in sightings})
    for sighting in Finder(phrase("build failed")).find(Layout(lines), 0):
        assert sighting.text.lower().split()[-2:] == ["build", "failed"] or len(sighting.ids) >= 2


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=2, max_size=30), st.integers(1, 6))
def test_a_wrapped_paragraph_is_read_like_one_line(words: list[str], per_line: int) -> None:
    texts = [" ".join(words[at : at + per_line]) for at in range(0, len(words), per_line)]
    whole = Phrase(" ".join(words))
    assert len(Finder(whole).find(Layout(stacked(*texts)), 0)) == 1
