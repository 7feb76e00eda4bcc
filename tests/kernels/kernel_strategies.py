"""Frames and masks for Hypothesis to try the kernels with."""

from __future__ import annotations

from typing import Any

import kernel_conformance as conformance
import numpy as np
from hypothesis import strategies as st

from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import Pixels

sizes = st.one_of(
    st.tuples(st.integers(1, 140), st.integers(1, 200)),
    st.tuples(st.sampled_from([1, 63, 64, 65]), st.sampled_from([1, 63, 64, 65, 128])),
)


@st.composite
def frames(draw: st.DrawFn, height: int, width: int) -> Pixels:
    """Some frame, of many or few colours, somehow laid out."""
    channels, pixel_stride = draw(st.sampled_from([(3, 3), (3, 4), (4, 4)]))
    pixels = conformance.noise(height, width, channels, draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        pixels &= 1
    return conformance.laid_out(pixels, pixel_stride, draw(st.integers(0, 9)), draw(st.integers(0, 7)))


@st.composite
def masks(draw: st.DrawFn, height: int, width: int) -> Any:
    rows, columns = grid_shape(height, width)
    cells = st.lists(st.sampled_from([0, 1]), min_size=rows * columns, max_size=rows * columns)
    mask = draw(st.none() | cells)
    dtype = draw(st.sampled_from([np.bool_, np.uint8]))
    return None if mask is None else np.array(mask, dtype).reshape(rows, columns)
