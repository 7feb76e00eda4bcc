"""The scene graph: widgets in windows, windows on a desktop.

    window = Window(look.rect(24, 24, 400, 300), "Build")
    window.add(Label(look.rect(10, 40, 300, 20), "idle"))
    window.paint(canvas)

A widget holds state and paints it; it knows neither time nor script. What ``Ticking`` widgets show follows from the
time they are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import WHOLE, Canvas

RANK_WALLPAPER, RANK_WINDOW, RANK_DIALOG, RANK_BAR, RANK_TOAST = range(5)
"""Who lies above whom; within a rank, the one shown last."""


W = TypeVar("W", bound="Widget")


class Widget:
    """Something on the desktop.

    place: its rectangle, from its parent's corner (for a window: from the frame's)
    shown: windows only: whether it is on the desktop
    opacity: windows only: in 256ths
    """

    rank = RANK_WINDOW

    def __init__(self, place: Rect) -> None:
        self.place = place
        self.parent: Widget | None = None
        self.children: list[Widget] = []
        self.shown = False
        self.opacity = WHOLE

    def add(self, child: W) -> W:
        """Put ``child`` into this widget, above those it has."""
        child.parent = self
        self.children.append(child)
        return child

    @property
    def box(self) -> Rect:
        """Its rectangle in frame pixels."""
        return self.place if self.parent is None else self.place.moved(self.parent.box.x, self.parent.box.y)

    @property
    def window(self) -> Widget:
        """The window it is in, or itself."""
        return self if self.parent is None else self.parent.window

    def part_box(self, part: object) -> Rect | None:
        """Where ``part`` of it (a line, a state) is now, in frame pixels; None where it is no longer there."""
        return self.box if self.window.shown else None

    def fills(self, box: Rect) -> bool:
        """Whether all of ``box`` lies in it."""
        mine = self.box
        return mine.x <= box.x and mine.y <= box.y and mine.right >= box.right and mine.bottom >= box.bottom

    def walk(self) -> Iterator[Widget]:
        """Itself and everything in it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def paint(self, canvas: Canvas) -> None:
        """Paint what of it lies on the canvas, all of ``box``."""
        self.paint_children(canvas)

    def paint_children(self, canvas: Canvas) -> None:
        """Paint what is in it, bottom to top."""
        for child in self.children:
            if canvas.box.overlaps(child.box):
                child.paint(canvas)


class Wallpaper(Widget):
    """One colour under everything."""

    rank = RANK_WALLPAPER

    def paint(self, canvas: Canvas) -> None:
        """Fill the canvas."""
        canvas.fill(self.box, canvas.look.colours.wallpaper)


class Window(Widget):
    """A frame with a title bar and what is in it. ``home``: where it stood at first."""

    def __init__(self, place: Rect, title: str) -> None:
        super().__init__(place)
        self.home = place
        self.title = title

    def paint(self, canvas: Canvas) -> None:
        """Frame, title bar, ground and children."""
        look, box = canvas.look, self.box
        edge = look.px(1)
        inner = box.grown(-edge, -edge)
        body = Rect(inner.x, inner.y + look.title_px, inner.width, inner.height - look.title_px)
        if canvas.box.intersection(body) != canvas.box:
            canvas.fill(box, look.colours.edge)
            canvas.fill(inner, look.colours.title)
            y = inner.y + (look.title_px - look.line_px) // 2
            canvas.text(inner.x + look.px(8), y, self.title, look.colours.ink, look.colours.title)
        canvas.fill(body, look.colours.window)
        self.paint_children(canvas)


class Bar(Widget):
    """The task bar, above all windows."""

    rank = RANK_BAR

    def paint(self, canvas: Canvas) -> None:
        """A strip in the colour of title bars."""
        canvas.fill(self.box, canvas.look.colours.title)
        self.paint_children(canvas)


class Ticking(Widget):
    """A widget that changes by itself, ``beat_ns`` nanoseconds apart; 0 while it stands still."""

    def __init__(self, place: Rect, beat_ns: int) -> None:
        super().__init__(place)
        self.beat_ns = beat_ns
        self.beats = 0

    def next_ns(self, now_ns: int) -> int | None:
        """The first time after ``now_ns`` at which it looks different; None where there is none."""
        return (now_ns // self.beat_ns + 1) * self.beat_ns if self.beat_ns else None

    def tick(self, now_ns: int) -> Rect:
        """Show what is shown at ``now_ns``; the rectangle that may look different."""
        if self.beat_ns:
            self.beats = now_ns // self.beat_ns
        return self.box
