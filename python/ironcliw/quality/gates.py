"""The gates others put before reading a screen: has this frame changed enough to be looked at? Ours beside them.

    pair = Pair(before, after, is_lossless=True)          # two (h, w, 4) uint8 BGRX frames of one size
    [gate.name for gate in GATES if gate.notices(pair)]

Written from their published formulas, with the thresholds they are used with:

- *histogram*: Hellinger distance of the two 256-bin luma histograms above 0.05;
- *pHash*: 64 bits, the lowest 8 x 8 coefficients of the DCT of the luma at 32 x 32 against their median, 4 bits or more
  apart (Zauner, 2010);
- *SSIM*: mean structural similarity below 0.9; Gaussian window of 11 with sigma 1.5, luma averaged down to about 256
  pixels on the shorter side (Wang et al., 2004);
- *dHash*: 64 bits, each whether a pixel of the luma at 9 x 8 is darker than its right neighbour; less than 90 % alike.

Ours is the watcher's own: a tile fingerprint moved, and a pixel in that tile really differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.change import LOSSY_THRESHOLD, ChangeTracker

HELLINGER_MIN = 0.05
PHASH_BITS_MIN = 4
SSIM_MIN = 0.9
DHASH_SAME_MIN = 0.90

_PHASH_SIDE, _PHASH_KEPT = 32, 8
_SSIM_SIDE = 256
_SSIM_WINDOW, _SSIM_SIGMA = 11, 1.5
_SSIM_C1, _SSIM_C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Two (h, w, 3|4) uint8 BGR or BGRX frames of one size, one shown after the other."""

    before: Pixels
    after: Pixels
    is_lossless: bool

    @cached_property
    def lumas(self) -> tuple[Pixels, Pixels]:
        """The (h, w) uint8 lumas of both."""
        return luma(self.before), luma(self.after)

    @cached_property
    def lumas_differ(self) -> bool:
        """Whether any pixel of the two lumas differs."""
        return not np.array_equal(*self.lumas)


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate. ``notices(pair)``: whether it lets the second frame through as changed."""

    name: str
    rule: str
    notices: Callable[[Pair], bool]


def luma(pixels: Pixels) -> Pixels:
    """The (h, w) uint8 luma (ITU-R BT.601) of (h, w, 3|4) uint8 BGR or BGRX pixels."""
    height, width, channels = pixels.shape
    order = "BGRX" if channels == 4 else "BGR"
    colours = Image.frombuffer("RGB", (width, height), np.ascontiguousarray(pixels), "raw", order, 0, 1)
    return np.asarray(colours.convert("L"))


def hellinger(a: Pixels, b: Pixels) -> float:
    """Distance of two (h, w) luma images' histograms: 0 the same, 1 without a common level."""
    p, q = (np.array(Image.fromarray(image).histogram()) / image.size for image in (a, b))
    return float(np.sqrt(max(0.0, 1.0 - float(np.sqrt(p * q).sum()))))


def phash(image: Pixels) -> int:
    """The 64-bit perceptual hash of a (h, w) luma image."""
    small = np.asarray(_resized(image, _PHASH_SIDE, _PHASH_SIDE), np.float64)
    basis = _dct_basis(_PHASH_SIDE)[:_PHASH_KEPT]
    low = basis @ small @ basis.T
    return _bits(low > np.median(low))


def dhash(image: Pixels) -> int:
    """The 64-bit difference hash of a (h, w) luma image."""
    small = np.asarray(_resized(image, 9, 8), np.int16)
    return _bits(small[:, 1:] > small[:, :-1])


def bits_apart(a: int, b: int) -> int:
    """Hamming distance of two hashes."""
    return (a ^ b).bit_count()


def ssim(a: Pixels, b: Pixels) -> float:
    """Mean structural similarity of two (h, w) luma images: 1 the same."""
    x, y = (_averaged(image) for image in (a, b))
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _SSIM_C1) * (2 * covariance + _SSIM_C2)
    norm = (mean_x**2 + mean_y**2 + _SSIM_C1) * (variance_x + variance_y + _SSIM_C2)
    return float((likeness / norm).mean())


def tiles_notice(pair: Pair) -> bool:
    """Whether the watcher's own change detection reports a region; exact on lossless sources."""
    height, width = pair.before.shape[:2]
    tracker = ChangeTracker(height, width, 0 if pair.is_lossless else LOSSY_THRESHOLD)
    tracker.apply(pair.before)
    return bool(tracker.apply(pair.after).regions)


def histogram_notices(before: Pixels, after: Pixels) -> bool:
    """The luma histogram's verdict on two (h, w) luma images."""
    return hellinger(before, after) > HELLINGER_MIN


def phash_notices(before: Pixels, after: Pixels) -> bool:
    """The perceptual hash's verdict on two (h, w) luma images."""
    return bits_apart(phash(before), phash(after)) >= PHASH_BITS_MIN


def ssim_notices(before: Pixels, after: Pixels) -> bool:
    """The structural similarity's verdict on two (h, w) luma images."""
    return ssim(before, after) < SSIM_MIN


def dhash_notices(before: Pixels, after: Pixels) -> bool:
    """The difference hash's verdict on two (h, w) luma images."""
    return 1 - bits_apart(dhash(before), dhash(after)) / 64 < DHASH_SAME_MIN


def _on_luma(decide: Callable[[Pixels, Pixels], bool]) -> Callable[[Pair], bool]:
    """The gate that decides on lumas; between equal ones all of these measures are those of a frame and itself."""
    return lambda pair: pair.lumas_differ and decide(*pair.lumas)


OURS = "tile fingerprints (ours)"
GATES: tuple[Gate, ...] = (
    Gate(OURS, "a tile's fingerprint and a pixel in it differ", tiles_notice),
    Gate("luma histogram", f"Hellinger distance > {HELLINGER_MIN}", _on_luma(histogram_notices)),
    Gate("pHash, 64 bits", f"Hamming distance >= {PHASH_BITS_MIN}", _on_luma(phash_notices)),
    Gate("global SSIM", f"SSIM < {SSIM_MIN}", _on_luma(ssim_notices)),
    Gate("dHash, 64 bits", f"less than {DHASH_SAME_MIN:.0%} alike", _on_luma(dhash_notices)),
)


def _resized(image: Pixels, width: int, height: int) -> Image.Image:
    return Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS)


def _bits(mask: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(mask).tobytes(), "big")


@cache
def _dct_basis(side: int) -> Floats:
    """The DCT-II of vectors of ``side`` numbers, as a (side, side) matrix; not normalised, as pHash is mostly taken."""
    frequency, place = np.arange(side)[:, None], np.arange(side)[None, :]
    return np.cos(np.pi * (2 * place + 1) * frequency / (2 * side))


def _averaged(image: Pixels) -> Floats:
    """The image averaged over whole blocks, so that its shorter side comes to about ``_SSIM_SIDE`` pixels."""
    block = max(1, round(min(image.shape) / _SSIM_SIDE))
    rows, columns = image.shape[0] // block, image.shape[1] // block
    cut = image[: rows * block, : columns * block].reshape(rows, block, columns * block)
    # Whole numbers along whole rows first: the same means, a multiple as fast.
    sums = cut.sum(axis=1, dtype=np.uint32).reshape(rows, columns, block).sum(axis=2, dtype=np.uint32)
    return sums / block**2


def _blurred(image: Floats) -> Floats:
    """Weighted means over every whole window; over the whole image along a side shorter than the window."""
    for axis in (0, 1):
        weights = _gaussian(min(_SSIM_WINDOW, image.shape[axis]))
        windows = np.lib.stride_tricks.sliding_window_view(image, len(weights), axis=axis)
        image = windows @ weights
    return image


@cache
def _gaussian(size: int) -> Floats:
    offsets = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(offsets**2) / (2 * _SSIM_SIGMA**2))
    return weights / weights.sum()
