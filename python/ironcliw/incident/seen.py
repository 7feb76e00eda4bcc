"""What one reading or one look showed, as far as incidents are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironcliw.frame import Rect
from ironcliw.objects.protocol import Detection
from ironcliw.text.screen import Line, TextUpdate
from ironcliw.text.thumbnail import Thumbnail


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading.

    update: what it changed of the screen's text
    at_start: lines that were there when the watch began and are read now for the first time; no news
    time_ns: source time at which it was taken
    since_ns: the source time since which a part of it looks as it does
    thumbnail: how it looked
    """

    update: TextUpdate
    at_start: Sequence[Line]
    time_ns: int
    since_ns: Callable[[Rect], int]
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn in a part of the screen.

    region: what changed there, in frame pixels
    time_ns: source time of the look
    thumbnail: how it and its surroundings looked
    detections: what is drawn there, boxes in frame pixels
    lines: every line of text that stands on the screen
    """

    region: Rect
    time_ns: int
    thumbnail: Thumbnail
    detections: Sequence[Detection]
    lines: Sequence[Line]
