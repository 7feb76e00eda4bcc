"""A watch that is running: its events, what is asked of it, and its end. ``Watch`` begins it."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import ForkedError, SettingsError
from ironcliw.event import Event
from ironcliw.history import Archive, Ring
from ironcliw.memory import Keeper
from ironcliw.monitor.arming import Arming
from ironcliw.monitor.cost import Cost
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.event_stream import EventStream
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.own_lines import OwnLines
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.remembering import Remembering
from ironcliw.monitor.rule_state import RuleState
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.rule import RuleSet
from ironcliw.source import Source
from ironcliw.text.screen import Line


class Watched(EventStream):
    """What ``Watch`` is once it has begun."""

    options: WatchOptions
    rules: RuleSet
    source: Source
    engine: Engine
    keeper: Keeper
    _owner: int
    _stopped: bool
    _finished: bool
    _queue: EventQueue
    _cost: Cost
    _live: LiveRun | None
    _arming: Arming | None
    _recorded: Generator[Event]
    _remembered: Remembering | None
    _rule_state: RuleState | None
    _own_lines: OwnLines

    def _check_owner(self) -> None:
        """A forked child has the watch of its parent, but neither its threads nor the right to its screen."""
        if os.getpid() != self._owner:
            raise ForkedError(f"this watch belongs to process {self._owner}: start another one after a fork")

    @property
    def name(self) -> str:
        """The source's name, as it stands in events."""
        return self.source.name

    def printed(self, line: str) -> None:
        """A line was printed by us: reading it back from the screen is no news where our terminal is watched."""
        self._own_lines.printed(line)

    @property
    def sees_itself(self) -> bool:
        """Whether our own lines may be on the watched screen and are told from the rest by their words alone."""
        return self._own_lines.seen

    def get(self, timeout_s: float) -> Event | None:
        """The next event, or None when none came in time (live sources) or there is no more.

        Raises what ended the watch, where that was an error, after everything that came before it.
        """
        self._check_owner()
        if self._live is None:
            event = next(self._recorded, None)
            self._finished = event is None or event.type == "summary"
            return event
        event = self._queue.get(timeout_s)
        if event is None and self._queue.closed:
            self._finished = True
            if self._live.error is not None:
                raise self._live.error
        elif event is not None and event.type == "summary":
            self._finished = self._live.error is None
        return event

    def take_all(self) -> tuple[list[Event], dict[str, Any]]:
        """Of a watch that goes by itself: all events that wait, and what another watch needs to go on after them."""
        assert self._live is not None
        with self._live.held():
            events: list[Event] = []
            while (event := self._queue.get(0)) is not None:
                events.append(event)
                self._finished |= event.type == "summary" and self._live.error is None
            return events, {
                **self.engine.recall(),
                "run": self.engine.setup.run,
                "source": self.source.name,
                "opened_at_ns": self._live.opened_at_ns,
                "sequence": self._live.sequence,
            }

    @property
    def ended(self) -> bool:
        """Whether the watch has ended and all its events were taken."""
        return self._finished

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the live screen was last captured or probed; None before the first time."""
        return self._live.seconds_since_verified if self._live else None

    @property
    def archive(self) -> Archive | None:
        """The earlier frames, where they are kept: what ``history.archive_handlers`` hands out."""
        return self._remembered.archive if self._remembered else None

    @property
    def ring(self) -> Ring | None:
        """The frames that were just seen, of a live watch: what ``history.ring_handlers`` shares."""
        return self._live.ring if self._live else None

    @property
    def paced(self) -> bool:
        """Whether it goes by itself, in time; not where a recording is read as fast as it can be."""
        return self._live is not None

    @property
    def busy_s(self) -> float:
        """How long the capturing or the reading thread has been at one thing; 0 where both wait for something."""
        now_ns = clock.monotonic_ns()
        return max((now_ns - each for each in self.busy_since_ns if each is not None), default=0) / clock.SECOND

    @property
    def busy_since_ns(self) -> tuple[int | None, int | None]:
        """Since when on the monotonic clock the capturing and the reading thread have been at one thing; None: not."""
        return (self._live.capturing_since_ns, self._live.reading_since_ns) if self._live else (None, None)

    def pause(self) -> None:
        """Capture nothing until ``resume``; a gap says so. A recording that is read as fast as it can be goes on."""
        self._check_owner()
        if self._live is not None:
            self._live.pause()

    def resume(self) -> None:
        """End a pause."""
        self._check_owner()
        if self._live is not None:
            self._live.resume()

    @property
    def cpu_s(self) -> float:
        """CPU seconds this process has used since the watch began."""
        return self._cost.cpu_s

    def lines(self) -> tuple[int, tuple[Line, ...]]:
        """Source time in nanoseconds, and every line of text that is known to be on the screen, in reading order."""
        self._check_owner()
        if self._live is None:
            return self.engine.now_ns, self.engine.lines
        return self._live.change_rules(lambda now_ns: (now_ns, self.engine.lines))

    def arm(self, key: str, condition: str, *, now: bool) -> None:
        """Watch for one more condition: alerts about it carry ``data["armed"] == key``; see ``Arming.arm``."""
        self._check_owner()
        if self._arming is None:
            raise SettingsError("a condition is armed in a watch that goes by itself, not in a recording read at once")
        if not self.options.text and RuleSet(condition, now=now).needs_text:
            raise SettingsError("a condition about text can never be met where text is not read")
        self._arming.arm(key, condition, now=now)

    def disarm(self, key: str) -> bool:
        """Take an armed condition back; whether there was one."""
        self._check_owner()
        return self._arming is not None and self._arming.disarm(key)

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the screen as it was last looked at, (h, w, 4) uint8 BGRX."""
        self._check_owner()
        return self.engine.snapshot() if self._live is None else self._live.snapshot()

    def stop(self) -> None:
        """End the watch; the events up to now and the summary can still be had."""
        self._check_owner()
        self._stopped = True
        if self._live is not None:
            self._live.stop()

    def close(self) -> None:
        """End the watch and give everything back; nothing in a forked child, whose parent goes on watching."""
        if os.getpid() != self._owner:
            return
        self.stop()
        if self._live is not None:
            self._live.join()
        self._recorded.close()
        self.engine.close()
        if self._rule_state is not None:
            self._rule_state.close()
        self.keeper.close()
        self.source.close()
