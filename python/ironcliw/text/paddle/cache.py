"""Readings of line pictures seen before.

cache = LineCache(entries=4096, size_bytes=1 << 20)
key = fingerprint(crop)
reading = cache.get(key)
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

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


class LineCache:
    """The most recently used readings, at most ``entries`` of them and about ``size_bytes`` in all.

    ``limit`` and ``used_bytes`` may be called from any thread, the others from one.
    """

    def __init__(self, entries: int, size_bytes: int) -> None:
        self._entries, self._size_bytes = entries, size_bytes
        self._readings: OrderedDict[bytes, Reading] = OrderedDict()
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

    def __len__(self) -> int:
        return len(self._readings)

    def get(self, key: bytes) -> Reading | None:
        """The reading stored under ``key``, now the most recently used; None where there is none."""
        with self._guard:
            reading = self._readings.get(key)
            if reading is not None:
                self._readings.move_to_end(key)
            return reading

    def put(self, key: bytes, reading: Reading) -> None:
        """Store ``reading``; the least recently used ones go where it gets too many or too much."""
        with self._guard:
            self._forget(key)
            self._readings[key] = reading
            self._used_bytes += _size_bytes(reading)
            self._evict()

    def _evict(self) -> None:
        while len(self._readings) > self._entries or self._used_bytes > self._size_bytes:
            self._forget(next(iter(self._readings)))

    def _forget(self, key: bytes) -> None:
        reading = self._readings.pop(key, None)
        if reading is not None:
            self._used_bytes -= _size_bytes(reading)


def _size_bytes(reading: Reading) -> int:
    return ENTRY_BYTES + len(reading.text.encode())
