"""Killed at any point, and gone on with what was remembered: the same alerts as without."""

from __future__ import annotations

import json
import random

import pytest
from rule_happenings import CONDITIONS, happenings, run, wall
from rule_screens import SECOND

from ironcliw.rule import Firing, Rate, Rule, RuleSet, parse
from ironcliw.rule.hours import Hours
from rounds import rounds

POINTS = rounds(short=9, full=1_000)
ONCE_OTHERWISE = {0: (89,)}
"""By seed: one of two went while nothing could be seen, and whoever was not restarted still counted two."""


def _rules() -> list[Rule | str]:
    rng = random.Random(5)
    rules: list[Rule | str] = list(CONDITIONS[:6])
    for index, written in enumerate(CONDITIONS):
        rules.append(
            Rule(
                f"rule {index}",
                parse(written),
                hold_ns=rng.choice((0, 0, SECOND)),
                release_ns=rng.choice((0, SECOND)),
                cooldown_ns=rng.choice((None, 20 * SECOND)),
                once=rng.random() < 0.1,
                quiet=(Hours(begin=22 * 60, end=22 * 60 + 5),) if rng.random() < 0.3 else (),
                zone="Europe/Berlin",
                rate=rng.choice((None, Rate(2, 60 * SECOND))),
                resolved=rng.random() < 0.5,
            )
        )
    return rules


def _made() -> RuleSet:
    return RuleSet(_rules(), now=False, wall=wall)


def _key(firing: Firing) -> tuple[object, ...]:
    return firing.rule, firing.state, firing.time_ns, firing.merged, firing.since_ns


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_point_the_same_alerts_are_raised(seed: int) -> None:
    print(f"seed {seed}")
    told = happenings(seed, 250)
    whole = [_key(firing) for firing in run(_made(), told)]
    assert len(whole) > 50
    rng = random.Random(seed)
    for cut in (*ONCE_OTHERWISE.get(seed, ()), *(rng.randrange(len(told)) for _ in range(POINTS // 3 + 1))):
        before = _made()
        first = run(before, told[:cut])
        state = json.loads(json.dumps(before.recall()))
        after = _made()
        after.restore(state)
        assert [_key(firing) for firing in first + run(after, told[cut:])] == whole, f"seed {seed}, cut {cut}"


def test_what_was_due_before_a_restart_is_not_due_again() -> None:
    """Three stood there, of which two went one by one: gone on with from there, they are not two once more."""
    from rule_screens import ROW, Screen

    def made() -> RuleSet:
        return RuleSet([Rule("two", parse('count(text:"alpha") >= 2'))], now=False)

    screen, rules = Screen(), made()
    rules.on_text(screen.read(1_000))
    rules.on_begun(screen.now_ns)
    ids = [screen.put("alpha", 0, at * 5 * ROW) for at in range(3)]
    assert len(rules.on_text(screen.read(1_000))) == 1
    for each in ids[:2]:
        screen.take(each)
        rules.on_text(screen.read(500))
    screen.now_ns += 30 * SECOND
    rules.on_time(screen.now_ns)
    later = made()
    later.restore(json.loads(json.dumps(rules.recall())))
    assert later.on_time(screen.now_ns + SECOND) == []


def test_control_what_is_forgotten_is_noticed() -> None:
    """A recall that loses the rules' states must fail the same comparison."""
    told = happenings(0, 250)
    whole = [_key(firing) for firing in run(_made(), told)]
    missed = 0
    for cut in range(40, 240, 60):
        before = _made()
        first = run(before, told[:cut])
        state = json.loads(json.dumps(before.recall())) | {"rules": {}}
        after = _made()
        after.restore(state)
        missed += [_key(firing) for firing in first + run(after, told[cut:])] == whole
    assert missed < 4


def test_what_is_remembered_over_a_restart_holds_no_word_of_the_screen() -> None:
    told = happenings(1, 200)
    rules = _made()
    run(rules, told)
    written = json.dumps(rules.remember(told[-1][0]))
    assert "alpha" not in written
    assert "E0308" not in written
    assert "fired" in written


def test_a_cooldown_goes_on_after_a_restart() -> None:
    from rule_screens import Screen

    def made() -> RuleSet:
        return RuleSet([Rule("broke", parse('text:"failed"'), cooldown_ns=60 * SECOND)], now=False)

    screen, rules = Screen(), made()
    rules.on_text(screen.read(1_000))
    screen.put("failed")
    assert len(rules.on_text(screen.read(1_000))) == 1
    state = json.loads(json.dumps(rules.remember(screen.now_ns)))
    for passed_s, expected in ((10, 0), (100, 1)):
        again, later = Screen(), made()
        later.resume(state, passed_s * SECOND)
        later.on_text(again.read(1_000))
        again.put("failed")
        assert len(later.on_text(again.read(1_000))) == expected


def test_a_rule_that_had_its_one_alert_has_no_other_after_a_restart() -> None:
    from rule_screens import Screen

    screen, rules = Screen(), RuleSet([Rule("once", parse('text:"done"'), once=True)], now=False)
    rules.on_text(screen.read(1_000))
    screen.put("done")
    assert len(rules.on_text(screen.read(1_000))) == 1
    later, again = RuleSet([Rule("once", parse('text:"done"'), once=True)], now=False), Screen()
    later.resume(rules.remember(screen.now_ns), 0)
    later.on_text(again.read(1_000))
    again.put("done")
    assert later.on_text(again.read(1_000)) == []
