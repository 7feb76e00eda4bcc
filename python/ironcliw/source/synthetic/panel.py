"""What a status window is made of: labels, dots, progress bars.

label = Label(place, look, "database: running")
label.show("database: failed")
Dot(place).state = "bad"
"""

from __future__ import annotations

from typing import Literal

from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import Canvas
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.widget import Widget

DotState = Literal["good", "warning", "bad"]

_BAR_HEIGHT = 8


class Label(Widget):
    """One line of text. ``news``: whether a change of it is worth reporting (a figure's is not)."""

    def __init__(self, place: Rect, look: Look, text: str = "", *, news: bool = True) -> None:
        super().__init__(place)
        self._look = look
        self.news = news
        self.text = text
        self.changes = 0

    def show(self, text: str) -> Rect:
        """Let it read ``text``; the rectangle that may look different."""
        self.text = text[: self.place.width // self._look.cell_px]
        self.changes += 1
        return self.box

    def part_box(self, part: object) -> Rect | None:
        """Where its text is, for the value of ``changes`` that ``part`` is; None once it reads something else."""
        return self.text_box if part == self.changes and self.window.shown else None

    @property
    def text_box(self) -> Rect:
        """Where its text is."""
        return self._look.text_box(self.box.x, self.box.y, self.text)

    def paint(self, canvas: Canvas) -> None:
        """Its text."""
        canvas.text(self.box.x, self.box.y, self.text, canvas.look.colours.ink, canvas.look.colours.window)


class Button(Label):
    """A label on a ground of its own."""

    def paint(self, canvas: Canvas) -> None:
        """Its ground and its text in the middle."""
        box, look = self.box, canvas.look
        canvas.fill(box, look.colours.title)
        x = box.x + (box.width - look.cell_px * len(self.text)) // 2
        canvas.text(x, box.y + (box.height - look.line_px) // 2, self.text, look.colours.ink, look.colours.title)


class Dot(Widget):
    """A square of 16 logical pixels whose colour says how something is."""

    def __init__(self, place: Rect, state: DotState = "good") -> None:
        super().__init__(place)
        self.state: DotState = state
        self.changes = 0

    def show(self, state: DotState) -> Rect:
        """Let it have the colour of ``state``; the rectangle that may look different."""
        self.state = state
        self.changes += 1
        return self.box

    def part_box(self, part: object) -> Rect | None:
        """Its box, for the value of ``changes`` that ``part`` is; None once it has another colour."""
        return self.box if part == self.changes and self.window.shown else None

    def paint(self, canvas: Canvas) -> None:
        """Its colour."""
        colours = canvas.look.colours
        canvas.fill(self.box, {"good": colours.good, "warning": colours.warning, "bad": colours.bad}[self.state])


class Progress(Widget):
    """A caption with a percentage above a bar; empty while ``percent`` is None. ``runs`` counts how often it began."""

    def __init__(self, place: Rect, look: Look) -> None:
        super().__init__(place)
        self._look = look
        self.caption = ""
        self.percent: int | None = None
        self.runs = 0

    @property
    def text(self) -> str:
        """What stands above the bar."""
        return "" if self.percent is None else f"{self.caption} {self.percent}%"

    def show(self, caption: str, percent: int | None) -> Rect:
        """Let it stand at ``percent``, or be empty; the rectangle that may look different."""
        self.runs += self.percent is None and percent is not None
        self.caption, self.percent = caption, percent
        return self.box

    def part_box(self, part: object) -> Rect | None:
        """Where its text is, during the run or (as a pair of run and percent) at the moment that ``part`` names."""
        if self.percent is None or not self.window.shown or part not in (self.runs, (self.runs, self.percent)):
            return None
        return self._look.text_box(self.box.x, self.box.y, self.text)

    def paint(self, canvas: Canvas) -> None:
        """Its text and its bar."""
        look, box = canvas.look, self.box
        canvas.text(box.x, box.y, self.text, look.colours.ink, look.colours.window)
        groove = Rect(box.x, box.bottom - look.px(_BAR_HEIGHT), box.width, look.px(_BAR_HEIGHT))
        canvas.fill(groove, look.colours.title)
        canvas.fill(groove._replace(width=groove.width * (self.percent or 0) // 100), look.colours.accent)
