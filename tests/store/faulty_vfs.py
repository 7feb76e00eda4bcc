"""An SQLite VFS on which writing and making sure fail when they are told to.

with FaultyVfs() as disk:
    log = EventLog(path, vfs=disk.name)
    disk.fail("xSync", apsw.SQLITE_IOERR_FSYNC)
    disk.mend()
    disk.calls                            # [("xSync", "events.db-wal", 2, False), ...]: handle, whether it went well
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw


class FaultyVfs(apsw.VFS):
    """The usual VFS, until it is told otherwise."""

    def __init__(self) -> None:
        self.name = f"faulty-{uuid.uuid4().hex}"
        self.calls: list[tuple[str, str, int, bool]] = []
        self.handles = itertools.count()
        self._failing: dict[str, int] = {}
        self._slow_s = 0.0
        self._free = threading.Event()
        self._free.set()
        self.countdown: int | None = None
        """Writes and syncs that still go well; None for all of them."""
        super().__init__(self.name, "")

    def fail(self, method: str, code: int) -> None:
        self._failing[method] = code

    def mend(self) -> None:
        self._failing.clear()
        self.countdown = None
        self._free.set()

    def hang(self) -> None:
        """Syncs do not return until ``mend``."""
        self._free.clear()

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def do(self, method: str, name: str, handle: int, work: Callable[[], None]) -> None:
        if method == "xSync":
            self._free.wait()
        if self.countdown is not None:
            self.countdown -= 1
        code = self._failing.get(method)
        if code is not None and (self.countdown is None or self.countdown < 0):
            self.calls.append((method, name, handle, False))
            raise _error(code)
        work()
        self.calls.append((method, name, handle, True))

    def __enter__(self) -> FaultyVfs:
        return self

    def __exit__(self, *raised: object) -> None:
        self.mend()
        time.sleep(0)
        self.unregister()


class _File(apsw.VFSFile):
    def __init__(self, vfs: FaultyVfs, name: Any, flags: list[int]) -> None:
        full = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(full).name if full else ""
        self._vfs, self._handle = vfs, next(vfs.handles)
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._vfs.do("xWrite", self._name, self._handle, lambda: super(_File, self).xWrite(data, offset))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._vfs.do("xSync", self._name, self._handle, lambda: super(_File, self).xSync(flags))

    def excepthook(self, *raised: object) -> bool:
        return True  # these errors are meant


def _error(code: int) -> Exception:
    error = apsw.exception_for(code)
    error.extendedresult = code  # pyright: ignore
    return error
