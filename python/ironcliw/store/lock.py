"""One writer: a lock file beside the log, which also says who writes and whether that goes well.

lock = WriterLock(path)               # StoreInUseError names the process that has it
lock.say("degraded: ...")             # for others to read
lock.release()

writer_of(path)                       # Writer(pid=1234, state="ok"), or None where nobody writes
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from ironcliw.errors import StoreError, StoreInUseError

_SIZE = 512
"""Bytes of the file. It is written over in place, so that it can be told even on a full disk."""
_PATIENCE_S = 0.2
_held: dict[str, tuple[int, int]] = {}
"""Lock files that are open here, by their log's real path: by which process (a child inherits this), at which fd."""
_held_guard = threading.Lock()


class Writer(NamedTuple):
    """The process that writes a log, and what it says of itself: ``ok`` or ``degraded: why``."""

    pid: int
    state: str


class WriterLock:
    """Held from construction to ``release``.

    A lock of the process (fcntl), not of the file (flock): a child must not keep it alive after its parent's death.
    Such locks do not hold off the process itself, so those held are listed here, too.
    """

    def __init__(self, path: Path) -> None:
        self._path = lock_path(path)
        self._name = os.path.realpath(path)
        self._log = path
        with _held_guard:
            # Not even opened here a second time: closing that would let go of the lock.
            if _held_at(self._name) is not None:
                raise _in_use(path, os.getpid())
            self._fd = self._lock()
            _held[self._name] = (os.getpid(), self._fd)
        self.say("ok")

    def say(self, state: str) -> None:
        """Tell others how it goes, in one line. Best effort: it must never be what fails."""
        line = json.dumps({"pid": os.getpid(), "state": state[:300]}).encode()
        with contextlib.suppress(OSError):
            os.pwrite(self._fd, line[:_SIZE].ljust(_SIZE), 0)

    def release(self) -> None:
        """Let others write; may be called twice."""
        with _held_guard:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
                del _held[self._name]

    def _lock(self) -> int:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise StoreError(f"the event log {self._log} cannot be locked: {self._path}: {why}") from None
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _pid_in(fd)
            os.close(fd)
            raise _in_use(self._log, pid) from None
        except OSError as error:
            os.close(fd)
            raise StoreError(f"{self._path} cannot be locked: {(error.strerror or str(error)).lower()}") from None
        return fd


def writer_of(path: Path) -> Writer | None:
    """Who writes this log now. Only asks, so that it never is in a writer's way."""
    held_fd = _held_at(os.path.realpath(path))
    if held_fd is not None:
        return _parsed(os.pread(held_fd, _SIZE, 0))
    try:
        fd = os.open(lock_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # struct flock of 64-bit Linux: type, whence, start, length, pid.
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind = struct.unpack("hhqqi4x", fcntl.fcntl(fd, fcntl.F_GETLK, asked))[0]
        return None if kind == fcntl.F_UNLCK else _parsed(os.pread(fd, _SIZE, 0))
    except (OSError, struct.error):
        return None
    finally:
        os.close(fd)


def lock_path(path: Path) -> Path:
    """The lock file of the log at ``path``."""
    return path.with_name(f"{path.name}.lock")


def _in_use(path: Path, pid: int) -> StoreInUseError:
    who = f"process {pid}" if pid else "another process"
    return StoreInUseError(f"the event log {path} is being written by {who}: stop it first, or name another", pid)


def _pid_in(fd: int) -> int:
    """The pid in the file, waiting a moment for a writer that has only just locked it; 0 where there is none."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while not (pid := _parsed(os.pread(fd, _SIZE, 0)).pid) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return pid


def _held_at(name: str) -> int | None:
    pid, fd = _held.get(name, (0, -1))
    return fd if pid == os.getpid() else None


def _parsed(line: bytes) -> Writer:
    try:
        fields: dict[str, Any] = json.loads(line)
        return Writer(int(fields["pid"]), str(fields["state"]))
    except (ValueError, KeyError, TypeError):
        return Writer(0, "unknown")
