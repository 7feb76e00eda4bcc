"""Reading text with Windows.Media.Ocr. Written to its documentation and type-checked; never run: untested.

engine = WindowsEngine()              # Windows 10 or newer, with the winrt packages named in the error
"""

from __future__ import annotations

import asyncio
import importlib
import platform
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import TextEngineError
from ironcliw.frame import Rect
from ironcliw.text.order import in_reading_order
from ironcliw.text.paddle.picture import checked
from ironcliw.text.protocol import ReadLine

PACKAGES = (
    "winrt-runtime winrt-Windows.Foundation winrt-Windows.Foundation.Collections winrt-Windows.Globalization "
    "winrt-Windows.Graphics.Imaging winrt-Windows.Media.Ocr winrt-Windows.Storage.Streams"
)


class WindowsEngine:
    """Reads text in the languages of the user's profile (a ``TextEngine``). TextEngineError where it is not to be had.

    Windows does not say how sure it is: every line's confidence is 1.
    """

    name = "windows"
    scripts = "those of the user's languages (untested)"

    def __init__(self) -> None:
        if platform.system() != "Windows":
            raise TextEngineError("Windows OCR is there on Windows only")
        try:
            self._imaging: Any = importlib.import_module("winrt.windows.graphics.imaging")
            self._streams: Any = importlib.import_module("winrt.windows.storage.streams")
            ocr: Any = importlib.import_module("winrt.windows.media.ocr")
        except ImportError as error:
            raise TextEngineError(f"Windows OCR needs packages: pip install {PACKAGES}") from error
        self._largest_px: int = ocr.OcrEngine.max_image_dimension
        self._engine: Any = ocr.OcrEngine.try_create_from_user_profile_languages()
        if self._engine is None:
            raise TextEngineError("Windows reads none of the user's languages: add one with OCR in its settings")

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, top to bottom, then left to right.

        ValueError for another dtype or shape; TextEngineError for a picture larger than Windows takes.
        """
        picture = checked(pixels)
        height, width = picture.shape[:2]
        if min(height, width) < 5:
            return []
        if max(height, width) > self._largest_px:
            raise TextEngineError(f"Windows OCR reads at most {self._largest_px} pixels a side, not {width}x{height}")
        result = asyncio.run(self._recognised(np.ascontiguousarray(picture)))
        found = [self._line(each, width, height) for each in result.lines]
        return in_reading_order([line for line in found if line is not None])

    async def _recognised(self, pixels: NDArray[np.uint8]) -> Any:
        height, width = pixels.shape[:2]
        writer = self._streams.DataWriter()
        writer.write_bytes(pixels.tobytes())
        layout = self._imaging.BitmapPixelFormat.BGRA8
        bitmap = self._imaging.SoftwareBitmap.create_copy_from_buffer(writer.detach_buffer(), layout, width, height)
        return await self._engine.recognize_async(bitmap)

    @staticmethod
    def _line(line: Any, width: int, height: int) -> ReadLine | None:
        rects = [word.bounding_rect for word in line.words]
        if not rects:
            return None
        left, top = int(min(rect.x for rect in rects)), int(min(rect.y for rect in rects))
        right = round(max(rect.x + rect.width for rect in rects))
        bottom = round(max(rect.y + rect.height for rect in rects))
        box = Rect(left, top, max(1, right - left), max(1, bottom - top)).clipped(width, height)
        return None if box is None else ReadLine(str(line.text), box, 1.0)
