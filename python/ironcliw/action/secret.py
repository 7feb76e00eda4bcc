"""Where the secret comes from with which webhooks are signed: a setting (or its variable), or a file.

webhook_secret(None, "~/.config/ironcliw/webhook.secret")     # b'whsec_...'
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ironcliw.errors import ActionError

_LARGEST_BYTES = 4_096


def webhook_secret(given: str | None, file: str | None) -> bytes | None:
    """The secret; None where there is none. ActionError where both are given, or others can read the file."""
    if given and file:
        raise ActionError("give webhook_secret or webhook_secret_file of [action], not both")
    if given:
        return given.encode()
    if not file:
        return None
    path = Path(file).expanduser()
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as opened:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise ActionError(f"{path} holds a secret and must be a file that only you can read: chmod 600 it")
            secret = opened.read(_LARGEST_BYTES).strip()
    except OSError as error:
        raise ActionError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    if not secret:
        raise ActionError(f"{path} is empty: it is to hold the secret with which webhooks are signed")
    return secret
