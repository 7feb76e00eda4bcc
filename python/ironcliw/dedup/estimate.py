"""How many keys a filter holds and how often it is wrong, from how full it is.

expected_rate(fill=0.5, hashes=7)         # 0.0083: what this layout gives
formula_rate(bits, hashes, keys)          # what bits scattered over the whole filter would give
"""

from __future__ import annotations

import math

WORD_BITS = 64


def formula_rate(bits: int, hashes: int, keys: int) -> float:
    """The textbook's share of false positives: ``(1 - exp(-hashes * keys / bits)) ** hashes``."""
    return (1 - math.exp(-hashes * keys / bits)) ** hashes


def expected_rate(fill: float, hashes: int) -> float:
    """The share of false positives of one generation of which ``fill`` (0 to 1) of all bits are set.

    A key has one or two bits in a word (``kernels.protocol.BloomBits``), and two bits of one word are set together more
    often than two at random. From the share of single bits that are not set follows, without a sum, how often neither
    of two is, and from that how often both are.
    """
    ones, twos = _words(hashes)
    clear = 1 - fill
    if clear <= 0:
        return 1.0
    neither = clear ** (_misses(ones, twos, 2) / _misses(ones, twos, 1))
    both = fill / WORD_BITS + (1 - 1 / WORD_BITS) * (1 - 2 * clear + neither)
    return fill**ones * both**twos


def expected_keys(fill: float, bits: int, hashes: int) -> float:
    """How many different keys were added to one generation of ``bits``; infinite where it is full."""
    if fill >= 1:
        return math.inf
    return -math.log1p(-fill) * bits / WORD_BITS / _misses(*_words(hashes), 1)


def _words(hashes: int) -> tuple[int, int]:
    """In how many words a key has one bit, and in how many two."""
    words = 2 * math.ceil(hashes / 4)
    twos = max(0, hashes - words)
    return hashes - 2 * twos, twos


def _misses(ones: int, twos: int, bits: int) -> float:
    """How many of a key's words, each taken as lying where they do, have at least one of some ``bits`` in them."""
    clear = 1 - bits / WORD_BITS
    return ones * (1 - clear) + twos * (1 - clear**2)
