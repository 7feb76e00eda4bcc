"""Writes tests/kernels/bloom_vectors.json: keys, and which bits of a Bloom filter each of them has.

    python tools/make_bloom_vectors.py

Nothing of Ironcliw is used: keys are hashed by the package ``xxhash``, and bits are found one at a time with Python's
own integers. The Rust tests and the Python tests read the same file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xxhash

TARGET = Path(__file__).parents[1] / "tests" / "kernels" / "bloom_vectors.json"
MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15


def splitmix64(state: int) -> int:
    """The number that the well-known generator gives in this state."""
    value = (state + STEP) & MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


def number(key: bytes | str | int) -> int:
    """The 64-bit key of a key of any kind."""
    if isinstance(key, int):
        return key
    return xxhash.xxh3_64_intdigest(key.encode() if isinstance(key, str) else key)


def bits(key: bytes | str | int, blocks: int, hashes: int) -> list[int]:
    """The bits of a key, 512 to a block, 64 to a word, each counted from the lowest."""
    seed = number(key)
    first, second = splitmix64(seed), splitmix64((seed + STEP) & MASK)
    in_key = 1 if hashes <= 7 else -(-hashes // 5)
    found: list[int] = []
    for bit in range(hashes):
        number_of_block, turn = bit % in_key, bit // in_key
        strides = sum((second | 1) * STEP**i for i in range(1, number_of_block + 1))
        block = ((first + strides) & MASK) * blocks >> 64
        word = ((second >> 61) + turn % 4 * ((second >> 58) | 1)) % 8
        place = (second >> (52, 46, 40, 34, 28, 22, 16)[turn]) % 64
        found.append(512 * block + 64 * word + place)
    return found


def vector(key: bytes | str | int, blocks: int, hashes: int) -> dict[str, Any]:
    """One key in one shape of filter."""
    kind = {bytes: "bytes", str: "str", int: "int"}[type(key)]
    value = key.hex() if isinstance(key, bytes) else str(key)
    return {"kind": kind, "key": value, "blocks": blocks, "hashes": hashes, "bits": bits(key, blocks, hashes)}


def filled(blocks: int, hashes: int, count: int) -> dict[str, Any]:
    """A filter with the keys splitmix64(0), splitmix64(1), ...: how many bits are set, and the hash of all words."""
    ones = {bit for i in range(count) for bit in bits(splitmix64(i), blocks, hashes)}
    memory = bytearray(64 * blocks)
    for bit in ones:
        memory[bit // 8] |= 1 << bit % 8
    digest = xxhash.xxh3_64_hexdigest(bytes(memory))
    return {"blocks": blocks, "hashes": hashes, "count": count, "bits_set": len(ones), "words": digest}


def main() -> None:
    """Write the file."""
    keys = [b"", b"\0", "a key", "Zeichenschlüssel ☃", b"0123456789abcdef" * 20, 0, 1, 2**63, MASK]
    shapes = [(1, 1), (2, 7), (3, 4), (1000, 5), (163_840, 7), (2**24, 16), (2**40 + 1, 10)]
    vectors = {
        "made_with": f"tools/make_bloom_vectors.py, xxhash {xxhash.VERSION} (XXH3 64-bit, seed 0)",
        "keys": [vector(key, *shape) for key in keys for shape in shapes if shape[0] < 2**20],
        "far": [vector(key, *shape) for key in keys for shape in shapes if shape[0] >= 2**20],
        "filled": [filled(blocks, hashes, 40 * blocks) for blocks, hashes in ((1, 3), (50, 7), (129, 16))],
    }
    # One vector a line, so that a change of one shows as one line.
    text = json.dumps(vectors)
    for name, first in (("keys", "kind"), ("far", "kind"), ("filled", "blocks")):
        text = text.replace(f', "{name}": [', f',\n"{name}": [\n').replace(f', {{"{first}"', f',\n{{"{first}"')
    TARGET.write_text(text + "\n")


if __name__ == "__main__":
    main()
