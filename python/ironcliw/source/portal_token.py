"""What the user chose in the portal's dialog, remembered: a token that only the desktop can read anything in.

token = PortalToken("left")
token.read()                          # "" where there is none
token.write("...")                    # for nobody else's eyes
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

LARGEST_BYTES = 4096


class PortalToken:
    """A token under this name, in ``$XDG_STATE_HOME/ironcliw`` or below ``~/.local/state``."""

    def __init__(self, name: str) -> None:
        given, home = os.environ.get("XDG_STATE_HOME", ""), os.environ.get("HOME", "")
        state = Path(given) if given else Path(home) / ".local" / "state"
        self.path = state / "ironcliw" / (f"portal-{name}.token" if name else "portal.token")

    def read(self) -> str:
        """The token; empty where there is none, or it lies open to others."""
        if not self.path.is_absolute():
            return ""
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
                    return ""
                return file.read(LARGEST_BYTES).decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def write(self, token: str) -> None:
        """Keep a token in place of the last one. Where that cannot be, the user is asked again the next time."""
        if not self.path.is_absolute() or len(token.encode()) > LARGEST_BYTES:
            return
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(token)
            fresh.replace(self.path)
        except OSError:
            fresh.unlink(missing_ok=True)
