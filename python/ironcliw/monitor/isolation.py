"""One bad frame is left out, and watching goes on.

    isolation = Isolation(engine)
    isolation.capture(message, memory.pixels)     # an exception in it is counted as dropped["error"], not raised
    isolation.delay_s                             # how long to wait before the next, where none works any more

What was half done is void: the next capture is looked at as a whole and its text compared with what is known, so that
nothing is lost for longer than the bad frame. Errors of ours (a broken model, say) are raised: they do not mend.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ironcliw.change import Change
from ironcliw.errors import IroncliwError
from ironcliw.monitor.engine import Engine
from ironcliw.source.protocol import Capture

log = logging.getLogger("ironcliw.monitor")

_BLIND_AFTER = 3
"""So many bad frames in a row, and the screen counts as not seen."""
_LONGEST_DELAY_S = 5.0


class Isolation:
    """Of one engine; call it as that is called. ``strict``: raise after all, whoever runs the engine begins anew."""

    def __init__(self, engine: Engine, *, strict: bool = False) -> None:
        self._engine, self._strict = engine, strict
        self._in_a_row = 0
        self._whole = False
        self._logged: set[tuple[str, str]] = set()

    @property
    def delay_s(self) -> float:
        """Seconds to wait before the next capture; 0 unless several in a row went wrong."""
        over = self._in_a_row - _BLIND_AFTER
        return 0.0 if over < 0 else min(_LONGEST_DELAY_S, 0.25 * 2.0 ** min(over, 10))

    def capture(self, message: Capture, pixels: NDArray[np.uint8]) -> Change | None:
        """``Engine.capture``; None for a frame that it fails on, which is dropped."""
        counts = self._engine.counts
        before = counts.duplicate, counts.changed, counts.excluded
        if self._whole:
            message = message._replace(damage=None)
        try:
            change = self._engine.capture(message, pixels)
        except IroncliwError:
            raise
        except Exception as error:
            if self._strict:
                raise
            self._drop(message, before, error)
            return None
        if self._in_a_row >= _BLIND_AFTER:
            self._engine.gap(message.time_ns, "error", "end", "frames can be looked at again")
        self._in_a_row, self._whole = 0, False
        return change

    def _drop(self, message: Capture, before: tuple[int, int, int], error: Exception) -> None:
        self._note("a frame could not be looked at", error)
        counts = self._engine.counts
        counts.duplicate, counts.changed, counts.excluded = before
        self._engine.drop("error")
        self._engine.begin_anew(message.time_ns)
        self._whole = True
        self._in_a_row += 1
        if self._in_a_row == _BLIND_AFTER:
            detail = f"{_BLIND_AFTER} frames in a row could not be looked at ({type(error).__name__})"
            self._engine.gap(message.time_ns, "error", "begin", detail)

    @contextmanager
    def guard(self, what: str) -> Generator[None]:
        """Leave out what the block does, where it fails; ``what`` could not be done is said once for each kind."""
        try:
            yield
        except IroncliwError:
            raise
        except Exception as error:
            if self._strict:
                raise
            self._note(what, error)

    def _note(self, what: str, error: Exception) -> None:
        # The words of an exception may be the screen's: its kind has to do.
        kind = (what, type(error).__name__)
        if kind not in self._logged:
            self._logged.add(kind)
            log.warning("%s and is left out (%s); this is said once", *kind)
