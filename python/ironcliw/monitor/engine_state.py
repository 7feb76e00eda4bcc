"""What the engine of a watch holds, and what can be seen of it; what it does is in the classes derived from it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.change import LOSSY_THRESHOLD, ChangeTracker, Tiles
from ironcliw.event import Event
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import Ledger
from ironcliw.metrics import Copies, FrameCounts, StageTimes
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.holding import Holdings
from ironcliw.monitor.incidents import IncidentTeller
from ironcliw.monitor.judging import Judge
from ironcliw.monitor.looking import LookPlan
from ironcliw.monitor.pausing import TextPause
from ironcliw.monitor.reading import Reading
from ironcliw.monitor.rule_state import RuleState
from ironcliw.monitor.telling import TextTeller
from ironcliw.rule import RuleSet
from ironcliw.text.dissolve import Dissolve
from ironcliw.text.plan import INTERVAL_NS, REGIONS_MAX, SETTLE_NS, ReadPlan
from ironcliw.text.screen import Line, TextScreen
from ironcliw.volatility import Volatility

BLACK_AFTER_NS = 5 * clock.SECOND
"""A screen that is all zero for this long, after it was not, counts as lost."""

# Pictures of what was drawn over before it could be read; each at most this part of the screen.
_MOST_KEPT = 4
_LARGEST_KEPT = 1 / 8


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """What an engine is told once.

    source: name of the source, as it stands in events
    run: prefix of event ids, unique to this run (or, for recordings, to what they show)
    live: whether time passes by itself
    lossless: whether an unchanged pixel has an unchanged value; otherwise ``threshold`` (squared RGB distance) applies
    rules: the conditions that raise alerts
    is_echo: whether a line on the screen is one that we printed ourselves
    read_text: whether changed regions are read at all
    settle_ns, interval_ns: when a changed region is read; see ``ReadPlan``
    ledger: whose budgets hold what the engine keeps
    rule_state: where what rules have told is kept over restarts
    """

    source: str
    run: str
    live: bool
    lossless: bool
    rules: RuleSet
    threshold: int = LOSSY_THRESHOLD
    is_echo: Callable[[str], bool] = field(default=lambda text: False)
    read_text: bool = True
    settle_ns: int = SETTLE_NS
    interval_ns: int = INTERVAL_NS
    ledger: Ledger = field(default_factory=Ledger)
    rule_state: RuleState | None = None


class EngineState:
    """Of one source."""

    def __init__(self, setup: EngineSetup, emit: Callable[[Event], None]) -> None:
        self.setup = setup
        self.counts = FrameCounts()
        self.stages = StageTimes()
        self.copies = Copies()
        self.captured_bytes: int = 0
        self.pixels_read_at_start = 0
        self.pixels_read = 0
        self.pixels_of_changed_frames = 0
        self.readings = 0
        self.states_skipped = 0
        self._announcer = Announcer(setup.source, setup.run, setup.live, emit)
        self._judge = Judge(self._announcer, setup.rules, self.stages, setup.rule_state)
        self._teller = TextTeller(self._announcer, self._judge)
        self._incidents = IncidentTeller(self._announcer, self._judge, self.stages)
        self._screen = TextScreen()
        self._geometry = Geometry(1, 1)
        self._tracker = ChangeTracker(1, 1)
        self.holdings = Holdings(setup.ledger, setup.run)
        """What it holds of its ledger."""
        self.volatility = Volatility(1, 1)
        """What is restless on the screen as it is now; a new one where it has another size."""
        self._plan = ReadPlan(1, 1)
        self._looks = LookPlan()
        self._text_pause: TextPause = TextPause(self._announcer, setup.rules)
        setup.ledger.account("text").gauge(self, EngineState.text_bytes)
        self._latest: NDArray[np.uint8] | None = None
        self._kept: deque[Reading] = deque()
        self._dissolve = Dissolve()
        self._first_sequence: int | None = None
        self._start_readings = 0
        self._begun = False
        """Whether all that was there when the watch began was read: what else comes is news, also to who goes on."""
        self._now_ns = 0
        self._black_since_ns: int | None = None
        self._seen_light = False
        self._blind_black = False
        self._gaps: set[str] = set()

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the last state that was looked at, (h, w, 4) uint8 BGRX."""
        shown = self._tracker.shown.copy()
        self.copies.copied("snapshot", shown.nbytes)
        return shown

    @property
    def tiles(self) -> Tiles:
        """What the last capture that was looked at changed, tile by tile; it changes with the next."""
        return self._tracker.tiles

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of text that is known to be on the screen now, in reading order."""
        return self._screen.lines

    @property
    def alerts(self) -> int:
        """How many alerts were raised."""
        return self._announcer.alerts

    @property
    def told(self) -> Counter[str]:
        """How many events were told, by their type."""
        return self._announcer.told

    @property
    def waiting(self) -> dict[str, tuple[int, int]]:
        """How much waits to be read, and how much of it may: regions, and pictures of what was drawn over."""
        return {"regions": (self._plan.waiting, REGIONS_MAX), "kept": (len(self._kept), _MOST_KEPT)}

    def text_bytes(self) -> int:
        """About what is held for text beside the engine that reads it. From any thread."""
        kept = sum(reading.pixels.nbytes + reading.stamps.bytes for reading in tuple(self._kept))
        return kept + self._plan.stamps.bytes + self._screen.bytes

    @property
    def now_ns(self) -> int:
        """Source time the engine has come to: when a recording's latest event could be told at the earliest."""
        return self._now_ns

    @property
    def next_due_ns(self) -> int | None:
        """Source time at which ``take_reading`` or ``tick`` wants to be called next."""
        due = [self._judge.due_ns]
        if self.setup.read_text:
            if not self._text_pause.on:
                due += [self._now_ns if self._kept else self._plan.next_due_ns, self._looks.due_ns]
            due += [self._teller.due_ns, self._text_pause.put_off(self._incidents.due_ns)]
        if self._black_since_ns is not None and not self._blind_black:
            due.append(self._black_since_ns + BLACK_AFTER_NS)
        known = [moment for moment in due if moment is not None]
        return min(known) if known else None

    def drop(self, reason: str) -> None:
        """A captured frame was not looked at."""
        self.counts.dropped[reason] += 1

    def gap(self, now_ns: int, reason: str, state: str, detail: str) -> None:
        """The source cannot be seen (state ``begin``) or is seen again (``end``), for this reason; others may last."""
        self._now_ns = max(self._now_ns, now_ns)
        if state == "begin":
            self._gaps.add(reason)
        else:
            self._gaps.discard(reason)
        self._announcer.emit("gap", now_ns, data={"reason": reason, "state": state, "detail": detail})
        if state == "begin":
            self._judge.gap(now_ns)
        elif not self._gaps:
            self._judge.back(now_ns, text=False if self._text_pause.on else None)

    def _forget_beyond(self, geometry: Geometry, now_ns: int) -> None:
        """What stood where the screen no longer is will never be read again: it is gone."""
        far = max((max(line.box.right, line.box.bottom) for line in self._screen.lines), default=0)
        beyond = (Rect(geometry.width, 0, far, far), Rect(0, geometry.height, geometry.width, far))
        for region in beyond:
            update = self._screen.apply(region, (), changed=lambda box: True, time_ns=now_ns)
            self._teller.tell_cut_off(update, now_ns)

    def close(self) -> None:
        """What was held counts no more; a new ``resize`` takes it up again."""
        self.holdings.close()
