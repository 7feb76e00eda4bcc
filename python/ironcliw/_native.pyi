# The extension module, built from crates/python. What the kernels do is said in ironcliw/kernels/protocol.py.

from collections.abc import Sequence
from typing import Final, Literal, Self, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BloomBits",
    "SegmentReader",
    "SegmentWriter",
    "Tracker",
    "X11Capture",
    "X11Error",
    "X11Update",
    "__version__",
    "copy_tiles",
    "describe",
    "difference",
    "fingerprint",
    "panic_on_purpose",
    "perceptual_hash",
    "rectangles",
    "simd_level",
    "store_tiles",
]

__version__: Final[str]

# From crates/python/src/kernels.rs

def fingerprint(
    pixels: NDArray[np.uint8],
    grid: NDArray[np.uint64],
    changed: NDArray[np.bool_] | NDArray[np.uint8],
    among: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
) -> int: ...
def difference(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    threshold: int,
    tiles: NDArray[np.bool_] | NDArray[np.uint8] | None,
    counts: NDArray[np.uint32],
    boxes: NDArray[np.int32],
    mask: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
) -> int: ...
def copy_tiles(
    source: NDArray[np.uint8],
    target: NDArray[np.uint8],
    tiles: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
) -> int: ...
def store_tiles(
    pixels: NDArray[np.uint8],
    tiles: NDArray[np.bool_] | NDArray[np.uint8] | None,
    pool: NDArray[np.uint8],
    slots: NDArray[np.int32],
) -> int: ...
def describe(
    pixels: NDArray[np.uint8],
    tiles: NDArray[np.bool_] | NDArray[np.uint8] | None,
    features: NDArray[np.uint32],
    histograms: NDArray[np.uint16],
    histogram: NDArray[np.uint32],
) -> int: ...
def perceptual_hash(features: NDArray[np.uint32], height: int, width: int) -> int: ...
def simd_level() -> str: ...
def panic_on_purpose() -> None: ...

# From crates/python/src/objects.rs

def rectangles(pixels: NDArray[np.uint8], found: NDArray[np.int32]) -> int: ...

# From crates/python/src/tracker.rs
@final
class Tracker:
    """Follows one screen; see ``ironcliw.kernels.protocol.Tracker``."""

    def __new__(
        cls,
        shown: NDArray[np.uint8],
        grid: NDArray[np.uint64],
        changed: NDArray[np.bool_] | NDArray[np.uint8],
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
        threshold: int,
        blinks_after: int,
    ) -> Tracker: ...
    def apply(
        self, pixels: NDArray[np.uint8], damage: Sequence[tuple[int, int, int, int]] | None = None
    ) -> tuple[int, int, bool, list[tuple[int, int, int, int]], list[tuple[int, int, int, int]]]: ...

# From crates/python/src/archive.rs

@final
class SegmentWriter:
    """Writes frames into a segment; see ``ironcliw.kernels.protocol.SegmentWriter``."""

    def __new__(cls, height: int, width: int, first: int | None = None, verify: bool = True) -> SegmentWriter: ...
    @property
    def frames(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    def add(
        self,
        pixels: NDArray[np.uint8],
        time_ns: int,
        wall_ns: int,
        changed: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
        fingerprints: NDArray[np.uint64] | None = None,
    ) -> bytes: ...
    def end(self, held_ns: int) -> bytes: ...

@final
class SegmentReader:
    """Draws the frames of a segment; see ``ironcliw.kernels.protocol.SegmentReader``."""

    def __new__(cls, data: bytes | bytearray | memoryview | NDArray[np.uint8]) -> SegmentReader: ...
    def extend(self, data: bytes | bytearray | memoryview | NDArray[np.uint8]) -> None: ...
    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def first(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def held_ns(self) -> int | None: ...
    @property
    def memory_bytes(self) -> int: ...
    def times(self) -> list[tuple[int, int]]: ...
    def draw(self, frame: int, out: NDArray[np.uint8], before: int | None = None) -> int: ...

# From crates/python/src/x11.rs

class X11Error(Exception):
    """Why an X display gives no pixels. ``args``: the kind of failure and one line for a person."""

@final
class X11Update:
    """What one call of ``X11Capture.next`` found."""

    @property
    def kind(self) -> Literal["captured", "idle", "missed_damage", "resized"]: ...
    @property
    def damage(self) -> list[tuple[int, int, int, int]] | None: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def excluded(self) -> list[tuple[int, int, int, int]]: ...
    @property
    def verified(self) -> bool: ...

@final
class X11Capture:
    """One monitor of an X display, captured into memory of the caller's."""

    def __new__(
        cls,
        display: str | None,
        monitor: str | None,
        connect_timeout_ms: int,
        reply_timeout_ms: int,
        capture_interval_ms: int,
        probe_interval_ms: int,
    ) -> X11Capture: ...
    def monitor(self) -> tuple[str, tuple[int, int, int, int]]: ...
    def abilities(self) -> tuple[bool, bool]: ...
    def attach(self, fd: int) -> None: ...
    def exclude(self, windows: Sequence[int]) -> None: ...
    def window_exists(self, window: int) -> bool: ...
    def top_level(self, window: int) -> int | None: ...
    def windows_of(self, pids: Sequence[int]) -> list[tuple[int, int]]: ...
    def interrupt(self) -> None: ...
    def next(self, timeout_ms: int) -> X11Update: ...

# From crates/python/src/bloom.rs

class BloomBits:
    """The bits of a Bloom filter; see ``ironcliw.kernels.protocol.BloomBits``."""

    def __new__(cls, blocks: int, hashes: int, generations: int) -> Self: ...
    def __init_subclass__(cls) -> None: ...
    @property
    def blocks(self) -> int: ...
    @property
    def hashes(self) -> int: ...
    @property
    def generations(self) -> int: ...
    def add(self, key: bytes | str | int, /) -> None: ...
    def contains(self, key: bytes | str | int, /) -> bool: ...
    def __contains__(self, key: bytes | str | int, /) -> bool: ...
    def check_and_add(self, key: bytes | str | int, /) -> bool: ...
    def add_many(self, keys: NDArray[np.uint64]) -> None: ...
    def contains_into(self, keys: NDArray[np.uint64], seen: NDArray[np.bool_] | NDArray[np.uint8]) -> None: ...
    def check_and_add_into(self, keys: NDArray[np.uint64], seen: NDArray[np.bool_] | NDArray[np.uint8]) -> None: ...
    def turn(self) -> None: ...
    def bits_set(self, age: int) -> int: ...
    def read(self, age: int, words: NDArray[np.uint64]) -> None: ...
    def unite(self, age: int, words: NDArray[np.uint64]) -> None: ...
    def merge(self, other: BloomBits) -> None: ...
