"""What is different about a line that was edited, and about lines that moved."""

from hypothesis import given
from hypothesis import strategies as st

from ironcliw.frame import Rect
from ironcliw.text.difference import Movement, difference, movements
from ironcliw.text.screen import Line


def line(text: str, x: int, y: int) -> Line:
    return Line(1, text, Rect(x, y, 8 * len(text), 16), 0.9, 0)


def test_only_what_differs_is_removed_and_added():
    assert difference("41 % done", "42 % done") == {"before": "41 % done", "removed": "1", "added": "2"}
    assert difference("$ ", "$ make") == {"before": "$ ", "removed": "", "added": "make"}
    assert difference("aaa", "aa") == {"before": "aaa", "removed": "a", "added": ""}
    assert difference("same", "same") == {"before": "same", "removed": "", "added": ""}


@given(st.text(alphabet="abc ", max_size=12), st.text(alphabet="abc ", max_size=12))
def test_putting_in_what_was_added_for_what_was_removed_makes_the_new_line(before: str, after: str):
    told = difference(before, after)
    places = [at for at in range(len(before) + 1) if before[at:].startswith(told["removed"])]
    made = [before[:at] + told["added"] + before[at + len(told["removed"]) :] for at in places]
    assert after in made


def test_lines_that_scrolled_together_are_one_movement():
    moved = [(line(text, 10, y), line(text, 10, y - 18)) for text, y in (("one", 40), ("two", 58), ("three", 77))]
    assert movements(moved) == [Movement(Rect(10, 22, 40, 53), 0, -18, 3)]


def test_lines_that_went_different_ways_are_told_apart():
    up, right = (line("up", 10, 40), line("up", 10, 20)), (line("right", 10, 80), line("right", 90, 80))
    assert [(m.dx, m.dy, m.lines) for m in movements([right, up])] == [(0, -20, 1), (80, 0, 1)]


def test_a_line_read_a_pixel_off_has_not_moved():
    assert movements([(line("still", 10, 40), line("still", 11, 39))]) == []
