"""The numeric work, twice: Rust (native) and NumPy (reference), equal bit for bit. The one door to either.

    from ironcliw import kernels

    shape = kernels.grid_shape(*pixels.shape[:2])
    grid, changed = np.zeros(shape, np.uint64), np.zeros(shape, np.bool_)
    if kernels.fingerprint(pixels, grid, changed):        # changed[row, column]: this tile is not what it was
        kernels.difference(before, pixels, 0, changed, counts, boxes)
        kernels.copy_tiles(pixels, before, changed)

The environment variable ``IRONCLIW_KERNELS`` chooses: ``native``, ``reference`` or ``auto`` (native where it can be
had). ``IMPLEMENTATION`` and ``REASON`` say what was chosen and why. Importing this raises SettingsError for any other
value, and NativeError where ``native`` is asked for and missing or of another version.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from ironcliw.errors import NativeError, SettingsError
from ironcliw.frame import TILE
from ironcliw.kernels import known, reference
from ironcliw.kernels.protocol import Kernels
from ironcliw.version import package_version

__all__ = [
    "IMPLEMENTATION",
    "REASON",
    "ZERO_TILE",
    "BloomBits",
    "copy_tiles",
    "difference",
    "fingerprint",
    "grid_shape",
    "self_test",
]

VARIABLE = "IRONCLIW_KERNELS"
MEND = "reinstall ironcliw, or build it with 'maturin develop --release'"

ZERO_TILE = 0xB7CE04B81707A4D0
"""The fingerprint of a tile that is all zeros."""


class Choice(NamedTuple):
    """Which implementation is used, and one sentence why."""

    implementation: Literal["native", "reference"]
    reason: str
    kernels: Kernels


def choose(wanted: str) -> Choice:
    """The kernels for ``auto``, ``native`` or ``reference``."""
    if wanted not in ("auto", "native", "reference"):
        raise SettingsError(f"{VARIABLE}={wanted!r}: expected auto, native or reference")
    if wanted == "reference":
        return Choice("reference", f"NumPy, as {VARIABLE}=reference asks for", reference.KERNELS)
    try:
        kernels, level = _native()
    except NativeError as error:
        # One that is missing has a fallback; one of another version is a broken install, and nothing to be quiet about.
        if wanted == "native" or not isinstance(error.__cause__, ImportError):
            raise
        return Choice("reference", f"NumPy, because {error}", reference.KERNELS)
    return Choice("native", f"Rust with {level} instructions", kernels)


def _native() -> tuple[Kernels, str]:
    """The native kernels and the vector instructions they use."""
    try:
        from ironcliw import _native as native  # noqa: PLC0415, TID251 - not to be imported where it is not wanted
    except ImportError as error:
        raise NativeError(f"the native module cannot be imported ({error}): {MEND}") from error
    if native.__version__ != (ours := package_version()):
        raise NativeError(f"the native module is of version {native.__version__} and the package of {ours}: {MEND}")
    return Kernels(native.fingerprint, native.difference, native.copy_tiles, native.BloomBits), native.simd_level()


def grid_shape(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of tiles of a frame of ``height`` x ``width`` pixels."""
    return -(-height // TILE), -(-width // TILE)


IMPLEMENTATION, REASON, _kernels = choose(os.environ.get(VARIABLE) or "auto")
fingerprint, difference, copy_tiles, _bloom_bits = _kernels
if TYPE_CHECKING:
    # To be inherited from, which takes a class that is known before the choice is.
    from ironcliw.kernels.reference.bloom import BloomBits
else:
    BloomBits = _bloom_bits


def self_test() -> list[known.Check]:
    """Run a known frame through each kernel in use: its name, whether it works, and what it did instead if not."""
    return known.check(_kernels)
