"""What was not delivered yet, in a file, so that it can be said after a crash or an end that came too soon.

    undelivered = Undelivered(path)       # beside the event log, mode 0600: names of actions and ids of events
    undelivered.before                    # {'webhook': ['5f3a-12']}: of the watch before this one
    undelivered.add("webhook", "77b1-3"); undelivered.delivered("webhook", "77b1-3")
    undelivered.close()

The file is written by a thread of its own, a moment after something changed.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

_MOST_IDS = 1_000
_GATHER_S = 0.1
"""Alerts often come together, and are written together."""
_LARGEST_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class Undelivered:
    """The ids of the events that each action was handed and has not delivered: 1,000 of each, the newest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.before: dict[str, list[str]] = _read(path)
        self._ids: dict[str, dict[str, None]] = {}
        self._changed = threading.Condition()
        self._dirty = bool(self.before)
        self._closed = False
        self._complained = False
        self._thread = threading.Thread(target=self._run, name="ironcliw-undelivered", daemon=True)
        self._thread.start()

    def add(self, action: str, event_id: str) -> None:
        """An action was handed an event."""
        with self._changed:
            ids = self._ids.setdefault(action, {})
            ids[event_id] = None
            if len(ids) > _MOST_IDS:
                del ids[next(iter(ids))]
            self._dirty = True
            self._changed.notify()

    def delivered(self, action: str, event_id: str) -> None:
        """It has delivered it."""
        with self._changed:
            self._ids.get(action, {}).pop(event_id, None)
            self._dirty = True
            self._changed.notify()

    def say_before(self) -> None:
        """One warning line for each action of the watch before this one that did not deliver everything."""
        for action, ids in self.before.items():
            which = f"event {ids[0]}" if len(ids) == 1 else f"{len(ids)} events, {ids[0]} to {ids[-1]}"
            _log.warning("%s had not delivered all alerts when the last watch ended: %s", action, which)

    def close(self) -> None:
        """Write what is left, or remove the file where nothing is."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._dirty or self._closed)
                if not self._closed:
                    self._changed.wait_for(lambda: self._closed, _GATHER_S)
                closed, self._dirty = self._closed, False
                ids = {action: list(known) for action, known in self._ids.items() if known}
            self._write(ids)
            if closed:
                return

    def _write(self, ids: dict[str, list[str]]) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            if not ids:
                self._path.unlink(missing_ok=True)
                return
            new.unlink(missing_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump({"v": 1, "undelivered": ids}, file)
            new.replace(self._path)
        except OSError as error:
            if not self._complained:
                self._complained = True
                _log.warning("%s cannot be written: %s", self._path, (error.strerror or str(error)).lower())


def undelivered_path(log: Path) -> Path:
    """Where it lies for the event log at ``log``."""
    return log.with_name(f"{log.name}.undelivered")


def _read(path: Path) -> dict[str, list[str]]:
    """What the file says; nothing where it is none of ours."""
    try:
        with path.open("rb") as file:
            said: Any = json.loads(file.read(_LARGEST_BYTES))
        return {
            str(action)[:64]: [str(each)[:64] for each in ids] for action, ids in said["undelivered"].items() if ids
        }
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return {}
