"""What is left out at the source, before a pixel of it is kept anywhere.

exclusions = parse_exclusions(["app:keepassxc", "title:/bank|private/", "region:0,0,400,30"])
exclusions.titles                     # ("bank|private",)

app:NAME            windows of an application: either word of its WM_CLASS; all that its connection shows
title:WORDS         windows whose title holds these words, in upper or lower case, with their menus and dialogs
title:/REGEX/       likewise, by a regular expression
window:0x1C00007    a window by its number, with its frame
region:X,Y,W,H      a rectangle of the frame
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.memory.frames import LARGEST_SIDE_PX

ACCEPTED = "app:NAME, title:WORDS, title:/REGEX/, window:NUMBER or region:X,Y,W,H"
LARGEST_WINDOW_ID = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Windows by number, applications by name, titles as regular expressions, regions as rectangles of the frame."""

    windows: tuple[int, ...] = ()
    applications: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    regions: tuple[Rect, ...] = ()

    def __bool__(self) -> bool:
        return self.by_window or bool(self.regions)

    @property
    def by_window(self) -> bool:
        """Whether windows must be known to keep them."""
        return bool(self.windows or self.applications or self.titles)

    def names(self) -> list[str]:
        """Each but the regions in words, in the order in which sources count them."""
        return [
            *(f"window:{window:#x}" for window in self.windows),
            *(f"app:{name}" for name in self.applications),
            *(f"title:/{title}/" for title in self.titles),
        ]


def parse_exclusions(texts: Sequence[str]) -> Exclusions:
    """The exclusions that these words name. SettingsError, one line, for all else."""
    windows: list[int] = []
    applications: list[str] = []
    titles: list[str] = []
    regions: list[Rect] = []
    for text in texts:
        kind, _, value = text.partition(":")
        value = value.strip()
        if kind == "app" and value:
            applications.append(value)
        elif kind == "title" and value:
            titles.append(_title(text, value))
        elif kind == "window" and value:
            windows.append(_window(text, value))
        elif kind == "region" and value:
            regions.append(_region(text, value))
        else:
            raise SettingsError(f"exclude {text!r}: expected {ACCEPTED}")
    return Exclusions(tuple(windows), tuple(applications), tuple(titles), tuple(regions))


def _title(text: str, value: str) -> str:
    if not value.startswith("/"):
        return re.escape(value)
    if len(value) < 3 or not value.endswith("/"):
        raise SettingsError(f"exclude {text!r}: expected title:/REGEX/, in upper or lower case alike")
    return value[1:-1]


def _window(text: str, value: str) -> int:
    try:
        window = int(value, 0)
    except ValueError:
        window = 0
    if not 0 < window <= LARGEST_WINDOW_ID:
        raise SettingsError(f"exclude {text!r}: expected a window's number, such as 0x1c00007 (see xwininfo)")
    return window


def _region(text: str, value: str) -> Rect:
    fields = [field.strip() for field in value.split(",")]
    if len(fields) == 4 and all(re.fullmatch(r"[0-9]{1,5}", field) for field in fields):
        region = Rect(*map(int, fields))
        if region.area and max(region) <= LARGEST_SIDE_PX:
            return region
    raise SettingsError(f"exclude {text!r}: expected region:X,Y,WIDTH,HEIGHT in whole pixels, as in region:0,0,400,30")
