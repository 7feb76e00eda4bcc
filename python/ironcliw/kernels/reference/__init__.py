"""The kernels in NumPy, written to be read.

    KERNELS.fingerprint(pixels, grid, changed)

They are what the native ones must equal bit for bit, and the fallback where there are none.
"""

from __future__ import annotations

from ironcliw.kernels.protocol import Kernels
from ironcliw.kernels.reference.bloom import BloomBits
from ironcliw.kernels.reference.copying import copy_tiles
from ironcliw.kernels.reference.difference import difference
from ironcliw.kernels.reference.fingerprint import fingerprint

__all__ = ["KERNELS", "copy_tiles", "difference", "fingerprint"]

KERNELS = Kernels(fingerprint, difference, copy_tiles, BloomBits)
