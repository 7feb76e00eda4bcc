"""``change:`` and ``still:``, driven by nothing but the source's time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_screens import MS, SECOND

from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule import RuleSet


def test_change_fires_with_the_part_inside_its_region() -> None:
    rules = RuleSet(["change:100,100,50,50"], now=False)
    assert rules.on_change(0, [Rect(0, 0, 100, 100), Rect(150, 100, 9, 9)]) == []
    (firing,) = rules.on_change(40 * MS, [Rect(0, 0, 10, 10), Rect(90, 90, 20, 20), Rect(149, 149, 5, 5)])
    assert firing.regions == (Rect(100, 100, 10, 10), Rect(149, 149, 1, 1))
    assert (firing.time_ns, firing.text, firing.confidence) == (40 * MS, None, None)


def test_change_is_armed_again_by_a_second_of_stillness() -> None:
    rules = RuleSet(["change:0,0,10,10"], now=False)
    inside, outside = [Rect(1, 1, 1, 1)], [Rect(50, 50, 1, 1)]
    assert len(rules.on_change(0, inside)) == 1
    for time_ms in range(500, 5_000, 500):
        assert rules.on_change(time_ms * MS, inside) == []
    assert rules.on_change(5_200 * MS, outside) == []
    assert rules.on_change(5_499 * MS, inside) == []
    assert len(rules.on_change(6_499 * MS, inside)) == 1


def test_change_fires_on_blinking_too() -> None:
    rules = RuleSet(["change:0,0,10,10"], now=False)
    caret = [Rect(2, 2, 1, 8)]
    assert len(rules.on_change(0, caret, blinking=caret)) == 1


def test_still_fires_once_at_its_deadline() -> None:
    rules = RuleSet(["still:30s"], now=False)
    assert rules.next_deadline_ns == 30 * SECOND
    assert rules.on_time(30 * SECOND - 1) == []
    (firing,) = rules.on_time(31 * SECOND)
    assert (firing.time_ns, firing.regions, firing.text) == (30 * SECOND, (), None)
    assert rules.next_deadline_ns is None
    assert rules.on_time(300 * SECOND) == []


def test_still_is_put_off_and_armed_again_by_changes() -> None:
    rules = RuleSet(["still:10s"], now=False)
    for second in (5, 10, 15):
        assert rules.on_change(second * SECOND, [Rect(0, 0, 1, 1)]) == []
    assert rules.next_deadline_ns == 25 * SECOND
    assert [firing.time_ns for firing in rules.on_time(25 * SECOND)] == [25 * SECOND]
    assert rules.on_change(40 * SECOND, [Rect(0, 0, 1, 1)]) == []
    assert [firing.time_ns for firing in rules.on_time(60 * SECOND)] == [50 * SECOND]


def test_a_change_after_the_deadline_does_not_undo_it() -> None:
    rules = RuleSet(["still:10s"], now=False)
    assert [firing.time_ns for firing in rules.on_change(12 * SECOND, [Rect(0, 0, 1, 1)])] == [10 * SECOND]
    assert rules.next_deadline_ns == 22 * SECOND


def test_still_watches_its_region_alone() -> None:
    rules = RuleSet(["still:10s@0,0,10,10"], now=False)
    rules.on_change(5 * SECOND, [Rect(10, 0, 5, 5)])
    assert rules.next_deadline_ns == 10 * SECOND
    rules.on_change(6 * SECOND, [Rect(9, 9, 5, 5)])
    assert rules.next_deadline_ns == 16 * SECOND
    (firing,) = rules.on_time(16 * SECOND)
    assert firing.regions == (Rect(0, 0, 10, 10),)


def test_blinking_is_still() -> None:
    rules = RuleSet(["still:10s", "still:10s@0,0,4,4"], now=False)
    caret, other = Rect(2, 2, 8, 8), Rect(40, 40, 2, 2)
    rules.on_change(5 * SECOND, [caret], blinking=[caret])
    assert rules.next_deadline_ns == 10 * SECOND
    rules.on_change(6 * SECOND, [caret.grown(1, 1)], blinking=[caret])
    rules.on_change(6 * SECOND, [caret, other], blinking=[caret])
    assert rules.next_deadline_ns == 16 * SECOND


def test_an_unseen_screen_is_not_still() -> None:
    rules = RuleSet(["still:10s"], now=False)
    rules.on_gap(2 * SECOND)
    assert rules.next_deadline_ns is None
    assert rules.on_time(50 * SECOND) == []
    rules.on_back(60 * SECOND)
    assert rules.next_deadline_ns == 70 * SECOND
    assert len(rules.on_time(70 * SECOND)) == 1


@pytest.mark.parametrize("condition", ["change:1900,0,21,10", "still:1s@0,0,10,1081", "change:5000,5000,1,1"])
def test_a_region_that_is_not_inside_the_frame_is_refused(condition: str) -> None:
    rules = RuleSet([condition], now=False)
    with pytest.raises(ConditionError, match="which has 1920x1080 pixels") as caught:
        rules.on_geometry(1920, 1080)
    assert condition[caught.value.column - 2] in ":@"
    rules.on_geometry(8_000, 8_000)


def test_regions_at_the_edge_and_other_conditions_are_taken() -> None:
    rules = RuleSet(["change:0,0,1920,1080", "still:1s@1919,1079,1,1", "still:1s", "text:x", "gone:x"], now=False)
    rules.on_geometry(1920, 1080)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(1, 400), max_size=60))
def test_still_fires_once_in_every_gap_that_is_long_enough(gaps_ms: list[int]) -> None:
    """Changes come after these gaps; whether time is told in between makes no difference."""
    lazy, eager = (RuleSet(["still:100ms"], now=False, merge_ns=0) for _ in range(2))
    told_lazily, told_eagerly, time_ns = [], [], 0
    for gap_ms in gaps_ms:
        for step_ms in range(0, gap_ms, 7):
            told_eagerly += eager.on_time(time_ns + step_ms * MS)
        time_ns += gap_ms * MS
        told_lazily += lazy.on_change(time_ns, [Rect(0, 0, 1, 1)])
        told_eagerly += eager.on_change(time_ns, [Rect(0, 0, 1, 1)])
    assert told_lazily == told_eagerly
    assert len(told_lazily) == sum(gap_ms >= 100 for gap_ms in gaps_ms)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(1, 3_000), max_size=60))
def test_change_fires_once_in_every_burst(gaps_ms: list[int]) -> None:
    rules = RuleSet(["change:0,0,10,10"], now=False)
    time_ns, told = 0, 0
    for gap_ms in gaps_ms:
        time_ns += gap_ms * MS
        told += len(rules.on_change(time_ns, [Rect(0, 0, 1, 1)]))
    assert told == bool(gaps_ms) + sum(gap_ms >= 1_000 for gap_ms in gaps_ms[1:])
