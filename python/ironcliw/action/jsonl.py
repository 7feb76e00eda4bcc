"""Alerts as JSON lines in a file that only its owner can read.

lines = JsonLines("~/alerts.jsonl")
lines.deliver(event)
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from pathlib import Path

from ironcliw.action.redacting import redacted_fields
from ironcliw.errors import ActionError
from ironcliw.event import Event


class JsonLines:
    """Appends each alert to ``path`` as one line, whole or not at all. The file is made with mode 0600.

    redact: secrets are taken out. ActionError where the file cannot be written, is a link, or is somebody else's.
    """

    name = "jsonl"

    def __init__(self, path: str, *, redact: bool = True) -> None:
        self._path = Path(path).expanduser()
        self._redact = redact
        self._lock = threading.Lock()
        self._fd: int | None = self._open()

    def deliver(self, event: Event) -> None:
        """Append it. Raises ActionError where that fails; what was half-written is then taken back."""
        fields = redacted_fields(event) if self._redact else event.to_dict()
        line = (json.dumps(fields, separators=(",", ":"), allow_nan=False) + "\n").encode()
        with self._lock:
            if self._fd is None:
                raise ActionError(f"{self._path} is closed")
            before = os.fstat(self._fd).st_size
            try:
                written = os.write(self._fd, line)
            except OSError as error:
                raise self._failed(error) from None
            if written < len(line):
                with contextlib.suppress(OSError):
                    os.ftruncate(self._fd, before)
                raise ActionError(f"{self._path} cannot be written: there is no room for a whole line")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            fd = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise self._failed(error) from None
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            os.close(fd)
            raise ActionError(f"{self._path} is not a file that only you can read: chmod 600 it, or name another")
        return fd

    def _failed(self, error: OSError) -> ActionError:
        why = "it is a link" if error.errno == 40 else (error.strerror or str(error)).lower()
        return ActionError(f"{self._path} cannot be written: {why}")
