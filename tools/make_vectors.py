"""Writes tests/kernels/vectors.json: frames by recipe, and what the kernels must answer for them.

    python tools/make_vectors.py

Nothing of Ironcliw is used: fingerprints are those of the package ``xxhash``, and differences are counted one pixel at
a time. The Rust tests and the Python tests read the same file.

A frame is a recipe, so that the file stays small: ``height``, ``width``, ``channels``, ``fill``, ``seed`` and ``edits``
([y, x, channel, value], applied in order). With i the index of a byte in the packed frame, ``noise`` is byte i % 8
(lowest first) of splitmix64(seed + i // 8), ``ramp`` is (seed + 7 * i) % 256, ``flat`` is seed % 256.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

TILE = 64
TARGET = Path(__file__).parents[1] / "tests" / "kernels" / "vectors.json"
Recipe = dict[str, Any]
NO_EDITS: list[list[int]] = []


def splitmix64(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The well-known generator, of each value."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def frame(recipe: Recipe) -> NDArray[np.uint8]:
    """The (height, width, channels) frame of a recipe."""
    height, width, channels, seed = (recipe[key] for key in ("height", "width", "channels", "seed"))
    size = height * width * channels
    if recipe["fill"] == "noise":
        values = splitmix64(np.arange(-(-size // 8), dtype=np.uint64) + np.uint64(seed))
        data = values.astype("<u8").view(np.uint8)[:size].copy()
    elif recipe["fill"] == "ramp":
        data = (seed + 7 * np.arange(size)).astype(np.uint8)
    else:
        data = np.full(size, seed % 256, np.uint8)
    pixels = data.reshape(height, width, channels)
    for y, x, channel, value in recipe["edits"]:
        pixels[y, x, channel] = value
    return pixels


def recipe(height: int, width: int, channels: int, fill: str, seed: int, edits: list[list[int]] = NO_EDITS) -> Recipe:
    """A frame's recipe, by name."""
    names = ("height", "width", "channels", "fill", "seed", "edits")
    return dict(zip(names, (height, width, channels, fill, seed, edits), strict=True))


def tile_bytes(pixels: NDArray[np.uint8], row: int, column: int) -> bytes:
    """The 16,384 bytes that are hashed for a tile."""
    out = bytearray()
    for y in range(row * TILE, (row + 1) * TILE):
        for x in range(column * TILE, (column + 1) * TILE):
            inside = y < pixels.shape[0] and x < pixels.shape[1]
            out += bytes([*pixels[y, x, :3], 0]) if inside else bytes(4)
    return bytes(out)


def fingerprint_vector(recipe: Recipe) -> dict[str, Any]:
    """A frame, and the hexadecimal fingerprint of each of its tiles."""
    pixels = frame(recipe)
    rows, columns = -(-pixels.shape[0] // TILE), -(-pixels.shape[1] // TILE)
    grid = [xxhash.xxh3_64_hexdigest(tile_bytes(pixels, r, c)) for r in range(rows) for c in range(columns)]
    return {"frame": recipe, "grid": grid}


def difference_vector(before: Recipe, after: Recipe, threshold: int) -> dict[str, Any]:
    """Two frames, and how many of their pixels differ in each tile and where."""
    a, b = frame(before).astype(int), frame(after).astype(int)
    rows, columns = -(-a.shape[0] // TILE), -(-a.shape[1] // TILE)
    found: list[list[tuple[int, int]]] = [[] for _ in range(rows * columns)]
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            if sum((int(a[y, x, c]) - int(b[y, x, c])) ** 2 for c in range(3)) > threshold:
                found[y // TILE * columns + x // TILE].append((x, y))
    boxes = [[0, 0, 0, 0] for _ in found]
    for box, places in zip(boxes, found, strict=True):
        if places:
            xs, ys = zip(*places, strict=True)
            box[:] = [min(xs), min(ys), max(xs) + 1, max(ys) + 1]
    counts = [len(places) for places in found]
    return {"before": before, "after": after, "threshold": threshold, "counts": counts, "boxes": boxes}


def main() -> None:
    """Write the file."""
    frames = [
        recipe(64, 64, 4, "flat", 0),
        recipe(64, 64, 3, "flat", 255),
        recipe(1, 1, 4, "flat", 255),
        recipe(1, 1, 3, "flat", 1),
        recipe(64, 64, 4, "noise", 1),
        recipe(64, 64, 4, "noise", 1, [[63, 63, 0, 1]]),
        recipe(63, 65, 4, "noise", 2),
        recipe(65, 63, 3, "noise", 3),
        recipe(128, 192, 4, "ramp", 5),
        recipe(130, 70, 3, "noise", 7),
        recipe(3, 4200, 4, "noise", 11),
        recipe(200, 333, 4, "noise", 13),
    ]
    spots = [[0, 0, 0, 9], [63, 63, 1, 9], [64, 64, 2, 9], [129, 69, 0, 250], [100, 3, 3, 77]]
    near = [[10, 10, 0, 103], [10, 20, 1, 104], [11, 30, 2, 105], [70, 5, 0, 130], [70, 6, 1, 255]]
    plain, spotted = recipe(80, 66, 3, "flat", 100), recipe(80, 66, 4, "flat", 100, near)
    pairs = [
        (recipe(64, 64, 4, "flat", 0), recipe(64, 64, 4, "flat", 0), 0),
        (recipe(1, 1, 3, "flat", 0), recipe(1, 1, 4, "flat", 255), 195_074),
        (recipe(1, 1, 3, "flat", 0), recipe(1, 1, 4, "flat", 255), 195_075),
        (recipe(130, 70, 4, "flat", 8), recipe(130, 70, 4, "flat", 8, spots), 0),
        (recipe(130, 70, 4, "flat", 8), recipe(130, 70, 4, "flat", 8, spots), 1),
        *((plain, spotted, limit) for limit in (8, 9, 16, 24, 25)),
        (recipe(65, 129, 4, "noise", 17), recipe(65, 129, 4, "noise", 18), 0),
        (recipe(65, 129, 4, "noise", 17), recipe(65, 129, 3, "noise", 18), 30_000),
    ]
    vectors = {
        "made_with": f"tools/make_vectors.py, xxhash {xxhash.VERSION} (XXH3 64-bit, seed 0)",
        "zero_tile": xxhash.xxh3_64_hexdigest(bytes(TILE * TILE * 4)),
        "fingerprint": [fingerprint_vector(recipe) for recipe in frames],
        "difference": [difference_vector(*pair) for pair in pairs],
    }
    # One vector a line, so that a change of one shows as one line.
    text = json.dumps(vectors).replace(', "zero_tile"', ',\n"zero_tile"')
    for name, first in (("fingerprint", "frame"), ("difference", "before")):
        text = text.replace(f', "{name}": [', f',\n"{name}": [\n').replace(f', {{"{first}"', f',\n{{"{first}"')
    TARGET.write_text(text + "\n")


if __name__ == "__main__":
    main()
