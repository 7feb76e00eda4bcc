"""The order in which lines are read.

in_reading_order(lines)               # anything with a ``box``
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from ironcliw.frame import Rect


class _Boxed(Protocol):
    @property
    def box(self) -> Rect: ...


L = TypeVar("L", bound=_Boxed)


def in_reading_order(lines: list[L]) -> list[L]:
    """Top to bottom; lines whose middle lies within the first line of a row stand in that row, left to right."""
    ordered: list[L] = []
    row: list[L] = []
    for line in sorted(lines, key=lambda line: (_middle(line.box), line.box.x)):
        if row and _middle(line.box) >= 2 * row[0].box.bottom:
            ordered += sorted(row, key=lambda line: line.box.x)
            row = []
        row.append(line)
    return ordered + sorted(row, key=lambda line: line.box.x)


def _middle(box: Rect) -> int:
    """Twice the vertical middle, to stay with integers."""
    return 2 * box.y + box.height
