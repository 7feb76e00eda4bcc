"""Lines read twice where need be: at a glance, and those in doubt by the recogniser; several lines at a time.

for number, reading in LineReader(quick, recogniser, threads=2).read(crops, go_on): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from ironcliw.text.paddle.decode import Reading
from ironcliw.text.paddle.picture import Pixels
from ironcliw.text.paddle.quick import QuickRecogniser
from ironcliw.text.paddle.recogniser import Recogniser


class LineReader:
    """Reads lines, each for itself, so that what else is read never changes a line.

    threads: lines read at once. One line after the other, each by as many threads, takes the recogniser 1.3 times as
    long: they wait for each other at every layer.
    """

    def __init__(self, quick: QuickRecogniser, recogniser: Recogniser, threads: int) -> None:
        self._quick = quick
        self._recogniser = recogniser
        self._threads = threads

    def read(self, crops: Sequence[Pixels], go_on: Callable[[], None]) -> Iterator[tuple[int, Reading]]:
        """Number and reading of each crop, in order, as they come.

        go_on: asked before or after each line; what it raises ends the reading, once the lines under way are read
        """
        if len(crops) < 2 or self._threads < 2:
            for number, crop in enumerate(crops):
                go_on()
                yield number, self._read(crop)
            return
        # Threads that live as long as one picture is read: nothing has to be ended when an engine goes away.
        with ThreadPoolExecutor(min(self._threads, len(crops)), "lines") as pool:
            try:
                for number, reading in enumerate(pool.map(self._read, crops)):
                    go_on()
                    yield number, reading
            finally:
                pool.shutdown(cancel_futures=True)

    def _read(self, crop: Pixels) -> Reading:
        return self._quick.read(crop) or self._recogniser.read(crop)
