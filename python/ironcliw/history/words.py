"""The words of a ring that say what its slots hold: natively, or by plain memory accesses.

    words = open_words(memory, fd, slots=4, writable=True)
    words.begin(0)                        # slot 0 is being written
    words.publish(0, fields)              # slot 0 is whole, and the newest
    generation, fields = words.read(0)
    words.is_current(0, generation)

What the words mean is said in ``docs/reference/ring.md``. The native ones are atomic on every machine. The plain ones
(``plain.PlainWords``) rely on x86-64, where an aligned access of 8 bytes is one access and neither two stores nor two
loads change their order; elsewhere they serve within one process only.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Sequence
from typing import Protocol

from ironcliw import kernels
from ironcliw.errors import HistoryError
from ironcliw.history.plain import PlainWords, is_strongly_ordered


class Words(Protocol):
    """The words of a ring, for its writer or for one reader; see ``crates/history``."""

    def begin(self, slot: int) -> None:
        """The slot is being written from now on."""
        ...

    def publish(self, slot: int, fields: Sequence[int]) -> int:
        """The slot is whole, is what ``fields`` (15 words) say, and is the newest; returns its generation."""
        ...

    def read(self, slot: int) -> tuple[int, Sequence[int]] | None:
        """The slot's generation and fields; None where it holds nothing, or is being written."""
        ...

    def is_current(self, slot: int, generation: int) -> bool:
        """Whether nothing was written into the slot since it had this generation."""
        ...

    def newest(self) -> int | None:
        """The slot of the newest frame; None before the first."""
        ...

    def state(self) -> tuple[int, int]:
        """LIVE, MOVED or ENDED; and when the source was last verified, on the monotonic clock."""
        ...

    def set_state(self, state: int) -> None:
        """Say whether the ring goes on; sleeping readers wake up."""
        ...

    def set_verified(self, verified: int) -> None:
        """Say when the source was last verified, on the monotonic clock."""
        ...

    def events(self) -> int:
        """How much has happened, for ``sleep``."""
        ...

    def sleep(self, seen: int, timeout_ns: int) -> bool:
        """Sleep until something has happened since ``events`` gave ``seen``; False where the time was up before."""
        ...


def open_words(memory: mmap.mmap, fd: int | None, slots: int, writable: bool) -> Words:
    """The words of the ring that is mapped in ``memory``, of memory file ``fd`` where it has one.

    Raises OSError where they cannot be mapped.
    """
    if kernels.IMPLEMENTATION == "native" and fd is not None and sys.platform == "linux":
        from ironcliw._native import RingHeader  # noqa: PLC0415, TID251 - the native ring wrapper

        return RingHeader(fd, slots, writable)
    return PlainWords(memory, slots)


def check_shareable() -> None:
    """HistoryError where rings cannot be shared between processes here."""
    if kernels.IMPLEMENTATION != "native" and not is_strongly_ordered():
        raise HistoryError(f"frames are shared between processes natively only on this machine: {kernels.REASON}")
