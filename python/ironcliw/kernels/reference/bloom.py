"""The bits of a Bloom filter in NumPy, as positions of single bits.

    bits = BloomBits(1024, 7, 2)
    bits.check_and_add("a key")           # False: it was not there

Which bits a key has is said in ``ironcliw.kernels.protocol.BloomBits``.
"""

from __future__ import annotations

import operator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels.protocol import Key, Mask
from ironcliw.kernels.reference import arrays
from ironcliw.kernels.reference.turn import Turn
from ironcliw.kernels.reference.xxh3 import xxh3_64

BLOCK_WORDS, WORD_BITS = 8, 64
BLOCK_BITS = BLOCK_WORDS * WORD_BITS
HASHES_MAX, GENERATIONS_MAX = 16, 2
LONE_BITS, SPREAD_BITS, WORDS = 7, 5, 4
PLACES = (52, 46, 40, 34, 28, 22, 16)
"""From which bit of a key's second half on the six lie that place each of its bits in a word."""
NUMBER_MAX = 2**64 - 1
STEP, MIX_1, MIX_2 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
STEPS = [np.uint64(0x9E3779B97F4A7C15**number % 2**64) for number in range(4)]
ONE, LOW, HALF = np.uint64(1), np.uint64(0xFFFFFFFF), np.uint64(32)


class BloomBits:
    """See ``ironcliw.kernels.protocol.BloomBits``."""

    _blocks: int
    _hashes: int
    _newest: int
    _words: NDArray[np.uint64]
    _set: list[int]
    _turn: Turn
    _turns: int

    def __new__(cls, blocks: int, hashes: int, generations: int) -> Self:
        """An empty filter of ``generations`` times ``blocks`` times 64 bytes."""
        self = super().__new__(cls)
        self._blocks = _between("blocks", blocks, 1, None)
        self._hashes = _between("hashes", hashes, 1, HASHES_MAX)
        count = _between("generations", generations, 1, GENERATIONS_MAX)
        try:
            self._words = np.zeros((count, self._blocks * BLOCK_WORDS), np.uint64)
        except (MemoryError, ValueError):
            raise MemoryError(f"no memory for a filter of {count * self._blocks} blocks of 64 bytes") from None
        self._set = [0] * count
        self._newest = 0
        self._turn = Turn()
        self._turns = 0
        return self

    @property
    def blocks(self) -> int:
        """Blocks of 512 bits in each generation."""
        return self._blocks

    @property
    def hashes(self) -> int:
        """Bits of each key."""
        return self._hashes

    @property
    def generations(self) -> int:
        """How many generations there are, 1 or 2."""
        return len(self._words)

    def add(self, key: Key, /) -> None:
        """Add one key."""
        self._insert(_one(key))

    def contains(self, key: Key, /) -> bool:
        """Whether the key was added, or (seldom) others that together have its bits."""
        return bool(self._found(self._positions(_one(key)))[0])

    def __contains__(self, key: Key, /) -> bool:
        return bool(self._found(self._positions(_one(key)))[0])

    def check_and_add(self, key: Key, /) -> bool:
        """Add one key; whether it was found before."""
        return bool(self._insert(_one(key))[0])

    def add_many(self, keys: NDArray[np.uint64]) -> None:
        """Add (count,) keys."""
        self._insert(arrays.listed(keys, "keys", ("uint64",)))

    def contains_into(self, keys: NDArray[np.uint64], seen: Mask) -> None:
        """Say in ``seen`` (count,) which keys are found."""
        wanted, answers = _batch(keys, seen)
        answers[:] = self._found(self._positions(wanted))

    def check_and_add_into(self, keys: NDArray[np.uint64], seen: Mask) -> None:
        """Add (count,) keys, one after another; say in ``seen`` which were found before their turn."""
        wanted, answers = _batch(keys, seen)
        answers[:] = self._insert(wanted)

    def turn(self) -> None:
        """Empty the oldest generation and make it the newest."""
        with self._turn:
            self._turns += 1
            oldest = (self._newest + 1) % self.generations
            self._words[oldest] = 0
            self._set[oldest] = 0
            self._newest = oldest

    def bits_set(self, age: int) -> int:
        """How many bits of a generation are set."""
        return self._set[self._generation(age)]

    def read(self, age: int, words: NDArray[np.uint64]) -> None:
        """Copy the words of a generation out."""
        out = arrays.cells(words, "words", ("uint64",), self._words.shape[1:], writable=True)
        with self._turn:
            out[:] = self._words[self._generation(age)]

    def unite(self, age: int, words: NDArray[np.uint64]) -> None:
        """Add to a generation what lies in words that were read from another filter."""
        taken = arrays.cells(words, "words", ("uint64",), self._words.shape[1:], writable=False)
        with self._turn:
            generation = self._generation(age)
            self._words[generation] |= taken
            self._set[generation] = int(np.bitwise_count(self._words[generation]).sum(dtype=np.int64))

    def merge(self, other: BloomBits) -> None:
        """Add everything that lies in another filter of the same shape, generation by generation."""
        if not isinstance(other, BloomBits):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may be untyped
            raise ValueError(f"other: expected BloomBits, got {type(other).__name__}")
        if self._shape() != other._shape():
            raise ValueError(f"a filter of {self._shape()} cannot take in one of {other._shape()}")
        words = np.empty(self._words.shape[1:], np.uint64)
        for age in range(self.generations):
            other.read(age, words)
            self.unite(age, words)

    def _shape(self) -> str:
        return f"{self.blocks} blocks, {self.hashes} hashes and {self.generations} generations"

    def _generation(self, age: int) -> int:
        return (self._newest - _between("age", age, 0, self.generations - 1)) % self.generations

    def _positions(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        return positions(keys, self._blocks, self._hashes)

    def _bits(self, generation: int, bits: NDArray[np.intp]) -> NDArray[np.bool_]:
        words = self._words[generation, bits // WORD_BITS]
        return (words >> (bits % WORD_BITS).astype(np.uint64) & ONE) == ONE

    def _found(self, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        while True:
            turns = self._turns
            each = [self._bits(generation, places).all(axis=1) for generation in range(self.generations)]
            # A generation that was emptied meanwhile may have held what is by now in one that was looked into before.
            if turns == self._turns:
                return np.logical_or.reduce(each)

    def _insert(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Add the keys one after another; which of them were found before their turn."""
        places = self._positions(keys)
        with self._turn:
            newest = self._newest
            before = self._found(places)
            bits, first, where = np.unique(places, return_index=True, return_inverse=True)
            was_set = self._bits(newest, bits)
            # A bit is set for the key of row i if it was, or if a key of an earlier row has it.
            earliest = np.where(was_set, -1, first // self._hashes)[where].reshape(places.shape)
            seen = before | (earliest < np.arange(len(keys))[:, np.newaxis]).all(axis=1)
            ones = ONE << (bits % WORD_BITS).astype(np.uint64)
            np.bitwise_or.at(self._words[newest], bits // WORD_BITS, ones)
            self._set[newest] += int(np.count_nonzero(~was_set))
        return seen


def positions(keys: NDArray[np.uint64], blocks: int, hashes: int) -> NDArray[np.intp]:
    """(count, hashes): which bits of a generation of ``blocks`` belong to each of (count,) keys."""
    first, second = _splitmix64(keys + STEP), _splitmix64(keys + STEP + STEP)
    start, stride = second >> np.uint64(61), second >> np.uint64(58) | ONE
    each = 1 if hashes <= LONE_BITS else -(-hashes // SPREAD_BITS)
    draws = [first]
    for number in range(1, each):
        draws.append(draws[-1] + (second | ONE) * STEPS[number])
    found: list[NDArray[np.uint64]] = []
    for bit in range(hashes):
        block, turn = _high(draws[bit % each], np.uint64(blocks)), bit // each
        word = (start + np.uint64(turn % WORDS) * stride) % np.uint64(BLOCK_WORDS)
        place = second >> np.uint64(PLACES[turn]) & np.uint64(WORD_BITS - 1)
        found.append(np.uint64(BLOCK_BITS) * block + np.uint64(WORD_BITS) * word + place)
    return np.stack(found, axis=1).astype(np.intp)


def _splitmix64(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = (value ^ (value >> np.uint64(30))) * MIX_1
    value = (value ^ (value >> np.uint64(27))) * MIX_2
    return value ^ (value >> np.uint64(31))


def _high(a: NDArray[np.uint64], b: np.uint64) -> NDArray[np.uint64]:
    """The upper half of the 128-bit product."""
    a_high, a_low, b_high, b_low = a >> HALF, a & LOW, b >> HALF, b & LOW
    middle = a_high * b_low + (a_low * b_low >> HALF)
    cross = a_low * b_high + (middle & LOW)
    return a_high * b_high + (middle >> HALF) + (cross >> HALF)


def _one(key: Any) -> NDArray[np.uint64]:
    if isinstance(key, (bytes, str)):
        return np.array([xxh3_64(key.encode() if isinstance(key, str) else key)], np.uint64)
    return np.array([_integer(key, "key: expected bytes, str or")], np.uint64)


def _batch(keys: Any, seen: Any) -> tuple[NDArray[np.uint64], NDArray[Any]]:
    wanted = arrays.listed(keys, "keys", ("uint64",))
    answers = arrays.cells(seen, "seen", ("bool", "uint8"), wanted.shape, writable=True)
    arrays.disjoint({"seen"}, keys=wanted, seen=answers)
    return wanted, answers


def _integer(value: Any, expected: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number <= NUMBER_MAX:
        got = str(value) if isinstance(value, int) else type(value).__name__
        raise ValueError(f"{expected} an integer 0 to 2**64 - 1, got {got}")
    return number


def _between(name: str, value: Any, low: int, high: int | None) -> int:
    number = _integer(value, f"{name}: expected")
    if number < low or (high is not None and number > high):
        last = "or more" if high is None else f"to {high}" if high != low + 1 else f"or {high}"
        raise ValueError(f"{name}: expected {low} {last}, got {number}")
    return number
