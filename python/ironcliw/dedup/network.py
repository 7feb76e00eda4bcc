"""Three filters: whole frames, pieces of them, and tiles.

    network = BloomNetwork()
    if not network.check_frame(grid):                 # this screen, to the pixel, is new
        network.check_region(pixels[y0:y1, x0:x1])    # this piece of it is new, wherever it stands
        new = ~network.check_tiles(grid)              # these tiles have never been there
    network.rotate()

What each level is for, and what it is not:

- frame: the screen is exactly as it was some time ago (back to the editor, back to the slide). A clock, a caret or a
  mouse pointer makes another frame of it, so this level answers seldom, and spares everything when it does.
- region: a piece of the screen (a dialog, a row of a table, a line of text) was seen before, on this place or another:
  its text, its description and a model's verdict are in the caches. There is one filter for the whole screen and not
  one for each quadrant, so what lies across a border or was scrolled is not new in four of them.
- tile: these 64 x 64 pixels were seen before, so they are stored. Keyed by fingerprint alone; with ``by_place`` by
  where they are, too.

No level decides that nothing happened. What changed is a change, seen before or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock as clocks
from ironcliw.dedup.filter import BloomFilter, FilterStats
from ironcliw.dedup.keys import frame_key, region_key, tile_keys
from ironcliw.memory import Account
from ironcliw.metrics import Counter, Family

LEVELS = ("frame", "region", "tile")
SUFFIX = ".bloom"


class BloomNetwork:
    """A BloomFilter for each level: ``frame``, ``region`` and ``tile``, of as many MiB each.

    As they come, each of the two generations lasts an hour, or until it holds about 100,000 frames, 400,000 regions or
    1,600,000 tiles: it is half full then, and not quite two new keys in a hundred are taken for seen. Raises
    SettingsError and BudgetError as BloomFilter does.
    """

    def __init__(
        self,
        frame_mb: float = 0.25,
        region_mb: float = 1.0,
        tile_mb: float = 4.0,
        num_hashes: int = 7,
        *,
        rotate_after_s: float | None = 3600.0,
        rotate_at_fill: float | None = 0.5,
        by_place: bool = False,
        clock: Callable[[], int] = clocks.monotonic_ns,
        account: Account | None = None,
    ) -> None:
        filters = [
            BloomFilter(
                size_mb,
                num_hashes,
                rotate_after_s=rotate_after_s,
                rotate_at_fill=rotate_at_fill,
                clock=clock,
                account=account,
            )
            for size_mb in (frame_mb, region_mb, tile_mb)
        ]
        self._set(filters, by_place=by_place)

    def _set(self, filters: list[BloomFilter], *, by_place: bool) -> None:
        self.frame, self.region, self.tile = filters
        self._by_place = by_place
        self._checked = Counter("bloom_keys", "Keys that a filter was asked for.", "level")
        self._found = Counter("bloom_keys_found", "Keys that a filter had been given before.", "level")

    def check_frame(self, grid: NDArray[np.uint64]) -> bool:
        """Whether a frame with this (rows, columns) uint64 grid of fingerprints was seen before; from now on it was."""
        return self._counted("frame", self.frame.check_and_add(frame_key(grid)))

    def check_region(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether these (height, width, 3 or 4) uint8 pixels were seen before, anywhere; from now on they were."""
        return self._counted("region", self.region.check_and_add(region_key(pixels)))

    def check_tiles(self, grid: NDArray[np.uint64], among: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Which tiles of a (rows, columns) uint64 grid were seen before; from now on all of them were.

        With ``among`` (a bool for each tile) only selected tiles are looked at, and the others are False. Raises
        ValueError for another dtype or shape.
        """
        keys = tile_keys(grid, by_place=self._by_place)
        if among is None:
            return self._counted_tiles(self.tile.check_and_add_many(keys), keys.size)
        if among.shape != grid.shape or among.dtype != np.bool_:
            raise ValueError(f"among: expected a bool array of shape {grid.shape}, got {among.dtype} {among.shape}")
        seen = np.zeros(grid.shape, np.bool_)
        asked = keys[among]
        seen[among] = self.tile.check_and_add_many(asked)
        return self._counted_tiles(seen, asked.size)

    def _counted(self, level: str, found: bool) -> bool:
        self._checked.add(1, level)
        self._found.add(int(found), level)
        return found

    def _counted_tiles(self, seen: NDArray[np.bool_], asked: int) -> NDArray[np.bool_]:
        self._checked.add(asked, "tile")
        self._found.add(int(np.count_nonzero(seen)), "tile")
        return seen

    def rotate(self) -> tuple[str, ...]:
        """Begin a new generation at each level where it is due, and say where that was. To be called once a frame."""
        return tuple(level for level in LEVELS if self._level(level).rotate())

    def stats(self) -> dict[str, FilterStats]:
        """How each level is doing."""
        return {level: self._level(level).stats() for level in LEVELS}

    def metrics(self) -> Iterator[Family]:
        """Its numbers, for ``registry.collect(network.metrics)``: keys by level, and how full each level is."""
        yield self._checked.family
        yield self._found.family
        stats = self.stats()
        fill = {level: round(each.fill, 6) for level, each in stats.items()}
        size = {level: each.size_bytes for level, each in stats.items()}
        yield Family("bloom_fill_ratio", "gauge", "Share of the newest generation's bits that are set.", fill, "level")
        yield Family("bloom_bytes", "gauge", "Bits of a filter.", size, "level")

    def merge(self, other: BloomNetwork) -> None:
        """Add everything that another network of the same sizes has seen. Raises ValueError for other sizes."""
        if other._by_place != self._by_place:
            raise ValueError("a network with tiles by place cannot take in one without, nor the other way round")
        for level in LEVELS:
            self._level(level).merge(other._level(level))

    def save(self, folder: str | Path) -> None:
        """Write each level to a file in ``folder``, which exists. Raises FilterFileError if one cannot be."""
        for level in LEVELS:
            self._level(level).save(Path(folder) / f"{level}{SUFFIX}")

    @classmethod
    def load(
        cls, folder: str | Path, *, by_place: bool = False, clock: Callable[[], int] = clocks.monotonic_ns
    ) -> Self:
        """The network that was saved to a folder, made with the same ``by_place``. Raises FilterFileError."""
        self = cls.__new__(cls)
        filters = [BloomFilter.load(Path(folder) / f"{level}{SUFFIX}", clock=clock) for level in LEVELS]
        self._set(filters, by_place=by_place)
        return self

    def _level(self, level: str) -> BloomFilter:
        return {"frame": self.frame, "region": self.region, "tile": self.tile}[level]
