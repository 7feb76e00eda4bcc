"""The kernels in NumPy, written to be read.

    KERNELS.fingerprint(pixels, grid, changed)

They are what the native ones must equal bit for bit, and the fallback where there are none.
"""

from __future__ import annotations

from ironcliw.kernels.protocol import Kernels
from ironcliw.kernels.reference.bloom import BloomBits
from ironcliw.kernels.reference.copying import copy_tiles
from ironcliw.kernels.reference.describing import describe, perceptual_hash
from ironcliw.kernels.reference.difference import difference
from ironcliw.kernels.reference.fingerprint import fingerprint
from ironcliw.kernels.reference.rectangles import rectangles
from ironcliw.kernels.reference.segment_reader import SegmentReader
from ironcliw.kernels.reference.segment_writer import SegmentWriter
from ironcliw.kernels.reference.storing import store_tiles
from ironcliw.kernels.reference.tracker import Tracker

__all__ = [
    "KERNELS",
    "BloomBits",
    "SegmentReader",
    "SegmentWriter",
    "Tracker",
    "copy_tiles",
    "describe",
    "difference",
    "fingerprint",
    "perceptual_hash",
    "rectangles",
    "store_tiles",
]

KERNELS = Kernels(
    fingerprint=fingerprint,
    difference=difference,
    copy_tiles=copy_tiles,
    store_tiles=store_tiles,
    describe=describe,
    perceptual_hash=perceptual_hash,
    rectangles=rectangles,
    Tracker=Tracker,
    BloomBits=BloomBits,
    SegmentWriter=SegmentWriter,
    SegmentReader=SegmentReader,
)
