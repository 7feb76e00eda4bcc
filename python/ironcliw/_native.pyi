# The extension module, built from crates/python. What the kernels do is said in ironcliw/kernels/protocol.py.

from collections.abc import Sequence
from typing import Final, Literal, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "X11Capture",
    "X11Error",
    "X11Update",
    "__version__",
    "copy_tiles",
    "difference",
    "fingerprint",
    "panic_on_purpose",
    "simd_level",
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
) -> int: ...
def copy_tiles(
    source: NDArray[np.uint8],
    target: NDArray[np.uint8],
    tiles: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
) -> int: ...
def simd_level() -> str: ...
def panic_on_purpose() -> None: ...

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
    def next(self, timeout_ms: int) -> X11Update: ...
