"""The event log: events go in without waiting, and are acknowledged once they are on the disk.

    log = EventLog(default_path())
    ticket = log.append(event)            # returns at once
    log.wait(ticket, timeout_s=5)         # True: on the disk, whatever happens now
    log.close()

Whatever the disk does, the watch goes on: events wait in a bounded backlog, what it cannot hold is counted, and
``status`` says so. Times, bounds and file format: docs/reference/store.md
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ironcliw import clock
from ironcliw.errors import SettingsError, StoreError, StoreForkedError
from ironcliw.event import Event
from ironcliw.store.backlog import Backlog
from ironcliw.store.database import SqliteError, sqlite_version
from ironcliw.store.lock import WriterLock
from ironcliw.store.paths import default_path, prepare_folder
from ironcliw.store.retention import DAY_NS, LEAST_BYTES, Clocks, Limits, read_clocks
from ironcliw.store.row import Row, row_of
from ironcliw.store.writing import LogWriter

KEEP_BYTES = 256 << 20
KEEP_NS = 30 * DAY_NS
GROUP_S = 0.05
"""Events that come within this time are made sure of together: one fsync, however many there are."""
SLOW_NS = clock.SECOND
"""A commit that takes longer is told of."""

_AT_ONCE = 1000
_AT_ONCE_BYTES = 4 << 20
_TIDY_S = 60.0
_FIRST_BACK_OFF_S, _LAST_BACK_OFF_S = 0.25, 2.0
_ABANDON_S = 1.0
_SUMMARY_S = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogStatus:
    """How the log does: appended = stored + lost + waiting.

    degraded: why nothing is written at the moment; None where all is well
    lost: by why: ``behind`` (the backlog was full), ``too_large``, ``refused``, ``closed``
    acknowledged: every event up to this sequence number is on the disk or counted as lost
    """

    path: Path
    sqlite: str
    degraded: str | None
    appended: int
    stored: int
    lost: dict[str, int]
    waiting: int
    acknowledged: int


class EventLog:
    """The one writer of a log. Its methods may be called from any thread, and wait only where they say so.

    path: the file, made with mode 0600 where it is missing; None: ``default_path()``
    keep_bytes: what the file and its journal may take; beyond that the oldest events are deleted
    keep_ns: how long events are kept, in time that really passed
    vfs, clocks: for tests

    Raises StoreInUseError where another process writes it, StoreError where it cannot be opened.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        keep_bytes: int = KEEP_BYTES,
        keep_ns: int = KEEP_NS,
        vfs: str = "",
        clocks: Callable[[], Clocks] = read_clocks,
    ) -> None:
        if keep_bytes < LEAST_BYTES or keep_ns < 1:
            raise SettingsError(f"an event log keeps {LEAST_BYTES >> 20} MB and a moment at the least")
        self.path = path or default_path()
        prepare_folder(self.path)
        self._pid = os.getpid()
        self._lock = WriterLock(self.path)
        self._writer = LogWriter(self.path, Limits(keep_bytes, keep_ns), vfs=vfs, clocks=clocks)
        try:
            self._sequence = self._acknowledged = self._wanted = self._writer.open()
        except BaseException:
            self._lock.release()
            raise
        self._backlog = Backlog()
        self._changed = threading.Condition()
        self._finishing = self._abandoned = False
        self._appended = self._stored = 0
        self._degraded: str | None = None
        self._busy_since_ns: int | None = None
        self._told_slow = False
        self._back_off_s = _FIRST_BACK_OFF_S
        self._at_once = _AT_ONCE
        self._tidied_ns = clock.monotonic_ns()
        # A daemon: a disk that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="ironcliw-store", daemon=True)
        self._thread.start()

    def append(self, event: Event) -> int:
        """Queue an event; returns its sequence number, by which it can be waited for. Never blocks.

        After ``close`` it counts as lost. StoreForkedError in a child of the process that opened the log.
        """
        self._check_process()
        line = event.to_json()
        with self._changed:
            self._sequence += 1
            self._appended += 1
            row = row_of(self._sequence, event, line)
            if self._finishing:
                self._backlog.lose(row.sequence, "closed")
            else:
                first = not len(self._backlog)
                self._backlog.put(row)
                if first or len(self._backlog) >= self._at_once:
                    self._changed.notify_all()
            slow = self._is_slow() and not self._told_slow
            self._told_slow = self._told_slow or slow
        if slow:
            _log.warning("the event log %s: the disk has not answered for a second; events wait", self.path)
        return row.sequence

    def record(self, event: Event) -> Event:
        """Append an event; a summary first waits for what came before it, and says what was stored and lost.

        Returns the event as it was appended. Waits up to 2 s for a summary, never for others.
        """
        if event.type == "summary":
            self.flush(_SUMMARY_S)
            status = self.status()
            counts: dict[str, Any] = {"stored": status.stored, "lost": sum(status.lost.values())}
            if status.waiting:
                counts["waiting"] = status.waiting
            event = replace(event, data={**event.data, "log": counts})
        self.append(event)
        return event

    @property
    def acknowledged(self) -> int:
        """Every event up to this sequence number is on the disk or counted as lost."""
        return self._acknowledged

    def wait(self, sequence: int, timeout_s: float | None = None) -> bool:
        """Whether this event is on the disk, after waiting for that; False where it was lost or time ran out."""
        self._check_process()
        with self._changed:
            self._want(sequence)
            self._changed.wait_for(lambda: self._acknowledged >= sequence or not self._thread.is_alive(), timeout_s)
            return self._acknowledged >= sequence and not self._backlog.is_lost(sequence)

    def flush(self, timeout_s: float | None = None) -> bool:
        """Write what waits without waiting for company; whether all of it was dealt with in time."""
        self._check_process()
        with self._changed:
            last = self._sequence
            self._want(last)
            return self._changed.wait_for(
                lambda: not len(self._backlog) or self._acknowledged >= last or not self._thread.is_alive(), timeout_s
            )

    def status(self) -> LogStatus:
        """How it goes, at this moment."""
        self._check_process()
        with self._changed:
            degraded = self._degraded or ("the disk has not answered for a second" if self._is_slow() else None)
            return LogStatus(
                self.path,
                sqlite_version(),
                degraded,
                self._appended,
                self._stored,
                dict(self._backlog.lost),
                len(self._backlog),
                self._acknowledged,
            )

    def close(self, timeout_s: float = 5.0) -> LogStatus:
        """Write what waits for up to ``timeout_s``, give the rest up as lost, and let others write; the last status."""
        self._check_process()
        with self._changed:
            self._finishing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            with self._changed:
                self._abandoned = True
                self._changed.notify_all()
            self._thread.join(_ABANDON_S)
            if self._thread.is_alive():
                _log.warning("the event log %s: the disk does not answer; it is left behind", self.path)
        self._lock.release()
        with self._changed:
            self._backlog.lose_all("closed")
        return self.status()

    def _want(self, sequence: int) -> None:
        self._wanted = max(self._wanted, min(sequence, self._sequence))
        self._changed.notify_all()

    def _check_process(self) -> None:
        # Before any lock is taken: in a child it may be held by a thread that is not there.
        if os.getpid() != self._pid:
            raise StoreForkedError(
                f"the event log {self.path} was opened by process {self._pid}: a child opens one of its own"
            )

    def _is_slow(self) -> bool:
        since_ns = self._busy_since_ns
        return since_ns is not None and clock.monotonic_ns() - since_ns > SLOW_NS

    # What follows runs in the log's own thread.

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            if batch:
                self._store(batch)
            self._tidy(idle=not batch)
        self._writer.close()

    def _next(self) -> list[Row] | None:
        """What to write now; nothing where there is only tidying to do, None at the end."""
        with self._changed:
            if self._degraded is not None:
                self._changed.wait_for(lambda: self._abandoned, self._back_off_s)
                self._back_off_s = min(2 * self._back_off_s, _LAST_BACK_OFF_S)
            self._changed.wait_for(lambda: len(self._backlog) or self._finishing, _TIDY_S)
            if self._abandoned or (self._finishing and not len(self._backlog)):
                return None
            if len(self._backlog):
                self._changed.wait_for(self._has_company, GROUP_S)
            batch = self._backlog.take(self._at_once, _AT_ONCE_BYTES)
            self._busy_since_ns = clock.monotonic_ns() if batch else None
            return batch

    def _has_company(self) -> bool:
        return len(self._backlog) >= self._at_once or self._wanted > self._acknowledged or self._finishing

    def _store(self, batch: list[Row]) -> None:
        try:
            self._writer.commit(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the watch goes on and the events wait
            self._failed(error, batch)
            return
        with self._changed:
            self._backlog.wrote()
            self._stored += len(batch)
            self._acknowledged = batch[-1].sequence
            self._at_once = _AT_ONCE
            self._recovered()
            self._changed.notify_all()

    def _failed(self, error: Exception, batch: list[Row]) -> None:
        refused = isinstance(error, SqliteError) and error.kind == "other"
        with self._changed:
            if refused and len(batch) == 1:
                self._backlog.wrote()
                self._backlog.lose(batch[0].sequence, "refused")
                self._acknowledged = batch[0].sequence
            else:
                self._backlog.give_back()
            # One by one, to find the event that is refused.
            self._at_once = 1 if refused else _AT_ONCE
        self._degrade(error)

    def _degrade(self, error: Exception) -> None:
        # An unexpected error's own words may be the screen's.
        why = str(error) if isinstance(error, StoreError) else f"the event log {self.path}: {type(error).__name__}"
        with self._changed:
            told, self._degraded = self._degraded, why
            self._busy_since_ns = None
            self._changed.notify_all()
        self._lock.say(f"degraded: {why}")
        if told is None:
            _log.warning("%s; events wait, the newest %d at the most", why, 10_000)
        self._writer.drop(error)

    def _recovered(self) -> None:
        self._busy_since_ns = None
        self._told_slow = False
        self._back_off_s = _FIRST_BACK_OFF_S
        if self._degraded is not None:
            self._degraded = None
            self._lock.say("ok")
            _log.warning(
                "the event log %s: written again; %d events were lost", self.path, self._backlog.lost["behind"]
            )

    def _tidy(self, *, idle: bool) -> None:
        """Look after the file: briefly after a commit, once a minute for the clock."""
        if self._degraded is not None and not idle:
            return
        now_ns = clock.monotonic_ns()
        try:
            if idle or now_ns - self._tidied_ns > _TIDY_S * clock.SECOND:
                self._tidied_ns = now_ns
                self._writer.save_clock()
            for _ in range(4):
                if not self._writer.tidy():
                    break
        except Exception as error:  # noqa: BLE001 - as for writing
            self._degrade(error)
