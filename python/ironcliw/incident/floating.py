"""Dialogs and notifications: what is drawn over the screen, says something, and leaves the rest as it was.

floating = FloatingIncidents(ledger)
reports = floating.follow(seen) + floating.look(drawn)

A box alone proves little: pages are full of them. It counts where it has just come, has words that have just come, and
what is around it is the page that was there before, as it was or dimmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.incident.ledger import Ledger, joined
from ironcliw.incident.protocol import Incident, Kind, Report
from ironcliw.incident.seen import Drawn, Seen
from ironcliw.incident.surroundings import Surroundings
from ironcliw.incident.words import recognise
from ironcliw.objects.protocol import Detection
from ironcliw.text.misreading import skeleton
from ironcliw.text.screen import Line

NEW_SHARE = 0.5
"""At least so much of its lines has just come."""

STAYS_SHARE = 0.5
"""It is there as long as so much of its lines is."""

ALIKE = 0.5
"""Boxes that share so much of what they cover are one."""

RECENT_NS = 5 * SECOND
"""Lines that were read no longer ago than this may have come with the box around them; a busy machine reads late."""

WORDLESS_NS = 2 * SECOND
"""What is seen before its words can be read has so long to be read."""

BOXES_MAX = 16

_KINDS: dict[str, Kind] = {"dialog": "dialog", "toast": "notification"}


class _News(NamedTuple):
    """A line that came: source times of the reading that found it, and of the first frame that shows it."""

    read_ns: int
    since_ns: int


@dataclass(slots=True)
class _Box:
    """Something that floats. ``incident``: None where nobody is told of it; ``until_ns``: it still may be."""

    kind: Kind
    box: Rect
    confidence: float
    lines: dict[int, Line]
    incident: Incident | None = None
    until_ns: int = -1


class FloatingIncidents:
    """What floats on one screen, 16 at most."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._boxes: list[_Box] = []
        self._news: dict[int, _News] = {}
        self._surroundings = Surroundings(0, 0)

    def resize(self, width: int, height: int) -> None:
        """The screen has this size from now on."""
        self._surroundings = Surroundings(width, height)

    @property
    def taken(self) -> frozenset[int]:
        """Ids of the lines that belong to something that floats."""
        return frozenset(key for each in self._boxes if each.incident is not None for key in each.lines)

    def wants_look(self, seen: Seen) -> bool:
        """Whether a reading brought words that may stand in something that floats."""
        update = seen.update
        return bool(update.appeared or update.changed) and len(update.moved) <= len(update.lines) // 2

    def follow(self, seen: Seen) -> list[Report]:
        """Take a reading in: what is over."""
        update = seen.update
        self._news = {key: item for key, item in self._news.items() if seen.time_ns - item.read_ns <= RECENT_NS}
        came = [*update.appeared, *(new for _, new in update.changed)]
        self._news = {line.id: _News(seen.time_ns, seen.since_ns(line.box)) for line in came} | self._news
        for line in update.uncovered:
            self._news.pop(line.id, None)
        if not came:
            self._surroundings.follow(seen.thumbnail)
        return self._close({line.id: line for line in update.lines}, seen.time_ns)

    def look(self, drawn: Drawn) -> list[Report]:
        """Take a look in: what has come."""
        reports: list[Report] = []
        drawn_now = [each.box for each in drawn.detections]
        self._boxes = [each for each in self._boxes if each.lines or _is_there(each.box, drawn_now, drawn.region)]
        for detection in drawn.detections:
            if detection.kind not in _KINDS:
                continue
            lines = {line.id: line for line in drawn.lines if _holds(detection.box, line.box)}
            known = self._known(detection.box, lines)
            if known is None:
                reports += self._meet(detection, lines, drawn)
                continue
            known.box, known.lines = detection.box, lines or known.lines
            if known.incident is None and known.until_ns >= drawn.time_ns and self._is_news(known.lines):
                reports.append(self._begin(known, drawn.time_ns))
        self._surroundings.follow(drawn.thumbnail)
        return reports

    def _known(self, box: Rect, lines: dict[int, Line]) -> _Box | None:
        for each in self._boxes:
            shared = len(each.lines.keys() & lines.keys())
            if _likeness(each.box, box) >= ALIKE or (each.lines and 2 * shared > len(each.lines)):
                return each
        return None

    def _meet(self, detection: Detection, lines: dict[int, Line], drawn: Drawn) -> list[Report]:
        each = _Box(_KINDS[detection.kind], detection.box, detection.confidence, lines)
        around = self._surroundings
        if not around.stayed(each.box, drawn.thumbnail) or (each.kind == "dialog" and not around.covered(each.box)):
            return []
        self._boxes.append(each)
        del self._boxes[:-BOXES_MAX]
        if self._is_news(lines):
            return [self._begin(each, drawn.time_ns)]
        each.until_ns = -1 if lines else drawn.time_ns + WORDLESS_NS
        return []

    def _is_news(self, lines: dict[int, Line]) -> bool:
        came = len(self._news.keys() & lines.keys())
        return came > 0 and came >= NEW_SHARE * len(lines)

    def _begin(self, each: _Box, now_ns: int) -> Report:
        said = [recognised for line in each.lines.values() if (recognised := recognise(line.text)) is not None]
        kinds: list[Kind] = [each.kind, *(recognised.kind for recognised in said)]
        if "error" in kinds and "success" in kinds:
            kinds.remove("success")
        kind: Kind = "permission" if "permission" in kinds else each.kind
        text = joined(each.lines.values())
        begin_ns = min((self._news[key].since_ns for key in each.lines if key in self._news), default=now_ns)
        each.incident = self._ledger.open(
            kind,
            (skeleton(text)[:80],),
            text,
            (each.box,),
            begin_ns=begin_ns,
            confidence=min([each.confidence, *(line.confidence for line in each.lines.values())]),
            also=kinds,
        )
        return Report(each.incident, "begin", begin_ns, data={"lines": len(each.lines)})

    def _close(self, standing: dict[int, Line], now_ns: int) -> list[Report]:
        """What is no longer there, going by its words."""
        reports: list[Report] = []
        for each in list(self._boxes):
            if not each.lines:
                continue
            left = {key: standing[key] for key in each.lines if key in standing}
            if len(left) >= STAYS_SHARE * len(each.lines):
                each.box = _followed(each, left)
                continue
            self._boxes.remove(each)
            if each.incident is not None:
                last = replace(each.incident, regions=(each.box,))
                reports.append(Report(last, "end", now_ns, data={"reason": "gone"}))
        return reports


def _followed(each: _Box, left: dict[int, Line]) -> Rect:
    """Where a box is now, going by a line of it that stands: dialogs are dragged."""
    for key, line in left.items():
        before = each.lines[key].box
        each.lines[key] = line
        return each.box.moved(line.box.x - before.x, line.box.y - before.y)
    return each.box


def _is_there(box: Rect, drawn: Sequence[Rect], region: Rect) -> bool:
    """Whether a box without words may still be there, after a look at what is drawn in ``region``."""
    return not box.overlaps(region) or any(_likeness(box, other) >= ALIKE for other in drawn)


def _holds(box: Rect, line: Rect) -> bool:
    x, y = line.x + line.width // 2, line.y + line.height // 2
    return box.x <= x < box.right and box.y <= y < box.bottom


def _likeness(a: Rect, b: Rect) -> float:
    shared = a.intersection(b)
    return 0.0 if shared is None else shared.area / (a.area + b.area - shared.area)
