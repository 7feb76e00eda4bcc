"""One Bloom filter: bits from the kernels; generations, clock and files from here.

    seen = BloomFilter(10, 7, rotate_after_s=3600, rotate_at_fill=0.5)
    seen.check_and_add("a key")           # False, and True from now on
    seen.rotate()                         # now and then: begins a new generation if this one is old or full enough
    seen.save("seen.bloom")

Adding, finding and check-and-add of one key are methods of the native class itself, so that nothing written in Python
stands in the way of a call.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock as clocks
from ironcliw import kernels
from ironcliw.dedup import file
from ironcliw.dedup.estimate import expected_keys, expected_rate
from ironcliw.errors import FilterFileError, SettingsError
from ironcliw.kernels.reference.turn import Turn
from ironcliw.memory import Account, Claim

BLOCK_BITS, BLOCK_BYTES = 512, 64
MB = 2**20
SIZE_MB_MIN, SIZE_MB_MAX = 1 / 1024, file.BITS_MAX_BYTES / MB
HASHES_MAX = 16
ROTATE_AFTER_S_MAX = 10 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class FilterStats:
    """How a filter is doing.

    size_bytes: all of its bits
    fill: share of the newest generation's bits that are set; of a good filter up to 0.5
    keys: about how many different keys the newest generation holds
    false_positive_rate: about what share of keys that were never added is found all the same
    age_s: how long the newest generation has been in use
    rotations: how many generations were begun after the first
    """

    size_bytes: int
    fill: float
    keys: float
    false_positive_rate: float
    age_s: float
    rotations: int


class BloomFilter(kernels.BloomBits):
    """Remembers keys in ``size_mb`` MiB of bits (1/1024 to 1024), ``num_hashes`` (1 to 16) of them for each key.

    A key is bytes, text (the same as its UTF-8 bytes) or a number 0 to 2**64 - 1. What was added is always found; of
    other keys, a share of ``false_positive_rate`` is. ``add(key)``, ``contains(key)``, ``key in filter`` and
    ``check_and_add(key)`` take one key, and every method may be called from any thread.

    With ``rotate_after_s`` or ``rotate_at_fill`` (share of bits set, up to 1) the memory is split into two generations:
    keys are added to the newest and found in both, and ``rotate()`` empties the older and makes it the newest once the
    newest is as old or as full as that. A key is thus remembered for one generation at least. Without, nothing is ever
    forgotten, and the rate of false positives grows; ``stats()`` shows it. ``clock`` gives nanoseconds.

    ``account`` holds its bytes in a memory budget for as long as the filter is there. Raises SettingsError for sizes
    and numbers out of range, BudgetError beyond the budget, and MemoryError where there is not as much.
    """

    __slots__ = ("_began_ns", "_claim", "_clock", "_rotate_after_ns", "_rotate_at_fill", "_rotations", "_turning")

    _began_ns: int
    _claim: Claim | None
    _clock: Callable[[], int]
    _rotate_after_ns: int
    _rotate_at_fill: float
    _rotations: int
    _turning: Turn

    def __new__(
        cls,
        size_mb: float,
        num_hashes: int = 7,
        *,
        rotate_after_s: float | None = None,
        rotate_at_fill: float | None = None,
        clock: Callable[[], int] = clocks.monotonic_ns,
        account: Account | None = None,
    ) -> Self:
        """See the class."""
        size = _number("size_mb", size_mb, SIZE_MB_MIN, SIZE_MB_MAX)
        generations = 1 if rotate_after_s is None and rotate_at_fill is None else 2
        blocks = int(size * MB) // BLOCK_BYTES // generations
        claim = None if account is None else account.take(blocks * BLOCK_BYTES * generations)
        self = super().__new__(cls, blocks, _hashes(num_hashes), generations)
        self._claim = claim
        after_s = 0.0 if rotate_after_s is None else _positive("rotate_after_s", rotate_after_s, ROTATE_AFTER_S_MAX)
        self._rotate_after_ns = round(after_s * clocks.SECOND)
        self._rotate_at_fill = 0.0 if rotate_at_fill is None else _positive("rotate_at_fill", rotate_at_fill, 1)
        self._clock = clock
        self._began_ns = clock()
        self._rotations = 0
        self._turning = Turn()
        return self

    def add_many(self, keys: NDArray[np.uint64]) -> None:
        """Add a uint64 array of keys, of any shape. ValueError for another dtype."""
        super().add_many(np.ravel(keys))

    def contains_many(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of a uint64 array of keys are found, as a bool array of its shape. ValueError for another dtype."""
        seen = np.empty(np.shape(keys), np.bool_)
        self.contains_into(np.ravel(keys), seen.reshape(-1))
        return seen

    def check_and_add_many(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Add a uint64 array of keys one after another; which of them were found before their turn, in its shape.

        Of a new key that is there twice, the first is not found and the second is. ValueError for another dtype.
        """
        seen = np.empty(np.shape(keys), np.bool_)
        self.check_and_add_into(np.ravel(keys), seen.reshape(-1))
        return seen

    def rotate(self) -> bool:
        """Begin a new generation if the newest is old or full enough; whether it was. To be called now and then."""
        with self._turning:
            due = self._due()
            if due:
                self._begin()
            return due

    def turn(self) -> None:
        """Begin a new generation now: the oldest is forgotten. Without rotation there is one, and all is forgotten."""
        with self._turning:
            self._begin()

    @property
    def fill(self) -> float:
        """Share of the newest generation's bits that are set, 0 to 1."""
        return self._fill(0)

    @property
    def false_positive_rate(self) -> float:
        """About what share of keys that were never added is found all the same, in any generation."""
        right = math.prod(1 - expected_rate(self._fill(age), self.hashes) for age in range(self.generations))
        return 1 - right

    def stats(self) -> FilterStats:
        """How the filter is doing."""
        bits = self.blocks * BLOCK_BITS
        return FilterStats(
            size_bytes=self.generations * self.blocks * BLOCK_BYTES,
            fill=self.fill,
            keys=expected_keys(self.fill, bits, self.hashes),
            false_positive_rate=self.false_positive_rate,
            age_s=self._age_ns() / clocks.SECOND,
            rotations=self._rotations,
        )

    def save(self, path: str | Path) -> None:
        """Write the filter to a file, all at once, readable by its owner only. Raises FilterFileError if it cannot be.

        Keys that other threads add meanwhile may be in it or not.
        """
        with self._turning:
            header = file.Header(
                self.hashes,
                self.generations,
                self.blocks,
                self._rotate_after_ns,
                self._rotate_at_fill,
                self._age_ns(),
                self._rotations,
            )
            file.write(Path(path), header, self._copied)

    @classmethod
    def load(cls, path: str | Path, *, clock: Callable[[], int] = clocks.monotonic_ns) -> Self:
        """The filter that was saved to a file; the time it lay there does not count.

        Raises FilterFileError, with the reason, if there is none or it is truncated, corrupted or of another version.
        """
        header, generations = file.read(Path(path))
        try:
            self = cls(
                header.generations * header.blocks * BLOCK_BYTES / MB,
                header.hashes,
                rotate_after_s=header.rotate_after_ns / clocks.SECOND or None,
                rotate_at_fill=header.rotate_at_fill or None,
                clock=clock,
            )
        except SettingsError as error:
            raise FilterFileError(f"{path}: a filter that cannot be: {error}") from error
        if (self.generations, self.blocks) != (header.generations, header.blocks):
            raise FilterFileError(f"{path}: a filter that cannot be: {header.generations} generations")
        self._rotate_after_ns = header.rotate_after_ns
        self._began_ns -= header.age_ns
        self._rotations = header.rotations
        for age, words in enumerate(generations):
            self.unite(age, words)
        return self

    def __reduce_ex__(self, protocol: object, /) -> NoReturn:
        """Refused: copies would go their own ways unnoticed."""
        raise TypeError("a filter is neither copied nor pickled: save() it and load() it, or merge() it into another")

    def _copied(self, age: int) -> NDArray[np.uint64]:
        words = np.empty(self.blocks * BLOCK_BITS // 64, np.uint64)
        self.read(age, words)
        return words

    def _fill(self, age: int) -> float:
        return self.bits_set(age) / (self.blocks * BLOCK_BITS)

    def _age_ns(self) -> int:
        return max(0, self._clock() - self._began_ns)

    def _due(self) -> bool:
        # A clock that was set back would otherwise keep a generation for as much longer.
        self._began_ns = min(self._began_ns, self._clock())
        old = self._rotate_after_ns > 0 and self._age_ns() >= self._rotate_after_ns
        return old or (self._rotate_at_fill > 0 and self.fill >= self._rotate_at_fill)

    def _begin(self) -> None:
        super().turn()
        self._began_ns = self._clock()
        self._rotations += 1


def _number(name: str, value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise SettingsError(f"{name}: expected a number, got {value!r}") from None
    # Written so that NaN, of which every comparison is false, is refused.
    if not low <= number <= high:
        raise SettingsError(f"{name}: expected {low:g} to {high:g}, got {value!r}")
    return number


def _positive(name: str, value: Any, high: float) -> float:
    number = _number(name, value, 0, high)
    if number == 0:
        raise SettingsError(f"{name}: expected more than 0, got {value!r}; None is for never")
    return number


def _hashes(value: Any) -> int:
    try:
        hashes = operator.index(value)
    except TypeError:
        raise SettingsError(f"num_hashes: expected an integer, got {value!r}") from None
    if not 1 <= hashes <= HASHES_MAX:
        raise SettingsError(f"num_hashes: expected 1 to {HASHES_MAX}, got {hashes}")
    return hashes
