"""The frames a watch has just seen: slots that its source captures into, and that other processes may read.

    ring = Ring("x11::0", budget_bytes=32 << 20)
    source.attach(ring.begin(geometry))   # the slot to capture into
    ...                                   # a capture that changed something:
    source.attach(ring.publish(time_ns, captured_ns, change.regions))

Readers take no lock and are never waited for: the slot that has been there longest is simply written into. See
``docs/reference/ring.md``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import FrameMemoryError, HistoryError, SettingsError
from ironcliw.frame import Geometry, Rect
from ironcliw.history.allocation import LARGEST_BYTES, allocate, seal
from ironcliw.history.layout import ENDED, LIVE, MOST_SLOTS, MOVED, Description, constant_words, slot_bytes_of
from ironcliw.history.words import open_words
from ironcliw.memory import CELL, CHANNELS, LARGEST_SIDE_PX, Behind, FrameMemory

log = logging.getLogger("ironcliw.history")

DEFAULT_BYTES = 32 << 20
FEWEST_SHARED = 3
"""One slot is being captured into; a reader needs time for the newest while the next one comes."""


_NOWHERE = (Rect(0, 0, 0, 0),)

_forks = 0
"""How many forks lie between this process and the one that loaded this."""


def _count_fork() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


class Slot(FrameMemory):
    """A frame's pixels within a ring's memory. Its ring closes it."""

    def __init__(self, pixels: NDArray[np.uint8], fd: int | None, offset: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        self._pixels = pixels
        self.fd = fd
        self.offset = offset
        self.size_bytes = pixels.nbytes

    def close(self) -> None:
        """The pixels cannot be had any more; they are the ring's to zero."""
        self._pixels = None


class Ring:
    """A ring of frames for one writer, empty until ``begin``.

    source: name of the source, for readers
    budget_bytes: what the slots may take together. Of them at least one is kept, and three where others are to read
    shared: whether other processes are to read: see ``sharing.ring_handlers``

    What is handed out may be written by one thread at a time; ``share`` may be called from any.
    """

    def __init__(self, source: str, budget_bytes: int = DEFAULT_BYTES, *, shared: bool = False) -> None:
        if not 0 <= budget_bytes <= LARGEST_BYTES:
            raise SettingsError(f"a ring of {budget_bytes} bytes: it must be 0 to {LARGEST_BYTES}")
        self.source = source
        self.budget_bytes = budget_bytes
        self.shared = shared
        self._lock = threading.Lock()
        self._published = threading.Condition(self._lock)
        self._epoch: _Epoch | None = None
        self._sequence = 0
        self._forks = _forks
        self._closed = False

    def begin(self, geometry: Geometry) -> FrameMemory:
        """New memory for frames of this geometry; the slot to capture the first of them into, whole.

        What was there is zeroed and let go of; its readers find the new ring by themselves. Raises FrameMemoryError.
        """
        self._check_ours()
        if not (0 < geometry.width <= LARGEST_SIDE_PX and 0 < geometry.height <= LARGEST_SIDE_PX):
            raise SettingsError(
                f"frames of {geometry.width}x{geometry.height}: each side must be 1 to {LARGEST_SIDE_PX}"
            )
        with self._lock:
            if self._epoch is not None:
                self._epoch.close(MOVED)
                self._epoch = None
            self._epoch = self._allocated(geometry)
            return self._epoch.lease

    @property
    def memory(self) -> FrameMemory:
        """The slot to capture into."""
        return self._current().lease

    @property
    def slots(self) -> int:
        """How many there are; one of them is being captured into."""
        return len(self._current().slots)

    @property
    def empty(self) -> bool:
        """Whether nothing was published since ``begin``."""
        return not self._current().sealed

    @property
    def size_bytes(self) -> int:
        """What all of it takes."""
        return self._current().description.size_bytes

    def publish(self, time_ns: int, captured_ns: int, changed: Sequence[Rect]) -> FrameMemory:
        """The slot that was captured into is the newest frame; returns the next one to capture into.

        time_ns, captured_ns: source time and monotonic clock of the capture
        changed: rectangles outside which it equals the frame before
        """
        with self._lock:
            epoch = self._epoch
            # What costs time comes once a reader has its frame.
            if epoch is None or not epoch.sealed or self._forks != _forks:
                epoch = self._first()
            x, y, width, height = changed[0] if len(changed) == 1 else reduce(Rect.union, changed or _NOWHERE)
            slot, following = epoch.turn
            epoch.show(slot, following, self._sequence, time_ns, captured_ns, x, y, width, height)
            self._sequence += 1
            return epoch.follow(changed)

    def verified(self, at_ns: int) -> None:
        """The newest frame is still what the source shows, as of ``at_ns`` on the monotonic clock."""
        self._current().words.set_verified(at_ns)

    def share(self, timeout_s: float) -> tuple[Description, int]:
        """What readers need: the description, and a descriptor that is the caller's to close.

        Waits at most ``timeout_s`` for the first frame. HistoryError where there is none yet, or no more.
        """
        with self._lock:
            self._published.wait_for(lambda: self._closed or (self._epoch and self._epoch.sealed), timeout_s)
            epoch = self._epoch
            if self._closed or epoch is None:
                raise HistoryError("the watch has ended: there are no frames to read")
            if epoch.fd is None:
                raise HistoryError("frames cannot be shared on this system yet")
            if len(epoch.slots) < FEWEST_SHARED:
                needed = FEWEST_SHARED * epoch.description.slot_bytes
                raise HistoryError(f"the ring is too small to be shared: it needs {needed:,} bytes")
            if not epoch.sealed:
                raise HistoryError("the watcher has not captured a frame yet: try again")
            return epoch.description, os.dup(epoch.fd)

    def close(self) -> None:
        """Zero the frames and give the memory back; readers are told. May be called twice."""
        with self._lock:
            if self._epoch is not None:
                self._epoch.close(ENDED if self._forks == _forks else None)
                self._epoch = None
            self._closed = True
            self._published.notify_all()

    def _first(self) -> _Epoch:
        """The epoch, sealed: what there is to do before its first frame. HistoryError in a fork."""
        self._check_ours()
        epoch = self._current()
        if not epoch.sealed:
            epoch.seal(needed=self.shared)
            self._published.notify_all()
        return epoch

    def _current(self) -> _Epoch:
        if self._epoch is None:
            raise ValueError("this ring has not begun, or is closed")
        return self._epoch

    def _check_ours(self) -> None:
        if self._forks != _forks:
            raise HistoryError("a ring is written by the process that made it, and this is a fork of it")

    def _allocated(self, geometry: Geometry) -> _Epoch:
        """As many slots as the budget allows, or as few as there is memory for."""
        fewest = FEWEST_SHARED if self.shared else 1
        wanted = min(max(fewest, self.budget_bytes // slot_bytes_of(geometry)), MOST_SLOTS)
        slots = wanted
        while True:
            try:
                epoch = _Epoch(Description.of(geometry, self.source, slots, self._sequence))
            except FrameMemoryError as error:
                if slots == fewest:
                    raise
                refusal, slots = error, max(fewest, slots // 2)
                log.warning("%s; trying %d slots in place of %d", refusal, slots, wanted)
            else:
                return epoch


class _Epoch:
    """The memory of frames of one geometry."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self._memory, self.fd = allocate(description.size_bytes)
        try:
            # Touched here, because the first touch of a page costs ten times the copy.
            np.frombuffer(self._memory, np.uint8).fill(0)
            self._memory[: 8 * 32] = description.pack()
            constant = constant_words(description.geometry, description.stride, description.epoch)
            self.words = open_words(self._memory, self.fd, description.slots, constant, writable=True)
        except OSError as error:
            self._let_go()
            raise FrameMemoryError(f"{description.size_bytes:,} bytes for frames cannot be mapped: {error}") from None
        self.slots = [Slot(self._pixels(slot), self.fd, description.offset(slot)) for slot in range(description.slots)]
        width, height = description.geometry.width, description.geometry.height
        self._stale = np.ones((description.slots, -(-height // CELL[1]), -(-width // CELL[0])), np.bool_)
        self.turn = 0, 1 % description.slots
        """The slot to capture into, and the one after."""
        self.show = self.words.publish
        self.sealed = False
        self.words.set_state(LIVE)
        self.words.begin(0)

    @property
    def lease(self) -> FrameMemory:
        return self.slots[self.turn[0]]

    def follow(self, changed: Sequence[Rect]) -> FrameMemory:
        """The slot that was captured into is shown: the next one, and what it lacks of what ``changed`` just now."""
        done, following = self.turn
        self.turn = following, (following + 1) % len(self.slots)
        for rect in changed:
            rows = slice(rect.y // CELL[1], -(-rect.bottom // CELL[1]))
            self._stale[:, rows, rect.x // CELL[0] : -(-rect.right // CELL[0])] = True
        self._stale[done] = False
        self.slots[done].behind = None
        if following != done:
            self.lease.behind = Behind(self.slots[done], self._stale[following].copy())
        return self.lease

    def seal(self, *, needed: bool) -> None:
        """Keep everybody who has the memory not mapped yet from writing to it. HistoryError where ``needed``."""
        if self.fd is not None:
            try:
                seal(self.fd)
            except HistoryError:
                if needed:
                    raise
                return
        self.sealed = True

    def close(self, state: int | None) -> None:
        """Zero the pixels and let go; ``state`` is what readers are told, None where they are not ours to be told."""
        if state is not None:
            for slot in range(len(self.slots)):
                self.words.begin(slot)
            for slot in self.slots:
                slot.pixels.fill(0)
            self.words.set_state(state)
        for slot in self.slots:
            slot.close()
        del self.words, self.show
        self._let_go()

    def _pixels(self, slot: int) -> NDArray[np.uint8]:
        geometry, start = self.description.geometry, self.description.offset(slot)
        count = geometry.height * geometry.width * CHANNELS
        return np.frombuffer(self._memory, np.uint8, count, start).reshape(geometry.height, geometry.width, CHANNELS)

    def _let_go(self) -> None:
        with contextlib.suppress(BufferError):  # somebody still holds a view; the mapping goes with it
            self._memory.close()
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
