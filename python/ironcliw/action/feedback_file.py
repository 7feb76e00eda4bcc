"""The file behind ``Feedback``: read when it has changed, changed under a lock, written whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

from ironcliw.errors import FeedbackError

State = dict[str, Any]
"""``alerts`` and ``later``: lists of objects; ``rules`` and ``muted``: objects by the rule's name."""

_LARGEST_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class FeedbackFile:
    """One file at ``path``, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._state = _empty()
        self._seen: tuple[int, int, int] | None = None

    def state(self) -> State:
        """What it says now; not to be changed. What cannot be read counts as empty."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._state, self._seen = self._read(), seen
            return self._state

    def change(self, change: Callable[[State], None]) -> None:
        """Have ``change`` alter what it says, while no other process does. FeedbackError where it cannot be written."""
        with self._lock, self._alone():
            state = self._read()
            change(state)
            self._write(state)
            self._state, self._seen = state, self._look()

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> State:
        try:
            with self._path.open("rb") as file:
                said: Any = json.loads(file.read(_LARGEST_BYTES))
        except FileNotFoundError:
            return _empty()
        except (OSError, ValueError, RecursionError):
            said = None
        if not _is_state(said):
            _log.warning("%s is no feedback of this version: it counts as empty", self._path)
            return _empty()
        return cast("State", said)

    def _write(self, state: State) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.unlink(missing_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump(state, file, separators=(",", ":"))
            new.replace(self._path)
        except OSError as error:
            raise self._failed(error) from None

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            fd = os.open(self._path.with_name(f"{self._path.name}.lock"), flags, 0o600)
        except OSError as error:
            raise self._failed(error) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _failed(self, error: OSError) -> FeedbackError:
        return FeedbackError(f"{self._path} cannot be written: {(error.strerror or str(error)).lower()}")


def _empty() -> State:
    return {"v": 1, "alerts": [], "rules": {}, "later": [], "muted": {}}


def _is_state(said: Any) -> bool:
    """Whether every part has its shape: the file may have been edited, or be of another version."""
    if not isinstance(said, dict) or said.get("v") != 1:  # pyright: ignore[reportUnknownMemberType]
        return False
    state = cast("State", said)
    alerts, later, rules, muted = (state.get(name) for name in ("alerts", "later", "rules", "muted"))
    return (
        _are_alerts(alerts, {"id": str, "rule": str, "wall": str, "source": str})
        and _are_alerts(later, {"id": str, "rule": str, "wall": str, "source": str, "at_ns": int})
        and isinstance(rules, dict)
        and all(_are_counts(each) for each in cast("dict[str, Any]", rules).values())
        and isinstance(muted, dict)
        and all(isinstance(each, int) for each in cast("dict[str, Any]", muted).values())
    )


def _are_alerts(given: Any, fields: dict[str, type]) -> bool:
    if not isinstance(given, list):
        return False
    return all(
        isinstance(each, dict)
        and all(isinstance(cast("State", each).get(name), kind) for name, kind in fields.items())
        and cast("State", each).get("said", "useful") in ("useful", "not-useful")
        for each in cast("list[Any]", given)
    )


def _are_counts(given: Any) -> bool:
    if not isinstance(given, dict):
        return False
    counts = cast("dict[str, Any]", given)
    return counts.keys() == {"useful", "not-useful"} and all(isinstance(each, int) for each in counts.values())
