"""Buffers that are taken and given back again and again: aligned, touched, zeroed, and known by their owners.

    pool = Pool(ledger.account("pool"))
    with pool.take(8_294_400, owner="looks") as buffer:
        buffer.array[:] = ...             # (8294400,) uint8 from the start of a page, all zero at first
    pool.leaks(older_than_s=60)           # who holds what since when, and where it was taken

A buffer is released once, from any thread, and zeroed then: pixels do not outlive their use. One that is forgotten is
reported, and its memory goes when it is collected. A view that is still held when its buffer is released keeps its
(zeroed) memory, which is then not lent again. In a forked child ``take`` raises ForkedError and ``release`` does
nothing. ``stats`` takes no lock.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import time
import weakref
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import ForkedError, ReleasedError
from ironcliw.memory.frames import blank_bytes
from ironcliw.memory.ledger import Account, Claim

ALL_BYTES = 1 << 62
"""No limit to idle bytes but the budget."""

STEP_BYTES = 64 << 10
"""Buffers are multiples of this, so that sizes which differ a little share them."""

FORGOTTEN_MAX = 64
_FREE_REFERENCES = 2
"""References to an array that nobody looks at: the one that holds it, and the one that asks."""


class PoolStats(NamedTuple):
    """Buffers and bytes ``lent`` and ``idle`` now; how many were ``taken``, of those ``reused``; ``forgotten`` ever."""

    lent: int = 0
    lent_bytes: int = 0
    idle: int = 0
    idle_bytes: int = 0
    taken: int = 0
    reused: int = 0
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Leak:
    """A buffer that is held for long, or was ``forgotten``: collected without having been released.

    where: file and line at which it was taken
    """

    owner: str
    where: str
    age_s: float
    size_bytes: int
    forgotten: bool = False


class _Block:
    """The memory behind a buffer, and the claim for it."""

    __slots__ = ("array", "claim", "owner", "taken_ns", "where")

    def __init__(self, array: NDArray[np.uint8], claim: Claim) -> None:
        self.array, self.claim = array, claim
        self.owner = self.where = ""
        self.taken_ns = 0

    def leak(self, now_ns: int, forgotten: bool = False) -> Leak:
        return Leak(self.owner, self.where, (now_ns - self.taken_ns) / 1e9, self.array.nbytes, forgotten)


class Buffer:
    """A lent buffer. ``array``: (size_bytes,) uint8; ReleasedError once it was given back."""

    __slots__ = ("__weakref__", "_array", "_block", "_finalizer", "_pool")

    def __init__(self, pool: Pool, block: _Block, size_bytes: int) -> None:
        self._pool = pool
        self._block: _Block | None = block
        self._array: NDArray[np.uint8] | None = block.array[:size_bytes]
        self._finalizer = weakref.finalize(self, pool.forget, block)
        self._finalizer.atexit = False

    @property
    def array(self) -> NDArray[np.uint8]:
        """Its bytes."""
        if self._array is None:
            raise ReleasedError("this buffer was given back to the pool already")
        return self._array

    def release(self) -> None:
        """Give it back. ReleasedError the second time."""
        block = self._block
        if block is None:
            raise ReleasedError("this buffer was given back to the pool already")
        self._block = self._array = None
        self._finalizer.detach()
        self._pool.take_back(block)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Pool:
    """Lends buffers within the budget of ``account``; idle ones are kept for the next, up to ``idle_bytes``."""

    def __init__(self, account: Account, idle_bytes: int = ALL_BYTES) -> None:
        self._account = account
        self._idle_most = idle_bytes
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._idle: dict[int, list[_Block]] = {}
        self._lent: dict[int, _Block] = {}
        self._forgotten: deque[_Block] = deque()
        self._forgotten_told: deque[Leak] = deque(maxlen=FORGOTTEN_MAX)
        self._stats = PoolStats()
        account.on_budget(self._on_budget)

    def take(self, size_bytes: int, owner: str) -> Buffer:
        """A zeroed buffer for ``owner``. ValueError below 1 byte, BudgetError beyond the budget, ForkedError."""
        if size_bytes < 1:
            raise ValueError(f"a buffer needs 1 byte or more, not {size_bytes}")
        if os.getpid() != self._pid:
            raise ForkedError("this pool belongs to the parent process; a forked child must make its own")
        whole = -(-size_bytes // STEP_BYTES) * STEP_BYTES
        with self._lock:
            self._collect()
            block = self._reused(whole)
            reused = block is not None
            if block is None:
                block = self._fresh(whole)
            block.owner, block.where, block.taken_ns = owner, _caller(), time.monotonic_ns()
            self._lent[id(block)] = block
            self._publish(taken=1, reused=int(reused))
        return Buffer(self, block, size_bytes)

    def _reused(self, whole: int) -> _Block | None:
        waiting = self._idle.get(whole)
        return waiting.pop() if waiting else None

    def _fresh(self, whole: int) -> _Block:
        """A block of its own; idle ones of other sizes make room for it where the budget asks for that."""
        if whole > self._account.free_bytes:
            self._drop_idle(0)
        claim = self._account.take(whole)
        try:
            return _Block(blank_bytes(whole), claim)
        except BaseException:
            claim.release()
            raise

    def take_back(self, block: _Block) -> None:
        """``block`` is released: zero it, and keep it where nobody looks at it any more."""
        if os.getpid() != self._pid:
            return
        block.array.fill(0)
        with self._lock:
            self._collect()
            if self._lent.pop(id(block), None) is not None:
                self._keep(block)
                self._publish()

    def _keep(self, block: _Block) -> None:
        size = block.array.nbytes
        unseen = sys.getrefcount(block.array) <= _FREE_REFERENCES
        if unseen and self._stats.idle_bytes + size <= self._idle_most:
            self._idle.setdefault(size, []).append(block)
        else:
            block.claim.release()

    def limit(self, idle_bytes: int) -> None:
        """Keep at most so many idle bytes from now on."""
        with self._lock:
            self._idle_most = idle_bytes
            self._drop_idle(idle_bytes)
            self._publish()

    def _on_budget(self, budget_bytes: int) -> None:
        if budget_bytes < self._account.used_bytes:
            self.trim()

    def trim(self) -> None:
        """Give idle buffers back to the system."""
        with self._lock:
            self._collect()
            self._drop_idle(0)
            self._publish()

    def _drop_idle(self, most: int) -> None:
        left = sum(size * len(blocks) for size, blocks in self._idle.items())
        for size, blocks in sorted(self._idle.items(), reverse=True):
            while blocks and left > most:
                blocks.pop().claim.release()
                left -= size
        self._idle = {size: blocks for size, blocks in self._idle.items() if blocks}

    # -- what was not given back -------------------------------------------------------------------------------

    def forget(self, block: _Block) -> None:
        """A lent buffer was collected, at any moment and in any thread: no lock may be taken now."""
        self._forgotten.append(block)

    def _collect(self) -> None:
        while self._forgotten:
            block = self._forgotten.popleft()
            if self._lent.pop(id(block), None) is not None:
                self._forgotten_told.append(block.leak(time.monotonic_ns(), forgotten=True))
                block.claim.release()
                self._publish(forgotten=1)

    def leaks(self, older_than_s: float = 60.0) -> list[Leak]:
        """What has been held for longer, the oldest first, and the last of what was forgotten."""
        with self._lock:
            self._collect()
            now_ns = time.monotonic_ns()
            held = [block.leak(now_ns) for block in self._lent.values()]
            old = [leak for leak in held if leak.age_s > older_than_s]
            return sorted([*old, *self._forgotten_told], key=lambda leak: -leak.age_s)

    def stats(self) -> PoolStats:
        """How many buffers there are. From anywhere, at any time."""
        return self._stats

    def _publish(self, taken: int = 0, reused: int = 0, forgotten: int = 0) -> None:
        before = self._stats
        self._stats = PoolStats(
            len(self._lent),
            sum(block.array.nbytes for block in self._lent.values()),
            sum(len(blocks) for blocks in self._idle.values()),
            sum(size * len(blocks) for size, blocks in self._idle.items()),
            before.taken + taken,
            before.reused + reused,
            before.forgotten + forgotten,
        )


def _caller() -> str:
    """File and line outside of this module that takes a buffer."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None:
        return "?"
    return f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{frame.f_lineno}"
