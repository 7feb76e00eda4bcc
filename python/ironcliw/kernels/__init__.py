"""The numeric work, twice: Rust (native) and NumPy (reference), equal bit for bit. The one door to either.

    from ironcliw import kernels

    shape = kernels.grid_shape(*pixels.shape[:2])
    grid, changed = np.zeros(shape, np.uint64), np.zeros(shape, np.bool_)
    if kernels.fingerprint(pixels, grid, changed):        # changed[row, column]: this tile is not what it was
        kernels.difference(before, pixels, 0, changed, counts, boxes)
        kernels.copy_tiles(pixels, before, changed)

    tracker = kernels.Tracker(shown, grid, changed, counts, boxes, threshold=0, blinks_after=2)
    tracker.apply(pixels)                                 # all of that in one walk over the frame, joined to regions

    for answer in kernels.process_batch(frames):          # many at once: each compared with the last, and described
        ...

The environment variable ``IRONCLIW_KERNELS`` chooses: ``native``, ``reference`` or ``auto`` (native where it can be
had). ``IMPLEMENTATION`` and ``REASON`` say what was chosen and why. Importing this raises SettingsError for any other
value, and NativeError where ``native`` is asked for and missing or of another version.

In builds that can use a graphics processor, ``difference``, ``describe`` and ``process_batch`` are done by it where it
is measured to be faster; ``IRONCLIW_GPU`` and ``ironcliw.kernels.gpu`` say how. ``ACCELERATED`` is None elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ironcliw.errors import NativeError, SettingsError
from ironcliw.frame import TILE
from ironcliw.kernels import batch, known, reference
from ironcliw.kernels.batch import Processed
from ironcliw.kernels.protocol import BINS, FEATURES, Describe, Difference, Kernels, Pixels
from ironcliw.kernels.reference.fingerprint import ZERO_TILE
from ironcliw.version import package_version

if TYPE_CHECKING:
    from ironcliw.kernels.gpu import Chosen

__all__ = [
    "ACCELERATED",
    "BINS",
    "FEATURES",
    "IMPLEMENTATION",
    "REASON",
    "ZERO_TILE",
    "BloomBits",
    "Processed",
    "SegmentReader",
    "SegmentWriter",
    "Tracker",
    "copy_tiles",
    "describe",
    "difference",
    "fingerprint",
    "grid_shape",
    "perceptual_hash",
    "process_batch",
    "rectangles",
    "self_test",
    "store_tiles",
]

VARIABLE = "IRONCLIW_KERNELS"
GPU_VARIABLE = "IRONCLIW_GPU"
MEND = "reinstall ironcliw, or build it with 'maturin develop --release'"


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
    return Kernels(*(getattr(native, name) for name in Kernels._fields)), native.simd_level()


def grid_shape(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of tiles of a frame of ``height`` x ``width`` pixels."""
    return -(-height // TILE), -(-width // TILE)


def accelerated(wanted: str, cpu: Choice) -> Chosen | None:
    """The kernels that a graphics processor may do for ``auto``, ``off``, ``always`` or ``software``; None: it may not.

    SettingsError for any other value. The card is opened when it is first needed.
    """
    if wanted not in ("auto", "off", "always", "software"):
        raise SettingsError(f"{GPU_VARIABLE}={wanted!r}: expected auto, off, always or software")
    native: Any = None
    if cpu.implementation == "native":
        from ironcliw import _native as native  # noqa: PLC0415, TID251 - where it is in use already
    if wanted == "off" or (wanted == "auto" and not hasattr(native, "Gpu")):
        return None
    from ironcliw.kernels import gpu  # noqa: PLC0415 - most builds never need it

    card = gpu.opener(native, software=wanted == "software")
    return gpu.Chosen(cpu.kernels, card, wanted, gpu.Memory(gpu.cache_path()))


IMPLEMENTATION, REASON, _kernels = _choice = choose(os.environ.get(VARIABLE) or "auto")
ACCELERATED = accelerated(os.environ.get(GPU_VARIABLE) or "auto", _choice)
difference: Difference = _kernels.difference if ACCELERATED is None else ACCELERATED.difference
describe: Describe = _kernels.describe if ACCELERATED is None else ACCELERATED.describe
fingerprint, copy_tiles = _kernels.fingerprint, _kernels.copy_tiles
store_tiles, perceptual_hash = _kernels.store_tiles, _kernels.perceptual_hash
rectangles, Tracker = _kernels.rectangles, _kernels.Tracker
SegmentWriter, SegmentReader = _kernels.SegmentWriter, _kernels.SegmentReader
if TYPE_CHECKING:
    # To be inherited from, which takes a class that is known before the choice is.
    from ironcliw.kernels.reference.bloom import BloomBits
else:
    BloomBits = _kernels.BloomBits


def process_batch(
    frames: Sequence[Pixels], before: Pixels | None = None, threshold: int = 0
) -> list[Processed | ValueError]:
    """Compare each frame with the one before it, and describe it; see ``ironcliw.kernels.batch``."""
    if ACCELERATED is not None:
        return ACCELERATED.process_batch(frames, before, threshold)
    return batch.process_batch(batch.on_cpu(_kernels), frames, before, threshold)


def self_test() -> list[known.Check]:
    """Run a known frame through each kernel in use: its name, whether it works, and what it did instead if not."""
    return known.check(_kernels)
