"""What left this machine: a line for each picture and text that was sent, and never what it showed.

    log = EgressLog(folder / "egress.jsonl")
    log.sent(request, to="api.anthropic.com", model="claude/claude-haiku-4-5")

Each line: when, to whom, for which rule and why, the bytes of its text and their SHA-256, and for each picture its
bytes, SHA-256 and size in pixels. It is written before the request goes out; where it cannot be, nothing goes out. The
file is 0600 and holds 1 MB at most; as much that is older is kept in a second one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from ironcliw.errors import SpendError
from ironcliw.vision_model.files import locked, private_folder, read_private
from ironcliw.vision_model.protocol import Request

LARGEST_BYTES = 1 << 20
_LINE_BYTES = 4_096


class EgressLog:
    """One log in two files. Safe for use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        private_folder(path.parent)

    @property
    def earlier(self) -> Path:
        """Where the lines before those of ``path`` are."""
        return self.path.with_name(self.path.name + ".1")

    def sent(self, request: Request, *, to: str, model: str, attempt: int = 1) -> None:
        """Note a request that is about to go out. SpendError where that cannot be written: then it must not go."""
        line = json.dumps(described(request, to, model, attempt), ensure_ascii=True, separators=(",", ":"))
        data = line.encode("ascii")[:_LINE_BYTES] + b"\n"
        with self._lock, locked(self.path):
            try:
                if self.path.exists() and self.path.stat().st_size + len(data) > LARGEST_BYTES:
                    self.path.replace(self.earlier)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
                with os.fdopen(os.open(self.path, flags, 0o600), "ab") as file:
                    os.fchmod(file.fileno(), 0o600)
                    file.write(data)
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                raise SpendError(f"{self.path}: cannot be written ({why}); nothing is sent that is not noted") from None

    def lines(self) -> Iterator[dict[str, Any]]:
        """All that is noted, oldest first; lines that are none are left out. SpendError."""
        for path in (self.earlier, self.path):
            data = read_private(path, 2 * LARGEST_BYTES) or b""
            for line in data.splitlines():
                try:
                    entry = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(entry, dict):
                    yield cast(dict[str, Any], entry)


def described(request: Request, to: str, model: str, attempt: int) -> dict[str, Any]:
    """A request without what it shows or says."""
    texts = "\n".join((request.words, request.text, request.difference or "", request.notes)).encode("utf-8", "replace")
    pictures = [
        {"bytes": len(each.png), "sha256": each.sha256, "width": each.width, "height": each.height, "what": each.label}
        for each in request.pictures
    ]
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "to": to[:200],
        "model": model[:100],
        "rule": request.rule[:80],
        "why": request.reason[:80],
        "attempt": attempt,
        "text_bytes": len(texts),
        "text_sha256": hashlib.sha256(texts).hexdigest(),
        "pictures": pictures,
    }
