"""Where the event log lies: in the user's state folder, for nobody else's eyes.

default_path()                        # ~/.local/state/ironcliw/events.db
prepare_folder(default_path())        # mode 0700, made where it is missing
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ironcliw.errors import StoreError

FILE_NAME = "events.db"
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def default_path() -> Path:
    """``$XDG_STATE_HOME/ironcliw/events.db``, else below ``~/.local/state``. StoreError where there is no home."""
    given, home = os.environ.get("XDG_STATE_HOME", ""), os.environ.get("HOME", "")
    state = Path(given) if given else Path(home) / ".local" / "state"
    if not state.is_absolute():  # an empty HOME must not lead into the current folder
        raise StoreError("there is no place for the event log: set XDG_STATE_HOME or HOME, or name a file with --log")
    return state / "ironcliw" / FILE_NAME


def prepare_folder(path: Path) -> None:
    """Make the log's folder where it is missing. StoreError where it cannot be made or written to.

    A folder called ironcliw is ours and gets mode 0700; any other keeps its mode, as the files have theirs.
    """
    folder = path.parent
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        found = folder.stat()
        if found.st_uid == os.getuid() and folder.name == "ironcliw" and stat.S_IMODE(found.st_mode) != FOLDER_MODE:
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"the event log's folder {folder} cannot be made: {why}; name another with --log") from None


def prepare_file(path: Path) -> None:
    """Make an empty file of mode 0600 where there is none, and take a wider mode back. StoreError.

    What is there is never opened: closing it would drop the locks that SQLite holds on it in this process.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE))
        return
    except FileExistsError:
        pass
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"the event log {path} cannot be made: {why}; name another place with --log") from None
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(f"{path} is no file: name another place for the event log with --log")
        if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(FILE_MODE)
    except OSError as error:
        raise StoreError(f"the event log {path} cannot be used: {(error.strerror or str(error)).lower()}") from None
