"""Lines in which only figures change, again and again: a clock, a timer, progress. Their ticks are not worth telling.

restless = RestlessLines()
restless.ticks(before, after, stamp, time_ns)   # False: tell it; True: it is kept until it comes to rest
restless.rested(now_ns)                         # what came to rest, as it is now
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ironcliw.clock import SECOND
from ironcliw.text.progress import progress_of
from ironcliw.text.screen import Line
from ironcliw.text.stamps import Stamp

TOLD = 4
"""So many ticks in a row are told like any edit; then the line is known to be restless."""

APART_NS = 5 * SECOND
"""Ticks further apart than this are edits, and a line that has not ticked for this long has come to rest."""

LINES_MAX = 256

_FIGURES = re.compile(r"[\d.,:;\s]+")


class Rested(NamedTuple):
    """A restless line that stopped: as it was when it was last told, as it is now, and what shows it."""

    before: Line
    after: Line
    stamp: Stamp | None


@dataclass(slots=True)
class _Ticking:
    count: int
    last_ns: int
    told: Line
    now: Line
    stamp: Stamp | None

    def rested(self) -> Rested | None:
        """Where it came to rest; None where that was told."""
        return None if self.told.text == self.now.text else Rested(self.told, self.now, self.stamp)


class RestlessLines:
    """What ticks on one screen; 256 lines at most."""

    def __init__(self) -> None:
        self._lines: dict[int, _Ticking] = {}

    def ticks(self, before: Line, after: Line, stamp: Stamp | None, time_ns: int) -> bool:
        """Whether this edit is one tick more of a line known to be restless. ``after`` has the id of ``before``."""
        known = self._lines.pop(after.id, None)
        if not _is_tick(before.text, after.text):
            return False
        if known is None or time_ns - known.last_ns > APART_NS:
            known = _Ticking(0, time_ns, before, before, None)
        self._lines[after.id] = known
        known.count, known.last_ns = known.count + 1, time_ns
        known.now, known.stamp = after, stamp
        if known.count <= TOLD:
            known.told = after
        if len(self._lines) > LINES_MAX:
            del self._lines[next(iter(self._lines))]
        return known.count > TOLD

    def is_tick(self, before: Line, after: Line) -> bool:
        """Whether ``ticks`` would say so of this edit of a clock or a counter; progress is worth reading as it goes."""
        known = self._lines.get(after.id)
        if known is None or known.count < TOLD or progress_of(after.text) is not None:
            return False
        return _is_tick(before.text, after.text)

    def told_as(self, line: Line) -> Line:
        """``line`` as it was when it was last told: what an edit of it is to be compared with."""
        known = self._lines.get(line.id)
        return line if known is None else known.told

    def gone(self, line: Line) -> Rested | None:
        """A line vanished; what it came to, where that was not told."""
        known = self._lines.pop(line.id, None)
        return None if known is None else known.rested()

    @property
    def due_ns(self) -> int | None:
        """Source time at which a line will have come to rest; None where none ticks untold."""
        return min((each.last_ns + APART_NS for each in self._lines.values() if each.count > TOLD), default=None)

    def rested(self, now_ns: int) -> list[Rested]:
        """The restless lines that have not ticked for so long; they are no longer restless."""
        still = [key for key, each in self._lines.items() if each.last_ns + APART_NS <= now_ns]
        ended = [self._lines.pop(key).rested() for key in still]
        return [each for each in ended if each is not None]


def _is_tick(before: str, after: str) -> bool:
    """Whether only figures differ, or how far something has come. That it has come to its end is no tick."""
    then, now = progress_of(before), progress_of(after)
    if now is not None and now.complete:
        return False
    return (then is not None and now is not None) or _FIGURES.sub("0", before) == _FIGURES.sub("0", after)
