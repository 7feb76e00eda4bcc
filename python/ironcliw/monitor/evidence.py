"""How it looked where an alert was: small pictures of the newest alerts, in memory only.

    evidence = Evidence()
    tell = evidence.taking(tell, lambda: engine)          # each alert that is told leaves a picture
    evidence.pictures(event_id, redact=True)              # [Picture('after', ...)], encoded now

Pictures that leave the machine are blacked out where the lines that stood there hold secrets. What was on the screen
before is known as a picture only: its lines are not, so it is never among those.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.action.pictures import Picture
from ironcliw.errors import ArchiveError, IpcError
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.history import Archive
from ironcliw.ipc import Handler, Reply, Request
from ironcliw.redaction import Gate
from ironcliw.text.screen import Line

MOST_ALERTS = 12
WIDEST_PX, HIGHEST_PX = 640, 400
_AROUND_PX = 24
_LARGEST_PX = 1280 * 800
"""Of a larger region only the middle is shown."""


class Shown(Protocol):
    """What is asked of an engine."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of text that is known to be on the screen now."""
        ...

    def snapshot(self) -> NDArray[np.uint8]:
        """The screen as it was last looked at, (h, w, 4) uint8 BGRX."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    """Pixels of ``box``, (h, w, 3) uint8 RGB, scaled down by ``factor``; the lines in it; when it began to look so.

    sent: what a model has judged by, as it was sent
    """

    box: Rect
    pixels: NDArray[np.uint8]
    factor: int
    lines: tuple[Line, ...]
    time_ns: int
    sent: tuple[Picture, ...] = ()


class Sent(Protocol):
    """A picture that went to a model."""

    @property
    def label(self) -> str:
        """``now`` or ``before``."""
        ...

    @property
    def png(self) -> bytes:
        """As it was sent."""
        ...


class Evidence:
    """Pictures of the newest alerts, 12 of at most 640 x 400 pixels: 9 MB where all are as large.

    archive: where the screen before them is had, if it is kept
    sent: what a model was shown, where an alert comes of its answer
    """

    def __init__(
        self,
        archive: Callable[[], Archive | None] = lambda: None,
        sent: Callable[[Event], Sequence[Sent]] = lambda event: (),
    ) -> None:
        self._archive, self._sent = archive, sent
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def taking(self, tell: Callable[[Event], None], engine: Callable[[], Shown | None]) -> Callable[[Event], None]:
        """``tell``, which also keeps a picture of each alert; to be called with the engine at rest."""

        def take(event: Event) -> None:
            if event.type == "alert" and (shown := engine()) is not None:
                self.add(event, shown)
            tell(event)

        return take

    def add(self, event: Event, engine: Shown) -> None:
        """Keep how the regions of ``event`` look now."""
        sent = self._sent(event)
        if not event.regions and not sent:
            return
        pixels = engine.snapshot()
        height, width = pixels.shape[:2]
        box = _around(event.regions or (Rect(0, 0, width, height),), width, height)
        if box is None:
            return
        kinds = {"now": "sent", "before": "sent before"}
        judged = tuple(Picture(kinds.get(each.label, "sent"), box, each.png) for each in sent)
        lines = tuple(line for line in engine.lines if line.box.overlaps(box))
        small, factor = _scaled(_cut(pixels, box))
        with self._lock:
            self._kept[event.id] = _Kept(box, small, factor, lines, round(event.time * clock.SECOND), judged)
            while len(self._kept) > MOST_ALERTS:
                self._kept.popitem(last=False)

    def pictures(self, event_id: str, *, redact: bool = True) -> list[Picture]:
        """What is kept of an alert: ``after``; before it ``before``, where secrets may be shown and it is known; then
        what a model has judged by, ``sent before`` and ``sent``, in which secrets are black in any case.
        """
        with self._lock:
            kept = self._kept.get(event_id)
        if kept is None:
            return []
        pictures = [Picture("after", kept.box, png(_without_secrets(kept) if redact else kept.pixels))]
        archive = None if redact else self._archive()
        if archive is not None:
            try:
                frame = archive.frame_at(max(0, kept.time_ns - clock.MS))
                pictures.insert(0, Picture("before", kept.box, png(_scaled(_cut(frame.pixels, kept.box))[0])))
            except ArchiveError:
                pass  # it reaches back less far
        return [*pictures, *kept.sent]

    def handler(self, request: Request) -> Reply:
        """Answers ``pictures``: ``id`` of an event, ``redact``; the pictures one behind the other in the bytes."""
        event_id = request.arguments.get("id")
        if not isinstance(event_id, str):
            raise IpcError("pictures: expected id, that of an event")
        pictures = self.pictures(event_id, redact=request.arguments.get("redact") is not False)
        told = [{"when": each.when, "box": list(each.box), "bytes": len(each.png)} for each in pictures]
        return Reply({"pictures": told}, b"".join(each.png for each in pictures))

    def handlers(self) -> dict[str, Handler]:
        """What it answers to other processes."""
        return {"pictures": self.handler}


def _around(regions: tuple[Rect, ...], width: int, height: int) -> Rect | None:
    """What to show: the regions and a little more; of what is too large its middle."""
    box = regions[0]
    for region in regions[1:]:
        box = box.union(region)
    box = box.grown(_AROUND_PX, _AROUND_PX).clipped(width, height)
    if box is None or box.area <= _LARGEST_PX:
        return box
    wide, high = min(box.width, 1280), min(box.height, 800)
    return Rect(box.x + (box.width - wide) // 2, box.y + (box.height - high) // 2, wide, high)


def _cut(pixels: NDArray[np.uint8], box: Rect) -> NDArray[np.uint8]:
    inside = box.clipped(pixels.shape[1], pixels.shape[0]) or Rect(0, 0, 1, 1)
    return pixels[inside.y : inside.bottom, inside.x : inside.right, 2::-1]


def _scaled(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """The means of squares of pixels, so that it fits, and the side of those squares: nothing hidden comes to light."""
    height, width = pixels.shape[:2]
    factor = max(1, -(-width // WIDEST_PX), -(-height // HIGHEST_PX))
    if factor == 1:
        return np.ascontiguousarray(pixels), 1
    rows, columns = height // factor, width // factor
    whole = pixels[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor, 3)
    return np.rint(whole.mean(axis=(1, 3))).astype(np.uint8), factor


def _without_secrets(kept: _Kept) -> NDArray[np.uint8]:
    pixels = kept.pixels.copy()
    for box in Gate().boxes(kept.lines):
        at = box.moved(-kept.box.x, -kept.box.y) if box.width < 65_536 else box
        top, left = max(0, at.y // kept.factor), max(0, at.x // kept.factor)
        pixels[top : max(0, -(-at.bottom // kept.factor)), left : max(0, -(-at.right // kept.factor))] = 0
    return pixels


def png(pixels: NDArray[np.uint8]) -> bytes:
    """(h, w, 3) uint8 RGB as a PNG file."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, 3 * width)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
