"""Watching a source: one iterator of events, whatever the source is.

for event in watch("screen", when=["text:BUILD FAILED"]):
    print(event)
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import ForkedError, SettingsError
from ironcliw.event import Event
from ironcliw.frame import Geometry
from ironcliw.history import Archive, Ring
from ironcliw.memory import Keeper, Ledger
from ironcliw.memory.heap import share_heap
from ironcliw.memory.pool import ALL_BYTES
from ironcliw.monitor.arming import Arming
from ironcliw.monitor.cost import Cost, Verified
from ironcliw.monitor.describing import description, run_id
from ironcliw.monitor.engine import Engine, EngineSetup
from ironcliw.monitor.evidence import Evidence
from ironcliw.monitor.governor import Governor, latency_of, parse_share
from ironcliw.monitor.holding import check_address_space, hold_gpu
from ironcliw.monitor.inquiring import Inquiring
from ironcliw.monitor.isolation import Isolation
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.measuring import watch_registry
from ironcliw.monitor.own_lines import OwnLines
from ironcliw.monitor.perceiving import perceiver
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.recorded import run_recorded
from ironcliw.monitor.remembering import Remembering
from ironcliw.monitor.resumed import Resumed
from ironcliw.monitor.rule_state import RuleState
from ironcliw.monitor.runtime import Runtime
from ironcliw.monitor.wall import WallTime, parse_start
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.rule import Condition, Rule, RuleSet
from ironcliw.rule.rules_file import load_rules
from ironcliw.source import Source, open_source
from ironcliw.text import TextEngine, open_engine
from ironcliw.text.screen import Line

if TYPE_CHECKING:  # SQLite is loaded by those who keep a log
    from ironcliw.store import EventLog


class Watch(Iterator[Event]):
    """A running watch: iterate it for events, ``stop`` it, or leave its ``with`` block.

    Everything that can be wrong with the source, the conditions, the models or the budget is raised here, not while
    iterating: SourceError, ConditionError, ModelError, SettingsError, BudgetError. The last event is the summary.
    """

    def __init__(
        self,
        source: Any = "screen",
        options: WatchOptions | None = None,
        *,
        recall: dict[str, Any] | None = None,
        strict: bool = False,
    ) -> None:
        """``recall``: what the watch before this one, which was lost, said in ``take_all``.

        ``strict``: of a recording, end with the error that a frame brings instead of leaving the frame out.
        """
        share_heap()
        self.options = options or WatchOptions()
        self._recalled, self._strict = recall, strict
        self._owner = os.getpid()
        self._wall = WallTime(None if self.options.starts is None else parse_start(self.options.starts))
        self.rules = RuleSet(self._conditions(), now=self.options.now, wall=self._wall)
        self._rule_state = None if self.options.rules_state is None else RuleState(self.options.rules_state)
        if self._rule_state is not None and not recall:
            self._rule_state.resume(self.rules)
        if self.rules.needs_text and not self.options.text:
            raise SettingsError("a condition about text can never be met where text is not read")
        reader = self._reader = self._opened_engine() if self.options.text else None
        self.memory = self.options.memory or Ledger()
        """What each room may hold, and holds."""
        self.keeper = Keeper(self.memory)
        """Keeps it so; other rooms go on its ladder."""
        check_address_space(self.memory.machine, read_text=reader is not None)
        self._perceiver = perceiver(reader, self.options.detector, self.memory, self.keeper.ladder)
        self.source: Source = open_source(
            source,
            monitor=self.options.monitor,
            fps=self.options.fps,
            include_self=self.options.include_self,
            exclude=self.options.exclude,
            interval_s=self.options.interval_s,
            probe_interval_s=self.options.probe_interval_s,
        )
        self._remembered: Remembering | None = None
        self.asking = Inquiring(self.options.asker, self.options.ask_s)
        """Has the questions of rules answered."""
        self._stopped = False
        self._finished = False
        self._queue = EventQueue(account=self.memory.account("events"))
        self._cost = Cost(self._queue, self.keeper, reader)
        self._live: LiveRun | None = None
        self._arming: Arming | None = None
        self._recorded: Generator[Event] = _no_events()
        self._buffer: deque[Event] = deque()
        geometry = self.source.open()
        try:
            self._begin(geometry)
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Give back what a watch holds that could not begin: it may share its ledger with others."""
        if self._live is not None:
            self._live.abandon()
        engine: Engine | None = getattr(self, "engine", None)
        if engine is not None:
            engine.close()
        self.keeper.close()
        self.source.close()

    def _conditions(self) -> list[str | Condition | Rule]:
        return [*self.options.conditions, *load_rules(self.options.rules)]

    def _opened_engine(self) -> TextEngine:
        engine = self.options.engine or "paddle"
        return open_engine(_text_threads(self.options), engine) if isinstance(engine, str) else engine

    def _begin(self, geometry: Geometry) -> None:
        paced = self.source.live or self.options.pace == "real"
        if self.source.live:
            self._wall.is_live(self._recalled["opened_at_ns"] if self._recalled else clock.monotonic_ns())
        # Only now: which windows a source leaves out is known once it is open.
        self._own_lines = OwnLines(self.source, read_text=self.options.text, include_self=self.options.include_self)
        me = weakref.ref(self)  # what is counted holds the engine, and the engine this
        self.evidence = Evidence(
            lambda: None if (watch := me()) is None else watch.archive,
            lambda event: () if (watch := me()) is None else watch.asking.sent(event),
        )
        tell = self.evidence.taking(
            self._queue.put if paced else self._buffer.append,
            lambda: None if (watch := me()) is None else watch.engine,
        )
        kept = self.options.log
        self.engine = Engine(self._setup(geometry, paced), tell if kept is None else _recording(kept, tell))
        verified = Verified()
        self._governor = self._governed()
        self.metrics = watch_registry(self.engine, self._queue, self._reader, verified, self.keeper, self._governor)
        """Everything that is counted about this watch; see ``docs/reference/metrics.md``."""
        self.metrics.collect(self.asking.metrics)
        resumed = self._begin_engine(geometry)
        pool = self.engine.holdings.pool
        hold_gpu(self.memory, self.keeper.ladder)
        self.keeper.ladder.on("buffers", lambda: pool.limit(0), lambda: pool.limit(ALL_BYTES))
        if paced:
            self._live = verified.live = self._run_live(geometry, resumed)
            run = self.engine.setup.run
            self._arming = Arming(self.rules, self._queue, self._live, source=self.source.name, run=run)
            self._live.start()
            # A loop that is left without closing the watch must not leave it capturing behind.
            weakref.finalize(self, self._live.stop)
        else:
            self._recorded = self._run_recorded(geometry)

    def _setup(self, geometry: Geometry, paced: bool) -> EngineSetup:
        return EngineSetup(
            source=self.source.name,
            run=self._recalled["run"] if self._recalled else run_id(self.source, geometry, paced=paced),
            live=paced,
            lossless=self.source.lossless,
            rules=self.rules,
            threshold=self.options.threshold,
            is_echo=self._own_lines.is_echo,
            read_text=self.options.text,
            settle_ns=self.options.settle_ms * clock.MS,
            interval_ns=round(clock.SECOND / self.options.reads_per_s),
            ledger=self.memory,
            rule_state=self._rule_state,
        )

    def _begin_engine(self, geometry: Geometry) -> Resumed | None:
        """Begin, or go on where the watch before this one was lost: then how it stood."""
        recalled = self._recalled
        if not recalled:
            read_by = self._reader.name if self._reader else None
            self.engine.begin(geometry, description(self.source, geometry, read_by), now_ns=0)
            return None
        gaps = tuple(reason for reason in recalled["gaps"] if reason not in ("black", "paused"))
        resumed = Resumed(recalled["opened_at_ns"], recalled["sequence"], gaps, recalled.get("paused", False))
        self.engine.resume(geometry, recalled, clock.monotonic_ns() - resumed.opened_at_ns)
        return resumed

    def _run_live(self, geometry: Geometry, resumed: Resumed | None) -> LiveRun:
        if self.options.archive:
            self._remembered = Remembering(self.memory, self.keeper.ladder, lossless=self.source.lossless)
        ring = Ring(self.source.name, self.options.ring_bytes, shared=self.options.share)
        return LiveRun(
            self.source,
            self.engine,
            self._queue,
            self._perceiver,
            geometry,
            self._cost,
            ring,
            resumed,
            self.keeper,
            self._remembered,
            self.asking,
            self._governor,
        )

    def _governed(self) -> Governor | None:
        options = self.options
        if not self.source.live:
            return None
        latency_s = latency_of(self.rules.rules, options.fps, options.latency_s)
        return None if options.cpu is None else Governor(options.fps, parse_share(options.cpu), latency_s)

    def _run_recorded(self, geometry: Geometry) -> Generator[Event]:
        return run_recorded(
            self.source,
            self.engine,
            self._buffer,
            self._perceiver,
            geometry,
            lambda: self._stopped,
            self._cost,
            Isolation(self.engine, strict=self._strict),
            self.keeper,
            self.asking,
        )

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

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        while not self.ended:
            event = self.get(1.0)
            if event is not None:
                return event
        raise StopIteration

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _recording(kept: EventLog, tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """Tell an event once it waits to be written: a reader who is slow, or gone, must not keep it out of the log."""
    return lambda event: tell(kept.record(event))


def watch(source: Any = "screen", **options: Any) -> Watch:
    """Watch ``source`` and iterate over its events; keyword arguments are those of ``WatchOptions``.

    source: ``screen``, ``x11:DISPLAY``, a path to a video, image or folder of images, an iterable of (h, w, 3|4) uint8
        arrays, or a Source
    """
    return Watch(source, WatchOptions(**options))


def _text_threads(options: WatchOptions) -> int:
    """As given; else two, more of which hardly make a line sooner, or one where no more may run at once."""
    return options.threads or min(2, Runtime.here().worker_threads)


def _no_events() -> Generator[Event]:
    yield from ()
