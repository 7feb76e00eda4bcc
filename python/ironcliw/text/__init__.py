"""What the screen says: engines that read text, when to read, and the screen's lines over time.

engine = open_engine()
engine.read(pixels)                   # list of ReadLine
"""

from ironcliw.text.opening import ENGINES, open_engine, why_not
from ironcliw.text.plan import ReadPlan
from ironcliw.text.protocol import ReadingStoppedError, ReadLine, TextEngine, Thrifty, lines_unread
from ironcliw.text.screen import Line, TextScreen, TextUpdate
from ironcliw.text.stamps import Stamp

__all__ = [
    "ENGINES",
    "Line",
    "ReadLine",
    "ReadPlan",
    "ReadingStoppedError",
    "Stamp",
    "TextEngine",
    "TextScreen",
    "TextUpdate",
    "Thrifty",
    "lines_unread",
    "open_engine",
    "why_not",
]
