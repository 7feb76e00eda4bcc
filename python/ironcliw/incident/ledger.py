"""Gives incidents their numbers, and knows which of them have been seen before.

ledger = Ledger()
incident = ledger.open("error", ("E0308", "main.rs"), "error[E0308]: ...", (box,), begin_ns=now_ns, confidence=0.98)
incident.occurrence                   # 2 where the same was seen before
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from ironcliw.frame import Rect
from ironcliw.incident.protocol import KINDS, Incident, Kind
from ironcliw.text.screen import Line

REMEMBERED = 512
TEXT_LENGTH_MAX = 500
REGIONS_MAX = 32
TOKENS_MAX = 8


class Ledger:
    """The incidents of one watch; the last 512 identities are remembered."""

    def __init__(self) -> None:
        self.last_id = 0
        """The number of the incident opened last."""
        self._seen: OrderedDict[tuple[Kind, tuple[str, ...]], int] = OrderedDict()

    def open(
        self,
        kind: Kind,
        identity: tuple[str, ...],
        text: str,
        regions: Sequence[Rect],
        *,
        begin_ns: int,
        confidence: float,
        also: Iterable[Kind] = (),
    ) -> Incident:
        """A new incident, counted among those of its kind and identity."""
        self.last_id += 1
        key = (kind, identity)
        occurrence = self._seen.pop(key, 0) + 1
        self._seen[key] = occurrence
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        besides: tuple[Kind, ...] = tuple(each for each in KINDS if each in set(also) and each != kind)
        shown = tuple(regions[:REGIONS_MAX])
        return Incident(
            self.last_id, kind, identity[:TOKENS_MAX], text, shown, begin_ns, confidence, besides, occurrence
        )


def joined(lines: Iterable[Line]) -> str:
    """What the lines say, in reading order."""
    ordered = sorted(lines, key=lambda line: (line.box.y, line.box.x))
    return " ".join(line.text for line in ordered)[:TEXT_LENGTH_MAX]
