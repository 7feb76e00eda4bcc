"""Where frames come from: screens, video files, images, arrays, a synthetic desktop.

    source = open_source("build.mp4")
    geometry = source.open()              # then attach memory and read

What every source keeps to is written in ``ironcliw.source.protocol``.
"""

from ironcliw.source.opening import Spec, open_source
from ironcliw.source.protocol import (
    Back,
    Capture,
    End,
    Gap,
    Idle,
    Interruptible,
    KnowsWindows,
    Message,
    Resized,
    SeenWindow,
    Source,
)
from ironcliw.source.stills import Still, split_moment, still

__all__ = [
    "Back",
    "Capture",
    "End",
    "Gap",
    "Idle",
    "Interruptible",
    "KnowsWindows",
    "Message",
    "Resized",
    "SeenWindow",
    "Source",
    "Spec",
    "Still",
    "open_source",
    "split_moment",
    "still",
]
