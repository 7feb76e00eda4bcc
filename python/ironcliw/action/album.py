"""An annotated GIF of what was noticed, for those who ask for one: it holds screen content.

album = Album(Path("seen.gif"))
album.add(pixels, event)
print(album.save())
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw.errors import ActionError
from ironcliw.event import Event
from ironcliw.frame import Rect

_WIDEST_PX = 960
_MOST_PAGES = 120
_LONGEST_MS, _SHORTEST_MS, _LAST_MS = 1500, 200, 3000
_CAPTION_PX = 28
_COLOURS = {
    "alert": (230, 40, 40),
    "text_appeared": (40, 170, 70),
    "text_changed": (40, 170, 70),
    "text_vanished": (130, 130, 130),
}
_NEAR_S = 0.15


@dataclass(slots=True)
class _Page:
    picture: Image.Image
    time_s: float
    marks: list[tuple[Rect, str]]
    caption: str
    rank: int


class Album:
    """Collects one picture a moment, with a frame around what was noticed; at most 120, then the oldest goes.

    path: where ``save`` writes; checked now (ActionError), so that an hour's watch is not lost at its end
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.parent.is_dir():
            raise ActionError(f"cannot save {path}: no such folder: {path.parent}")
        if path.is_dir():
            raise ActionError(f"cannot save {path}: it is a folder")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise ActionError(f"cannot save {path}: permission denied")
        self._pages: list[_Page] = []

    def add(self, pixels: NDArray[np.uint8], event: Event) -> None:
        """Add what ``event`` noticed in ``pixels``, (h, w, 4) uint8 BGRX; events of one moment share a picture."""
        scale = min(1.0, _WIDEST_PX / pixels.shape[1])
        marks = [(_scaled(region, scale), event.type) for region in event.regions or ()]
        caption = f"{event.time:6.2f} s  {event.type.replace('_', ' ')}: {event.rule or event.text or ''}"
        rank = 1 if event.type == "alert" else 0
        last = self._pages[-1] if self._pages else None
        if last is not None and abs(event.time - last.time_s) < _NEAR_S:
            last.marks += marks
            if rank >= last.rank:
                last.caption, last.rank = caption, rank
            return
        size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
        picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, 2::-1])).resize(size, Image.Resampling.BOX)
        self._pages.append(_Page(picture, event.time, marks, caption, rank))
        del self._pages[:-_MOST_PAGES]

    def save(self) -> str:
        """Write the GIF and say what was written; nothing is written where nothing was noticed.

        ActionError where that fails; what was half-written is then removed.
        """
        if not self._pages:
            return f"nothing was noticed, so {self._path} was not written"
        pictures = [_drawn(page) for page in self._pages]
        times = [page.time_s for page in self._pages]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        durations = [min(max(round(gap * 1000), _SHORTEST_MS), _LONGEST_MS) for gap in gaps] + [_LAST_MS]
        encoded = BytesIO()
        pictures[0].save(
            encoded, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=False
        )
        try:
            self._path.write_bytes(encoded.getbuffer())
        except OSError as error:
            if self._path.is_file():
                self._path.unlink()
            raise ActionError(f"cannot save {self._path}: {(error.strerror or str(error)).lower()}") from error
        size_kb = len(encoded.getbuffer()) / 1024
        return f"saved {self._path}: {len(pictures)} pictures, {size_kb:.0f} KB (it shows what was on the screen)"


def _scaled(region: Rect, scale: float) -> Rect:
    return Rect(*(round(value * scale) for value in region))


def _drawn(page: _Page) -> Image.Image:
    width, height = page.picture.size
    canvas = Image.new("RGB", (width, height + _CAPTION_PX), (24, 24, 28))
    canvas.paste(page.picture, (0, 0))
    draw = ImageDraw.Draw(canvas)
    for region, kind in sorted(page.marks, key=lambda mark: mark[1] == "alert"):
        box = region.grown(3, 3)
        draw.rectangle((box.x, box.y, box.right, box.bottom), outline=_COLOURS.get(kind, (200, 160, 0)), width=2)
    colour = _COLOURS["alert"] if page.rank else (225, 225, 225)
    draw.text((8, height + 6), page.caption[:140], fill=colour, font=ImageFont.load_default(15))
    return canvas.quantize(128, dither=Image.Dither.NONE)
