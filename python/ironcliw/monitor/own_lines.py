"""The lines that we print ourselves: where our terminal is on the watched screen, reading them back is no news.

own = OwnLines(source, read_text=True, include_self=False)
own.printed("text      BUILD FAILED")
own.is_echo("text BUILD FAILED")      # True where our terminal could not be left out of what is watched
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from ironcliw.source import Source
from ironcliw.source.echo import PrintedLines, Terminal

log = logging.getLogger("ironcliw")


class OwnLines:
    """What we printed, as far as the watched screen may show it.

    seen: whether it may, so that our lines are told from the rest by their words alone
    """

    def __init__(self, source: Source, *, read_text: bool, include_self: bool) -> None:
        self._printed = PrintedLines(_command_line())
        terminal = getattr(source, "terminal", None)
        blanked = isinstance(terminal, Terminal) and bool(terminal.windows)
        elsewhere = source.name.startswith("x11:") and source.name != f"x11:{os.environ.get('DISPLAY')}"
        self.seen = read_text and not blanked and not elsewhere and source.live and not include_self
        if self.seen and sys.stderr.isatty():
            why = terminal.how if isinstance(terminal, Terminal) else f"{source.name} cannot tell windows apart"
            log.warning(
                "our own terminal cannot be blanked (%s): lines printed here are known by their words only", why
            )

    def is_echo(self, text: str) -> bool:
        """Whether a line on the screen is our own."""
        return self.seen and self._printed.is_echo(text)

    def printed(self, line: str) -> None:
        """A line was printed by us."""
        if self.seen:
            self._printed.add(line)


def _command_line() -> list[str]:
    """How we were called, as it stands in the terminal."""
    program, *arguments = sys.argv or [""]
    return [Path(program).parent.name if Path(program).name == "__main__.py" else program, *arguments]
