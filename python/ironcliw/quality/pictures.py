"""Pictures of what was missed, for people: the screen at the labelled moment, the label's box drawn on it.

    names = of_events(recording, score, Path("misses"))     # by the event's place in score.events

Only where a folder is named: screens are private, and so are pictures of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ironcliw.frame import Rect
from ironcliw.quality.recordings import Recording, play
from ironcliw.quality.scoring import RecordingScore
from ironcliw.quality.truth import LABEL_ERROR_S

AROUND_PX = 80
"""How much of the screen around a label's box is kept."""
_RED = (255, 0, 64)


def of_events(recording: Recording, score: RecordingScore, folder: Path) -> dict[int, str]:
    """Write a picture of each missed event into ``folder``; their names, by the event's index in ``score.events``."""
    waiting = sorted(
        (event.event.window.last_s + LABEL_ERROR_S, index)
        for index, event in enumerate(score.events)
        if not event.found
    )
    names: dict[int, str] = {}
    shown: NDArray[np.uint8] | None = None

    def write(pixels: NDArray[np.uint8], index: int) -> None:
        event = score.events[index].event
        name = f"{score.truth.name}-{event.due_s:07.2f}-{index}.png"
        names[index] = save(pixels, event.box, folder / name)

    for frame in play(recording.spec) if waiting else ():
        # What was shown until now is what there was to see at every moment before this frame.
        while shown is not None and waiting and waiting[0][0] < frame.time_s:
            write(shown, waiting.pop(0)[1])
        if not waiting:
            break
        shown = frame.pixels.copy()
    for _, index in waiting:
        if shown is not None:
            write(shown, index)
    return names


def save(pixels: NDArray[np.uint8], box: Rect | None, path: Path) -> str:
    """Write the part of (h, w, 4) BGRX ``pixels`` around ``box``, which is drawn; all of it where there is none."""
    height, width = pixels.shape[:2]
    whole = Image.frombuffer("RGB", (width, height), np.ascontiguousarray(pixels[:, :, :3]), "raw", "BGR", 0, 1).copy()
    part = box and box.grown(AROUND_PX, AROUND_PX).clipped(width, height)
    if box and part:
        ImageDraw.Draw(whole).rectangle((box.x - 2, box.y - 2, box.right + 1, box.bottom + 1), outline=_RED, width=2)
        whole = whole.crop((part.x, part.y, part.right, part.bottom))
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(path, optimize=True)
    return path.name
