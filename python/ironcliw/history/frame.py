"""One frame in a ring: a view of its pixels that says whether it still is what it was.

with ring.latest() as frame:
    frame.pixels                      # (h, w, 4) uint8 BGRX, read-only, no copy
    frame.check()                     # RecycledFrameError where the watcher has drawn over it meanwhile
# and so does leaving the block
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import RecycledFrameError
from ironcliw.frame import Geometry, Rect
from ironcliw.history.layout import Record, record_of
from ironcliw.history.words import Taken

if TYPE_CHECKING:
    from PIL.Image import Image


class RingFrame:
    """A frame of a watcher's, in its memory. What is read of it counts once ``check`` has let it pass."""

    __slots__ = ("_monitor", "_pixels", "_taken")

    def hold(self, taken: Taken, pixels: NDArray[np.uint8], monitor: str | None) -> Self:
        """Become that frame, once, and return itself: it is made before there is one, for those who wait for it."""
        # What the record says is taken apart when it is asked for, for the same reason.
        self._taken = taken
        self._pixels: NDArray[np.uint8] | None = pixels
        self._monitor = monitor
        return self

    @property
    def sequence(self) -> int:
        """Number of the frame in its watch; every one shows something that the one before did not."""
        return self._taken.sequence

    @property
    def time_ns(self) -> int:
        """Source time of its capture in nanoseconds."""
        return self._record.time_ns

    @property
    def captured_ns(self) -> int:
        """When its capture was complete, on the monotonic clock."""
        return self._record.captured_ns

    @property
    def wall_ns(self) -> int:
        """When its capture was complete, in nanoseconds since 1970 (UTC)."""
        return self._record.wall_ns

    @property
    def geometry(self) -> Geometry:
        """Its size and place."""
        return self._record.geometry

    @property
    def changed(self) -> Rect:
        """The rectangle outside which it equals the frame before."""
        return self._record.changed

    @property
    def _record(self) -> Record:
        return record_of(self._taken.fields, self._monitor)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The (h, w, 4) uint8 BGRX pixels, read-only; ValueError after ``close``. Views stay readable."""
        if self._pixels is None:
            raise ValueError("this frame was left: take pixels with copy() to keep them")
        return self._pixels

    @property
    def is_current(self) -> bool:
        """Whether nothing has been drawn over it: what was read of it before this was asked is whole."""
        return self._taken.is_current()

    def check(self) -> None:
        """Raise RecycledFrameError where the watcher has drawn over the frame since it was taken."""
        if not self._taken.is_current():
            raise RecycledFrameError(
                f"frame {self.sequence} was recycled while it was read: read faster, take copy(), or use a larger ring"
            )

    def copy(self) -> NDArray[np.uint8]:
        """The (h, w, 4) uint8 BGRX pixels in memory of the caller's, known to be whole. Raises RecycledFrameError."""
        pixels = self.pixels.copy()
        self.check()
        return pixels

    def image(self) -> Image:
        """An RGB picture of Pillow's, known to be whole. Raises RecycledFrameError."""
        from PIL import Image  # noqa: PLC0415 - needed by few

        height, width = self.pixels.shape[:2]
        picture = Image.frombuffer("RGB", (width, height), self.pixels, "raw", "BGRX", self.pixels.strides[0], 1).copy()
        self.check()
        return picture

    def close(self) -> None:
        """Let go of the pixels; may be called twice. Views of them stay readable."""
        self._pixels = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy:
            return self.copy().astype(dtype or np.uint8, copy=False)
        return np.asarray(self.pixels, dtype)

    def __dlpack__(self, **wanted: Any) -> Any:
        return self.pixels.__dlpack__(**wanted)

    def __dlpack_device__(self) -> tuple[int, int]:
        device, number = self.pixels.__dlpack_device__()
        return int(device), int(number)

    def __repr__(self) -> str:
        return f"<frame {self.sequence}, {self.geometry.width}x{self.geometry.height}, {self.time_ns / 1e9:.3f} s>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()
