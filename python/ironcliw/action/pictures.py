"""A picture that goes with an alert, in memory only."""

from __future__ import annotations

from dataclasses import dataclass, field

from ironcliw.frame import Rect


@dataclass(frozen=True, slots=True)
class Picture:
    """What the screen showed. ``when``: ``before`` or ``after``; ``png``: the encoded picture of ``box``.

    ``sent`` and ``sent before`` are what a model has judged by, parts of ``box`` one below the other.
    """

    when: str
    box: Rect
    png: bytes = field(repr=False)
