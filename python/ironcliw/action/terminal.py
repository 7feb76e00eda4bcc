"""A line and a bell on the terminal that we run in.

terminal = Terminal()                 # ActionError where there is none
terminal.deliver(event)
"""

from __future__ import annotations

import sys
from typing import TextIO

from ironcliw.action.printable import capped, printable
from ironcliw.errors import ActionError
from ironcliw.event import Event

_LINE_LENGTH_MAX = 240


class Terminal:
    """Writes what was met to our error output, where that is a terminal, and rings its bell; no text of the screen."""

    name = "terminal"

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        if not self._stream.isatty():
            raise ActionError("there is no terminal to tell of alerts: a watcher in the background has none")

    def deliver(self, event: Event) -> None:
        """Write one line. Raises ActionError where the terminal is gone."""
        words = f"ironcliw: {event.type}: {event.rule or ''} ({event.source})"
        try:
            self._stream.write(f"\a{capped(printable(words), _LINE_LENGTH_MAX)}\n")
            self._stream.flush()
        except (OSError, ValueError):
            raise ActionError("the terminal is gone") from None

    def close(self) -> None:
        """Nothing is held."""
