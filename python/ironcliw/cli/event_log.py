"""The event log that a command writes or reads: which file, and how long it keeps what."""

from __future__ import annotations

from pathlib import Path

from ironcliw.settings import StoreSettings
from ironcliw.store import EventLog, EventReader, check_version, default_path, sqlite_version, writer_of
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


def event_log_findings(store: StoreSettings) -> list[tuple[bool | None, str, str]]:
    """For doctor: SQLite's version, the log's size and who writes it. Raises StoreError where it cannot be used."""
    check_version()
    path, name = log_path(None, store), "event log"
    kept = "kept by default" if store.enabled else "kept where watch is given --log"
    if not path.exists():
        return [(None, name, f"SQLite {sqlite_version()}; none yet at {path}; {kept}")]
    with EventReader(path) as reader:
        count, last = reader.count(), reader.last_sequence()
    used = sum(file.stat().st_size for suffix in ("", "-wal") if (file := Path(f"{path}{suffix}")).exists())
    size = f"{count} events up to number {last}, {used / (1 << 20):.1f} of {store.keep_mb} MB"
    writer = writer_of(path)
    state = "nobody writes it now" if writer is None else f"written by process {writer.pid}: {writer.state}"
    good = writer is None or writer.state == "ok"
    return [(good, name, f"SQLite {sqlite_version()}; {path}: {size}; {state}; {kept}")]
