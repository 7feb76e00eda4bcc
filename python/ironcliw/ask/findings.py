"""The events that a question is about, counted and grouped by what they say.

found = findings(question, events)
found.groups[0]                       # Group("alert", "text:BUILD FAILED", count=2, first, last, saying=...)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ironcliw import clock
from ironcliw.ask.question import Question
from ironcliw.event import Event

MOST_GROUPS = 5_000
_TIMES = 5
_TEXTS = ("text_appeared", "text_changed", "text_vanished")


@dataclass(slots=True)
class Group:
    """Events that say the same.

    kind: ``alert``, an incident's kind, ``gap``, ``text_appeared``, ...
    what: the condition, the incident's or line's text, the gap's reason
    saying: what the last of them said, where that is not ``what``
    times: when the first few were, RFC 3339; ``last``: when the last was
    """

    kind: str
    what: str
    count: int = 0
    saying: str = ""
    times: list[str] = field(default_factory=list[str])
    last: str = ""

    def add(self, event: Event) -> None:
        """One more."""
        self.count += 1
        self.last = event.wall
        if len(self.times) < _TIMES:
            self.times.append(event.wall)
        if self.kind == "alert" and event.text:
            self.saying = event.text


@dataclass(slots=True)
class Findings:
    """All that was found. ``looked_at``: events in that time, by type; ``left_out``: of how many nothing is grouped."""

    groups: list[Group]
    looked_at: Counter[str]
    left_out: int = 0
    first: str = ""
    last: str = ""

    def of(self, *kinds: str) -> list[Group]:
        """The groups of these kinds, the latest first."""
        return sorted(
            (group for group in self.groups if group.kind in kinds), key=lambda group: group.last, reverse=True
        )

    @property
    def count(self) -> int:
        """How many events are in groups."""
        return sum(group.count for group in self.groups)


def findings(question: Question, events: Iterable[Event]) -> Findings:
    """What of ``events``, which come in the order of their time, the question is about."""
    since, until = clock.rfc3339(question.since_ns), clock.rfc3339(question.until_ns)
    groups: dict[tuple[str, str], Group] = {}
    found = Findings([], Counter())
    for event in events:
        if not since <= event.wall <= until:
            continue
        found.looked_at[event.type] += 1
        found.first = found.first or event.wall
        found.last = event.wall
        named = _named(event)
        if named is None or not _asked_for(question, event, named[0]):
            continue
        if named not in groups and len(groups) >= MOST_GROUPS:
            found.left_out += 1
            continue
        groups.setdefault(named, Group(*named)).add(event)
    found.groups = list(groups.values())
    return found


def _named(event: Event) -> tuple[str, str] | None:
    """The kind of the event, and what it is about; None for what only says that something goes on."""
    if event.type == "alert":
        return "alert", event.rule or ""
    if event.type == "incident":
        return (str(event.data.get("kind")), event.text or "") if event.data.get("state") == "begin" else None
    if event.type == "gap":
        return ("gap", str(event.data.get("reason"))) if event.data.get("state") == "begin" else None
    return (event.type, event.text or "") if event.type in _TEXTS else None


def _asked_for(question: Question, event: Event, kind: str) -> bool:
    said = f"{event.text or ''} {event.rule or ''}".casefold()
    if not all(phrase.casefold() in said for phrase in question.phrases):
        return False
    if not all(word in said for word in question.words):
        return False
    return not question.kinds or kind in question.kinds or any(sign in said for sign in question.signs)
