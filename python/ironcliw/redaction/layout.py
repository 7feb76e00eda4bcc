"""Where lines stand to each other: what goes on beneath, and what stands beside its name.

places_in_lines(lines)                # for each line the places of its secrets
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ironcliw.redaction.found import Found, merged
from ironcliw.redaction.scan import find

if TYPE_CHECKING:
    from ironcliw.redaction.gate import TextLine


def places_in_lines(lines: Sequence[TextLine]) -> list[list[Found]]:
    """For each line the places of its secrets, from left to right, none overlapping."""
    found: list[list[Found]] = [[] for _ in lines]
    for chain, between in [*((column, "\n") for column in _columns(lines)), *((row, " ") for row in _rows(lines))]:
        _look(lines, chain, between, found)
    return [merged(places) for places in found]


def _look(lines: Sequence[TextLine], chain: Sequence[int], between: str, found: list[list[Found]]) -> None:
    """Add what is found in these lines, one after the other, to each of those that hold a part of it."""
    texts = [lines[number].text.replace("\n", " ") for number in chain]
    places = sorted(find(between.join(texts)), key=lambda place: place.start)
    start = 0
    for number, text in zip(chain, texts, strict=True):
        end = start + len(text)
        for place in places:
            first, last = max(place.start, start), min(place.end, end)
            if first < last:
                found[number].append(Found(place.kind, first - start, last - start))
        start = end + len(between)


def _columns(lines: Sequence[TextLine]) -> list[list[int]]:
    """Lines that stand beneath each other and begin at about the same column, top to bottom; each line in one."""
    columns: list[list[int]] = []
    for number in sorted(range(len(lines)), key=lambda one: (lines[one].box.y, lines[one].box.x)):
        box = lines[number].box
        for column in columns:
            above = lines[column[-1]].box
            near = 0 < box.y + box.height // 2 - above.bottom < 2 * max(box.height, above.height)
            if near and abs(box.x - above.x) <= 2 * box.height:
                column.append(number)
                break
        else:
            columns.append([number])
    return columns


def _rows(lines: Sequence[TextLine]) -> list[list[int]]:
    """Lines that stand side by side, left to right; those of a single line are left out."""
    rows: list[list[int]] = []
    for number in sorted(range(len(lines)), key=lambda one: (lines[one].box.y, lines[one].box.x)):
        box = lines[number].box
        middle = box.y + box.height // 2
        beside = next((row for row in rows if lines[row[0]].box.y <= middle < lines[row[0]].box.bottom), None)
        if beside is None:
            rows.append([number])
        else:
            beside.append(number)
    return [sorted(row, key=lambda one: lines[one].box.x) for row in rows if len(row) > 1]
