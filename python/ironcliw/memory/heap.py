"""The C library's heap: one for all threads.

share_heap()        # before the threads that it is for
"""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8  # of malloc.h


def share_heap() -> None:
    """Let threads that are yet to be started allocate from one heap, where the C library keeps one for each: glibc.

    What is free at the end of a thread's own heap is never given back to the system, whatever is asked of the library:
    two threads that read lines kept 36 MB for ever. This holds for the whole process, from the first watch on; threads
    that were there before keep their heaps.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
