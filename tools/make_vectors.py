"""Writes tests/kernels/vectors.json: frames by recipe, and what the kernels must answer for them.

    python tools/make_vectors.py

Nothing of Ironcliw is used: fingerprints are those of the package ``xxhash``, and everything else is counted one pixel
(of perceptual hashes, one tile and cell) at a time. The Rust tests and the Python tests read the same file.

A frame is a recipe, so that the file stays small: ``height``, ``width``, ``channels``, ``fill``, ``seed`` and ``edits``
([y, x, channel, value], applied in order). With i the index of a byte in the packed frame, ``noise`` is byte i % 8
(lowest first) of splitmix64(seed + i // 8), ``ramp`` is (seed + 7 * i) % 256, ``flat`` is seed % 256.
"""

from __future__ import annotations

import json
import math
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


def store_vector(recipe: Recipe, slots: list[int], capacity: int) -> dict[str, Any]:
    """A frame, the slot of each tile (negative: not stored), and the XXH3 of the pool, which was all 255."""
    pixels = frame(recipe)
    columns = -(-pixels.shape[1] // TILE)
    blocks = [b"\xff" * TILE * TILE * 4] * capacity
    for cell, slot in enumerate(slots):
        if slot >= 0:
            blocks[slot] = tile_bytes(pixels, cell // columns, cell % columns)
    pool = xxhash.xxh3_64_hexdigest(b"".join(blocks))
    return {"frame": recipe, "slots": slots, "capacity": capacity, "pool": pool}


def describe_vector(recipe: Recipe) -> dict[str, Any]:
    """A frame, the six features of each of its tiles, and its histogram."""
    pixels = frame(recipe)
    rows, columns = -(-pixels.shape[0] // TILE), -(-pixels.shape[1] // TILE)
    found, histogram = [], [0] * 64
    for row in range(rows):
        for column in range(columns):
            data = tile_bytes(pixels, row, column)
            luma = [(29 * data[i] + 150 * data[i + 1] + 77 * data[i + 2]) // 256 for i in range(0, len(data), 4)]
            gradient = sum(abs(luma[i] - luma[i - 1]) for i in range(len(luma)) if i % TILE)
            gradient += sum(abs(luma[i] - luma[i - TILE]) for i in range(TILE, len(luma)))
            colours = [sum(data[channel::4]) for channel in range(3)]
            found.append([*colours, sum(luma), sum(grey * grey for grey in luma), gradient])
            for block in range(64):
                first = block // 8 * 8 * TILE + block % 8 * 8
                histogram[sum(sum(luma[first + y * TILE :][:8]) for y in range(8)) // 256] += 1
    return {"frame": recipe, "features": found, "histogram": histogram}


def features(vector: dict[str, Any]) -> NDArray[np.uint32]:
    """The (rows, columns, 6) features of a hash vector: of each tile, byte i % 8 of splitmix64 is the mean luma."""
    height, width = vector["height"], vector["width"]
    rows, columns = -(-height // TILE), -(-width // TILE)
    found = np.zeros((rows, columns, 6), np.uint32)
    for cell in range(rows * columns):
        row, column = divmod(cell, columns)
        noise = splitmix64(np.array([vector["seed"] + cell // 8], np.uint64)).astype("<u8").tobytes()
        area = min(TILE, height - row * TILE) * min(TILE, width - column * TILE)
        found[row, column, 3] = noise[cell % 8] * area
    return found


def hash_vector(height: int, width: int, seed: int) -> dict[str, Any]:
    """The size of a frame, the seed of its tiles' features, and its perceptual hash, one term after another."""
    vector: dict[str, Any] = {"height": height, "width": width, "seed": seed}
    luma = features(vector)[:, :, 3].tolist()
    cells = [[0] * 32 for _ in range(32)]

    def shared(tile: int, cell: int, length: int) -> int:
        """Of a tile and a cell, what both have, in 32nds of a pixel."""
        begin, end = tile * TILE * 32, min((tile + 1) * TILE, length) * 32
        return max(0, min(end, (cell + 1) * length) - max(begin, cell * length))

    for row, tiles in enumerate(luma):
        tall = min(TILE, height - row * TILE)
        lines = [cell for cell in range(32) if shared(row, cell, height)]
        for column, total in enumerate(tiles):
            sixteenths = total * 16 // (tall * min(TILE, width - column * TILE))
            for x in (cell for cell in range(32) if shared(column, cell, width)):
                for y in lines:
                    cells[y][x] += sixteenths * shared(row, y, height) * shared(column, x, width)
    means = [value // (height * width) for line in cells for value in line]
    centred = [value * 1024 - sum(means) for value in means]
    waves = [[round(math.cos(math.pi * (2 * i + 1) * u / 64) * 2**14) for i in range(32)] for u in range(8)]
    lowest = [
        sum(centred[32 * y + x] * waves[u][y] * waves[v][x] for y in range(32) for x in range(32))
        for u in range(8)
        for v in range(8)
    ]
    middle = sum(sorted(lowest)[31:33])
    bits = sum((2 * value > middle) << bit for bit, value in enumerate(lowest))
    return vector | {"hash": f"{bits:016x}"}


def pairs() -> list[tuple[Recipe, Recipe, int]]:
    """Frames to compare, and beyond which distance."""
    spots = [[0, 0, 0, 9], [63, 63, 1, 9], [64, 64, 2, 9], [129, 69, 0, 250], [100, 3, 3, 77]]
    near = [[10, 10, 0, 103], [10, 20, 1, 104], [11, 30, 2, 105], [70, 5, 0, 130], [70, 6, 1, 255]]
    plain, spotted = recipe(80, 66, 3, "flat", 100), recipe(80, 66, 4, "flat", 100, near)
    return [
        (recipe(64, 64, 4, "flat", 0), recipe(64, 64, 4, "flat", 0), 0),
        (recipe(1, 1, 3, "flat", 0), recipe(1, 1, 4, "flat", 255), 195_074),
        (recipe(1, 1, 3, "flat", 0), recipe(1, 1, 4, "flat", 255), 195_075),
        (recipe(130, 70, 4, "flat", 8), recipe(130, 70, 4, "flat", 8, spots), 0),
        (recipe(130, 70, 4, "flat", 8), recipe(130, 70, 4, "flat", 8, spots), 1),
        *((plain, spotted, limit) for limit in (8, 9, 16, 24, 25)),
        (recipe(65, 129, 4, "noise", 17), recipe(65, 129, 4, "noise", 18), 0),
        (recipe(65, 129, 4, "noise", 17), recipe(65, 129, 3, "noise", 18), 30_000),
    ]


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
    few = frames[1:6] + frames[7:10]
    stored = [
        *((recipe, [0], 1) for recipe in frames[:6]),
        (frames[6], [2, 0], 4),
        (frames[7], [-1, 1], 2),
        (frames[8], [5, 4, 3, 2, 1, 0], 6),
        (frames[9], [0, -7, 3, 1, -1, 2], 5),
    ]
    hashed = [(1, 1), (64, 64), (65, 130), (100, 150), (300, 200), (720, 1280), (1, 5000), (4096, 1), (2160, 3840)]
    vectors = {
        "made_with": f"tools/make_vectors.py, xxhash {xxhash.VERSION} (XXH3 64-bit, seed 0)",
        "zero_tile": xxhash.xxh3_64_hexdigest(bytes(TILE * TILE * 4)),
        "fingerprint": [fingerprint_vector(recipe) for recipe in frames],
        "difference": [difference_vector(*pair) for pair in pairs()],
        "store": [store_vector(*each) for each in stored],
        "describe": [describe_vector(recipe) for recipe in few],
        "hash": [hash_vector(*size, 100 * seed) for seed, size in enumerate(hashed, 1)],
    }
    # One vector a line, so that a change of one shows as one line.
    text = json.dumps(vectors).replace(', "zero_tile"', ',\n"zero_tile"')
    for name, first in (
        ("fingerprint", "frame"),
        ("difference", "before"),
        ("store", "frame"),
        ("describe", "frame"),
        ("hash", "height"),
    ):
        text = text.replace(f', "{name}": [', f',\n"{name}": [\n').replace(f', {{"{first}"', f',\n{{"{first}"')
    TARGET.write_text(text + "\n")


if __name__ == "__main__":
    main()
