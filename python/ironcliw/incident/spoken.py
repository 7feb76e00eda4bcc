"""Incidents that the screen states in words: errors, successes and prompts in terminals, logs, pages and editors.

spoken = SpokenIncidents(ledger)
for report in spoken.follow(seen): ...

Lines that say so at about the same time in the same column are one incident: a traceback, a burst of compiler errors.
It is over when none of its lines stands on the screen any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.incident.ledger import TOKENS_MAX, Ledger, joined
from ironcliw.incident.protocol import Incident, Report
from ironcliw.incident.seen import Seen
from ironcliw.incident.words import Recognised, recognise
from ironcliw.text.difference import alike_from_start
from ironcliw.text.misreading import skeleton
from ironcliw.text.screen import Line

JOIN_NS = 2 * SECOND
"""Lines that come no later than this after the last one belong to the same incident."""

APART_NS = 1 * SECOND
"""What joins an incident is told at most this often."""

GONE_NS = 1 * SECOND
"""An incident whose lines have been gone for less may come back: it was misread, or redrawn."""

BEGINS_ALIKE = 0.6
"""A line that begins so much like the one that stood there says the same, as far as it can be seen."""

OPEN_MAX = 64
LINES_MAX = 64


@dataclass(slots=True)
class _Open:
    """An incident that goes on.

    lines: those that state it, by their ids, as they were last seen
    told: whether anybody was told; what was there when the watch began is only followed
    """

    incident: Incident
    lines: dict[int, Line]
    told: bool
    grown_ns: int
    told_ns: int
    untold: bool = False
    gone_ns: int | None = None
    last: dict[int, Line] = field(default_factory=dict[int, Line])
    """The lines as they stood before they went."""

    @property
    def due_ns(self) -> int | None:
        if self.gone_ns is not None:
            return self.gone_ns + GONE_NS
        return self.told_ns + APART_NS if self.untold else None


class SpokenIncidents:
    """The incidents that are stated on one screen, 64 at most."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._open: list[_Open] = []

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``tick`` has something to say; None where it has not."""
        return min((due for each in self._open if (due := each.due_ns) is not None), default=None)

    def follow(self, seen: Seen, taken: frozenset[int]) -> list[Report]:
        """Take a reading in. ``taken``: ids of lines that belong to a dialog or notification, which speaks for them."""
        update = seen.update
        self._refresh(seen)
        self._adopt(update.uncovered)
        changed = (new for _, new in update.changed)
        fresh = [line for line in chain(update.appeared, changed) if line.id not in taken]
        reports = self._take(fresh, seen, told=True)
        reports += self._take([line for line in seen.at_start if line.id not in taken], seen, told=False)
        return reports + self.tick(seen.time_ns)

    def release(self, taken: frozenset[int]) -> None:
        """These lines turned out to belong to a dialog or notification."""
        for each in self._open:
            if len(each.lines.keys() - taken) < len(each.lines):
                each.lines = {key: line for key, line in each.lines.items() if key not in taken} or each.lines

    def tick(self, now_ns: int) -> list[Report]:
        """What has become due by ``now_ns``: incidents known better, and those that are over."""
        reports: list[Report] = []
        for each in list(self._open):
            if each.gone_ns is not None and each.gone_ns + GONE_NS <= now_ns:
                self._open.remove(each)
                if each.told:
                    reports.append(Report(each.incident, "end", each.gone_ns, data={"reason": "gone"}))
            elif each.untold and each.gone_ns is None and each.told_ns + APART_NS <= now_ns:
                each.untold, each.told_ns = False, now_ns
                reports.append(Report(each.incident, "update", now_ns, data={"lines": len(each.lines)}))
        return reports

    def _refresh(self, seen: Seen) -> None:
        """Follow the lines of what goes on; one that says something else now no longer belongs to it."""
        lines = {line.id: line for line in seen.update.lines}
        for each in self._open:
            kept = {key: lines[key] for key in each.lines if key in lines}
            said = {
                key: line
                for key, line in kept.items()
                if line.text == each.lines[key].text or _kind(line) == each.incident.kind
            }
            each.last = each.lines if each.lines and not said else each.last
            each.lines = said
            if said:
                each.gone_ns = None
            elif each.gone_ns is None:
                each.gone_ns = max((seen.since_ns(line.box) for line in each.last.values()), default=seen.time_ns)

    def _adopt(self, uncovered: Iterable[Line]) -> None:
        """What was only covered goes on: as the incident it was, if that is still known."""
        for line in uncovered:
            recognised = recognise(line.text)
            if recognised is None:
                continue
            same = next((each for each in self._open if _is(each.incident, recognised)), None)
            if same is not None:
                same.lines[line.id], same.gone_ns = line, None

    def _take(self, fresh: Sequence[Line], seen: Seen, *, told: bool) -> list[Report]:
        found = [(line, recognised) for line in fresh if (recognised := recognise(line.text)) is not None]
        begun: list[tuple[_Open, int]] = []
        for line, recognised in sorted(found, key=lambda pair: (pair[0].box.y, pair[0].box.x)):
            time_ns = seen.since_ns(line.box)
            if (known := self._known(line, recognised, time_ns)) is not None:
                _grow(known, line, recognised, time_ns)
            else:
                begun.append((self._begin(line, recognised, time_ns, told=told), time_ns))
        # What its first reading shows of an incident is told with its beginning.
        for each, _ in begun:
            each.untold = False
        return [
            Report(each.incident, "begin", time_ns, at_start=not told, data={"lines": len(each.lines)})
            for each, time_ns in begun
        ]

    def _known(self, line: Line, recognised: Recognised, time_ns: int) -> _Open | None:
        """The incident that a line belongs to."""
        for each in reversed(self._open):
            if each.incident.kind != recognised.kind:
                continue
            if line.id in each.lines or (each.gone_ns is not None and _is(each.incident, recognised)):
                return each
            regions = each.incident.regions
            if any(_same_column(line.box, other) for other in regions) and abs(time_ns - each.grown_ns) <= JOIN_NS:
                return each
            if any(_rewritten(line, other) for other in each.last.values()):
                return each
        return None

    def _begin(self, line: Line, recognised: Recognised, time_ns: int, *, told: bool) -> _Open:
        incident = self._ledger.open(
            recognised.kind, recognised.identity, line.text, (line.box,), begin_ns=time_ns, confidence=line.confidence
        )
        each = _Open(incident, {line.id: line}, told, time_ns, time_ns)
        self._open.append(each)
        del self._open[:-OPEN_MAX]
        return each


def _grow(each: _Open, line: Line, recognised: Recognised, time_ns: int) -> None:
    """Take a line into what goes on; that it says more than was known is news."""
    said_before = each.lines.get(line.id)
    each.lines[line.id] = line
    if len(each.lines) > LINES_MAX:
        del each.lines[next(iter(each.lines))]
    each.gone_ns, each.last, each.grown_ns = None, {}, max(each.grown_ns, time_ns)
    known = each.incident
    identity = tuple(dict.fromkeys((*known.identity, *recognised.identity)))[:TOKENS_MAX]
    each.untold |= each.told and (said_before is None or identity != known.identity)
    each.incident = replace(
        known,
        identity=identity,
        text=joined(each.lines.values()),
        regions=tuple(item.box for item in each.lines.values()),
        confidence=min(known.confidence, line.confidence),
    )


def _kind(line: Line) -> str | None:
    recognised = recognise(line.text)
    return None if recognised is None else recognised.kind


def _is(incident: Incident, recognised: Recognised) -> bool:
    return incident.kind == recognised.kind and set(recognised.identity) <= set(incident.identity)


def _rewritten(line: Line, before: Line) -> bool:
    """Whether a line stands where another stood and begins like it: something covers the rest of it."""
    if not line.box.overlaps(before.box):
        return False
    one, other = skeleton(line.text), skeleton(before.text)
    return alike_from_start(one, other) >= BEGINS_ALIKE * min(len(one), len(other))


def _same_column(a: Rect, b: Rect) -> bool:
    """Whether one stands above the other, for at least half of the narrower one's width."""
    shared = min(a.right, b.right) - max(a.x, b.x)
    return 2 * shared >= min(a.width, b.width)
