"""Several conditions together: merging, deadlines, the nearest text."""

from __future__ import annotations

import pytest
from rule_screens import MS, ROW, SECOND, Screen, stacked

from ironcliw import rule
from ironcliw.errors import ConditionError, SettingsError
from ironcliw.frame import Rect
from ironcliw.rule import RuleSet
from ironcliw.rule.nearest import similarity
from ironcliw.rule.ruleset import CONDITIONS_MAX


def test_any_condition_may_fire() -> None:
    screen, rules = Screen(), RuleSet(["text:failed", rule.text("/PASSED/"), "change:0,0,9,9"], now=False)
    screen.put("3 PASSED, 1 failed")
    assert [firing.condition for firing in rules.on_text(screen.read())] == ["text:failed", "text:/PASSED/"]
    assert [firing.condition for firing in rules.on_change(0, [Rect(0, 0, 1, 1)])] == ["change:0,0,9,9"]


def test_conditions_are_kept_in_order_and_parsed() -> None:
    rules = RuleSet(["text:a", rule.still("1s")], now=False)
    assert [str(condition) for condition in rules.conditions] == ["text:a", "still:1s"]
    with pytest.raises(ConditionError, match="unknown kind"):
        RuleSet(["text:a", "txet:b"], now=False)


def test_whether_text_is_needed() -> None:
    assert RuleSet(["still:1s", "gone:x"], now=False).needs_text
    assert RuleSet(["text:x"], now=False).needs_text
    assert not RuleSet(["still:1s", "change:0,0,1,1"], now=False).needs_text
    assert not RuleSet([], now=False).needs_text


def test_no_conditions_no_firings() -> None:
    rules = RuleSet([], now=True)
    screen = Screen()
    screen.put("text")
    assert rules.on_text(screen.read()) == rules.on_change(0, [Rect(0, 0, 1, 1)]) == rules.on_time(SECOND) == []
    assert rules.next_deadline_ns is None
    assert rules.nearest() is None


def test_absurd_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="merge_ns cannot be negative"):
        RuleSet([], now=False, merge_ns=-1)
    with pytest.raises(SettingsError, match="is the most"):
        RuleSet(["text:a"] * (CONDITIONS_MAX + 1), now=False)


def test_firings_within_a_second_merge_and_are_counted() -> None:
    screen, rules = Screen(), RuleSet(["text:error"], now=False)
    told = []
    for row in range(8):
        screen.put("error", 0, row * 2 * ROW)
        told += rules.on_text(screen.read(400))
    # At 0, 1.2 and 2.4 s; two in between each time, and one since the last.
    assert [(firing.time_ns // MS, firing.merged) for firing in told] == [(0, 0), (1_200, 2), (2_400, 2)]
    assert rules.merged_total == 5


def test_a_flood_is_told_once_a_second_not_never() -> None:
    screen, rules = Screen(), RuleSet(["text:error"], now=False)
    told = []
    for row in range(100):
        screen.put("error", 0, row * 2 * ROW)
        told += rules.on_text(screen.read(100))
    assert len(told) == 10
    assert sum(1 + firing.merged for firing in told) + 9 == 100


def test_a_dialog_that_appears_vanishes_and_appears_again_fires_twice() -> None:
    screen, rules = Screen(), RuleSet(["text:Disk is full"], now=False)
    told = []
    for _ in range(2):
        id = screen.put("Disk is full", 400, 300)
        told += rules.on_text(screen.read(500))
        screen.take(id)
        told += rules.on_text(screen.read(500))
    assert [firing.time_ns for firing in told] == [0, SECOND]


def test_rules_merge_each_for_itself() -> None:
    screen, rules = Screen(), RuleSet(["text:error", "text:warning"], now=False)
    screen.put("error")
    assert len(rules.on_text(screen.read(100))) == 1
    screen.put("warning", 0, ROW)
    assert len(rules.on_text(screen.read(100))) == 1


def test_the_next_deadline_is_the_earliest() -> None:
    rules = RuleSet(["still:30s", "still:5s@0,0,10,10", "text:x", "change:0,0,5,5"], now=False)
    assert rules.next_deadline_ns == 5 * SECOND
    rules.on_time(5 * SECOND)
    assert rules.next_deadline_ns == 30 * SECOND


def test_the_nearest_text_and_when_it_was_seen() -> None:
    screen, rules = Screen(), RuleSet(["text:BUILD FAILED"], now=False)
    screen.put("nothing like it")
    rules.on_text(screen.read(1_000, at_start=True))
    id = screen.put("the build is failing", 0, ROW)
    rules.on_text(screen.read(1_000))
    screen.edit(id, "the BUILD FAlLED")
    rules.on_text(screen.read(1_000))
    screen.put("something build", 0, 2 * ROW)
    rules.on_text(screen.read(1_000))
    nearest = rules.nearest()
    assert nearest is not None
    text, value, time_ns = nearest
    assert (text, time_ns) == ("the BUILD FAlLED", 2 * SECOND)
    assert 0.9 < value < 1


def test_the_nearest_to_a_regex_is_by_its_longest_literal() -> None:
    screen, rules = Screen(), RuleSet([r"text:/\d+ tests passed/"], now=False)
    screen.put("12 tests parsed")
    rules.on_text(screen.read())
    nearest = rules.nearest()
    assert nearest is not None
    assert nearest[0] == "12 tests parsed"


def test_there_is_no_nearest_where_nothing_is_near() -> None:
    screen, rules = Screen(), RuleSet(["text:BUILD FAILED", r"text:/\d+/", "text:x", "still:5s"], now=False)
    screen.put("hmm")
    screen.put("", 0, ROW)
    rules.on_text(screen.read())
    assert rules.nearest() is None


def test_the_first_of_equally_near_texts_is_kept() -> None:
    screen, rules = Screen(), RuleSet(["text:BUILD FAILED"], now=False)
    for text in ("BUILD PASSED", "build passed"):
        screen.put(text, 0, screen.now_ns // SECOND * ROW)
        rules.on_text(screen.read(1_000))
    nearest = rules.nearest()
    assert nearest is not None
    assert nearest[0::2] == ("BUILD PASSED", 0)


def test_many_lines_leave_the_nearest_right() -> None:
    screen, rules = Screen(), RuleSet(["text:BUILD FAILED"], now=False)
    for row in range(3_000):
        screen.put(f"build number {row} was fine", 0, row * ROW)
    screen.put("BUILD FAILURE", 700, 0)
    rules.on_text(screen.read())
    nearest = rules.nearest()
    assert nearest is not None
    assert nearest[0] == "BUILD FAILURE"


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [("abc", "abc", 1.0), ("abc", "xxabcxx", 1.0), ("abc", "", 0.0), ("abcd", "abxd", 0.75), ("abc", "xyz", 0.0)],
)
def test_similarity(target: str, text: str, expected: float) -> None:
    assert similarity(target, text) == expected


def test_the_same_reading_told_twice_is_no_news() -> None:
    rules = RuleSet(["text:a"], now=False)
    screen = Screen()
    for item in stacked("a b", "c a"):
        screen.put(item.text, item.box.x, item.box.y)
    update = screen.read()
    assert len(rules.on_text(update)) == 1
    assert rules.on_text(update) == []
