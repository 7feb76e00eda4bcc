"""Another process's frames, without a copy.

    with attach() as ring:
        with ring.latest() as frame:
            frame.pixels                  # (h, w, 4) uint8 BGRX, read-only
        while (frame := ring.wait(10)) is not None:
            with frame: ...

Reading takes no lock, and the watcher never waits for a reader: who is too slow gets RecycledFrameError.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ironcliw import clock
from ironcliw.errors import HistoryError, IpcError, SettingsError, WriterGoneError
from ironcliw.history.frame import RingFrame
from ironcliw.history.frames import ArchivedFrame
from ironcliw.history.layout import VERSION
from ironcliw.history.mapped import MappedRing
from ironcliw.history.serving import ArchiveClient
from ironcliw.history.words import Taken
from ironcliw.ipc import Connection, socket_path

log = logging.getLogger("ironcliw.history")

_now_ns = clock.monotonic_ns
_NAP_NS = 500 * clock.MS
"""A reader that sleeps looks this often whether there still is a watcher: one that is killed cannot wake it."""
_TRUSTED_NS = 2 * clock.MS
"""A reader that looks again and again does not look each time whether the watcher's process is there."""
_LONGEST_WAIT_S = 10 * 365 * 86_400.0


def attach(
    name: str = "watch", *, path: Path | None = None, timeout_s: float = 5.0, screen: str | None = None
) -> RingReader:
    """The frames of the running watcher ``name`` (or of whoever answers at ``path``), to be read without a copy.

    timeout_s: how long the watcher may take to answer
    screen: which one, where the watcher watches several (``start --all --share``)

    Raises NoWatcherError where there is none, IpcError with what the watcher says where it shares nothing (yet), and
    HistoryError where its frames cannot be read here or by this version.
    """
    return RingReader(path or socket_path(name), timeout_s, screen)


class RingReader:
    """A watcher's ring of frames. Close it, or use it as a ``with`` block; one thread at a time.

    Where the screen's size changes or the display is found again, the watcher begins a new ring: this finds it by
    itself. Where the watcher has ended, every call raises WriterGoneError within a second until another answers.
    """

    def __init__(self, path: Path, timeout_s: float = 5.0, screen: str | None = None) -> None:
        if not hasattr(os, "memfd_create"):
            raise HistoryError("frames of another process cannot be read on this system yet")
        self.path, self.screen = path, screen
        self._timeout_s = timeout_s
        self._ring: MappedRing | None = self._opened()
        self._least = 0
        self._trusted_until_ns = 0
        self._blank = RingFrame()
        self._had: Taken | None = None
        """What the last wait returned, until the next one makes ready for what follows it."""

    @property
    def source(self) -> str:
        """Name of the source whose frames these are."""
        return self._current().description.source

    @property
    def slots(self) -> int:
        """How many frames the ring has room for; one of them is always being captured."""
        return self._current().description.slots

    @property
    def seconds_since_verified(self) -> float:
        """Seconds since the newest frame was last known to be what the screen shows."""
        return max(0, _now_ns() - self._current().verified_ns) / clock.SECOND

    def latest(self) -> RingFrame:
        """The newest frame. Raises WriterGoneError; RecycledFrameError where it cannot be caught."""
        if self._had is not None:
            self._make_ready(self._had)
        frame = self._current().newest()
        if frame is None:
            raise HistoryError("the watcher has not captured a frame yet: try again")
        self._least = max(self._least, frame.sequence + 1)
        return frame

    def wait(self, timeout_s: float | None = None) -> RingFrame | None:
        """The next frame that this reader has not had yet (the newest of them), or None where none came in time.

        Raises WriterGoneError within a second of the watcher's end.
        """
        if timeout_s and not 0 <= timeout_s <= _LONGEST_WAIT_S:
            raise SettingsError(f"timeout_s must be 0 to {_LONGEST_WAIT_S:.0f}, not {timeout_s}")
        if self._had is not None:
            self._make_ready(self._had)
        ring = self._ring
        if ring is None or _now_ns() >= self._trusted_until_ns:
            ring = self._current()
        taken = ring.newer(self._least)
        if taken is None:
            if timeout_s != 0:
                ring, taken = self._slept(timeout_s)
            if taken is None:
                return None
        self._had = taken
        return self._blank.hold(taken, ring.views[taken.slot], ring.monitor)

    def _make_ready(self, had: Taken) -> None:
        """What a wait leaves undone, because whoever waited has its frame sooner: what it is to wait for next."""
        self._least = had.sequence + 1
        self._blank = RingFrame()
        self._had = None

    def _slept(self, timeout_s: float | None) -> tuple[MappedRing, Taken | None]:
        """The next frame once there is one, asleep until then, and the ring that it is in."""
        limit_s = _LONGEST_WAIT_S if timeout_s is None else timeout_s
        deadline_ns = _now_ns() + int(limit_s * clock.SECOND)
        while True:
            ring, left_ns = self._current(), deadline_ns - _now_ns()
            # Where the time is up it may have been killed; else a signal came, or it began a new ring.
            taken = ring.wait(self._least, max(0, min(left_ns, _NAP_NS)))
            if taken is not None or left_ns <= 0:
                return ring, taken

    def frames(self) -> list[RingFrame]:
        """The frames that are there now, oldest first; each differs from the one before. Raises WriterGoneError."""
        return self._current().frames()

    def since(self, seconds: float) -> Iterator[RingFrame | ArchivedFrame]:
        """The frames of the last ``seconds``, oldest first, with the one that was on the screen when they began.

        Those that the ring has moved on from come from the watcher's archive, rebuilt, as far back as that goes, where
        it keeps one. Each frame of the ring is left, and checked, when the next one is asked for: raises
        RecycledFrameError where it was recycled while it was looked at. Those that were recycled before are left out.
        """
        if not (math.isfinite(seconds) and 0 <= seconds <= _LONGEST_WAIT_S):
            raise SettingsError(f"seconds must be 0 to {_LONGEST_WAIT_S:.0f}, not {seconds}")
        from_ns = _now_ns() - int(seconds * clock.SECOND)
        frames = self.frames()
        first = max((number for number, frame in enumerate(frames) if frame.captured_ns <= from_ns), default=0)
        reaches_back = bool(frames) and frames[0].captured_ns <= from_ns
        return _looked_at(frames[first:]) if reaches_back else self._with_archived(seconds, frames)

    def _with_archived(self, seconds: float, frames: list[RingFrame]) -> Iterator[RingFrame | ArchivedFrame]:
        """The frames of the archive from before those of the ring, then these."""
        # A closer look would be one of pixels: what stands in both stands there with the same time.
        first_ns = min((frame.time_ns for frame in frames), default=2**63 - 1)
        try:
            with Connection(self.path, self._timeout_s) as connection:
                for archived in ArchiveClient(connection, self.screen).since(seconds):
                    if archived.time_ns >= first_ns:
                        break
                    yield archived
        except IpcError as error:
            log.debug("no earlier frames: %s", error)
        yield from _looked_at(frames)

    def close(self) -> None:
        """Let go of the ring; views of frames stay readable. May be called twice."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None
        self._had = None
        self._timeout_s = 0.0
        self._trusted_until_ns = 0

    def _current(self) -> MappedRing:
        """The ring that the watcher writes into now."""
        if self._timeout_s == 0.0:
            raise ValueError("this reader is closed")
        if self._ring is not None and not self._ring.alive:
            self._ring.close()
            self._ring = None
        if self._ring is None:
            self._ring = self._found_again()
        self._trusted_until_ns = _now_ns() + _TRUSTED_NS
        return self._ring

    def _found_again(self) -> MappedRing:
        if self._had is not None:
            self._make_ready(self._had)
        try:
            ring = self._opened()
        except (IpcError, HistoryError) as error:
            raise WriterGoneError(f"the frames that were read are gone: {error}") from None
        if not ring.alive:
            ring.close()
            raise WriterGoneError("the watcher whose frames were read has ended: start one with 'ironcliw start'")
        # A ring of the same watch goes on counting where the last one ended; another watch begins anew.
        if ring.description.first_sequence < self._least:
            self._least = 0
        return ring

    def _opened(self) -> MappedRing:
        with Connection(self.path, self._timeout_s) as connection:
            named = {} if self.screen is None else {"screen": self.screen}
            reply = connection.ask("ring", version=VERSION, **named)
        if len(reply.fds) != 1:
            for fd in reply.fds:
                os.close(fd)
            raise HistoryError("the watcher handed over no ring of frames: use one version on both sides")
        return MappedRing(reply.fds[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _looked_at(frames: list[RingFrame]) -> Iterator[RingFrame]:
    for frame in frames:
        if frame.is_current:
            with frame:
                yield frame
