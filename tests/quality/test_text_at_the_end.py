"""The text kept up to date, beside a whole reading of the last frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_folder import write_labelled

from ironcliw.frame import Rect
from ironcliw.quality.ending_frames import compare_end
from ironcliw.quality.endings import Ending, controls, distance, passages
from ironcliw.quality.observing import Kept, observe
from ironcliw.quality.recordings import find_recordings
from ironcliw.text import ReadLine


def line(text: str, y: int = 0, x: int = 10, width: int | None = None) -> ReadLine:
    return ReadLine(text, Rect(x, y, width or 8 * len(text), 16), 1.0)


SCREEN = [line("$ make all"), line("compiling module 7", 20), line("BUILD FAILED: code 4711", 40)]


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "acb", 2), ("same", "same", 0), ("ab", "b", 1)],
)
def test_the_edit_distance(a, b, edits):
    assert distance(a, b) == distance(b, a) == edits


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_the_edit_distance_is_a_distance(a, b, c):
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


def test_the_same_text_agrees_whatever_its_order_and_spaces():
    kept = [line("BUILD  FAILED: code 4711", 41, 11), SCREEN[1], SCREEN[0]]
    ending = Ending.of("x", kept, SCREEN)
    assert (ending.wrong, ending.agreement, ending.equal_lines) == (0, 1.0, 3)
    assert (ending.lines, ending.whole_lines) == (3, 3)


def test_a_line_read_in_two_parts_agrees_with_the_whole_line():
    parts = [line("BUILD FAILED:", 40), line("code 4711", 40, 10 + 8 * 14)]
    ending = Ending.of("x", [*SCREEN[:2], *parts], SCREEN)
    assert (ending.wrong, ending.equal_lines) == (0, 2)


@pytest.mark.parametrize(
    ("kept", "wrong"),
    [
        ([*SCREEN[:2], line("BUILD FAILED: code 47l1", 40)], 1),
        (SCREEN[:2], 20),
        ([*SCREEN, line("old news", 60)], 7),
        ([SCREEN[0], SCREEN[2], line("compiling module 7", 300)], 32),
        ([], 44),
    ],
    ids=["a letter", "a line missing", "a line too many", "a line elsewhere", "nothing"],
)
def test_what_differs_is_counted_in_characters(kept, wrong):
    ending = Ending.of("x", kept, SCREEN)
    assert ending.wrong == wrong
    assert ending.agreement == pytest.approx(1 - wrong / ending.characters)
    assert ending.agreement < 0.995


def test_no_text_at_all_has_no_agreement():
    assert Ending.of("x", [], []).agreement is None
    assert Ending.of("x", [line("a")], []).agreement == 0.0


def test_neighbours_are_not_one_passage():
    assert len(passages(SCREEN, SCREEN)) == 3
    assert len(passages([line("left"), line("right", 0, 200)], [line("left"), line("right", 0, 200)])) == 2


def test_only_the_perfect_control_agrees():
    found = {name: ending.agreement for name, ending in controls("x", SCREEN).items()}
    assert found.pop("perfect") == 1.0
    assert max(found.values()) <= 0.5


def test_at_the_end_of_a_recording_the_watcher_knows_what_is_there(tmp_path):
    (recording,) = find_recordings([str(write_labelled(tmp_path))])
    observed = observe(recording)
    assert observed.ending is not None
    ending, end = compare_end(recording, observed.ending)
    assert (ending.name, ending.agreement, ending.seen_wrong) == ("a_build", 1.0, 0)
    assert ending.characters > 30
    assert "4711" in " ".join(seen.text for seen in end.whole)
    forgotten, _ = compare_end(recording, Kept(observed.ending.lines[:-1], observed.ending.pixels))
    assert forgotten.agreement is not None
    assert forgotten.agreement < 0.995
