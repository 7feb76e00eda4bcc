"""Who asked what, when: one line of JSON for each call, without anything of the screen.

    audit = Audit(audit_path())
    audit.note("screen_text", {"region": [0, 0, 10, 10]}, "ok", milliseconds=12, characters=800)

Arguments are noted by their names: what an agent looks for is the user's business.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ironcliw import clock
from ironcliw.service.places import state_folder

log = logging.getLogger("ironcliw.mcp")

LARGEST_BYTES = 1 << 20


def audit_path() -> Path:
    """``mcp-audit.log`` in the folder for logs. ServiceError where there is none."""
    return state_folder() / "mcp-audit.log"


class Audit:
    """Appends to ``path``, mode 0600; beyond 1 MiB it goes on in a new file, and the old one is kept as ``.1``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(
        self, tool: str, arguments: Mapping[str, Any], outcome: str, *, milliseconds: int, characters: int
    ) -> None:
        """One call. A log that cannot be written is said once for each call, and stops nothing."""
        line = {
            "wall": clock.rfc3339(clock.wall_ns()),
            "pid": os.getpid(),
            "client_pid": os.getppid(),
            "tool": tool,
            "arguments": sorted(name for name, value in arguments.items() if value is not None),
            "outcome": outcome,
            "ms": milliseconds,
            "characters": characters,
        }
        try:
            self._append(json.dumps(line) + "\n")
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error.strerror or type(error).__name__)

    def _append(self, line: str) -> None:
        if self._path.exists() and self._path.stat().st_size > LARGEST_BYTES:
            self._path.replace(self._path.with_suffix(".log.1"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(self._path, flags, 0o600)
        try:
            os.write(fd, line.encode())
        finally:
            os.close(fd)
