"""The words of a ring that say what its slots hold: natively, or by plain memory accesses.

    words = open_words(memory, fd, slots=4, constant=constant_words(...), writable=True)
    words.begin(0)                                    # slot 0 is being written
    words.publish(0, 1, sequence, ...)                # slot 0 is whole, and the newest; slot 1 is being written
    taken = words.wait(least=sequence, timeout_ns=clock.SECOND)
    taken.is_current()

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


class Taken(Protocol):
    """A frame that was whole when it was looked at, and what its record says."""

    @property
    def slot(self) -> int:
        """Where it is."""
        ...

    @property
    def generation(self) -> int:
        """The slot's generation."""
        ...

    @property
    def sequence(self) -> int:
        """Number of the frame in its watch."""
        ...

    @property
    def fields(self) -> Sequence[int]:
        """All that the record says: 15 words."""
        ...

    def is_current(self) -> bool:
        """Whether nothing was written into its slot since."""
        ...


class Words(Protocol):
    """The words of a ring, for its writer or for one reader; see ``crates/history``."""

    def begin(self, slot: int) -> None:
        """The slot is being written from now on."""
        ...

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
        """The slot is whole and the newest; what follows it is being written. Returns the slot's generation.

        sequence, time_ns, captured_ns: number, source time and monotonic clock of the frame; verified then, too
        x, y, width, height: the rectangle outside which it equals the frame before
        """
        ...

    def read(self, slot: int) -> Taken | None:
        """What the slot holds; None where that is nothing, being written, or no frame of this ring."""
        ...

    def newer(self, least: int) -> Taken | None:
        """The newest frame where its number is ``least`` or more, the ring goes on, and it can be caught."""
        ...

    def wait(self, least: int, timeout_ns: int) -> Taken | None:
        """As ``newer``, asleep until there is one; None where the time was up, a signal came, or the ring ended."""
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
        """How much has happened."""
        ...


def open_words(memory: mmap.mmap, fd: int | None, slots: int, constant: Sequence[int], writable: bool) -> Words:
    """The words of the ring that is mapped in ``memory``, of memory file ``fd`` where it has one.

    constant: words 5 to 8 of all records of the ring (``layout.constant_words``)

    Raises OSError where they cannot be mapped.
    """
    if kernels.IMPLEMENTATION == "native" and fd is not None and sys.platform == "linux":
        from ironcliw._native import RingHeader  # noqa: PLC0415, TID251 - the native ring wrapper

        return RingHeader(fd, slots, constant, writable)
    return PlainWords(memory, slots, constant)


def check_shareable() -> None:
    """HistoryError where rings cannot be shared between processes here."""
    if kernels.IMPLEMENTATION != "native" and not is_strongly_ordered():
        raise HistoryError(f"frames are shared between processes natively only on this machine: {kernels.REASON}")
