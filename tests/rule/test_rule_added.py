"""Conditions that come and go while others are watched."""

import pytest

from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule import Firing, RuleSet
from ironcliw.text.protocol import ReadLine
from ironcliw.text.screen import TextScreen

ALL = Rect(0, 0, 800, 600)
SECOND = 1_000_000_000


class Watched:
    """A screen, its rules, and whom a condition was added for."""

    def __init__(self, *conditions: str) -> None:
        self.rules = RuleSet(conditions, now=False)
        self.rules.on_geometry(800, 600)
        self.rules.hold_start()
        self.screen = TextScreen()
        self.met: list[Firing] = []

    def show(self, time_s: float, *texts: str, at_start: bool = False) -> list[Firing]:
        lines = [ReadLine(text, Rect(10, 20 * (1 + row), 9 * len(text), 16), 0.9) for row, text in enumerate(texts)]
        time_ns = round(time_s * SECOND)
        update = self.screen.apply(ALL, lines, changed=lambda box: True, time_ns=time_ns, present_at_start=at_start)
        return self.rules.on_text(update)

    def add(self, condition: str, time_s: float, *, now: bool = True) -> int:
        return self.rules.add(condition, now=now, time_ns=round(time_s * SECOND), met=self.met.append)


@pytest.mark.parametrize("condition", ["text:passed", 'text:"passed" and not text:"failed"'])
def test_what_is_there_meets_a_newcomer_at_once_if_it_wants_that(condition: str):
    watched = Watched("text:other")
    watched.show(0, "3 passed", at_start=True)
    watched.rules.on_begun(0)
    watched.add(condition, 1, now=False)
    assert not watched.met
    watched.add(condition, 2)
    assert [firing.condition for firing in watched.met] == [condition]


def test_before_the_start_was_told_a_newcomer_waits_for_it_with_the_others():
    watched = Watched()
    watched.add('not text:"Loading"', 0)
    watched.show(1, "Loading", at_start=True)
    watched.rules.on_begun(1)
    assert not watched.met
    watched.show(2, "Ready")
    watched.rules.on_time(4 * SECOND)
    assert len(watched.met) == 1


def test_its_firings_are_for_those_who_added_it():
    watched = Watched("text:READY")
    watched.rules.on_begun(0)
    watched.add("text:BUILD", 1)
    told = watched.show(2, "READY", "BUILD FAILED")
    assert [firing.condition for firing in told] == ["text:READY"]
    assert [firing.condition for firing in watched.met] == ["text:BUILD"]


def test_taken_back_it_hears_no_more():
    watched = Watched()
    watched.rules.on_begun(0)
    key = watched.add("text:BUILD", 1)
    assert watched.rules.remove(key)
    assert not watched.rules.remove(key)
    watched.show(2, "BUILD FAILED")
    assert not watched.met
    assert len(watched.rules) == 0


def test_stillness_counts_from_when_it_was_asked_for():
    watched = Watched()
    watched.rules.on_begun(0)
    watched.add("still:30s", 100)
    assert watched.rules.next_deadline_ns == 130 * SECOND
    watched.rules.on_time(129 * SECOND)
    assert not watched.met
    watched.rules.on_time(130 * SECOND)
    assert len(watched.met) == 1


def test_nothing_counts_as_still_while_the_source_is_not_seen():
    watched = Watched()
    watched.rules.on_begun(0)
    watched.rules.on_gap(50 * SECOND)
    watched.add("still:30s", 100)
    watched.rules.on_time(200 * SECOND)
    assert not watched.met
    watched.rules.on_back(200 * SECOND)
    watched.rules.on_time(230 * SECOND)
    assert len(watched.met) == 1


def test_a_condition_that_does_not_fit_is_refused_and_leaves_nothing():
    watched = Watched()
    with pytest.raises(ConditionError):
        watched.add("change:700,500,200,200", 1)
    with pytest.raises(ConditionError):
        watched.add("txt:BUILD", 1)
    assert len(watched.rules) == 0


def test_questions_of_newcomers_are_told_apart_from_those_of_others():
    condition = 'says("the deploy is green")'
    watched = Watched(condition)
    watched.show(0, "deploy", at_start=True)
    watched.rules.on_begun(0)
    watched.add(condition, 0)
    watched.rules.on_time(5 * SECOND)
    questions = watched.rules.take_questions(5 * SECOND)
    assert len(questions) == 2
    assert len({question.id for question in questions}) == 2
