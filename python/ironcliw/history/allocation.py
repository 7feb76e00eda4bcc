"""Memory for a ring: one anonymous memory file, really there, of a size that nobody can change any more.

memory, fd = allocate(size_bytes)
seal(fd)                              # once everybody who is to write has it mapped: readers get EPERM
"""

from __future__ import annotations

import fcntl
import mmap
import os

from ironcliw.errors import FrameMemoryError, HistoryError

_SIZE_SEALS = 0x0002 | 0x0004  # F_SEAL_SHRINK, F_SEAL_GROW
_FUTURE_WRITE = 0x0010
_SEAL = 0x0001
LARGEST_BYTES = (1 << 32) - 1
"""The X server counts places in shared memory in 32 bits."""


def allocate(size_bytes: int) -> tuple[mmap.mmap, int | None]:
    """``size_bytes`` of zeroed memory and its descriptor, None where this system has no memory files.

    Raises FrameMemoryError, which names the figure, where there is not as much.
    """
    if size_bytes > LARGEST_BYTES:
        raise FrameMemoryError(_refusal(size_bytes, f"one ring holds at most {LARGEST_BYTES:,} bytes"))
    fd: int | None = None
    try:
        if not hasattr(os, "memfd_create"):
            return mmap.mmap(-1, size_bytes), None
        fd = os.memfd_create("ironcliw-ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        # Fails where ftruncate would succeed and the first touch of a page be a SIGBUS.
        os.posix_fallocate(fd, 0, size_bytes)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SIZE_SEALS)
        return mmap.mmap(fd, size_bytes), fd
    except OSError as error:
        if fd is not None:
            os.close(fd)
        raise FrameMemoryError(_refusal(size_bytes, error.strerror or str(error))) from None


def seal(fd: int) -> None:
    """From now on nobody can map the memory to write, or write to it; who has it mapped already still can.

    Raises HistoryError where the kernel does not know how.
    """
    try:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _FUTURE_WRITE | _SEAL)
    except OSError as error:
        raise HistoryError(
            f"frames cannot be shared: this kernel cannot keep readers from writing ({error.strerror}; Linux 5.1 can)"
        ) from None


def check_sealed(fd: int) -> None:
    """HistoryError where ``fd`` is no memory of a fixed size: whoever handed it over could make reading it fatal."""
    try:
        seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError:
        seals = 0
    if seals & _SIZE_SEALS != _SIZE_SEALS:
        raise HistoryError("what the watcher handed over is no ring of frames: its size is not sealed")


def _refusal(size_bytes: int, why: str) -> str:
    return f"{size_bytes:,} bytes of memory for frames cannot be had ({why}): free some, or set a smaller ring"
