"""What is done with a part of the screen beside the engine's lock: read its text, look for what is drawn in it.

perceiver = Perceiver(text_engine.read)
engine.finish_reading(reading, perceiver.read(reading))
engine.finish_look(look, perceiver.look(look))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ironcliw.memory import Ladder, Ledger
from ironcliw.memory.ladder import nothing
from ironcliw.monitor.looking import AROUND_PX, Look
from ironcliw.monitor.reading import Reading
from ironcliw.objects import Detection, Kind, ObjectDetector
from ironcliw.text import TextEngine, Thrifty
from ironcliw.text.protocol import ReadLine, forget_places

FLOATING: tuple[Kind, ...] = ("dialog", "toast")

ReadText = Callable[[NDArray[np.uint8]], list[ReadLine]]


class Perceiver:
    """Reads and looks. For one thread.

    read_text: takes (h, w, 4) uint8 BGRX, gives its lines
    detector: what looks; None for one of its own
    rest: lets the networks for reading go until they are needed again
    give_up: ends the reading that is under way with ReadingStoppedError; from any thread
    forget: lets it be forgotten where text stood, so that the next reading looks for it everywhere
    """

    def __init__(
        self,
        read_text: ReadText,
        detector: ObjectDetector | None = None,
        rest: Callable[[], None] = nothing,
        give_up: Callable[[], None] = nothing,
        forget: Callable[[], None] = nothing,
    ) -> None:
        self._read_text = read_text
        self.rest, self.give_up, self._forget = rest, give_up, forget
        # A watch without text never looks, and need not load a network; any other loads it before it begins.
        self._detector = None if read_text is read_nothing else detector or ObjectDetector()

    def read(self, reading: Reading) -> list[ReadLine]:
        """The lines that stand in ``reading``, boxes in frame pixels. Raises what reading text raises."""
        if reading.proof:
            self._forget()
        read = self._read_text(reading.pixels)
        return [replace(line, box=line.box.moved(reading.left, reading.top)) for line in read]

    def look(self, look: Look) -> list[Detection]:
        """What is drawn where something changed, boxes in frame pixels."""
        if self._detector is None:
            return []
        found = self._detector.find(look.pixels, look.lines, within=look.region.grown(*AROUND_PX), kinds=FLOATING)
        return [each for each in found if each.box.overlaps(look.region)]


def read_nothing(pixels: NDArray[np.uint8]) -> list[ReadLine]:
    """No text at all."""
    return []


def perceiver(reader: TextEngine | None, detector: ObjectDetector | None, memory: Ledger, ladder: Ladder) -> Perceiver:
    """What reads with ``reader`` (None: nothing is read) and finds what is drawn, within the budgets of ``memory``."""
    if reader is None:
        return Perceiver(read_nothing)
    forget = partial(forget_places, reader)
    if not isinstance(reader, Thrifty):
        return Perceiver(reader.read, detector, forget=forget)
    reader.hold(memory)
    ladder.on("caches", reader.shrink, reader.grow)
    return Perceiver(reader.read, detector, reader.rest, reader.give_up, forget)
