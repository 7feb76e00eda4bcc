"""Made-up things that happen to a screen, in the order of their time, and what rules say to them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rule_screens import MS, ROW, SECOND, Screen

from ironcliw.frame import Rect
from ironcliw.incident import Incident, Report
from ironcliw.rule import Firing, RuleSet

WORDS = ("alpha", "beta", "gamma", "alpha beta", "delta 7", "epsilon", "zeta failed", "12 failed")
Happening = Callable[[RuleSet], list[Firing]]
START = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)


def wall(time_ns: int) -> datetime:
    return START + timedelta(microseconds=time_ns // 1_000)


def happenings(seed: int, count: int) -> list[tuple[int, Happening]]:
    """(source time, what happens), ``count`` of them: readings, changes, incidents, gaps and time that passes."""
    rng, screen = random.Random(seed), Screen()
    told: list[tuple[int, Happening]] = []
    open_incidents: list[Incident] = []
    blind = False
    for number in range(count):
        screen.now_ns += rng.choice((40, 150, 320, 700, 2_500, 12_000)) * MS
        now_ns, kind = screen.now_ns, rng.random()
        if kind < 0.08:
            blind = not blind
            told.append((now_ns, _gap(now_ns) if blind else _back(now_ns)))
        elif kind < 0.2:
            told.append((now_ns, _incident(rng, now_ns, number, open_incidents)))
        elif kind < 0.4:
            box = Rect(rng.randrange(0, 300), rng.randrange(0, 300), 20, 20)
            told.append((now_ns, _change(now_ns, box)))
        elif kind < 0.5:
            told.append((now_ns, _time(now_ns)))
        else:
            for _ in range(rng.randrange(1, 3)):
                _draw(rng, screen)
            update = screen.read()
            told.append((now_ns, lambda rules, update=update: rules.on_text(update)))
    return told


def _gap(now_ns: int) -> Happening:
    return lambda rules: rules.on_gap(now_ns)


def _back(now_ns: int) -> Happening:
    return lambda rules: rules.on_back(now_ns)


def _change(now_ns: int, box: Rect) -> Happening:
    return lambda rules: rules.on_change(now_ns, [box])


def _time(now_ns: int) -> Happening:
    return lambda rules: rules.on_time(now_ns)


def _incident(rng: random.Random, now_ns: int, number: int, known: list[Incident]) -> Happening:
    if known and rng.random() < 0.5:
        incident, state = known.pop(rng.randrange(len(known))), "end"
    else:
        words = rng.choice(("E0308", "E0277"))
        incident = Incident(number + 1, "error", (words,), f"error {words}", (Rect(0, 0, 9, 9),), now_ns, 0.9)
        known.append(incident)
        state = "begin"
    report = Report(replace(incident), state, now_ns)
    return lambda rules: rules.on_incident(report)


def _draw(rng: random.Random, screen: Screen) -> None:
    chance, ids = rng.random(), list(screen.lines)
    if chance < 0.4 or not ids:
        screen.put(rng.choice(WORDS), rng.choice((0, 200)), rng.randrange(0, 12) * ROW)
    elif chance < 0.6:
        screen.edit(rng.choice(ids), rng.choice(WORDS))
    elif chance < 0.7:
        screen.move(rng.choice(ids), 0, rng.choice((ROW, 5 * ROW)))
    else:
        screen.take(rng.choice(ids))


def run(rules: RuleSet, told: list[tuple[int, Happening]]) -> list[Firing]:
    """What the rules say, with time told as an engine tells it: whatever is due before something comes first."""
    firings: list[Firing] = []
    for now_ns, happen in told:
        while (due_ns := rules.next_deadline_ns) is not None and due_ns < now_ns:
            firings += rules.on_time(due_ns)
        firings += happen(rules)
    return firings


CONDITIONS = (
    'text:"alpha"',
    'text:"alpha" and not text:"beta"',
    'text:"gamma" or error',
    'not text:"alpha"',
    'text:"alpha" for 1s',
    'text:"alpha" then text:"gamma" within 10s',
    'count(text:"alpha") >= 2',
    "text:/\\d+ failed/",
    'gone:"beta"',
    'error:"E0308" and text:"delta"',
    'text:"alpha beta" in 150,0,400,400',
    'text:"beta" during 22:00-06:00',
    "change:0,0,150,150 and not error",
    "still:2s",
    "blind",
    'not blind and (text:"epsilon" or gone:"epsilon")',
    "not error for 3s",
)
LASTS_NS = 3_600 * SECOND
