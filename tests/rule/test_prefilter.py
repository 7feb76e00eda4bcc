"""Only what a reading may concern is evaluated, and nothing is missed by that."""

from __future__ import annotations

import pytest
from rule_happenings import happenings, run
from rule_screens import ROW, Screen

from ironcliw.rule import Firing, RuleSet
from ironcliw.rule.passage import Layout
from ironcliw.rule.prefilter import TextIndex
from rounds import rounds

SEEDS = range(rounds(short=6, full=300))
PHRASES = ("alpha", "beta", "alpha beta", "beta alpha", "a b", "failed", "gamma alpha", "psilon ze", "7", "delta 7")
REGEXES = (r"\d+ failed", "alpha.*gamma", "^beta", "beta$", "[ag]\\w+a ", "(?:zeta|epsilon) \\w+", "lpha b")
CONDITIONS = [f'{kind}:"{words}"' for words in PHRASES for kind in ("text", "gone")]
CONDITIONS += [f"{kind}:/{words}/" for words in REGEXES for kind in ("text", "gone")]


def _everything(self: TextIndex, layout: Layout, lines: object) -> set[object]:
    return set(self.all)


def _nothing_around(self: TextIndex, passage: object, edited: object, joints: object) -> list[str]:
    return []


def _fired(seed: int, conditions: list[str]) -> list[Firing]:
    return run(RuleSet(conditions, now=False), happenings(seed, 120))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_fires_as_if_everything_were_evaluated(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    print(f"seed {seed}")
    fired = _fired(seed, CONDITIONS)
    monkeypatch.setattr(TextIndex, "concerned", _everything)
    expected = _fired(seed, CONDITIONS)
    assert fired == expected
    assert len(expected) > 20


def test_control_an_index_that_looks_around_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _fired(0, CONDITIONS)
    monkeypatch.setattr(TextIndex, "_around", _nothing_around)
    assert _fired(0, CONDITIONS) != expected


def test_of_many_rules_only_those_are_evaluated_that_a_line_concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, rules = Screen(), RuleSet([f"text:number {index}." for index in range(500)], now=False)
    for row in range(40):
        screen.put(f"some words in row {row}", 0, row * ROW)
    rules.on_text(screen.read(1_000))
    evaluated: list[object] = []
    told = TextIndex.told
    monkeypatch.setattr(TextIndex, "told", lambda self, each: (evaluated.append(each), told(self, each)))
    screen.edit(7, "this is number 77. of them")
    assert [firing.condition for firing in rules.on_text(screen.read(1_000))] == ["text:number 77."]
    assert len(evaluated) == 1


def test_many_regexes_are_looked_for_at_once() -> None:
    rules = RuleSet([rf"text:/job {index} (failed|passed)$/" for index in range(300)], now=False)
    screen = Screen()
    screen.put("queue")
    rules.on_text(screen.read(1_000))
    screen.put("job 123 failed", 0, 5 * ROW)
    assert [firing.condition for firing in rules.on_text(screen.read())] == ["text:/job 123 (failed|passed)$/"]
