"""Lines of text that scroll, with a prompt and a blinking caret: a log, a terminal.

pane = TextPane(place, look)
row = pane.print("[12:00:01] build started")
pane.type("$ make te")                # the last line grows, the caret stands behind it
pane.part_box(row)                    # where that line stands now; None once it has scrolled off
"""

from __future__ import annotations

from dataclasses import dataclass

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import Canvas
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.widget import Ticking

CARET_BEAT_NS = 530 * MS


@dataclass(eq=False, slots=True)
class Row:
    """One line of a pane; equal only to itself."""

    text: str


class TextPane(Ticking):
    """As many lines as fit; a further one pushes the first out. The last line is the one being typed."""

    def __init__(self, place: Rect, look: Look) -> None:
        super().__init__(place, CARET_BEAT_NS)
        self._look = look
        self.columns = max(1, place.width // look.cell_px)
        self.most_rows = max(2, place.height // look.line_px)
        self.rows = [Row("")]

    def print(self, text: str) -> tuple[Row, Rect]:
        """Add a finished line above the one being typed; the line, and the rectangle that may look different."""
        row = Row(text[: self.columns])
        self.rows.insert(-1, row)
        if len(self.rows) > self.most_rows:
            del self.rows[0]
            return row, self.box
        first = self._row_box(len(self.rows) - 2)
        return row, first._replace(height=2 * self._look.line_px)

    def type(self, text: str) -> tuple[Row, Rect]:
        """Let the line being typed read ``text``; that line, and the rectangle that may look different."""
        self.rows[-1].text = text[: self.columns - 1]
        return self.rows[-1], self._row_box(len(self.rows) - 1)

    def enter(self) -> Rect:
        """Finish the line being typed and begin an empty one; the rectangle that may look different."""
        self.rows.append(Row(""))
        if len(self.rows) > self.most_rows:
            del self.rows[0]
            return self.box
        return self._row_box(len(self.rows) - 2)._replace(height=2 * self._look.line_px)

    def clear(self) -> Rect:
        """Forget all lines; the rectangle that may look different."""
        self.rows = [Row("")]
        return self.box

    def part_box(self, part: object) -> Rect | None:
        """Where a line's characters stand, or None once it has scrolled off."""
        for index, row in enumerate(self.rows):
            if row is part and self.window.shown:
                box = self._row_box(index)
                return self._look.text_box(box.x, box.y, row.text)
        return None

    @property
    def caret_box(self) -> Rect:
        """The bar behind the line being typed."""
        row = self._row_box(len(self.rows) - 1)
        x = row.x + self._look.cell_px * len(self.rows[-1].text)
        return Rect(x, row.y + self._look.px(2), self._look.px(2), self._look.line_px - self._look.px(4))

    def tick(self, now_ns: int) -> Rect:
        """The caret shows, or not."""
        super().tick(now_ns)
        return self.caret_box

    def paint(self, canvas: Canvas) -> None:
        """The lines on the canvas, and the caret."""
        box, colours, line = self.box, canvas.look.colours, self._look.line_px
        first = max(0, (canvas.box.y - box.y) // line)
        last = min(len(self.rows), -(-(canvas.box.bottom - box.y) // line))
        for index in range(first, last):
            canvas.text(box.x, box.y + index * line, self.rows[index].text, colours.ink, colours.window)
        if self.beats % 2 == 0:
            canvas.fill(self.caret_box, colours.ink)

    def _row_box(self, index: int) -> Rect:
        return Rect(self.box.x, self.box.y + index * self._look.line_px, self.box.width, self._look.line_px)
