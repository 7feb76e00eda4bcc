"""News of a rule that waits to be told: by which incident, for how many, and since when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ironcliw.frame import Rect
from ironcliw.rule.evaluator import Hit

KEYS_MAX = 256
"""Incidents of one rule remembered at a time."""


@dataclass(slots=True)
class Waiting:
    """News that waits. due_ns: when it may be told; None with the next of its incident only."""

    hit: Hit
    count: int
    since_ns: int
    due_ns: int | None


def bounded(known: dict[str, Any]) -> dict[str, Any]:
    """The oldest goes where there are too many."""
    if len(known) >= KEYS_MAX:
        del known[next(iter(known))]
    return known


def waiting_to(each: Waiting, words: bool) -> list[Any]:
    """As JSON values; ``words``: with what the screen says."""
    hit = each.hit
    shown: list[Any] = [None, [], None, ""]
    if words:
        shown = [hit.text, [list(region) for region in hit.regions], hit.confidence, hit.identity]
    return [hit.time_ns, *shown, each.count, each.since_ns, each.due_ns]


def waiting_from(values: list[Any], shift_ns: int) -> Waiting:
    """What ``waiting_to`` gave these values for, its times shifted."""
    time_ns, text, regions, confidence, identity, count, since_ns, due_ns = values
    boxes = tuple(Rect(*region) for region in regions)
    hit = replace(Hit(time_ns + shift_ns, text, boxes, confidence, count), identity=identity, shown=False)
    return Waiting(hit, count, since_ns + shift_ns, None if due_ns is None else due_ns + shift_ns)
