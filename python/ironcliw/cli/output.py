"""Lines to standard output, and what happens where they cannot be written or nobody reads them.

lines = LineWriter()
lines.write("...")                    # OutputError where the disk is full, ReaderGoneError where nobody reads them
lines.give_up_after(3.0)              # called when the watch is to end
lines.close()
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from ironcliw.errors import IroncliwError


class OutputError(IroncliwError):
    """Standard output cannot be written to."""


class ReaderGoneError(OutputError):
    """Whoever was to read standard output is gone, or does not read it."""


class LineWriter:
    """Writes whole lines to standard output, each at once. For the main thread, which is the one signals reach."""

    def __init__(self) -> None:
        self._writing = False
        self._timed = False

    def write(self, line: str) -> None:
        """Write one line and flush it. Raises OutputError, or ReaderGoneError where nobody is there to read it."""
        self._writing = True
        try:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise ReaderGoneError("nobody reads standard output any more") from None
        except OSError as error:
            raise OutputError(f"cannot write to standard output: {(error.strerror or str(error)).lower()}") from None
        finally:
            self._writing = False

    def give_up_after(self, seconds: float) -> None:
        """From then on a ``write`` that is waiting for its reader ends in ReaderGoneError. Only the first call counts.

        A pipe that is full and never read would otherwise keep a watch from ending that was told to.
        """
        if not self._timed:
            self._timed = True
            signal.signal(signal.SIGALRM, self._give_up)
            signal.setitimer(signal.ITIMER_REAL, seconds, seconds)

    def close(self) -> None:
        """Nothing more is written."""
        if self._timed:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _give_up(self, number: int, frame: FrameType | None) -> None:
        if self._writing:
            raise ReaderGoneError("nobody reads standard output")


def open_missing() -> None:
    """Stand in for standard streams that we were started without: what is written there goes nowhere."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as we run
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as we run


def discard() -> None:
    """Let what could not be written go nowhere, so that the interpreter does not complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
