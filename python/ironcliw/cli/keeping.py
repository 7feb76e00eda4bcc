"""Opening the event log for a watch, without loading SQLite where none is wanted."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ironcliw.store import EventLog


def kept_log(given: str | None, wanted: Mapping[str, Any], stack: contextlib.ExitStack) -> EventLog | None:
    """The event log, where the command line or the settings (``wanted``) want one; open until ``stack`` ends."""
    if given is None and not wanted["enabled"]:
        return None
    from ironcliw.cli.event_log import open_event_log  # noqa: PLC0415 - SQLite is loaded by those who keep a log
    from ironcliw.settings import StoreSettings  # noqa: PLC0415

    kept = open_event_log(given, StoreSettings(**wanted))
    return None if kept is None else stack.enter_context(contextlib.closing(kept))
