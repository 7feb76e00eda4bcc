"""What this process does to the world while something is tried: an audit hook that judges, outside of what is tried.

with effects(allowed=tmp_path, port=server.port) as seen:
    ...
assert not seen
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DOES = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rmdir", "os.truncate",
    "os.kill", "os.chmod", "shutil.", "ctypes.dlopen", "webbrowser.open", "pty.spawn", "urllib.Request", "smtplib.",
)  # fmt: skip
_watching: list[tuple[Path, int, list[str]]] = []
_hooked = False


@contextmanager
def effects(allowed: Path, port: int) -> Iterator[list[str]]:
    """Names of what was done within the block, but for files in ``allowed`` and connections to loopback's ``port``."""
    global _hooked
    if not _hooked:
        _hooked = True
        sys.addaudithook(_hear)
    seen: list[str] = []
    _watching.append((allowed, port, seen))
    try:
        yield seen
    finally:
        _watching.pop()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    allowed, port, seen = _watching[-1]
    if event == "open":
        path, mode, flags = arguments
        writes = any(each in str(mode or "") for each in "wax+") or (
            isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        if writes and isinstance(path, str | bytes) and not _inside(path, allowed):
            seen.append(f"opened for writing: {path!r}")
    elif event == "socket.connect":
        if arguments[1] != ("127.0.0.1", port):
            seen.append(f"connected to {arguments[1]!r}")
    elif event == "os.rename":
        if not all(_inside(path, allowed) for path in arguments[:2]):
            seen.append("renamed")
    elif event in ("os.remove", "os.chmod"):
        if not isinstance(arguments[0], int) and not _inside(arguments[0], allowed):  # a number is a file that is open
            seen.append(event)
    elif event.startswith(_DOES) and not (event == "ctypes.dlopen" and arguments[0] is None):  # None: what is loaded
        seen.append(event)


def _inside(path: Any, allowed: Path) -> bool:
    name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
    return str(Path(name).resolve()).startswith(str(allowed)) or name == os.devnull
