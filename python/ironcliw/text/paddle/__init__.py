"""Text recognition with the PP-OCR networks on onnxruntime.

engine = PaddleEngine()
lines = engine.read(pixels)           # (h, w, 4) uint8 BGRX
"""

from ironcliw.text.paddle.engine import Counters, PaddleEngine

__all__ = ["Counters", "PaddleEngine"]
