"""Lines read twice where need be: at a glance, several at a time; those in doubt by the recogniser, one by one.

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

    threads: lines looked at by the quick network at once; it runs each in a single thread, the recogniser in as many as
    it was opened with
    """

    def __init__(self, quick: QuickRecogniser, recogniser: Recogniser, threads: int) -> None:
        self._quick = quick
        self._recogniser = recogniser
        self._threads = threads

    def read(self, crops: Sequence[Pixels], go_on: Callable[[], None]) -> Iterator[tuple[int, Reading]]:
        """Number and reading of each crop, as they come: those without a doubt first.

        go_on: asked before each line; what it raises ends the reading
        """
        doubtful: list[int] = []
        for number, reading in enumerate(self._glances(crops, go_on)):
            if reading is None:
                doubtful.append(number)
            else:
                yield number, reading
        for number in doubtful:
            go_on()
            yield number, self._recogniser.read(crops[number])

    def _glances(self, crops: Sequence[Pixels], go_on: Callable[[], None]) -> Iterator[Reading | None]:
        if len(crops) < 2 or self._threads < 2:
            for crop in crops:
                go_on()
                yield self._quick.read(crop)
            return
        # Threads that live as long as one picture is read: nothing has to be ended when an engine goes away.
        with ThreadPoolExecutor(min(self._threads, len(crops)), "glance") as pool:
            try:
                for reading in pool.map(self._quick.read, crops):
                    go_on()
                    yield reading
            finally:
                pool.shutdown(cancel_futures=True)
