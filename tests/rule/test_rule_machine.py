"""What a rule tells and when: holds, cooldowns, quiet hours, limits, deadlines; and nothing is dropped unsaid."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.rule import Deadline, Rate, Rule, RuleSet, parse
from ironcliw.rule.evaluator import Hit
from ironcliw.rule.hours import Hours
from ironcliw.rule.limiter import Limiter
from ironcliw.rule.machine import Alert, Machine, Moment
from rounds import rounds

SECOND = 1_000_000_000
MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND
BERLIN = ZoneInfo("Europe/Berlin")
ERROR = parse("error")


@dataclass
class Run:
    """One rule, driven as a rule set drives it: deadlines first, then what happens."""

    rule: Rule
    start: datetime = datetime(2026, 11, 27, 12, tzinfo=UTC)
    told: list[tuple[float, str, int]] = field(default_factory=list)
    together: Limiter | None = None

    def __post_init__(self) -> None:
        self.machine = Machine(self.rule, self.together)
        self.machine.begin(self.moment(0))
        self.value: bool | None = False

    def moment(self, time_ns: int) -> Moment:
        return Moment(time_ns, lambda: (self.start + timedelta(microseconds=time_ns // 1_000)).astimezone(BERLIN))

    def until(self, time_s: float) -> None:
        while (due_ns := self.machine.deadline_ns) is not None and due_ns <= time_s * SECOND:
            self._note(due_ns, self.machine.take(self.value, [], self.moment(due_ns)))

    def at(self, time_s: float, value: bool | None = True, *words: str) -> None:
        self.until(time_s)
        self.value = value
        now_ns = round(time_s * SECOND)
        hits = [Hit(now_ns, word, (), None, identity=word) for word in words]
        self._note(now_ns, self.machine.take(value, hits, self.moment(now_ns)))

    def _note(self, now_ns: int, alerts: list[Alert]) -> None:
        self.told += [(now_ns / SECOND, alert.hit.text or alert.told, alert.merged) for alert in alerts]


def _rule(**options: Any) -> Rule:
    return Rule("r", ERROR, **options)


def test_each_incident_is_told() -> None:
    run = Run(_rule())
    run.at(1, True, "a")
    run.at(2, True, "b")
    assert run.told == [(1, "a", 0), (2, "b", 0)]
    assert run.machine.state == "firing"


def test_it_goes_from_inactive_over_pending_and_firing_to_resolved() -> None:
    run = Run(_rule(hold_ns=2 * SECOND, release_ns=3 * SECOND, resolved=True))
    seen = [run.machine.state]
    for time_s, value, *words in ((1, True, "a"), (2.5, True), (4, True), (5, False), (7, False), (9, False)):
        run.at(time_s, value, *words)
        seen.append(run.machine.state)
    assert seen == ["inactive", "pending", "pending", "firing", "firing", "firing", "resolved"]
    assert run.told == [(3, "a", 0), (8, "resolved", 0)]


def test_what_does_not_last_is_not_told() -> None:
    run = Run(_rule(hold_ns=2 * SECOND))
    run.at(1, True, "a")
    run.at(2.5, False)
    run.at(3, True, "a")
    run.at(4.9, True)
    assert run.told == []
    run.until(10)
    assert run.told == [(5, "a", 0)]


def test_a_second_incident_has_a_hold_of_its_own() -> None:
    run = Run(_rule(hold_ns=2 * SECOND))
    run.at(1, True, "a")
    run.at(2, True, "b")
    run.until(10)
    assert run.told == [(3, "a", 0), (4, "b", 0)]


def test_out_of_sight_a_hold_begins_anew() -> None:
    run = Run(_rule(hold_ns=2 * SECOND))
    run.at(1, True, "a")
    run.at(2, None)
    run.until(20)
    assert run.told == []
    run.at(30, True)
    run.until(40)
    assert run.told == [(32, "a", 0)]


def test_a_cooldown_is_one_of_each_incident_and_merges() -> None:
    run = Run(_rule(cooldown_ns=10 * SECOND))
    for time_s, word in ((1, "a"), (2, "a"), (3, "b"), (4, "a")):
        run.at(time_s, True, word)
    run.at(5, False)
    run.at(30, True, "a")
    assert run.told == [(1, "a", 0), (3, "b", 0), (30, "a", 2)]


def test_what_goes_on_is_told_again_when_it_has_cooled() -> None:
    run = Run(_rule(cooldown_ns=10 * SECOND))
    run.at(1, True, "a")
    run.at(2, True, "a")
    run.at(3, True, "a")
    run.until(100)
    assert run.told == [(1, "a", 0), (11, "a", 1)]


def test_a_return_before_it_counted_as_over_is_no_news() -> None:
    run = Run(_rule(release_ns=5 * SECOND))
    for time_s in range(1, 30, 4):
        run.at(time_s, True, "a")
        run.at(time_s + 2, False)
    assert [told[:2] for told in run.told] == [(1, "a")]
    run.at(60, True, "a")
    assert [told[:2] for told in run.told] == [(1, "a"), (60, "a")]


def test_once_is_once() -> None:
    run = Run(_rule(once=True))
    for time_s in (1, 100, 10_000):
        run.at(time_s, True, "a")
        run.at(time_s + 1, False)
    assert run.told == [(1, "a", 0)]


@pytest.mark.parametrize("priority", ["low", "normal", "high", "urgent"])
def test_limits_bind_for_every_priority(priority: Any) -> None:
    run = Run(_rule(rate=Rate(4, HOUR), priority=priority))
    for number in range(50):
        run.at(number / 50, True, f"e{number}")
    run.until(10)
    assert len(run.told) == 4
    run.until(3 * 3600)
    assert len(run.told) == 5
    times = [time_s for time_s, _, _ in run.told]
    assert all(b - a >= 3600 - 1e-6 for a, b in zip(times, times[4:], strict=False))
    assert sum(1 + merged for _, _, merged in run.told) == 50, "what is held back is told, merged or later"


def test_a_limit_over_several_rules_binds_them_together_and_drops_nothing() -> None:
    together = Limiter(Rate(3, HOUR))
    runs = [Run(_rule(together=Rate(3, HOUR), priority=each), together=together) for each in ("low", "urgent")]
    for number in range(20):
        for run in runs:
            run.at(number, True, f"e{number}")
    assert sum(len(run.told) for run in runs) == 3
    for time_s in range(1_000, 4 * 3_600, 1_000):
        for run in runs:
            run.until(time_s)
    told = sorted(each for run in runs for each in run.told)
    assert all(later[0] - first[0] >= 3_600 for first, later in zip(told, told[3:], strict=False))
    assert sum(1 + merged for _, _, merged in told) == 40


def test_rules_of_a_file_share_a_limit_also_after_a_restart() -> None:
    made = [Rule(name, parse("change:0,0,9,9"), together=Rate(2, HOUR)) for name in ("a", "b", "c")]
    rules = RuleSet(made, now=False)
    rules.on_begun(0)
    box = [Rect(0, 0, 5, 5)]
    assert [firing.rule for firing in rules.on_change(SECOND, box)] == ["a", "b"]
    again = RuleSet(made, now=False)
    again.resume(rules.remember(2 * SECOND), 3 * SECOND)
    again.on_begun(0)
    assert again.on_change(SECOND, box) == []
    assert {firing.rule for firing in again.on_time(HOUR)} <= {"a", "b", "c"}
    alone = RuleSet(made, now=False)  # the control: without what was told before
    alone.on_begun(0)
    assert len(alone.on_change(SECOND, box)) == 2


def test_quiet_hours_hold_back_and_tell_once_they_are_over() -> None:
    quiet = (Hours(begin=22 * 60, end=6 * 60),)
    run = Run(_rule(quiet=quiet), start=datetime(2026, 11, 27, 20, 30, tzinfo=UTC))  # 21:30 in Berlin
    run.at(60, True, "a")
    run.at(3_600, True, "a")
    run.at(3_700, True, "a")
    run.at(3_800, True, "b")
    run.until(9 * 3_600)
    assert run.told == [(60, "a", 0), (8.5 * 3_600, "a", 1), (8.5 * 3_600, "b", 0)]


@pytest.mark.parametrize(
    ("start", "ends_s"),
    [
        (datetime(2026, 3, 28, 20, 0, tzinfo=UTC), 8 * 3_600),  # 21:00; 02:00 becomes 03:00, 06:00 is 04:00 UTC
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), 9 * 3_600),  # 22:00; 03:00 becomes 02:00, 06:00 is 05:00 UTC
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), 9 * 3_600),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(start: datetime, ends_s: int) -> None:
    run = Run(_rule(quiet=(Hours(begin=22 * 60, end=6 * 60),)), start=start)
    run.at(2 * 3_600 + 60, True, "a")
    run.until(24 * 3_600)
    assert run.told == [(ends_s, "a", 0)]


def test_what_is_urgent_is_told_in_quiet_hours() -> None:
    run = Run(_rule(quiet=(Hours(),), priority="urgent"))
    run.at(1, True, "a")
    assert run.told == [(1, "a", 0)]


def test_a_deadline_that_passes_is_told_once() -> None:
    run = Run(_rule(deadline=Deadline(after_ns=20 * MINUTE)))
    run.until(24 * 3_600)
    assert run.told == [(1_200, "overdue", 0)]
    met = Run(_rule(deadline=Deadline(after_ns=20 * MINUTE)))
    met.at(60, True, "a")
    met.until(24 * 3_600)
    assert met.told == [(60, "a", 0)]


def test_a_daily_deadline_goes_by_the_wall_also_where_clocks_are_set() -> None:
    run = Run(_rule(deadline=Deadline(minute=18 * 60)), start=datetime(2026, 3, 27, 12, 0, tzinfo=UTC))
    run.at(26 * 3_600, True, "done")  # on the 28th at 15:00
    run.at(26 * 3_600 + 1, False)
    run.until(4 * 86_400)
    local = [run.moment(round(time_s * SECOND)).wall() for time_s, word, _ in run.told if word == "overdue"]  # type: ignore[misc]
    assert [(each.day, each.hour, each.minute) for each in local] == [(27, 18, 0), (29, 18, 0), (30, 18, 0)]


def test_nothing_is_dropped_whatever_holds_it_back() -> None:
    """A model: all news is in the alerts, counted, once everything that holds it back is over."""
    for seed in range(rounds(short=25, full=3_000)):
        rng = random.Random(seed)
        rule = _rule(
            cooldown_ns=rng.choice((None, 5 * SECOND, 90 * SECOND)),
            rate=rng.choice((None, Rate(2, MINUTE))),
            quiet=rng.choice(((), (Hours(begin=13 * 60, end=13 * 60 + 10),))),
        )
        run, news, time_s = Run(rule), 0, 0.0
        for _ in range(60):
            time_s += rng.choice((0.5, 3, 40))
            words = [rng.choice("abc") for _ in range(rng.randrange(3))]
            run.at(time_s, True, *words)
            news += len(words)
        run.until(time_s + 86_400)
        told = sum(1 + merged for _, _, merged in run.told)
        assert told == news, f"seed {seed}"
        if rule.cooldown_ns:
            for word in "abc":
                times = [at for at, text, _ in run.told if text == word]
                pairs = itertools.pairwise(times)
                assert all(later - at >= rule.cooldown_ns / SECOND - 1e-6 for at, later in pairs), f"seed {seed}"


def test_control_a_machine_that_drops_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "_hold", lambda self, key, news, allowed: None)
    with pytest.raises(AssertionError):
        test_nothing_is_dropped_whatever_holds_it_back()


def test_states_by_name_and_rules_that_go_by_hours_need_the_time() -> None:
    assert RuleSet([_rule()], now=False).states() == {"r": "inactive"}
    with pytest.raises(SettingsError, match="goes by hours"):
        RuleSet([_rule(quiet=(Hours(),))], now=False)
    with pytest.raises(SettingsError, match="stands for two"):
        RuleSet([_rule(), _rule()], now=False)
    with pytest.raises(SettingsError, match="Mars/Base"):
        _rule(zone="Mars/Base")
