"""Where a watcher in the background keeps its log and its name.

with NameLock("watch"):               # ServiceError where another process has it, naming its pid
    log = log_path("watch")           # ~/.local/state/ironcliw/watch.log
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from ironcliw.errors import ServiceError
from ironcliw.ipc import runtime_folder, socket_path

LARGEST_LOG_BYTES = 4 << 20


def state_folder() -> Path:
    """``$XDG_STATE_HOME/ironcliw``, else ``~/.local/state/ironcliw``; made where it is missing. ServiceError."""
    given = os.environ.get("XDG_STATE_HOME", "")
    try:
        folder = (Path(given) if given else Path.home() / ".local" / "state") / "ironcliw"
    except RuntimeError:
        raise ServiceError("there is no home folder for the log: set HOME or XDG_STATE_HOME") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(
            f"{folder}, the folder for logs, cannot be made: {_why(error)}: set XDG_STATE_HOME"
        ) from None
    return folder


def log_path(name: str) -> Path:
    """The log of the watcher called ``name``."""
    return state_folder() / f"{name}.log"


def open_log(name: str) -> int:
    """A descriptor that appends to the log, mode 0600; what is larger than 4 MiB is kept as ``NAME.log.1``."""
    path = log_path(name)
    try:
        if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {_why(error)}: set XDG_STATE_HOME") from None


def trim_log(name: str) -> None:
    """Keep the log from growing for ever: processes go on appending to the same file, so it is copied and emptied."""
    path = log_path(name)
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        old = path.with_suffix(".log.1")
        old.unlink(missing_ok=True)
        fd = os.open(old, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as kept:
            kept.write(path.read_bytes()[-LARGEST_LOG_BYTES:])
        os.truncate(path, 0)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


class NameLock:
    """The name of a watcher, held for as long as its process lives: the kernel lets go of it however that ends."""

    def __init__(self, name: str) -> None:
        socket_path(name)  # whether it is a name at all
        path = runtime_folder() / f"{name}.lock"
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ServiceError(f"{path} cannot be opened: {_why(error)}") from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise ServiceError(
                f"a watcher called {name!r} is running already (pid {holder}): stop it first"
                f" (ironcliw stop{'' if name == 'watch' else f' --name {name}'}), or give this one another --name"
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let go of the name. Its file stays: to remove it would let two processes hold two files of one name."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
