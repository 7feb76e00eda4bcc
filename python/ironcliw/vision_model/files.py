"""Small private files that several processes share: 0600 in a folder of 0700, locked, replaced as a whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ironcliw.errors import SpendError


def private_folder(folder: Path) -> None:
    """Make the folder, for this user only. SpendError where it cannot be, or is somebody else's."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
    except OSError as error:
        raise SpendError(f"{folder}: cannot be made ({(error.strerror or str(error)).lower()})") from None
    if status.st_uid != os.geteuid():
        raise SpendError(f"{folder}: belongs to another user")


@contextmanager
def locked(path: Path) -> Generator[None]:
    """No other process is in such a block with this path. A process that is killed lets go of it. SpendError."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    except OSError as error:
        raise SpendError(f"{path}: cannot be locked ({(error.strerror or str(error)).lower()})") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def read_private(path: Path, largest: int) -> bytes | None:
    """What the file holds; None where there is none. SpendError where it is too large, a link, or no file of ours."""
    try:
        found = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SpendError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()})") from None
    with os.fdopen(found, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise SpendError(f"{path}: is no file of this user's")
        data = file.read(largest + 1)
    if len(data) > largest:
        raise SpendError(f"{path}: is larger than it can be: move it away")
    return data


def replace(path: Path, data: bytes) -> None:
    """The file holds this, durably, or what it held before. SpendError where it cannot be written."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise SpendError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from None


def sweep(path: Path) -> None:
    """Delete what a killed process left half written; call it with the lock held."""
    for left in path.parent.glob(f".{path.name}.*"):
        with contextlib.suppress(OSError):
            left.unlink()
