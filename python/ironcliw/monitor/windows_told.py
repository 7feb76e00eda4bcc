"""Hands the rules the windows that a source knows, where any rule goes by windows.

told = WindowsTold(source, engine)
told.look(time_ns)                    # after a capture: nothing where no window changed
"""

from __future__ import annotations

from ironcliw.errors import SourceError
from ironcliw.monitor.engine import Engine
from ironcliw.rule.windows import Window
from ironcliw.source import KnowsWindows, Source


class WindowsTold:
    """Between one source and the rules of one engine."""

    def __init__(self, source: Source, engine: Engine) -> None:
        self._source = source if isinstance(source, KnowsWindows) else None
        self._engine = engine

    def look(self, time_ns: int) -> None:
        """Tell the windows as they are at source time ``time_ns``, where they changed."""
        if self._source is None or not self._engine.setup.rules.wants_windows:
            return
        try:
            seen = self._source.windows()
        except SourceError:
            return  # the next read says what is wrong
        if seen is not None:
            self._engine.windows([Window(*window) for window in seen], time_ns)
