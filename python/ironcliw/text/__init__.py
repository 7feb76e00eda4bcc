"""What the screen says: engines that read text, when to read, and the screen's lines over time.

engine = open_engine()
engine.read(pixels)                   # list of ReadLine
"""

from ironcliw.text.opening import open_engine
from ironcliw.text.plan import ReadPlan, Stamp
from ironcliw.text.protocol import ReadingStoppedError, ReadLine, TextEngine, Thrifty
from ironcliw.text.screen import Line, TextScreen, TextUpdate

__all__ = [
    "Line",
    "ReadLine",
    "ReadPlan",
    "ReadingStoppedError",
    "Stamp",
    "TextEngine",
    "TextScreen",
    "TextUpdate",
    "Thrifty",
    "open_engine",
]
