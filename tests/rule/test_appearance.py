"""What is news and what is not: an occurrence is its words and its place."""

from __future__ import annotations

import pytest
from rule_screens import MS, ROW, SECOND, Screen, line

from ironcliw.frame import Rect
from ironcliw.rule import Because, Firing, RuleSet
from ironcliw.text.screen import Line, TextUpdate


class Watched:
    """A screen and one condition; ``tell`` reads the screen and counts the appearances that were told."""

    def __init__(self, condition: str = "text:BUILD FAILED", *, now: bool = False) -> None:
        self.screen = Screen()
        self.rules = RuleSet([condition], now=now, merge_ns=0)
        self.firings: list[Firing] = []

    def tell(self, after_ms: int = 1_000, *, at_start: bool = False) -> int:
        new = self.rules.on_text(self.screen.read(after_ms, at_start=at_start))
        self.firings += new
        return sum(1 + firing.merged for firing in new)


def test_text_that_appears_fires_once() -> None:
    watched = Watched()
    watched.screen.put("compiling")
    assert watched.tell() == 0
    id = watched.screen.put("error: Build  Failed (token 4711)", 16, ROW)
    assert watched.tell() == 1
    assert watched.tell() == 0
    (firing,) = watched.firings
    assert firing == Firing(
        "text:BUILD FAILED",
        1 * SECOND,
        "error: Build  Failed (token 4711)",
        (watched.screen.lines[id].box,),
        0.9,
        0,
        rule="text:BUILD FAILED",
        since_ns=1 * SECOND,
        because=(Because("text:BUILD FAILED", "error: Build  Failed (token 4711)"),),
    )


@pytest.mark.parametrize(("now", "expected"), [(False, 0), (True, 1)])
def test_text_present_at_the_start(now: bool, expected: int) -> None:
    watched = Watched(now=now)
    watched.screen.put("BUILD FAILED")
    assert watched.tell(at_start=True) == expected
    watched.screen.put("another line", 0, ROW)
    assert watched.tell(at_start=True) == 0
    assert watched.tell() == 0
    watched.screen.put("BUILD FAILED", 0, 2 * ROW)
    assert watched.tell() == 1


def test_an_edit_that_keeps_the_words_is_no_news() -> None:
    watched = Watched()
    id = watched.screen.put("BUILD FAILED")
    assert watched.tell() == 1
    watched.screen.edit(id, "BUILD FAILED in 3 s")
    assert watched.tell() == 0
    watched.screen.edit(id, "at last: BUILD FAILED in 3 s")
    assert watched.tell() == 0
    watched.screen.edit(id, "BUILD FAILED. And again: BUILD FAILED")
    assert watched.tell() == 1


def test_a_line_read_anew_under_another_id_is_no_news() -> None:
    watched = Watched()
    id = watched.screen.put("BUILD FAILED")
    assert watched.tell() == 1
    watched.screen.take(id)
    watched.screen.put("BUILD FAILED now", 3, 2)
    assert watched.tell() == 0


def test_an_edit_into_the_words_is_news_and_so_is_the_next() -> None:
    watched = Watched("text:/[0-9]+ failed/")
    id = watched.screen.put("0 passed")
    assert watched.tell() == 0
    for failed in (1, 2, 12):
        watched.screen.edit(id, f"{failed} failed")
        assert watched.tell() == 1


def test_words_that_differ_in_meaning_are_not_taken_for_a_misreading() -> None:
    watched = Watched("text:/integration-tests: (passed|failed)/")
    id = watched.screen.put("integration-tests: passed")
    assert watched.tell() == 1
    watched.screen.edit(id, "integration-tests: failed")
    assert watched.tell() == 1


def test_a_second_one_below_is_news() -> None:
    watched = Watched()
    for row in range(5):
        watched.screen.put("BUILD FAILED", 0, row * ROW)
        assert watched.tell() == 1


def test_one_that_vanished_and_came_back_is_news() -> None:
    watched = Watched()
    for _ in range(3):
        id = watched.screen.put("BUILD FAILED", 300, 200)
        assert watched.tell() == 1
        watched.screen.take(id)
        assert watched.tell() == 0


@pytest.mark.parametrize(("away_ms", "expected"), [(100, 0), (299, 0), (300, 1), (1_000, 1)])
def test_a_moments_absence_is_a_misreading(away_ms: int, expected: int) -> None:
    watched = Watched()
    id = watched.screen.put("BUILD FAILED")
    assert watched.tell() == 1
    watched.screen.take(id)
    assert watched.tell(away_ms) == 0
    watched.screen.put("BUILD FAILED")
    assert watched.tell() == expected


def test_absence_is_measured_by_when_the_line_came_back_not_when_it_was_read() -> None:
    rules = RuleSet(["text:BUILD FAILED"], now=False)
    stands = line("BUILD FAILED", time_ns=0)
    rules.on_text(TextUpdate(0, (stands,), appeared=(stands,), present_at_start=True))
    rules.on_text(TextUpdate(1_000 * MS, (), vanished=(stands,)))
    back = Line(2, "BUILD FAILED", stands.box, 0.9, 1_200 * MS)
    assert rules.on_text(TextUpdate(1_900 * MS, (back,), appeared=(back,))) == []


def test_a_misread_line_that_stands_for_long_is_the_same_when_read_right_again() -> None:
    watched = Watched()
    id = watched.screen.put("the BUILD FAILED again")
    assert watched.tell() == 1
    watched.screen.edit(id, "the 8UlLD FA1LED again")
    assert watched.tell(10_000) == 0
    watched.screen.edit(id, "the BUILD FAILED again")
    assert watched.tell() == 0


def test_a_line_that_said_something_else_in_between_is_news() -> None:
    watched = Watched("text:3 failed")
    id = watched.screen.put("3 failed")
    assert watched.tell() == 1
    watched.screen.edit(id, "4 failed")
    assert watched.tell() == 0
    watched.screen.edit(id, "3 failed")
    assert watched.tell() == 1


def test_a_longer_number_at_the_place_does_not_hide_what_is_gone() -> None:
    watched = Watched(r"text:/\b1 failed/")
    id = watched.screen.put("1 failed")
    assert watched.tell() == 1
    watched.screen.edit(id, "11 failed")
    assert watched.tell() == 0
    watched.screen.edit(id, "1 failed")
    assert watched.tell() == 1


@pytest.mark.parametrize("keep_id", [True, False])
def test_what_scrolls_is_no_news(keep_id: bool) -> None:
    watched = Watched()
    ids = [watched.screen.put(text, 0, 100 + row * ROW) for row, text in enumerate(["a", "BUILD FAILED", "b"])]
    assert watched.tell() == 1
    for _ in range(4):
        ids = [watched.screen.move(id, 0, -ROW, keep_id=keep_id) for id in ids]
        assert watched.tell(100) == 0


@pytest.mark.parametrize("keep_id", [True, False])
def test_one_that_arrives_while_another_scrolls_is_news(keep_id: bool) -> None:
    watched = Watched()
    ids = [watched.screen.put("BUILD FAILED", 0, 100)]
    assert watched.tell() == 1
    for _ in range(4):
        ids = [watched.screen.move(id, 0, -ROW, keep_id=keep_id) for id in ids]
        ids.append(watched.screen.put("BUILD FAILED", 0, 100))
        assert watched.tell() == 1


@pytest.mark.parametrize("keep_id", [True, False])
def test_a_screen_full_of_failures_scrolls_by_a_line(keep_id: bool) -> None:
    """Every line then stands where another stood, and says something else."""
    watched = Watched()
    ids = [watched.screen.put(f"[{row}] BUILD FAILED", 0, row * ROW) for row in range(10)]
    assert watched.tell() == 10
    for number in range(10, 15):
        watched.screen.take(ids.pop(0))
        ids = [watched.screen.move(id, 0, -ROW, keep_id=keep_id) for id in ids]
        ids.append(watched.screen.put(f"[{number}] BUILD FAILED", 0, 9 * ROW))
        assert watched.tell() == 1


def test_one_leaves_at_the_top_while_another_arrives_below() -> None:
    watched = Watched()
    texts = ["BUILD FAILED", *[f"line {row}" for row in range(9)]]
    ids = [watched.screen.put(text, 0, row * ROW) for row, text in enumerate(texts)]
    assert watched.tell() == 1
    watched.screen.take(ids.pop(0))
    for id in ids:
        watched.screen.move(id, 0, -ROW)
    watched.screen.put("BUILD FAILED", 0, 9 * ROW)
    assert watched.tell() == 1


@pytest.mark.parametrize("keep_id", [True, False])
def test_a_dragged_window_is_no_news(keep_id: bool) -> None:
    watched = Watched("text:save changes")
    ids = [watched.screen.put("Save changes?", 100, 100), watched.screen.put("Yes", 100, 130)]
    watched.screen.put("a terminal beside it", 600, 400)
    assert watched.tell() == 1
    for dx, dy in ((50, 30), (-90, 200), (3, -1)):
        ids = [watched.screen.move(id, dx, dy, keep_id=keep_id) for id in ids]
        assert watched.tell(100) == 0


@pytest.mark.parametrize(
    "shown", ["job 7: BUILD FAILED, see the", "BUILD FAILED", "make: job 7: BUILD FAILED, see the log"]
)
def test_a_line_that_is_cut_off_or_wrapped_anew_where_it_moved_is_no_news(shown: str) -> None:
    watched = Watched()
    id = watched.screen.put("job 7: BUILD FAILED, see the log", 0, 0)
    title = watched.screen.put("Terminal", 0, ROW)
    assert watched.tell() == 1
    watched.screen.take(id)
    watched.screen.put(shown, 500, 400)
    watched.screen.move(title, 500, 400)
    assert watched.tell() == 0


def test_a_moments_absence_may_have_a_gap_in_it() -> None:
    watched = Watched()
    id = watched.screen.put("BUILD FAILED")
    assert watched.tell() == 1
    watched.screen.take(id)
    assert watched.tell(100) == 0
    watched.rules.on_gap(watched.screen.now_ns)
    watched.rules.on_back(5 * SECOND)
    watched.screen.now_ns = 5 * SECOND + 250 * MS
    watched.screen.put("BUILD FAILED")
    assert watched.tell() == 0


def test_other_text_with_the_same_words_elsewhere_is_news() -> None:
    watched = Watched()
    id = watched.screen.put("job 7: BUILD FAILED", 0, 0)
    assert watched.tell() == 1
    watched.screen.take(id)
    watched.screen.put("job 8: BUILD FAILED", 500, 400)
    assert watched.tell() == 1


def test_a_wrapped_phrase_is_one_occurrence_however_it_is_wrapped() -> None:
    watched = Watched("text:the build failed")
    first = watched.screen.put("sorry, the build", 0, 0)
    second = watched.screen.put("failed at last", 0, ROW)
    assert watched.tell() == 1
    watched.screen.edit(first, "sorry, the")
    watched.screen.edit(second, "build failed at last")
    assert watched.tell() == 0
    assert watched.firings[0].text == "sorry, the build failed at last"


def test_a_line_read_as_two_boxes_is_no_news() -> None:
    watched = Watched()
    id = watched.screen.put("BUILD FAILED", 0, 0)
    assert watched.tell() == 1
    watched.screen.take(id)
    watched.screen.put("BUILD", 0, 0)
    watched.screen.put("FAILED", 52, 1)
    assert watched.tell() == 0


def test_a_letter_misread_in_an_open_ended_match_is_no_news() -> None:
    watched = Watched("text:/error: .*/")
    id = watched.screen.put("error: cannot open the file")
    assert watched.tell() == 1
    for misread in ("error: cannot open tbe file", "error: cannot open the fi1e"):
        for text in (misread, "error: cannot open the file"):
            watched.screen.edit(id, text)
            assert watched.tell() == 0
    watched.screen.edit(id, "error: cannot open the pipe")
    assert watched.tell() == 1


def test_several_new_ones_in_one_reading_are_one_firing_that_counts_them() -> None:
    watched = Watched()
    for row in range(3):
        watched.screen.put(f"{row}: BUILD FAILED", 0, row * 2 * ROW)
    assert watched.tell() == 3
    (firing,) = watched.firings
    assert (firing.text, firing.merged, len(firing.regions)) == ("0: BUILD FAILED", 2, 3)


def test_a_pattern_that_matches_everywhere_stays_bounded() -> None:
    watched = Watched("text:/./")
    for row in range(40):
        watched.screen.put("x" * 60, 0, row * ROW)
    watched.tell()
    (firing,) = watched.firings
    assert len(firing.regions) <= 64
    assert watched.tell() == 0


def test_a_match_at_the_very_edge_of_the_screen() -> None:
    rules = RuleSet(["text:x"], now=True)
    corner = Line(1, "x", Rect(0, 0, 1, 1), 0.1, 0)
    (firing,) = rules.on_text(TextUpdate(0, (corner,), appeared=(corner,), present_at_start=True))
    assert firing.regions == (Rect(0, 0, 1, 1),)


def test_a_notification_that_repeats_the_words_of_the_menu_that_closed_is_news() -> None:
    watched = Watched("text:Hello World")
    menu = watched.screen.put("Hello World", 300, ROW)
    assert watched.tell() == 1
    watched.screen.take(menu)
    watched.screen.put("Hello World from HelloWorld!", 800, 30 * ROW)
    assert watched.tell() == 1


def test_a_line_that_is_wrapped_otherwise_near_by_is_not() -> None:
    watched = Watched()
    wide = watched.screen.put("the BUILD FAILED after 41 s", 100, 5 * ROW)
    assert watched.tell() == 1
    watched.screen.take(wide)
    watched.screen.put("the BUILD FAILED", 60, 7 * ROW)
    watched.screen.put("after 41 s", 60, 8 * ROW)
    assert watched.tell() == 0
