"""A unit for systemd's user manager, so that a watcher begins with the session and is started again when it is killed.

path = write_unit("watch", ["start", "screen", "--when", "error"])    # ~/.config/systemd/user/ironcliw-watch.service
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ironcliw.errors import ServiceError
from ironcliw.ipc import socket_path

_UNIT = """[Unit]
Description=Ironcliw watches a screen ({name})
After=graphical-session.target
PartOf=graphical-session.target

[Service]
ExecStart={command}
WorkingDirectory={folder}
Restart=on-failure
RestartSec=2
TimeoutStopSec=10
UMask=0077

[Install]
WantedBy=graphical-session.target
"""


def unit(name: str, arguments: Sequence[str]) -> str:
    """The unit that runs ``ironcliw`` with these arguments in the foreground, from the folder we are in."""
    command = [sys.executable, "-P", "-m", "ironcliw", *arguments, "--foreground"]
    folder = str(Path.cwd()).replace("%", "%%")
    return _UNIT.format(name=name, command=" ".join(map(_quoted, command)), folder=folder)


def write_unit(name: str, arguments: Sequence[str]) -> Path:
    """Write the unit to where the user manager looks for it. ServiceError where that cannot be written."""
    socket_path(name)  # whether it is a name at all
    given = os.environ.get("XDG_CONFIG_HOME", "")
    path = Path(given or Path.home() / ".config") / "systemd" / "user" / f"ironcliw-{name}.service"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(unit(name, arguments), encoding="utf-8")
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {error.strerror or error}") from None
    return path


def _quoted(word: str) -> str:
    """One word of ExecStart, in which %, $ and the backslash mean something."""
    for special, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$"), ("\n", "\\n")):
        word = word.replace(special, escaped)
    return f'"{word}"'
