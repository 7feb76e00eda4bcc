"""Threads that allocate leave nothing behind once there is one heap; without that they do (the control)."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, gc, sys, threading
from pathlib import Path
if sys.argv[1] == "shared":
    from ironcliw.memory.heap import share_heap
    share_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def work():
    libc.mallopt(-3, 1 << 30)  # no block is mapped alone, as comes to be where large ones are freed often
    blocks = [libc.malloc(1 << 16) for _ in range(400)]
    for block in blocks:
        ctypes.memset(block, 1, 1 << 16)
    for block in reversed(blocks):
        libc.free(block)

libc.mallopt(-1, 1 << 30)  # likewise: the end of a heap is not given back at once
before = resident()
thread = threading.Thread(target=work)
thread.start()
thread.join()
libc.malloc_trim(0)
print(resident() - before)
"""


def kept(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has heaps of threads")
def test_what_threads_freed_is_given_back() -> None:
    assert kept("shared") < 6 << 20
    assert kept("alone") > 15 << 20
