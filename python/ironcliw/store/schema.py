"""The tables, and how a log of an older version becomes one of this: one transaction a step, so never half of one.

migrate(database)                     # from whatever version it has to VERSION
"""

from __future__ import annotations

import secrets

from ironcliw.errors import StoreError
from ironcliw.store.database import Database

APPLICATION_ID = 0x49434C57
"""``ICLW`` in the file's header: what tells our files from others' (docs/reference/store.md)."""

MIGRATIONS: list[tuple[str, ...]] = [
    (
        # AUTOINCREMENT: a sequence number is never given twice, even where all events were deleted.
        """CREATE TABLE events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_ns INTEGER NOT NULL,
            kept_ns INTEGER NOT NULL,
            type TEXT NOT NULL,
            run TEXT NOT NULL,
            incident TEXT,
            rule TEXT,
            json TEXT NOT NULL,
            crc INTEGER NOT NULL
        )""",
        "CREATE INDEX events_wall ON events (wall_ns)",
        "CREATE INDEX events_type ON events (type)",
        "CREATE INDEX events_run ON events (run)",
        "CREATE INDEX events_incident ON events (incident) WHERE incident IS NOT NULL",
        "CREATE INDEX events_rule ON events (rule) WHERE rule IS NOT NULL",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    ),
]
"""Statements of each step; the step's number, from 1, is the version it leads to. Steps are added, never edited."""


def migrate(database: Database) -> None:
    """Bring the log to this version. StoreError where it is of a newer one, or another program's."""
    version = check_ours(database)
    while version < len(MIGRATIONS):
        with database.transaction():
            for statement in MIGRATIONS[version]:
                database.execute(statement)
            version += 1
            if version == 1:
                database.execute("INSERT INTO meta VALUES ('log_id', ?)", (secrets.token_hex(8),))
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {version}")


def check_ours(database: Database) -> int:
    """The log's version, 0 for an empty file. StoreError where it is of a newer one or belongs to another program."""
    version = int(database.value("PRAGMA user_version"))
    owner = int(database.value("PRAGMA application_id"))
    if owner != APPLICATION_ID and (owner or version or database.value("SELECT count(*) FROM sqlite_schema")):
        raise StoreError(f"{database.path} is another program's database: name another file for the event log")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the event log {database.path} was written by a newer ironcliw (version {version} of its tables, this one"
            f" knows {len(MIGRATIONS)}): upgrade, or name another file"
        )
    return version
