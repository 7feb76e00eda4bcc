"""Passwords of remote screens: from the environment or a private file, never from an address or the command line.

password = secret("VNC", password_file=None)   # of the environment, or of the file it names
"""

from __future__ import annotations

import os
import stat
from urllib.parse import urlsplit

from ironcliw.errors import SourceDeniedError, SourceError

_LARGEST_BYTES = 1024


def secret(kind: str, password_file: str | None = None) -> str | None:
    """The password for sources of a ``kind``: the file's first line, else the environment's; None where there is none.

    SourceDeniedError where a file cannot be read, or others may read it too.
    """
    path = password_file or os.environ.get(f"IRONCLIW_{kind}_PASSWORD_FILE")
    if path is None:
        return os.environ.get(f"IRONCLIW_{kind}_PASSWORD")
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            line = file.read(_LARGEST_BYTES).split(b"\n")[0].rstrip(b"\r")
    except OSError as error:
        raise SourceDeniedError(f"{path}: the password cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise SourceDeniedError(f"{path}: others may read this password: chmod 600 it")
    return line.decode("utf-8", "surrogateescape")


def check_address(address: str, kind: str) -> None:
    """SourceError where an address holds a password: every process of this machine could read it."""
    try:
        parts = urlsplit(address)
        named, _ = parts.password, parts.port
    except ValueError:
        raise SourceError(f"{address.split(':')[0]}://…: not an address") from None
    if named is not None:
        how = f"IRONCLIW_{kind}_PASSWORD or the file IRONCLIW_{kind}_PASSWORD_FILE names"
        raise SourceError(f"{parts.scheme}://{parts.hostname or ''}: no password in an address; put it into {how}")
