# The extension module, built from crates/python. What the kernels do is said in ironcliw/kernels/protocol.py.

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["__version__", "copy_tiles", "difference", "fingerprint", "panic_on_purpose", "simd_level"]

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
