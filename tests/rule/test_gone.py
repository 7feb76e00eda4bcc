"""``gone:`` fires when what was seen is away for good."""

from __future__ import annotations

import pytest
from rule_screens import MS, ROW, SECOND, Screen

from ironcliw.rule import RuleSet


def rules(now: bool = False) -> RuleSet:
    return RuleSet(["gone:Loading"], now=now)


def test_what_was_never_seen_is_never_gone() -> None:
    screen, watched = Screen(), rules(now=True)
    screen.put("something else")
    assert watched.on_text(screen.read(1_000, at_start=True)) == []
    assert watched.next_deadline_ns is None
    assert watched.on_time(3_600 * SECOND) == []


@pytest.mark.parametrize("at_start", [True, False])
def test_it_fires_once_gone_for_a_moment_and_says_since_when(at_start: bool) -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading the model", 10, 40)
    assert watched.on_text(screen.read(5_000, at_start=at_start)) == []
    box = screen.lines[id].box
    screen.take(id)
    assert watched.on_text(screen.read()) == []
    assert watched.next_deadline_ns == 5_300 * MS
    assert watched.on_time(5_299 * MS) == []
    (firing,) = watched.on_time(5_300 * MS)
    assert (firing.time_ns, firing.text, firing.regions) == (5_000 * MS, "Loading the model", (box,))
    assert (firing.condition, firing.merged) == ("gone:Loading", 0)
    assert watched.next_deadline_ns is None
    assert watched.on_time(9_000 * MS) == []


def test_a_moments_absence_is_a_misreading() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading")
    watched.on_text(screen.read(1_000))
    screen.take(id)
    watched.on_text(screen.read(200))
    screen.put("Loading")
    assert watched.on_text(screen.read(5_000)) == []
    assert watched.next_deadline_ns is None
    assert watched.on_time(5_000 * MS) == []


def test_a_misread_line_is_not_gone() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading 30 %")
    watched.on_text(screen.read(1_000))
    screen.edit(id, "L0ading 3O %")
    watched.on_text(screen.read(1_000))
    assert watched.next_deadline_ns is None


def test_it_is_gone_when_the_last_one_is() -> None:
    screen, watched = Screen(), rules()
    ids = [screen.put("Loading", 0, row * 2 * ROW) for row in range(3)]
    watched.on_text(screen.read(1_000))
    for id in ids[:2]:
        screen.take(id)
        watched.on_text(screen.read(1_000))
        assert watched.next_deadline_ns is None
    screen.take(ids[2])
    watched.on_text(screen.read(1_000))
    assert [firing.time_ns for firing in watched.on_time(screen.now_ns)] == [3 * SECOND]


def test_it_fires_again_after_it_was_seen_again() -> None:
    screen, watched = Screen(), rules()
    times = []
    for _ in range(3):
        id = screen.put("Loading")
        times += watched.on_text(screen.read(2_000))
        screen.take(id)
        times += watched.on_text(screen.read(2_000))
    times += watched.on_time(screen.now_ns)
    assert [firing.time_ns for firing in times] == [2 * SECOND, 6 * SECOND, 10 * SECOND]


def test_the_next_reading_confirms_it_as_well() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading")
    watched.on_text(screen.read(1_000))
    screen.take(id)
    watched.on_text(screen.read(1_000))
    screen.put("done")
    assert [firing.time_ns for firing in watched.on_text(screen.read())] == [1 * SECOND]


def test_what_only_moves_is_not_gone() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading", 0, 100)
    watched.on_text(screen.read(1_000))
    id = screen.move(id, 40, -60, keep_id=False)
    watched.on_text(screen.read(1_000))
    assert watched.next_deadline_ns is None


def test_nothing_is_confirmed_unseen() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading")
    watched.on_text(screen.read(1_000))
    screen.take(id)
    watched.on_text(screen.read(100))
    watched.on_gap(screen.now_ns)
    assert watched.next_deadline_ns is None
    assert watched.on_time(60 * SECOND) == []
    watched.on_back(60 * SECOND)
    assert watched.next_deadline_ns == 60_300 * MS
    screen.now_ns = 60_100 * MS
    screen.put("Loading")
    assert watched.on_text(screen.read()) == []
    assert watched.on_time(70 * SECOND) == []


def test_an_absence_from_before_a_gap_is_confirmed_after_it() -> None:
    screen, watched = Screen(), rules()
    id = screen.put("Loading")
    watched.on_text(screen.read(1_000))
    screen.take(id)
    watched.on_text(screen.read(100))
    watched.on_gap(screen.now_ns)
    watched.on_back(60 * SECOND)
    assert [firing.time_ns for firing in watched.on_time(61 * SECOND)] == [1 * SECOND]


def test_a_regex_may_be_gone_too() -> None:
    screen, watched = Screen(), RuleSet([r"gone:/\d+ %/"], now=False)
    id = screen.put("30 %")
    watched.on_text(screen.read(1_000))
    screen.edit(id, "31 %")
    watched.on_text(screen.read(1_000))
    assert watched.next_deadline_ns is None
    screen.edit(id, "done")
    watched.on_text(screen.read(1_000))
    assert [firing.text for firing in watched.on_time(screen.now_ns)] == ["31 %"]
