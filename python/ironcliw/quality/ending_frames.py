"""The last frame of a recording, read whole, beside what the watcher knew when it ended.

ending, end = compare_end(recording, observed.ending)
"""

from __future__ import annotations

from dataclasses import replace

from ironcliw.quality.endings import End, Ending
from ironcliw.quality.observing import Kept
from ironcliw.quality.recordings import Recording, play
from ironcliw.text import open_engine


def compare_end(recording: Recording, kept: Kept) -> tuple[Ending, End]:
    """Play the recording to its end, read its last frame with a fresh engine, and compare. SourceError, ModelError."""
    name, pixels = recording.truth.name, kept.pixels
    for frame in play(recording.spec):
        pixels = frame.pixels.copy()

    whole = tuple(open_engine().read(pixels))
    seen = open_engine().read(kept.pixels)
    ending = Ending.of(name, kept.lines, whole)
    return replace(ending, seen_wrong=Ending.of(name, kept.lines, seen).wrong), End(name, whole)
