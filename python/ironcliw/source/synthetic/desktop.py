"""The desktop: which windows lie on it in which order, what in them changed, and how they are painted.

    desktop = Desktop(look)
    desktop.show("build", Window(look.rect(24, 24, 400, 300), "Build"))
    desktop.advance(now_ns)               # clocks tick, carets blink
    desktop.take_dirty()                  # rectangles that may look different now

No pixels here: painting goes onto the canvas that is handed in, so truth is told without painting anything.
"""

from __future__ import annotations

from typing import TypeVar

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import WHOLE, Canvas, mix
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.story import Story, Telling
from ironcliw.source.synthetic.widget import Ticking, Widget

W = TypeVar("W", bound=Widget)


class Desktop:
    """Windows from bottom to top, and the names by which actions find widgets.

    now_ns: media time of what it shows
    dissolve: 256ths of this picture while it replaces another one; None while it does not
    story: what is told about it, if anybody listens
    """

    def __init__(self, look: Look, story: Story | None = None) -> None:
        self.look = look
        self.story = story
        self.now_ns = 0
        self.dissolve: int | None = None
        self.windows: list[Widget] = []
        self._named: dict[str, Widget] = {}
        self._ticking: list[Ticking] = []
        self._dirty: set[Rect] = set()

    @property
    def box(self) -> Rect:
        """All of it."""
        return Rect(0, 0, self.look.width, self.look.height)

    # -- what is on it -----------------------------------------------------------------------------------------

    def name(self, name: str, widget: W) -> W:
        """Let actions find ``widget`` by ``name``."""
        self._named[name] = widget
        return widget

    def find(self, name: str, kind: type[W]) -> W:
        """The widget of that name. SettingsError where there is none of this kind."""
        widget = self._named.get(name)
        if not isinstance(widget, kind):
            known = ", ".join(sorted(name for name, other in self._named.items() if isinstance(other, kind)))
            raise SettingsError(f"{name!r}: no such {kind.__name__} on this desktop; there are {known or 'none'}")
        return widget

    def show(self, window: Widget) -> None:
        """Put a window on the desktop, or to the top of those of its rank."""
        if window in self.windows:
            self.windows.remove(window)
        above = [index for index, other in enumerate(self.windows) if other.rank > window.rank]
        self.windows.insert(above[0] if above else len(self.windows), window)
        window.shown = True
        self._list_ticking()
        self.touch(window.box)

    def hide(self, window: Widget) -> None:
        """Take a window off the desktop; nothing happens where it is not on it."""
        if window in self.windows:
            self.windows.remove(window)
            window.shown = False
            self._list_ticking()
            self.touch(window.box)

    def _list_ticking(self) -> None:
        self._ticking = [item for window in self.windows for item in window.walk() if isinstance(item, Ticking)]
        for widget in self._ticking:
            widget.tick(self.now_ns)

    # -- time --------------------------------------------------------------------------------------------------

    @property
    def next_ns(self) -> int | None:
        """When something on it next changes by itself."""
        return min((due for widget in self._ticking if (due := widget.next_ns(self.now_ns)) is not None), default=None)

    def advance(self, now_ns: int) -> None:
        """Let time pass until ``now_ns``."""
        for widget in self._ticking:
            due_ns = widget.next_ns(self.now_ns)
            if due_ns is not None and due_ns <= now_ns:
                self.touch(widget.tick(now_ns))
        self.now_ns = now_ns

    # -- what changed ------------------------------------------------------------------------------------------

    def touch(self, box: Rect) -> None:
        """``box`` may look different from now on."""
        self._dirty.add(box)

    def take_dirty(self) -> list[Rect]:
        """The rectangles touched since the last call, cut to the frame and joined until none overlaps another."""
        inside = (box.clipped(self.look.width, self.look.height) for box in sorted(self._dirty))
        apart: list[Rect] = []
        for box in inside:
            while box is not None and (hit := next((other for other in apart if other.overlaps(box)), None)):
                apart.remove(hit)
                box = box.union(hit)
            if box is not None:
                apart.append(box)
        self._dirty.clear()
        return apart

    def tell(self, telling: Telling) -> None:
        """Something worth reporting happened; nobody may be listening."""
        if self.story is not None:
            self.story.tell(telling)

    def hides(self, widget: Widget, box: Rect) -> bool:
        """Whether ``box`` of ``widget`` is not wholly seen: something lies above it, or it has not faded in yet."""
        window = widget.window
        if self.dissolve is not None or window.opacity < WHOLE:
            return True
        above = self.windows[self.windows.index(window) + 1 :]
        return any(other.box.overlaps(box) for other in above)

    def is_under(self, window: Widget) -> bool:
        """Whether another window of its rank lies over some of it; toasts do not count, which lie over any window."""
        above = self.windows[self.windows.index(window) + 1 :]
        return any(other.rank == window.rank and other.box.overlaps(window.box) for other in above)

    # -- pixels ------------------------------------------------------------------------------------------------

    def paint(self, canvas: Canvas) -> None:
        """Paint everything that lies on the canvas, beginning with what fills it."""
        first = len(self.windows) - 1
        while first > 0 and not (self.windows[first].opacity == WHOLE and self.windows[first].fills(canvas.box)):
            first -= 1
        for window in self.windows[first:]:
            part = canvas.part(window.box)
            if part is not None:
                _paint_window(window, part)


def _paint_window(window: Widget, part: Canvas) -> None:
    if window.opacity == WHOLE:
        window.paint(part)
        return
    below = part.pixels.copy()
    window.paint(part)
    mix(part.pixels, below, window.opacity)
