"""The answer in plain words: how often, when, and what it said.

print(plain_answer(question, found, zone))
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from ironcliw.action.printable import capped, printable
from ironcliw.ask.findings import Findings, Group
from ironcliw.ask.question import Question
from ironcliw.clock import SECOND

MOST_SHOWN = 12
_CHARACTERS = 100
_HEADINGS = (
    ("alerts", ("alert",)),
    ("errors", ("error",)),
    ("successes", ("success",)),
    ("dialogs", ("dialog", "permission")),
    ("notifications", ("notification",)),
    ("progress", ("progress", "stall")),
    ("not seen", ("gap",)),
    ("text that appeared", ("text_appeared",)),
    ("text that changed", ("text_changed",)),
    ("text that vanished", ("text_vanished",)),
)


def plain_answer(question: Question, found: Findings, zone: tzinfo | None = None) -> str:
    """Lines for a terminal: a headline, then what was found by kind, the latest first. ``zone``: of the times shown."""
    times = _Times(zone, question)
    lines = [_headline(question, found, times)]
    for heading, kinds in _HEADINGS:
        groups = found.of(*kinds)
        if groups:
            lines.append(f"{heading}: {_times(sum(group.count for group in groups))}")
            lines += [f"  {_described(group, times)}" for group in groups[:MOST_SHOWN]]
            if len(groups) > MOST_SHOWN:
                rest = groups[MOST_SHOWN:]
                lines.append(f"  ... and {len(rest)} others, {_times(sum(group.count for group in rest))}")
    if found.left_out:
        lines.append(f"{found.left_out} events more were too various to be told apart")
    return "\n".join(lines)


def _headline(question: Question, found: Findings, times: _Times) -> str:
    span = f"{times.show_ns(question.since_ns)} to {times.show_ns(question.until_ns)}"
    looked_at = sum(found.looked_at.values())
    if not looked_at:
        return f"{span}: nothing was told in that time"
    if not found.count:
        changes = found.looked_at["change"]
        return f"{span}: {'no' if question.how == 'whether' else 'none'}; {looked_at} events, {changes} of them changes"
    match question.how:
        case "whether":
            return f"{span}: yes, {_times(found.count)}, at last {times.show(max(g.last for g in found.groups))}"
        case "when":
            first = min(group.times[0] for group in found.groups)
            last = max(group.last for group in found.groups)
            often = f"first {times.show(first)}, last {times.show(last)}" if found.count > 1 else times.show(last)
            return f"{span}: {_times(found.count)}: {often}"
        case "count":
            return f"{span}: {found.count}"
        case _:
            return f"{span}: {found.count} of {looked_at} events"


def _described(group: Group, times: _Times) -> str:
    what = _shown(group.what) or "(no words)"
    said = f": {_shown(group.saying)}" if group.saying and group.saying != group.what else ""
    moments = [times.show(moment) for moment in group.times]
    if group.count > len(group.times):
        moments += ["...", times.show(group.last)]
    often = f"{group.count} x  " if group.count > 1 else ""
    return f"{', '.join(moments)}  {often}{what}{said}"


def _shown(text: str) -> str:
    return capped(text, _CHARACTERS, printable)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


class _Times:
    """Times of day, with the date where the question spans more than one day."""

    def __init__(self, zone: tzinfo | None, question: Question) -> None:
        self._zone = zone
        days = {self._local(ns).date() for ns in (question.since_ns, question.until_ns)}
        self._format = "%H:%M:%S" if len(days) == 1 else "%Y-%m-%d %H:%M:%S"

    def _local(self, ns: int) -> datetime:
        return datetime.fromtimestamp(ns / SECOND).astimezone(self._zone)

    def show_ns(self, ns: int) -> str:
        return self._local(ns).strftime(self._format)

    def show(self, wall: str) -> str:
        return datetime.fromisoformat(wall).astimezone(self._zone).strftime(self._format)
