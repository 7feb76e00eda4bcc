"""What is drawn in a frame, as boxes: windows, dialogs, toasts, buttons, fields and icons.

for each in ObjectDetector().find(pixels):
    print(each.kind, each.box, each.confidence)
"""

from __future__ import annotations

from ironcliw.objects.detector import ObjectDetector
from ironcliw.objects.protocol import Detection, Kind

__all__ = ["Detection", "Kind", "ObjectDetector"]
