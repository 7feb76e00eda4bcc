"""Reading and looking at what comes again and again: each distinct picture by the real networks, once.

reader = RepeatedReader(open_engine(), lambda: source.round)
detector = RepeatedDetector()
reader.asked, reader.read_anew        # how many pictures, and how many the real engine was given

Recognising text takes a hundred times as long as everything else in a watch, so a day of it could not be accelerated.
The soak's pictures come again in every round; those that were read keep their real readings, in bounded memory. So that
nothing downstream gets used to the same words, every figure in a line is another one in each round.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.objects import Detection, Kind, ObjectDetector
from ironcliw.objects.protocol import KINDS
from ironcliw.text import ReadLine, TextEngine

ENTRIES_MOST = 4096

_DIGITS = re.compile(r"[0-9]{1,6}(?![0-9]*\s*%)")
_NUMBERS_A_ROUND = 1000

T = TypeVar("T")


class Remembered(Generic[T]):
    """The answers to the last ``ENTRIES_MOST`` distinct questions."""

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, T] = OrderedDict()
        self.asked = self.anew = 0

    def answer(self, question: Iterable[bytes | memoryview], find_out: Callable[[], T]) -> T:
        """What ``find_out`` answered when this was asked for the first time."""
        digest = hashlib.blake2b(digest_size=16)
        for part in question:
            digest.update(part)
        key = digest.digest()
        self.asked += 1
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        self.anew += 1
        if len(self._answers) >= ENTRIES_MOST:
            self._answers.popitem(last=False)
        found = self._answers[key] = find_out()
        return found


class RepeatedReader:
    """A ``TextEngine`` that gives each distinct picture to ``engine`` once, and varies figures by ``round_now()``."""

    def __init__(self, engine: TextEngine, round_now: Callable[[], int]) -> None:
        self.name = f"{engine.name}, each picture once"
        self.scripts = engine.scripts
        self._engine, self._round_now = engine, round_now
        self.known: Remembered[list[ReadLine]] = Remembered()

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """The lines of a (h, w, 4) uint8 picture, with this round's figures."""
        question = (repr(pixels.shape).encode(), np.ascontiguousarray(pixels).data)
        read = self.known.answer(question, lambda: self._engine.read(pixels))
        added = self._round_now() * _NUMBERS_A_ROUND
        return [replace(line, text=_DIGITS.sub(lambda run: str(int(run[0]) + added), line.text)) for line in read]


class RepeatedDetector(ObjectDetector):
    """An ``ObjectDetector`` that looks at each distinct picture once."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Remembered[list[Detection]] = Remembered()

    def find(
        self,
        pixels: NDArray[np.uint8],
        lines: Sequence[Rect] = (),
        within: Rect | None = None,
        kinds: Collection[Kind] = KINDS,
    ) -> list[Detection]:
        """See ``ObjectDetector.find``."""
        asked = repr((pixels.shape, tuple(lines), within, tuple(kinds))).encode()
        question = (asked, np.ascontiguousarray(pixels).data)
        return self.known.answer(question, lambda: super(RepeatedDetector, self).find(pixels, lines, within, kinds))
