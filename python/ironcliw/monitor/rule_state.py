"""What rules have told, in a file, so that a restart of the program goes on with it: cooldowns, limits, ``once``.

kept = RuleState(path)
kept.resume(rules)                    # before anything is told
kept.save(rules.remember(now_ns))     # never waits: a thread writes the newest state
kept.close()

It holds rule names and hashes, times and counts, and no word of the screen. A file that is damaged is begun anew.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

from ironcliw import clock
from ironcliw.rule import RuleSet

log = logging.getLogger("ironcliw.monitor")

LARGEST_BYTES = 16 << 20
LONGEST_NS = 366 * 86_400 * clock.SECOND
_CLOSE_S = 2.0


class RuleState:
    """One file. ``save`` from any thread; what cannot be written is said once and does no harm."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._newest: dict[str, Any] | None = None
        self._changed = threading.Condition()
        self._closing = self._failed = False
        self._writer: threading.Thread | None = None

    def resume(self, rules: RuleSet) -> bool:
        """Have ``rules`` go on where they were when the file was written; False where nothing is known.

        It must not raise: a state that is lost is no reason to watch nothing.
        """
        try:
            with self._path.open("rb") as file:
                state = json.loads(file.read(LARGEST_BYTES))
            passed_ns = min(max(clock.wall_ns() - int(state["wall_ns"]), 0), LONGEST_NS)
            rules.resume(state["state"], passed_ns)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("%s: what rules had told is not known (%s): they begin anew", self._path, type(error).__name__)
            return False
        return True

    def save(self, state: dict[str, Any]) -> None:
        """Write this soon, instead of what was not written yet."""
        with self._changed:
            self._newest = {"wall_ns": clock.wall_ns(), "state": state}
            if self._writer is None:
                self._writer = threading.Thread(target=self._run, name="ironcliw-rule-state", daemon=True)
                self._writer.start()
            self._changed.notify()

    def close(self) -> None:
        """Write what is not written; waits two seconds at most."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._writer is not None:
            self._writer.join(_CLOSE_S)

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._newest is None and not self._closing:
                    self._changed.wait()
                newest, self._newest = self._newest, None
            if newest is None:
                return
            self._write(newest)

    def _write(self, state: dict[str, Any]) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump(state, file, separators=(",", ":"))
            beside.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            if not self._failed:
                self._failed = True
                log.warning("%s cannot be written (%s): a restart forgets what rules told", self._path, error.strerror)
