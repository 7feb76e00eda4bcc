"""Clocks, timers and counters."""

from dataclasses import replace

import pytest

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.text.restless import APART_NS, LINES_MAX, TOLD, RestlessLines
from ironcliw.text.screen import Line


class Watched:
    """One line that is edited."""

    def __init__(self, text: str, id_: int = 1, restless: RestlessLines | None = None) -> None:
        self.line = Line(id_, text, Rect(0, 0, 80, 16), 0.9, 0)
        self.restless = restless or RestlessLines()
        self.now_ns = 0

    def edit(self, text: str, after_ns: int = SECOND) -> bool:
        """Whether the edit is told."""
        self.now_ns += after_ns
        before, self.line = self.line, replace(self.line, text=text)
        return not self.restless.ticks(before, self.line, None, self.now_ns)


def test_a_clock_is_told_for_a_while_and_then_no_more():
    clock = Watched("09:00:00")
    assert [clock.edit(f"09:00:0{second}") for second in range(1, 8)] == [True] * TOLD + [False] * (7 - TOLD)


def test_a_clock_that_turns_into_an_error_is_told():
    clock = Watched("09:00:00")
    for second in range(1, 8):
        clock.edit(f"09:00:0{second}")
    assert clock.edit("disk full at 09:00:08")


def test_a_counter_says_where_it_came_to_rest():
    visits = Watched("visits 100")
    for count in range(1, 9):
        visits.edit(f"visits {100 + count}")
    assert visits.restless.due_ns == visits.now_ns + APART_NS
    assert visits.restless.rested(visits.now_ns + APART_NS - 1) == []
    ((before, after, _),) = visits.restless.rested(visits.now_ns + APART_NS)
    assert (before.text, after.text) == ("visits 104", "visits 108")
    assert visits.restless.due_ns is None
    assert visits.edit("visits 109", APART_NS)


def test_an_edit_after_silent_ticks_is_compared_with_what_was_told():
    visits = Watched("visits 100")
    for count in range(1, 9):
        visits.edit(f"visits {100 + count}")
    assert visits.restless.told_as(visits.line).text == "visits 104"


@pytest.mark.parametrize("texts", ["{} %", "step {}/90", "step {} of 90"])
def test_progress_ticks_too_but_its_end_is_told(texts: str):
    bar = Watched(texts.format(70))
    told = [bar.edit(texts.format(count)) for count in range(71, 90)]
    assert told == [True] * TOLD + [False] * (len(told) - TOLD)
    assert bar.edit(texts.format(100 if "%" in texts else 90))


def test_edits_that_are_far_apart_are_no_ticks():
    slow = Watched("3 jobs")
    assert all(slow.edit(f"{count} jobs", APART_NS + 1) for count in range(4, 14))
    assert slow.restless.due_ns is None


def test_words_that_change_are_no_ticks():
    status = Watched("failed")
    assert all(status.edit(text) for text in ["running", "failed"] * 5)


def test_a_line_that_is_gone_says_what_it_came_to_and_is_forgotten():
    clock = Watched("09:00:00")
    for second in range(1, 8):
        clock.edit(f"09:00:0{second}")
    last = clock.restless.gone(clock.line)
    assert last is not None
    assert (last.before.text, last.after.text) == ("09:00:04", "09:00:07")
    assert clock.restless.gone(clock.line) is None
    assert clock.restless.due_ns is None
    assert clock.restless.rested(10**12) == []


def test_it_is_bounded():
    restless = RestlessLines()
    lines = [Watched("0 s", number, restless) for number in range(2 * LINES_MAX)]
    for second in range(1, 3):
        for line in lines:
            line.edit(f"{second} s")
    assert len(restless._lines) == LINES_MAX
