"""The event log that a command writes or reads: which file, and how long it keeps what."""

from __future__ import annotations

from pathlib import Path

from ironcliw.settings import StoreSettings
from ironcliw.store import EventLog, default_path
from ironcliw.store.retention import DAY_NS


def log_path(given: str | Path | None, store: StoreSettings) -> Path:
    """The file: as given, else as set, else the usual one."""
    return Path(given or store.path or default_path()).expanduser()


def open_event_log(given: str | None, store: StoreSettings) -> EventLog | None:
    """The log to write, where one is wanted: ``given`` is a path, empty for the usual one, None for what is set."""
    if given is None and not store.enabled:
        return None
    path = log_path(given, store)
    return EventLog(path, keep_bytes=store.keep_mb << 20, keep_ns=round(store.keep_days * DAY_NS))
