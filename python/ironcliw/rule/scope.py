"""Where a condition looks: the whole frame, a region of it, or the window that says so.

scope = EVERYWHERE.within(Rect(0, 0, 640, 480))
scope.holds(line.box)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ironcliw.frame import Rect
from ironcliw.rule.pattern import Phrase, Regex
from ironcliw.rule.windows import Windows


@dataclass(frozen=True, slots=True)
class Scope:
    """Regions and windows, in all of which something has to lie. ``windows`` tells where windows are."""

    regions: tuple[Rect, ...] = ()
    titles: tuple[Phrase | Regex, ...] = ()
    windows: Windows | None = None

    def within(self, region: Rect) -> Scope:
        """This, and within a region."""
        return replace(self, regions=(*self.regions, region))

    def within_window(self, title: Phrase | Regex, windows: Windows) -> Scope:
        """This, and within a window whose title says so."""
        return replace(self, titles=(*self.titles, title), windows=windows)

    @property
    def everywhere(self) -> bool:
        """Whether it is the whole frame."""
        return not self.regions and not self.titles

    def holds(self, box: Rect) -> bool:
        """Whether a box lies there: its middle does."""
        x, y = box.x + box.width // 2, box.y + box.height // 2
        middle = Rect(x, y, 1, 1)
        if not all(region.overlaps(middle) for region in self.regions):
            return False
        return all(self._in_window(title, middle) for title in self.titles)

    def cut(self, region: Rect) -> Rect | None:
        """The part of a region that lies there; None where none does. Of several windows, the first that it meets."""
        part: Rect | None = region
        for limit in self.regions:
            part = None if part is None else part.intersection(limit)
        for title in self.titles:
            boxes = self._boxes(title)
            rest = part
            part = next((cut for box in boxes if rest is not None and (cut := rest.intersection(box))), None)
        return part

    @property
    def region(self) -> Rect | None:
        """One rectangle to look at; None for the whole frame, or while its window is not seen."""
        whole = Rect(0, 0, 1 << 20, 1 << 20)
        cut = self.cut(whole)
        return None if cut == whole else cut

    def _in_window(self, title: Phrase | Regex, middle: Rect) -> bool:
        return any(box.overlaps(middle) for box in self._boxes(title))

    def _boxes(self, title: Phrase | Regex) -> list[Rect]:
        return [] if self.windows is None else self.windows.find("title", title)


EVERYWHERE = Scope()
