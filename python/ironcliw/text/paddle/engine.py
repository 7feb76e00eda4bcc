"""The PP-OCR engine: blank parts skipped, lines found, each line's picture read once.

engine = PaddleEngine()
for line in engine.read(pixels):      # (h, w, 4) uint8 BGRX
    print(line.text, line.box)
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.memory import Ledger
from ironcliw.text.models import find_models
from ironcliw.text.paddle.cache import LineCache, fingerprint
from ironcliw.text.paddle.decode import Reading
from ironcliw.text.paddle.detector import TILE_HEIGHT_PX, TILE_WIDTH_PX, Detector
from ironcliw.text.paddle.lines import text_lines
from ironcliw.text.paddle.picture import Pixels, checked
from ironcliw.text.paddle.quick import QuickRecogniser
from ironcliw.text.paddle.reader import LineReader
from ironcliw.text.paddle.recogniser import Recogniser
from ironcliw.text.paddle.session import Network, return_memory
from ironcliw.text.paddle.strips import StripCache
from ironcliw.text.protocol import ReadingStoppedError, ReadLine

log = logging.getLogger("ironcliw")

LEAST_CONFIDENCE = 0.5
"""Lines whose characters are less probable than this on average are icons and pictures, not text."""

SHORT_CONFIDENCE = {1: 0.8, 2: 0.7}
"""The same for lines of one glyph or two. Of the labelled recordings' short lines, most below are icons."""

LONGEST_GLYPH = 4
"""Glyphs are not so many times wider than high: one or two on such a box were read out of a rule or a frame."""

LEAST_RISE_PX = 5
"""Letters rise higher; rows of dots, such as tests that pass, need not."""

_DOTS = frozenset(".·… ")

LEAST_SIDE_PX = 5
"""Nothing flatter than this can be read."""

LINE_MARGIN = 0.2
"""Blank pixels around a line, in line heights."""

SCRIPTS = "Latin, Greek, Chinese and Japanese"
"""The scripts that the networks know; some signs and symbols beside."""

CACHE_ENTRIES = 8192
CACHE_BYTES = 4 << 20
CACHE_SHRUNK_BYTES = CACHE_BYTES // 8
"""What readings of line pictures may take, and where text was found in strips, each; and where memory is scarce."""

LOADED = 2.3
"""Networks take this many times their files, as they are loaded."""

TILE_BYTES = 430
"""What the detecting network takes for each pixel of the tile that it looks at."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What an engine has done since it was made.

    pixels_read: pixels of the pictures given
    pixels_detected: of those, pixels put before the detecting network
    lines_recognised: lines read by the recognising network
    cache_hits: lines whose very picture had been read before
    lines_unread: of the lines recognised, those with words in a script that the networks do not know
    """

    pixels_read: int = 0
    pixels_detected: int = 0
    lines_recognised: int = 0
    cache_hits: int = 0
    lines_unread: int = 0


class PaddleEngine:
    """Reads text with the PP-OCRv6 networks on the CPU (a ``TextEngine``).

    threads: CPU threads for one picture; by default two, or one where only one core may be used
    models: folder of the model files, if not the package's own
    on_recognise: is shown each line's picture that the recognising network is about to read; to count, not to keep

    The networks are loaded by the first ``read`` or by ``load``. Not to be shared between threads.
    """

    name = "paddle"
    scripts = f"{SCRIPTS}; words in others are left out and counted, never guessed; upright lines only"

    def __init__(
        self,
        threads: int | None = None,
        models: Path | None = None,
        on_recognise: Callable[[Pixels], None] = lambda crop: None,
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"an engine needs one thread or more, not {threads}")
        self._threads = min(2, usable_cores()) if threads is None else threads
        self._models = models
        self._on_recognise = on_recognise
        self._networks: tuple[Detector, LineReader] | None = None
        self._cache = LineCache(CACHE_ENTRIES, CACHE_BYTES)
        self._strips = StripCache(CACHE_ENTRIES, CACHE_BYTES)
        self._pixels_read = self._lines_recognised = self._cache_hits = self._lines_unread = 0
        self._given_up = False
        self._reading_bytes = self._models_bytes = self._detected_before = 0

    def hold(self, ledger: Ledger) -> None:
        """Count what is held on the accounts ``models`` and ``text`` of this ledger from now on."""
        ledger.account("models").gauge(self, lambda engine: engine._models_bytes)
        ledger.account("text").gauge(self, lambda engine: engine._remembered_bytes + engine._reading_bytes)

    @property
    def _remembered_bytes(self) -> int:
        return self._cache.used_bytes + self._strips.used_bytes

    def shrink(self) -> None:
        """Keep only an eighth of what was read before. From any thread."""
        self._cache.limit(CACHE_SHRUNK_BYTES)
        self._strips.limit(CACHE_SHRUNK_BYTES)

    def grow(self) -> None:
        """Keep as much as usual again. From any thread."""
        self._cache.limit(CACHE_BYTES)
        self._strips.limit(CACHE_BYTES)

    def give_up(self) -> None:
        """Let the ``read`` that is under way, or comes next, raise ReadingStoppedError soon. From any thread."""
        self._given_up = True

    def _go_on(self) -> None:
        if self._given_up:
            self._given_up = False
            raise ReadingStoppedError

    def forget(self) -> None:
        """Forget where text stood, so that the next ``read`` looks for it everywhere. From the thread that reads."""
        self._strips.clear()

    def rest(self) -> None:
        """Let the networks go until the next ``read``, which loads them again. From the thread that reads."""
        self._given_up = False
        self._detected_before = self.counters.pixels_detected
        self._networks = None
        self._models_bytes = 0
        return_memory()

    @property
    def counters(self) -> Counters:
        """What was done so far."""
        detected = self._detected_before + (self._networks[0].pixels_seen if self._networks else 0)
        return Counters(self._pixels_read, detected, self._lines_recognised, self._cache_hits, self._lines_unread)

    @property
    def lines_unread(self) -> int:
        """Lines so far with words in a script that the networks do not know; those words are in no reading."""
        return self._lines_unread

    def load(self) -> None:
        """Verify and load the networks now. ModelError where that fails."""
        self._loaded()

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, top to bottom, then left to right.

        ValueError for another dtype or shape, ModelError where the networks cannot be loaded, ReadingStoppedError where
        it was given up.
        """
        picture = checked(pixels)
        height, width = picture.shape[:2]
        self._pixels_read += height * width
        if min(height, width) < LEAST_SIDE_PX:
            return []
        detector, reader = self._loaded()
        before = self.counters
        read: list[ReadLine] = []
        self._reading_bytes = TILE_BYTES * min(height, TILE_HEIGHT_PX) * min(width, TILE_WIDTH_PX)
        try:
            lines = text_lines(picture, detector.find(picture, self._go_on))
            readings = self._recognised(reader, [line.cut(picture, LINE_MARGIN) for line in lines])
            for line, (text, confidence, _) in zip(lines, readings, strict=True):
                if text and confidence >= LEAST_CONFIDENCE and not is_drawing(text, line.box, confidence):
                    read.append(ReadLine(text, line.box, confidence))
        finally:
            self._reading_bytes = 0
        if self.counters != before:
            return_memory()
        return read

    def _recognised(self, reader: LineReader, crops: list[Pixels]) -> list[Reading]:
        keys = [fingerprint(crop) for crop in crops]
        readings: dict[bytes, Reading] = {}
        new: dict[bytes, Pixels] = {}
        for key, crop in zip(keys, crops, strict=True):
            known = None if key in readings or key in new else self._cache.get(key)
            if known is not None:
                readings[key] = known
            elif key not in readings and key not in new:
                new[key] = crop
                self._on_recognise(crop)
        self._cache_hits += len(crops) - len(new)
        new_keys = list(new)
        for number, reading in reader.read(list(new.values()), self._go_on):
            self._lines_recognised += 1
            if reading.unread:
                self._note_unread()
            self._cache.put(new_keys[number], reading)
            readings[new_keys[number]] = reading
        return [readings[key] for key in keys]

    def _note_unread(self) -> None:
        self._lines_unread += 1
        if self._lines_unread == 1:
            log.warning("text in a script that the models cannot read: its words are left out (they read %s)", SCRIPTS)

    def _loaded(self) -> tuple[Detector, LineReader]:
        if self._networks is None:
            files = find_models(self._models)
            detector = Detector(self._opened(files.detector), self._strips)
            recogniser = Recogniser(self._opened(files.recogniser), lambda: self._opened(files.scripts))
            quick = QuickRecogniser(self._opened(files.quick, threads=1))
            self._networks = detector, LineReader(quick, recogniser, self._threads)
        return self._networks

    def _opened(self, file: Path, threads: int | None = None) -> Network:
        self._models_bytes += int(LOADED * file.stat().st_size)
        return Network(file, threads or self._threads)


def is_drawing(text: str, box: Rect, confidence: float) -> bool:
    """Whether what was read as ``text`` is more likely an icon, a rule or the frame of a table.

    Such readings come and go with every look at them, and nobody waits for them.
    """
    glyphs = len(text) - text.count(" ")
    if confidence < SHORT_CONFIDENCE.get(glyphs, 0.0):
        return True
    if glyphs <= 2 and box.width > LONGEST_GLYPH * glyphs * box.height:
        return True
    return box.height < LEAST_RISE_PX and not set(text) <= _DOTS


def usable_cores() -> int:
    """CPU cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
