"""Where sockets lie: a folder of the user's own, mode 0700, on a file system that a restart empties."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path

from ironcliw.errors import IpcError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
# A longer path does not fit into the kernel's address of a socket (108 bytes with the closing zero on Linux, 104 on
# macOS), and bind and connect would say no more than "path too long".
_LONGEST_PATH_BYTES = 103


def runtime_folder() -> Path:
    """The folder for sockets, made where it is missing. IpcError where it is not ours alone.

    ``$XDG_RUNTIME_DIR/ironcliw``; without that variable (or where it names no folder) ``ironcliw-UID`` in the folder
    for temporary files.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and Path(given).is_dir():
        folder = Path(given) / "ironcliw"
    else:
        folder = Path(tempfile.gettempdir()) / f"ironcliw-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise IpcError(f"{folder}, the folder for sockets, cannot be made: {error.strerror}") from None
    # Anybody may make a folder of this name in a shared /tmp before us, or a link to somewhere else.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise IpcError(f"{folder} is not a folder that only you can enter: remove it, or set XDG_RUNTIME_DIR")
    return folder


def socket_path(name: str = "watch") -> Path:
    """The socket of the watcher called ``name``: lower-case letters, digits and hyphens, 32 at most. IpcError."""
    if not _NAME.fullmatch(name):
        raise IpcError(f"{name!r} names no watcher: use up to 32 lower-case letters, digits and hyphens")
    path = runtime_folder() / f"{name}.sock"
    if len(os.fsencode(path)) > _LONGEST_PATH_BYTES:
        raise IpcError(f"{path} is too long for a socket ({_LONGEST_PATH_BYTES} bytes): set a shorter XDG_RUNTIME_DIR")
    return path
