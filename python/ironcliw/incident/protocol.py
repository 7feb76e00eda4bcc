"""What an incident is, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ironcliw.frame import Rect

Kind = Literal["dialog", "notification", "permission", "error", "success", "progress", "stall"]
"""What can be recognised on the machine itself; see docs/reference/incidents.md."""

State = Literal["begin", "update", "end"]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that goes on, from when it was first seen until it is over.

    id: the same in everything that is told of it
    kind: what it is above all
    also: what it is besides: a dialog that reports an error, a permission that is asked for in a dialog
    identity: what tells it from others of its kind: error type, code, file, line; else its words without figures
    text: what it says, its lines joined by spaces
    regions: where its lines stand, or the box it is drawn as, in frame pixels
    begin_ns: source time of the first frame that showed it
    confidence: 0 to 1, of the least certain of what it was recognised by
    occurrence: 1 where it had not been seen before in this watch, 2 when it comes for the second time ...
    """

    id: int
    kind: Kind
    identity: tuple[str, ...]
    text: str
    regions: tuple[Rect, ...]
    begin_ns: int
    confidence: float
    also: tuple[Kind, ...] = ()
    occurrence: int = 1

    def is_kind(self, kind: Kind) -> bool:
        """Whether it is of this kind, be it besides."""
        return kind == self.kind or kind in self.also


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be told of an incident.

    state: that it begins, is known better or went on, or is over
    time_ns: source time of the first frame that shows this
    at_start: whether it was there when the watch began; that is no news, but a rule may ask for it
    data: further facts by name: ``value``, ``rate``, ``eta_s`` (progress), ``reason`` (why it is over), ...
    """

    incident: Incident
    state: State
    time_ns: int
    at_start: bool = False
    data: dict[str, Any] = field(default_factory=dict[str, Any])
