"""Any iterable of NumPy arrays as a source: frames from a test, another library, a generator that never holds two.

    ArraySource(frames, interval_s=0.1)                     # frame i appears at i * 0.1 s
    ArraySource(frames, times=[0.0, 0.4, 2.5])              # or at times of its own

The arrays are copied as they are read; none is kept.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import SECOND
from ironcliw.errors import SettingsError, SourceError
from ironcliw.memory import LARGEST_SIDE_PX
from ironcliw.source.playback import Picture, Playback, Step
from ironcliw.source.protocol import End

LONGEST_INTERVAL_S = 86_400.0


class ArraySource(Playback):
    """(h, w, 3) or (h, w, 4) uint8 arrays of any strides, taken one at a time as they are read.

    frames: iterated once; what the iterable raises reaches the caller of ``read`` as it is
    interval_s: seconds between frames, and how long the last one stands; above 0, at most a day
    times: seconds from the source's start at which each frame appears, never going back; in place of ``interval_s``
    channels: order of the first three channels; a fourth is ignored

    ``open`` and ``read`` raise ValueError, with the frame's index, for anything that is not such an array. SourceError
    where there is no frame at all.
    """

    def __init__(
        self,
        frames: Iterable[NDArray[np.uint8]],
        interval_s: float = 1.0,
        times: Iterable[float] | None = None,
        channels: Literal["rgb", "bgr"] = "rgb",
    ) -> None:
        super().__init__("arrays")
        self._interval_ns = interval_ns(interval_s)
        if channels not in ("rgb", "bgr"):
            raise SettingsError(f"channels: expected 'rgb' or 'bgr', got {channels!r}")
        if isinstance(frames, np.ndarray) and frames.ndim == 3:
            raise ValueError("expected an iterable of frames, got a single array; pass [frame]")
        self._arrays: Iterable[Any] = frames
        self._times = times
        self._swap = channels == "rgb"
        self.lossless = True

    def _play(self) -> Generator[Step]:
        times = None if self._times is None else iter(self._times)
        time_ns, end_ns = 0, 0
        index = -1
        for index, array in enumerate(self._arrays):
            pixels = _checked(array, index)
            time_ns = end_ns if times is None else _time_ns(times, index, time_ns)
            end_ns = time_ns + self._interval_ns
            yield Picture(time_ns, pixels[:, :, 2::-1] if self._swap else pixels[:, :, :3])
        if index < 0:
            raise SourceError("arrays: no frame was given")
        yield End(end_ns)


def interval_ns(interval_s: float) -> int:
    """Nanoseconds of an interval between pictures; SettingsError where it is not above 0 s and at most a day."""
    if isinstance(interval_s, bool) or not 0 < interval_s <= LONGEST_INTERVAL_S:  # NaN fails this too
        raise SettingsError(f"interval_s: expected seconds above 0, at most {LONGEST_INTERVAL_S:.0f}, got {interval_s}")
    return max(1, round(interval_s * SECOND))


def _checked(array: Any, index: int) -> NDArray[np.uint8]:
    """``array`` where it is a frame; ValueError saying what was expected and what came."""
    expected = "expected a (height, width, 3 or 4) uint8 array"
    if not isinstance(array, np.ndarray):
        raise ValueError(f"frame {index}: {expected}, got {type(array).__name__}")
    pixels = cast(NDArray[Any], array)
    if pixels.dtype != np.uint8:
        raise ValueError(f"frame {index}: {expected}, got dtype {pixels.dtype}")
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise ValueError(f"frame {index}: {expected}, got shape {pixels.shape}")
    if not all(0 < side <= LARGEST_SIDE_PX for side in pixels.shape[:2]):
        raise ValueError(f"frame {index}: {expected} with sides of 1 to {LARGEST_SIDE_PX}, got shape {pixels.shape}")
    return pixels


def _time_ns(times: Iterator[float], index: int, before_ns: int) -> int:
    """The next of the caller's times in nanoseconds; ValueError where it is missing, not finite, or goes back."""
    seconds = next(times, None)
    if seconds is None:
        raise ValueError(f"frame {index}: there is no time for it; {index} were given")
    if not math.isfinite(seconds) or round(seconds * SECOND) < before_ns:
        raise ValueError(f"frame {index}: expected a time from {before_ns / SECOND} s on, got {seconds}")
    return round(seconds * SECOND)
