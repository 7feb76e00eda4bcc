"""Lines by their shape: what ticks in them left out, but for whether a figure is nought.

shape_of("BUILD 12 FAILED with 3 errors") == shape_of("BUILD 13 FAILED with 1 errors")
vain = Vain()
vain.add(shape, now_ns)               # it was asked about, and nothing came of it
vain.holds(shape, now_ns)             # for half an hour; longer each time
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable

from ironcliw import clock

VAIN_FIRST_NS = 1_800 * clock.SECOND
VAIN_LONGEST_NS = 4 * 3_600 * clock.SECOND
VAIN_MAX = 256
_FIGURES = re.compile(r"\d+")
_OTHER = re.compile(r"[^\w#]+|_+")


def shape_of(text: str) -> str:
    """The line's words; figures are ``#``, or ``0`` where they are nought, which often is what matters."""
    folded = _FIGURES.sub(lambda found: " # " if int(found[0][:18]) else " 0 ", text.casefold())
    return " ".join(_OTHER.sub(" ", folded).split())


class Vain:
    """What was asked about without another verdict, the last VAIN_MAX: it waits before it is worth a request again."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()

    def add(self, what: Hashable, now_ns: int) -> None:
        """Once more in vain."""
        times = self._known.pop(what, (0, 0))[0] + 1
        waits_ns = min(VAIN_FIRST_NS << min(times - 1, 8), VAIN_LONGEST_NS)
        self._known[what] = times, now_ns + waits_ns
        while len(self._known) > VAIN_MAX:
            self._known.popitem(last=False)

    def holds(self, what: Hashable, now_ns: int) -> bool:
        """Whether it is too soon."""
        return now_ns < self._known.get(what, (0, 0))[1]

    def forget(self) -> None:
        """The verdict has changed: everything may matter."""
        self._known.clear()
