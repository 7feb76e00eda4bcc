"""How many keys a filter holds and how often it is wrong, from how full it is.

    expected_rate(fill=0.5, hashes=7)         # 0.0094: what this layout gives
    formula_rate(bits, hashes, keys)          # what bits scattered over the whole filter would give

All of a key's bits lie in few blocks (``kernels.protocol.BloomBits``), so keys that share one get in each other's way
more often: some blocks hold more keys than others by chance, and so do words in a block.
"""

from __future__ import annotations

import math
from typing import NamedTuple

BLOCK_BITS, BLOCK_WORDS, WORD_BITS = 512, 8, 64
WORDS = 4
LONE_BITS, SPREAD_BITS = 7, 5
_DEVIATIONS = 12


class _Share(NamedTuple):
    """The bits of a key in one of its blocks: in how many words it has one, and in how many two."""

    ones: int
    twos: int

    def clear(self, bits: int) -> float:
        """The probability that such a key has none of some given ``bits`` of one word (1 or 2)."""
        miss = 1 - bits / WORD_BITS
        return 1 - (self.ones * (1 - miss) + self.twos * (1 - miss**2)) / BLOCK_WORDS


def formula_rate(bits: int, hashes: int, keys: int) -> float:
    """The textbook's share of false positives: ``(1 - exp(-hashes * keys / bits)) ** hashes``."""
    return (1 - math.exp(-hashes * keys / bits)) ** hashes


def expected_rate(fill: float, hashes: int) -> float:
    """The share of false positives of one generation of which ``fill`` (0 to 1) of all bits are set."""
    if fill <= 0 or fill >= 1:
        return float(fill > 0)
    shares = _shares(hashes)
    clear = [sum(share.clear(bits) for share in shares) / len(shares) for bits in (1, 2)]
    keys = -math.log1p(-fill) / (1 - clear[0])
    rates = [0.0] * len(shares)
    low, high = (keys + sign * (_DEVIATIONS * math.sqrt(keys) + _DEVIATIONS) for sign in (-1, 1))
    for held in range(max(0, math.floor(low)), math.ceil(high)):
        probability = math.exp(held * math.log(keys) - keys - math.lgamma(held + 1))
        one, two = clear[0] ** held, clear[1] ** held
        # Of two bits of a word, now and then the same is meant twice.
        both = (1 - one) / WORD_BITS + (1 - 1 / WORD_BITS) * (1 - 2 * one + two)
        for number, share in enumerate(shares):
            rates[number] += probability * (1 - one) ** share.ones * both**share.twos
    return min(1.0, math.prod(rates))


def expected_keys(fill: float, bits: int, hashes: int) -> float:
    """How many different keys were added to one generation of ``bits``; infinite where it is full."""
    if fill >= 1:
        return math.inf
    shares = _shares(hashes)
    covered = sum(1 - share.clear(1) for share in shares)
    return -math.log1p(-fill) * bits / BLOCK_BITS / covered


def _shares(hashes: int) -> list[_Share]:
    """How the bits of a key are dealt to its blocks."""
    blocks = 1 if hashes <= LONE_BITS else math.ceil(hashes / SPREAD_BITS)
    found: list[_Share] = []
    for number in range(blocks):
        bits = len(range(number, hashes, blocks))
        twos = max(0, bits - WORDS)
        found.append(_Share(bits - 2 * twos, twos))
    return found
