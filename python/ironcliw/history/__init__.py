"""What came before: the frames a watch has just seen, which other processes read without a copy.

    with ironcliw.attach() as ring, ring.latest() as frame:
        frame.pixels                      # (h, w, 4) uint8 BGRX, read-only

The layout of the memory is described in ``docs/reference/ring.md``.
"""

from ironcliw.history.frame import RingFrame
from ironcliw.history.reader import RingReader, attach
from ironcliw.history.ring import Ring
from ironcliw.history.sharing import ring_handlers

__all__ = ["Ring", "RingFrame", "RingReader", "attach", "ring_handlers"]
