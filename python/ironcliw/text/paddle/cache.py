"""What was made of pictures seen before: the readings of lines, and whatever else a picture stands for.

cache = LineCache(entries=4096, size_bytes=1 << 20)
key = fingerprint(crop)
reading = cache.get(key)
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from ironcliw.text.paddle.decode import Reading
from ironcliw.text.paddle.picture import Pixels

ENTRY_BYTES = 256
"""What an entry costs beside its text: key, tuple, float, links and table slots, rounded up."""


def fingerprint(crop: Pixels) -> bytes:
    """16 bytes that stand for a picture's size and colours; the fourth byte of its pixels does not count."""
    digest = hashlib.blake2b(np.asarray(crop.shape, np.int64).tobytes(), digest_size=16)
    digest.update(np.ascontiguousarray(crop[:, :, :3]).data)
    return digest.digest()


_Value = TypeVar("_Value")


class RecentCache(Generic[_Value]):
    """The most recently used values, at most ``entries`` of them and about ``size_bytes`` in all.

    cost: about the bytes of a value, its entry's own left out

    ``limit``, ``clear`` and ``used_bytes`` may be called from any thread, the others from one.
    """

    def __init__(self, entries: int, size_bytes: int, cost: Callable[[_Value], int]) -> None:
        self._entries, self._size_bytes, self._cost = entries, size_bytes, cost
        self._values: OrderedDict[bytes, _Value] = OrderedDict()
        self._used_bytes = 0
        self._guard = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """About what it holds."""
        return self._used_bytes

    def limit(self, size_bytes: int) -> None:
        """Hold at most about so much from now on."""
        with self._guard:
            self._size_bytes = size_bytes
            self._evict()

    def clear(self) -> None:
        """Hold nothing."""
        with self._guard:
            self._values.clear()
            self._used_bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: bytes) -> _Value | None:
        """The value stored under ``key``, now the most recently used; None where there is none."""
        with self._guard:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: bytes, value: _Value) -> None:
        """Store ``value``; the least recently used ones go where it gets too many or too much."""
        with self._guard:
            self._forget(key)
            self._values[key] = value
            self._used_bytes += ENTRY_BYTES + self._cost(value)
            self._evict()

    def _evict(self) -> None:
        while len(self._values) > self._entries or self._used_bytes > self._size_bytes:
            self._forget(next(iter(self._values)))

    def _forget(self, key: bytes) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._used_bytes -= ENTRY_BYTES + self._cost(value)


class LineCache(RecentCache[Reading]):
    """The most recently used readings of lines."""

    def __init__(self, entries: int, size_bytes: int) -> None:
        super().__init__(entries, size_bytes, lambda reading: len(reading.text.encode()))
