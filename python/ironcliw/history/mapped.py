"""One ring's memory, mapped to be read.

ring = MappedRing(fd)                 # of what the watcher handed over; closes it
ring.newest()                         # the newest frame
ring.frames()                         # all that are there
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import HistoryError, RecycledFrameError
from ironcliw.history.allocation import check_sealed
from ironcliw.history.frame import RingFrame
from ironcliw.history.layout import HEADER_BYTES, LIVE, Description, constant_words, started_ticks, unpack
from ironcliw.history.words import Taken, check_shareable, open_words
from ironcliw.memory import CHANNELS

_TRIES = 100


class MappedRing:
    """The ring in memory file ``fd``, which is closed here. HistoryError where it is none that can be read."""

    def __init__(self, fd: int) -> None:
        self._watched: int | None = None
        try:
            check_shareable()
            check_sealed(fd)
            size_bytes = os.fstat(fd).st_size
            self.description: Description = unpack(os.pread(fd, HEADER_BYTES, 0), size_bytes)
            self._memory = mmap.mmap(fd, size_bytes, access=mmap.ACCESS_READ)
            whole = self.description
            constant = constant_words(whole.geometry, whole.stride, whole.epoch)
            self._words = open_words(self._memory, fd, whole.slots, constant, writable=False)
        except OSError as error:
            raise HistoryError(f"the watcher's frames cannot be mapped: {error.strerror or error}") from None
        finally:
            os.close(fd)
        # Who waits for a frame goes straight to these.
        self.newer = self._words.newer
        self.wait = self._words.wait
        self.monitor = whole.geometry.monitor
        self.views = [self._view(slot) for slot in range(whole.slots)]
        self._watched = _watch(whole.pid, whole.started)
        self._poll = select.poll()
        if self._watched is not None:
            self._poll.register(self._watched, select.POLLIN)

    @property
    def alive(self) -> bool:
        """Whether the watcher goes on with this ring: its process is there, too."""
        return self.goes_on and self._watched is not None and not self._poll.poll(0)

    @property
    def goes_on(self) -> bool:
        """Whether the watcher has not said that this ring has ended."""
        return self._words.state()[0] == LIVE

    @property
    def verified_ns(self) -> int:
        """When the newest frame was last known to be what the source shows, on the monotonic clock."""
        return self._words.state()[1]

    def newest(self) -> RingFrame | None:
        """The newest frame; None before the first. RecycledFrameError where it cannot be caught."""
        for _ in range(_TRIES):
            slot = self._words.newest()
            if slot is None:
                return None
            taken = self._words.read(slot)
            if taken is not None:
                return self._frame(taken)
        raise RecycledFrameError("frames are drawn over faster than they can be looked at: use a larger ring")

    def frames(self) -> list[RingFrame]:
        """All frames that are there, oldest first."""
        found = [self._words.read(slot) for slot in range(self.description.slots)]
        frames = [self._frame(taken) for taken in found if taken is not None]
        return sorted(frames, key=lambda frame: frame.sequence)

    def close(self) -> None:
        """Let go of the memory; views of frames keep theirs. May be called twice."""
        self.views.clear()
        with contextlib.suppress(BufferError):  # a frame is still held; the mapping goes with it
            self._memory.close()
        if self._watched is not None:
            os.close(self._watched)
            self._watched = None

    def _frame(self, taken: Taken) -> RingFrame:
        return RingFrame().hold(taken, self.views[taken.slot], self.monitor)

    def _view(self, slot: int) -> NDArray[np.uint8]:
        whole = self.description
        height, width, stride = whole.geometry.height, whole.geometry.width, whole.stride
        rows = np.frombuffer(self._memory, np.uint8, height * stride, whole.offset(slot)).reshape(height, stride)
        return rows[:, : width * CHANNELS].reshape(height, width, CHANNELS)


def _watch(pid: int, started: int) -> int | None:
    """A descriptor of the process that becomes readable with its end; None where it has ended already."""
    try:
        watched = os.pidfd_open(pid)
    except OSError:
        return None
    # The number may have gone to another process since.
    if started_ticks(pid) != started:
        os.close(watched)
        return None
    return watched
