"""Reading text with the program tesseract, where the system has it.

engine = TesseractEngine(languages="eng+rus")
lines = engine.read(pixels)           # (h, w, 4) uint8 BGRX

Pictures go to the program through a pipe and its table comes back through one: nothing is written to a disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.errors import TextEngineError
from ironcliw.frame import Rect
from ironcliw.text.order import in_reading_order
from ironcliw.text.paddle.picture import Pixels, checked
from ironcliw.text.protocol import ReadLine

TIMEOUT_S = 60.0
"""A picture that takes longer is given up: a whole 4K screen takes some ten seconds."""

LEAST_CONFIDENCE = 0.3
"""Lines whose words the program is less sure of on average are pictures and icons, not text."""

LEAST_SIDE_PX = 5
"""Nothing flatter than this can be read."""

ENLARGED_PX = 4_000_000
"""Pictures of up to so many pixels are shown at twice their size: the program wants letters of 20 pixels and more."""

LARGEST_SIDE_PX = 32_767
"""What the program takes."""

_WORD = 5
"""The level of words in the program's table."""


class TesseractEngine:
    """Reads text by calling ``tesseract`` once a picture (a ``TextEngine``). Needs some 0.1 s a call to begin with.

    threads: CPU threads for one picture, the program's own default unless given
    program: its name or path
    languages: as ``tesseract -l`` takes them; the packages of these languages must be installed
    timeout_s: for one picture

    TextEngineError where the program or a language is missing. One call of ``read`` at a time for each thread.
    """

    name = "tesseract"

    def __init__(
        self,
        threads: int | None = None,
        program: str = "tesseract",
        languages: str | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        path = shutil.which(program)
        if path is None:
            raise TextEngineError(
                f"the program {program} is not installed: on Debian, apt-get install tesseract-ocr (and "
                "tesseract-ocr-LANGUAGE for languages other than English)"
            )
        self._program, self._timeout_s = path, timeout_s
        self._environment = os.environ | ({} if threads is None else {"OMP_THREAD_LIMIT": str(threads)})
        installed = self._installed()
        self._languages = languages or "+".join(installed)
        missing = [each for each in self._languages.split("+") if each not in installed]
        if missing or not installed:
            wanted = ", ".join(missing) or "at all"
            raise TextEngineError(f"{path} has no language {wanted}: on Debian, apt-get install tesseract-ocr-LANGUAGE")
        self.scripts = f"those of the languages {', '.join(self._languages.split('+'))}; others may be guessed"

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, top to bottom, then left to right.

        ValueError for another dtype or shape; TextEngineError where the program fails or takes longer than its time.
        """
        picture = checked(pixels)
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE_PX:
            return []
        if max(height, width) > LARGEST_SIDE_PX:
            raise TextEngineError(f"tesseract reads at most {LARGEST_SIDE_PX} pixels a side, not {width}x{height}")
        scale = 2 if height * width <= ENLARGED_PX and 2 * max(height, width) <= LARGEST_SIDE_PX else 1
        table = self._run(["stdin", "stdout", "-l", self._languages, "--psm", "11", "tsv"], _portable(picture, scale))
        return in_reading_order(_lines(table.splitlines(), scale, width, height))

    def _installed(self) -> list[str]:
        listed = self._run(["--list-langs"], b"").splitlines()[1:]
        return [name.strip() for name in listed if name.strip() and name.strip() != "osd"]

    def _run(self, arguments: list[str], given: bytes) -> str:
        try:
            done = subprocess.run(
                [self._program, *arguments],
                input=given,
                capture_output=True,
                timeout=self._timeout_s,
                env=self._environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TextEngineError(f"{self._program} was not done after {self._timeout_s:g} s") from None
        except OSError as error:
            raise TextEngineError(f"cannot run {self._program}: {error.strerror or error}") from error
        if done.returncode != 0:
            raise TextEngineError(f"{self._program} ended with {done.returncode}: is the installation whole?")
        return done.stdout.decode("utf-8", "replace")


def _portable(picture: Pixels, scale: int) -> bytes:
    """``picture`` as a binary PGM file, enlarged."""
    height, width = picture.shape[:2]
    grey = Image.fromarray(np.ascontiguousarray(picture[:, :, 2::-1])).convert("L")
    if scale != 1:
        grey = grey.resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    return b"P5\n%d %d\n255\n" % grey.size + grey.tobytes()


def _lines(table: Iterable[str], scale: int, width: int, height: int) -> list[ReadLine]:
    """The lines of the program's table.

    Its rows are level, page, block, paragraph, line, word, box, confidence and text.
    """
    words: dict[tuple[str, ...], list[tuple[str, Rect, float]]] = {}
    for row in table:
        fields = row.split("\t")
        if len(fields) != 12 or fields[0] != str(_WORD) or not fields[11].strip():
            continue
        left, top, wide, high = (int(field) for field in fields[6:10])
        right, bottom = -(-(left + wide) // scale), -(-(top + high) // scale)
        box = Rect(left // scale, top // scale, right - left // scale, bottom - top // scale).clipped(width, height)
        if box is not None:
            words.setdefault(tuple(fields[1:5]), []).append((fields[11].strip(), box, float(fields[10]) / 100))
    read: list[ReadLine] = []
    for line in words.values():
        text = " ".join(word for word, _, _ in line)
        box = line[0][1]
        for _, other, _ in line[1:]:
            box = box.union(other)
        confidence = sum(sure * len(word) for word, _, sure in line) / sum(len(word) for word, _, _ in line)
        confidence = min(1.0, max(0.0, confidence))
        if confidence >= LEAST_CONFIDENCE:
            read.append(ReadLine(text, box, confidence))
    return read
