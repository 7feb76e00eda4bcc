"""Conditions made of conditions against an evaluator that goes by the definitions, over the whole history at once."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from rule_screens import MS

from ironcliw.frame import Rect
from ironcliw.incident import Incident, Report
from ironcliw.rule import expression as ast
from ironcliw.rule import parse
from ironcliw.rule.condition import Condition, IncidentCondition
from ironcliw.rule.leaves import Leaves
from ironcliw.rule.nodes import AndNode, ForNode, Node, NotNode, Step, ThenNode
from rounds import rounds

SEEDS = rounds(short=150, full=5_000)
TICK_NS = 100 * MS
TICKS = 80
KINDS = ("error", "dialog", "success", "stall")
Values = list[bool | None]


def _condition(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(KINDS)
    part, other = _condition(rng, depth - 1), _condition(rng, depth - 1)
    return rng.choice(
        (
            f"({part}) and ({other})",
            f"({part}) or ({other})",
            f"not ({part})",
            f"({part}) for {rng.choice((100, 300, 1_000))}ms",
            f"({part}) then ({other}) within {rng.choice((200, 1_000, 3_000))}ms",
        )
    )


class History:
    """What goes on at each tick: a level and a begin for each kind; None while it is out of sight."""

    def __init__(self, rng: random.Random) -> None:
        self.levels: dict[str, Values] = {}
        self.begins: dict[str, list[bool]] = {}
        self.blind = [False] * TICKS
        for _ in range(rng.randrange(0, 3)):
            start = rng.randrange(1, TICKS)
            for tick in range(start, min(TICKS, start + rng.randrange(1, 12))):
                self.blind[tick] = True
        for kind in KINDS:
            on, levels, begins = False, list[bool | None](), list[bool]()
            for tick in range(TICKS):
                toggles = tick > 0 and not self.blind[tick] and rng.random() < 0.15
                on = not on if toggles else on
                levels.append(None if self.blind[tick] else on)
                begins.append(toggles and on)
            self.levels[kind], self.begins[kind] = levels, begins


def naive(condition: Condition, history: History) -> tuple[Values, list[bool]]:
    """Values and news at each tick, by definition."""
    if isinstance(condition, IncidentCondition):
        return history.levels[condition.kind], history.begins[condition.kind]
    parts = [naive(part, history) for part in ast.children(condition)]
    at = range(TICKS)
    if isinstance(condition, ast.And):
        values = [_all([each[0][t] for each in parts]) for t in at]
        return values, [values[t] is True and any(each[1][t] for each in parts) for t in at]
    if isinstance(condition, ast.Or):
        inverse = [_all([_not(each[0][t]) for each in parts]) for t in at]
        return [_not(value) for value in inverse], [any(each[1][t] for each in parts) for t in at]
    values, news = parts[0]
    if isinstance(condition, ast.Not):
        inverse = [_not(value) for value in values]
        return inverse, [inverse[t] is True and _last_known(inverse, t) is False for t in at]
    if isinstance(condition, ast.For):
        return _lasting(values, condition.duration_ns // TICK_NS)
    assert isinstance(condition, ast.Then)
    return _sequence(news, *parts[1], condition.within_ns // TICK_NS)


def _all(values: Values) -> bool | None:
    return False if False in values else None if None in values else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _last_known(values: Values, tick: int) -> bool | None:
    return next((values[t] for t in range(tick - 1, -1, -1) if values[t] is not None), None)


def _lasting(values: Values, ticks: int) -> tuple[Values, list[bool]]:
    lasts: Values = []
    for t in range(TICKS):
        whole = t >= ticks and all(values[t - back] is True for back in range(ticks + 1))
        lasts.append(whole if values[t] is True else values[t])
    news = [False] * TICKS
    for t in range(TICKS):
        # Told once until it was seen to be false.
        back = t - 1
        while back >= 0 and values[back] is not False and not news[back]:
            back -= 1
        news[t] = lasts[t] is True and not (back >= 0 and news[back])
    return lasts, news


def _sequence(first: list[bool], values: Values, second: list[bool], ticks: int) -> tuple[Values, list[bool]]:
    news, used = [False] * TICKS, -1
    for t in range(TICKS):
        candidates = [f for f in range(max(used + 1, t - ticks, 0), t) if first[f]]
        if second[t] and candidates:
            news[t], used = True, t - 1
    met: Values = []
    for t in range(TICKS):
        since = next((back for back in range(t, -1, -1) if news[back]), None)
        holds = since is not None and (since == t or all(values[k] is not False for k in range(since + 1, t + 1)))
        met.append(values[t] if holds else False)
    return met, news


def evaluated(condition: Condition, history: History) -> tuple[Values, list[bool]]:
    """The same by the evaluators and nodes, step by step."""
    leaves = Leaves(now=False)
    root = leaves.tree(condition)
    for each in leaves.evaluators:
        each.on_begun(0)
    values: Values = []
    news: list[bool] = []
    blind = False
    for tick in range(TICKS):
        now_ns = tick * TICK_NS
        hits = {each: [] for each in leaves.evaluators}
        if history.blind[tick] != blind:
            blind = history.blind[tick]
            for each in leaves.evaluators:
                each.on_gap(now_ns) if blind else each.on_back(now_ns)
        for number, kind in enumerate(KINDS):
            level = history.levels[kind]
            before = _last_known(level, tick)
            if level[tick] is not None and level[tick] != (before or False):
                incident = Incident(number, kind, (kind,), kind, (Rect(0, 0, 1, 1),), now_ns, 1.0)
                report = Report(incident, "begin" if level[tick] else "end", now_ns)
                for each in leaves.evaluators:
                    each._hit.clear()
                    hits[each] = hits[each] + each.on_incident(report)
        root.update(Step(now_ns, None, hits))
        values.append(root.value)
        news.append(bool(root.hits))
    return values, news


def _differs(seed: int) -> bool:
    rng = random.Random(seed)
    condition = parse(_condition(rng, 3))
    history = History(rng)
    return naive(condition, history) != evaluated(condition, history)


def test_all_is_as_defined() -> None:
    wrong = [seed for seed in range(SEEDS) if _differs(seed)]
    assert not wrong, f"seeds {wrong[:10]}: {parse(_condition(random.Random(wrong[0]), 3))}"


def _forgetful(self: ForNode, step: Step) -> None:
    self.value, self.hits = self.children[0].value, self.children[0].hits


def _any(self: AndNode, step: Step) -> None:
    self.value = any(child.value for child in self.children)
    self.hits = [hit for child in self.children for hit in child.hits]


def _two_valued(self: NotNode, step: Step) -> None:
    self.value, self.hits = not self.children[0].value, ()


def _unordered(self: ThenNode, step: Step) -> None:
    self.value, self.hits = self.children[1].value, self.children[1].hits


@pytest.mark.parametrize(
    ("node", "planted"), [(ForNode, _forgetful), (AndNode, _any), (NotNode, _two_valued), (ThenNode, _unordered)]
)
def test_control_a_planted_fault_is_found(
    node: type[Node], planted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "take", planted)
    assert any(_differs(seed) for seed in range(60))
