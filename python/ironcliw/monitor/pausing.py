"""The time in which text is not read because memory is scarce: said at its begin and its end.

pause = TextPause(announcer, rules)
pause.begin(now_ns, "memory is scarce")   # a gap whose reason is "memory"
pause.end(now_ns, "there is memory again", seen=True)
"""

from __future__ import annotations

from ironcliw import clock
from ironcliw.monitor.announcer import Announcer
from ironcliw.rule import RuleSet

SETTLED_NS = 2 * clock.SECOND
"""After the pause, what waits is read first: only then a progress that did not move has stalled."""


class TextPause:
    """Whether text is read. ``on``: it is not."""

    def __init__(self, announcer: Announcer, rules: RuleSet) -> None:
        self._announcer, self._rules = announcer, rules
        self._settled_ns = 0
        self.on = False

    def begin(self, now_ns: int, detail: str) -> bool:
        """Text is not read from now on; False where that was so already."""
        if self.on:
            return False
        self.on = True
        self._rules.on_gap(now_ns, text=True)
        self._tell(now_ns, "begin", detail)
        return True

    def end(self, now_ns: int, detail: str, *, seen: bool) -> None:
        """Text is read again; ``seen`` where the source can be seen as well."""
        if not self.on:
            return
        self.on = False
        self._settled_ns = now_ns + SETTLED_NS
        if seen:
            self._rules.on_back(now_ns, text=True)
        self._tell(now_ns, "end", detail)

    def waits(self, now_ns: int) -> bool:
        """Whether nothing can be said of what text did not do up to ``now_ns``."""
        return self.on or now_ns < self._settled_ns

    def put_off(self, due_ns: int | None) -> int | None:
        """When something is due that waits for text to be read again; None while it is not read."""
        return None if self.on or due_ns is None else max(due_ns, self._settled_ns)

    def _tell(self, now_ns: int, state: str, detail: str) -> None:
        self._announcer.emit("gap", now_ns, data={"reason": "memory", "state": state, "detail": detail})
