"""The words of a ring without the native module: the same steps, by plain accesses to mapped memory.

The reference for ``crates/history/src/ring/header.rs``. What it can promise: on x86-64 (and within one process
anywhere) the same as the native words. CPython reads and writes an element of a memoryview of aligned 8-byte words by
one access, and x86-64 reorders neither stores among themselves nor loads.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ironcliw import clock
from ironcliw.history.layout import EVENTS, FIELDS, HEADER_BYTES, LIVE, NEWEST, RECORD_BYTES, STATE, VERIFIED

_HEADER_WORDS, _RECORD_WORDS = HEADER_BYTES // 8, RECORD_BYTES // 8
_FUTEX, _FUTEX_WAIT, _FUTEX_WAKE = 202, 0, 1  # the system call's number on x86-64
_EVERYBODY = (1 << 31) - 1
_POLL_S = 0.005
_TRIES = 100
_WORD = (1 << 64) - 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_int64))


def is_strongly_ordered() -> bool:
    """Whether plain accesses of this machine suffice between processes."""
    return platform.machine() in ("x86_64", "AMD64")


@dataclass(frozen=True, slots=True)
class PlainTaken:
    """As ``ironcliw.history.words.Taken``."""

    words: PlainWords
    slot: int
    generation: int
    fields: Sequence[int]

    @property
    def sequence(self) -> int:
        """See ``Taken``."""
        return self.fields[0]

    def is_current(self) -> bool:
        """See ``Taken``."""
        return self.words.generation(self.slot) == self.generation


class PlainWords:
    """As ``ironcliw.history.words.Words``, over the mapped ``memory`` of a ring."""

    def __init__(self, memory: mmap.mmap, slots: int, constant: Sequence[int]) -> None:
        self._slots = slots
        self._constant = list(constant)
        self._words = memoryview(memory)[: HEADER_BYTES + slots * RECORD_BYTES].cast("Q")
        self._address = np.frombuffer(memory, np.uint8).ctypes.data + 8 * EVENTS
        self._kernel = ctypes.CDLL(None) if sys.platform == "linux" and is_strongly_ordered() else None

    def begin(self, slot: int) -> None:
        """See ``Words``."""
        self._words[self._at(slot)] |= 1

    def publish(
        self,
        slot: int,
        following: int,
        sequence: int,
        time_ns: int,
        captured_ns: int,
        x: int,
        y: int,
        width: int,
        height: int,
        /,
    ) -> int:
        """See ``Words``."""
        at = self._at(slot)
        wall_ns = clock.wall_ns() - clock.monotonic_ns() + captured_ns
        times = time_ns & _WORD, captured_ns & _WORD, wall_ns & _WORD
        fields = [sequence, *times, *self._constant, x | y << 32, width | height << 32, 0, 0, 0, 0, 0]
        for number, field in enumerate(fields, start=at + 1):
            self._words[number] = field
        generation = (self._words[at] | 1) + 1
        self._words[at] = generation
        self._words[NEWEST] = slot + 1
        self.set_verified(captured_ns)
        self.begin(following)
        self._wake()
        return generation

    def read(self, slot: int) -> PlainTaken | None:
        """See ``Words``."""
        at = self._at(slot)
        generation = self._words[at]
        if generation == 0 or generation % 2:
            return None
        fields = self._words[at + 1 : at + 1 + FIELDS].tolist()
        if self._words[at] != generation or fields[4:8] != self._constant:
            return None
        return PlainTaken(self, slot, generation, fields)

    def generation(self, slot: int) -> int:
        """The slot's generation, odd while it is being written."""
        return self._words[self._at(slot)]

    def newer(self, least: int) -> PlainTaken | None:
        """See ``Words``."""
        if self._words[STATE] != LIVE:
            return None
        for _ in range(_TRIES):
            if (slot := self.newest()) is None:
                return None
            if (taken := self.read(slot)) is not None:
                return taken if taken.sequence >= least else None
        return None

    def wait(self, least: int, timeout_ns: int) -> PlainTaken | None:
        """See ``Words``."""
        deadline_ns = clock.monotonic_ns() + timeout_ns
        while True:
            events = self.events()
            if (taken := self.newer(least)) is not None:
                return taken
            left_ns = deadline_ns - clock.monotonic_ns()
            if left_ns <= 0 or self._words[STATE] != LIVE or not self._sleep(events, left_ns):
                return None

    def newest(self) -> int | None:
        """See ``Words``."""
        newest = self._words[NEWEST]
        return newest - 1 if 0 < newest <= self._slots else None

    def state(self) -> tuple[int, int]:
        """See ``Words``."""
        return self._words[STATE], self._words[VERIFIED]

    def set_state(self, state: int) -> None:
        """See ``Words``."""
        self._words[STATE] = state
        self._wake()

    def set_verified(self, verified: int) -> None:
        """See ``Words``."""
        self._words[VERIFIED] = verified & _WORD

    def events(self) -> int:
        """See ``Words``."""
        return self._words[EVENTS] & 0xFFFF_FFFF

    def _at(self, slot: int) -> int:
        if not 0 <= slot < self._slots:
            raise ValueError(f"the ring has no slot {slot}: there are {self._slots}")
        return _HEADER_WORDS + slot * _RECORD_WORDS

    def _sleep(self, seen: int, timeout_ns: int) -> bool:
        if self._kernel is None:
            deadline_ns = time.monotonic_ns() + timeout_ns
            while self.events() == seen and time.monotonic_ns() < deadline_ns:
                time.sleep(_POLL_S)
        else:
            limit = _Timespec(*divmod(timeout_ns, 1_000_000_000))
            self._futex(_FUTEX_WAIT, seen, ctypes.byref(limit))
        return self.events() != seen

    def _wake(self) -> None:
        self._words[EVENTS] = (self._words[EVENTS] + 1) & 0xFFFF_FFFF_FFFF_FFFF
        if self._kernel is not None:
            self._futex(_FUTEX_WAKE, _EVERYBODY, None)

    def _futex(self, operation: int, value: int, limit: object) -> None:
        assert self._kernel is not None
        self._kernel.syscall(
            ctypes.c_long(_FUTEX),
            ctypes.c_void_p(self._address),
            ctypes.c_int(operation),
            ctypes.c_uint32(value),
            limit,
            None,
            ctypes.c_int(0),
        )
