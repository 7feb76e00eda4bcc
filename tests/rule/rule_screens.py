"""A made-up screen: lines are put, edited, moved and taken away, and each step is told as a text room would tell it."""

from __future__ import annotations

from ironcliw.frame import Rect
from ironcliw.text.screen import Line, TextUpdate

MS = 1_000_000
SECOND = 1_000_000_000
ROW = 20
CHARACTER = 8


def box(text: str, x: int, y: int, height: int = 16) -> Rect:
    return Rect(x, y, max(1, len(text) * CHARACTER), height)


def line(text: str, x: int = 0, y: int = 0, *, id: int = 1, time_ns: int = 0, confidence: float = 0.9) -> Line:
    return Line(id, text, box(text, x, y), confidence, time_ns)


def stacked(*texts: str, x: int = 0, y: int = 0) -> tuple[Line, ...]:
    """Lines below each other, ids from 1."""
    return tuple(line(text, x, y + index * ROW, id=index + 1) for index, text in enumerate(texts))


class Screen:
    """Lines by id. Every change is collected until ``read`` tells it as one update."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.lines: dict[int, Line] = {}
        self._told: dict[int, Line] = {}
        self._next = 1

    def put(self, text: str, x: int = 0, y: int = 0) -> int:
        """A new line; returns its id."""
        self.lines[self._next] = Line(self._next, text, box(text, x, y), 0.9, self.now_ns)
        self._next += 1
        return self._next - 1

    def edit(self, id: int, text: str) -> None:
        old = self.lines[id]
        self.lines[id] = Line(id, text, box(text, old.box.x, old.box.y), 0.9, self.now_ns)

    def move(self, id: int, dx: int, dy: int, *, keep_id: bool = True) -> int:
        """The line elsewhere; under another id where the text room lost track of it."""
        old = self.lines.pop(id)
        new_id = id if keep_id else self._next
        self._next += not keep_id
        self.lines[new_id] = Line(new_id, old.text, old.box.moved(dx, dy), old.confidence, self.now_ns)
        return new_id

    def take(self, id: int) -> None:
        del self.lines[id]

    def read(self, after_ms: int = 0, *, at_start: bool = False) -> TextUpdate:
        """The update that tells everything since the last; then ``after_ms`` pass."""
        old, new = self._told, self.lines
        both = [(old[id], new[id]) for id in new if id in old and old[id] != new[id]]
        ordered = tuple(sorted(new.values(), key=lambda item: (item.box.y, item.box.x)))
        update = TextUpdate(
            self.now_ns,
            ordered,
            appeared=tuple(item for item in ordered if item.id not in old),
            vanished=tuple(item for id, item in old.items() if id not in new),
            changed=tuple(pair for pair in both if pair[0].text != pair[1].text),
            moved=tuple(pair for pair in both if pair[0].text == pair[1].text and pair[0].box != pair[1].box),
            present_at_start=at_start,
        )
        self._told = dict(new)
        self.now_ns += after_ms * MS
        return update
