"""Reading text with Apple's Vision framework. Written to its documentation and type-checked; never run: untested.

engine = VisionEngine()               # macOS, with the package pyobjc-framework-Vision
"""

from __future__ import annotations

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


class VisionEngine:
    """Reads text with VNRecognizeTextRequest (a ``TextEngine``). TextEngineError where it is not to be had."""

    name = "vision"
    scripts = "those of the languages that this macOS recognises (untested)"

    def __init__(self) -> None:
        if platform.system() != "Darwin":
            raise TextEngineError("Apple Vision is there on macOS only")
        try:
            self._vision: Any = importlib.import_module("Vision")
            self._quartz: Any = importlib.import_module("Quartz")
            self._foundation: Any = importlib.import_module("Foundation")
        except ImportError as error:
            raise TextEngineError("Apple Vision needs a package: pip install pyobjc-framework-Vision") from error

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, top to bottom, then left to right.

        ValueError for another dtype or shape; TextEngineError where the framework refuses the picture.
        """
        picture = checked(pixels)
        height, width = picture.shape[:2]
        if min(height, width) < 5:
            return []
        request = self._vision.VNRecognizeTextRequest.alloc().init()
        request.setRecognitionLevel_(self._vision.VNRequestTextRecognitionLevelAccurate)
        # Screens show names, codes and numbers: no word of theirs is to be made a likelier one.
        request.setUsesLanguageCorrection_(False)
        image = self._image(np.ascontiguousarray(picture))
        handler = self._vision.VNImageRequestHandler.alloc().initWithCGImage_options_(image, None)
        done, error = handler.performRequests_error_([request], None)
        if not done:
            raise TextEngineError(f"Apple Vision cannot read a picture of {width}x{height}: {error}")
        observations: list[Any] = list(request.results() or ())
        found = [self._line(each, width, height) for each in observations]
        return in_reading_order([line for line in found if line is not None])

    def _image(self, pixels: NDArray[np.uint8]) -> Any:
        quartz = self._quartz
        height, width = pixels.shape[:2]
        data = self._foundation.NSData.dataWithBytes_length_(pixels.tobytes(), pixels.nbytes)
        layout = quartz.kCGImageAlphaNoneSkipFirst | quartz.kCGBitmapByteOrder32Little
        provider = quartz.CGDataProviderCreateWithCFData(data)
        space, intent = quartz.CGColorSpaceCreateDeviceRGB(), quartz.kCGRenderingIntentDefault
        return quartz.CGImageCreate(width, height, 8, 32, 4 * width, space, layout, provider, None, False, intent)

    @staticmethod
    def _line(observation: Any, width: int, height: int) -> ReadLine | None:
        candidates = observation.topCandidates_(1)
        if not candidates:
            return None
        # Shares of the picture, counted from its lower left corner.
        share = observation.boundingBox()
        left, right = share.origin.x * width, (share.origin.x + share.size.width) * width
        top, bottom = (1 - share.origin.y - share.size.height) * height, (1 - share.origin.y) * height
        x, y = int(left), int(top)
        box = Rect(x, y, max(1, round(right) - x), max(1, round(bottom) - y)).clipped(width, height)
        confidence = min(1.0, max(0.0, float(candidates[0].confidence())))
        return None if box is None else ReadLine(str(candidates[0].string()), box, confidence)
