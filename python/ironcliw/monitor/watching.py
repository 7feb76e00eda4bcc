"""Watching a source: one iterator of events, whatever the source is.

for event in watch("screen", when=["text:BUILD FAILED"]):
    print(event)

met = wait("text:/passed|failed/i", timeout_s=600)      # the alert, or None where it was not met
"""

from __future__ import annotations

import logging
import math
import os
import resource
import secrets
import sys
import weakref
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock, kernels
from ironcliw.change import LARGEST_THRESHOLD, LOSSY_THRESHOLD
from ironcliw.errors import ForkedError, SettingsError
from ironcliw.event import Event
from ironcliw.frame import Geometry
from ironcliw.history import Archive, Ring
from ironcliw.history.ring import DEFAULT_BYTES
from ironcliw.memory import Keeper, Ledger
from ironcliw.memory.pool import ALL_BYTES
from ironcliw.monitor.engine import Engine, EngineSetup
from ironcliw.monitor.evidence import Evidence
from ironcliw.monitor.holding import check_address_space, memory_told
from ironcliw.monitor.isolation import Isolation
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.measuring import watch_registry
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.recorded import run_recorded
from ironcliw.monitor.remembering import Remembering
from ironcliw.monitor.resumed import Resumed
from ironcliw.monitor.runtime import Runtime
from ironcliw.objects import ObjectDetector
from ironcliw.rule import Condition, RuleSet
from ironcliw.source import Source, open_source
from ironcliw.source.echo import PrintedLines, Terminal
from ironcliw.text import TextEngine, Thrifty, lines_unread, open_engine

if TYPE_CHECKING:  # SQLite is loaded by those who keep a log
    from ironcliw.store import EventLog

log = logging.getLogger("ironcliw")

Pace = Literal["real", "max"]

_LONGEST_WAIT_S = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch.

    when: conditions that raise alerts; any of them
    now: whether text that is there at the start raises an alert too
    pace: recordings only: ``real`` plays them at their own speed, ``max`` as fast as they can be read, dropping nothing
    monitor: the monitor's name or number; None is the primary one
    fps: captures a second at most
    include_self: whether to watch the terminal that runs us, too
    interval_s: seconds between images that carry no times
    text: whether to read text at all
    threads: threads for reading text; None decides from the cores we may use
    engine: what reads the text, or its name; None opens the default one. It may be handed from one watch to the next
        (what it has read before it knows), not to two at the same time
    detector: what finds dialogs and notifications; None opens the default one. As with ``engine``, for one at a time
    threshold: squared RGB distance that a pixel must exceed to count as changed on lossy video
    settle_ms: a changed region is read once it has stood still for this long ...
    reads_per_s: ... and while it keeps moving, this often at most
    probe_interval_s: seconds between looks at a screen that reports no change
    ring_bytes: live sources: what the frames that were just seen may take, one at the least
    share: whether other processes of this user may read these frames (``ironcliw.attach``); then three at the least
    archive: live sources: whether earlier frames are kept, in memory, as far back as the budget for it reaches
    log: where every event is kept as well, before whoever iterates sees it; its owner closes it
    memory: the ledger whose budgets hold everything; None for one of a quarter of what there is, at most 1 GiB. Watches
        of one process that share a budget share a ledger
    """

    when: Sequence[str | Condition] | str | Condition = ()
    now: bool = False
    pace: Pace = "real"
    monitor: str | None = None
    fps: float = 10.0
    include_self: bool = False
    interval_s: float = 1.0
    text: bool = True
    threads: int | None = None
    engine: TextEngine | str | None = None
    detector: ObjectDetector | None = None
    threshold: int = LOSSY_THRESHOLD
    settle_ms: int = 100
    reads_per_s: float = 5.0
    probe_interval_s: float = 1.0
    ring_bytes: int = DEFAULT_BYTES
    share: bool = False
    archive: bool = False
    log: EventLog | None = None
    memory: Ledger | None = None

    def __post_init__(self) -> None:
        if not 0.05 <= self.fps <= 240:
            raise SettingsError(f"fps must be 0.05 to 240, not {self.fps}")
        if self.pace not in ("real", "max"):
            raise SettingsError(f"pace must be 'real' or 'max', not {self.pace!r}")
        if not 0.01 <= self.reads_per_s <= 1000 or not 0 <= self.settle_ms <= 60_000:
            given = f"{self.reads_per_s} and {self.settle_ms}"
            raise SettingsError(f"reads_per_s must be 0.01 to 1000 and settle_ms 0 to 60000, not {given}")
        if not 0 <= self.threshold <= LARGEST_THRESHOLD:
            raise SettingsError(f"threshold must be 0 to {LARGEST_THRESHOLD}, not {self.threshold}")
        if not (math.isfinite(self.interval_s) and 0 < self.interval_s <= 86_400):
            raise SettingsError(f"interval must be above 0 and at most 86400 seconds, not {self.interval_s}")


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
        self.options = options or WatchOptions()
        self._recalled, self._strict = recall, strict
        self._owner = os.getpid()
        self.rules = RuleSet(self.options.when, now=self.options.now)
        if self.rules.needs_text and not self.options.text:
            raise SettingsError("a condition about text can never be met where text is not read")
        reader = self._reader = self._opened_engine() if self.options.text else None
        self.memory = self.options.memory or Ledger()
        """What each room may hold, and holds."""
        self.keeper = Keeper(self.memory)
        """Keeps it so; other rooms go on its ladder."""
        check_address_space(self.memory.machine, read_text=reader is not None)
        self._perceiver = self._perceiving(reader)
        self.source: Source = open_source(
            source,
            monitor=self.options.monitor,
            fps=self.options.fps,
            include_self=self.options.include_self,
            interval_s=self.options.interval_s,
            probe_interval_s=self.options.probe_interval_s,
        )
        self._printed = PrintedLines(_command_line())
        self.sees_itself = False
        """Whether our own lines may be on the watched screen and are told from the rest by their words alone."""
        self._remembered: Remembering | None = None
        self._stopped = False
        self._finished = False
        self._queue = EventQueue(account=self.memory.account("events"))
        self._cost = _Cost(self._queue, self.keeper, reader)
        self._live: LiveRun | None = None
        self._recorded: Generator[Event] = _no_events()
        self._buffer: deque[Event] = deque()
        geometry = self.source.open()
        try:
            self._begin(geometry)
        except BaseException:
            self.source.close()
            raise

    def _opened_engine(self) -> TextEngine:
        engine = self.options.engine or "paddle"
        return open_engine(_text_threads(self.options), engine) if isinstance(engine, str) else engine

    def _perceiving(self, reader: TextEngine | None) -> Perceiver:
        detector = self.options.detector
        if reader is None:
            return Perceiver(read_nothing)
        if not isinstance(reader, Thrifty):
            return Perceiver(reader.read, detector)
        reader.hold(self.memory)
        self.keeper.ladder.on("caches", reader.shrink, reader.grow)
        return Perceiver(reader.read, detector, reader.rest, reader.give_up)

    def _begin(self, geometry: Geometry) -> None:
        paced, recalled = self.source.live or self.options.pace == "real", self._recalled
        fresh = secrets.token_hex(4) if paced else _recording_id(self.source, geometry)
        setup = EngineSetup(
            source=self.source.name,
            run=recalled["run"] if recalled else fresh,
            live=paced,
            lossless=self.source.lossless,
            rules=self.rules,
            threshold=self.options.threshold,
            is_echo=self._echo_test(),
            read_text=self.options.text,
            settle_ns=self.options.settle_ms * clock.MS,
            interval_ns=round(clock.SECOND / self.options.reads_per_s),
            ledger=self.memory,
        )
        self.evidence = Evidence(lambda: self.archive)
        tell = self.evidence.taking(self._queue.put if paced else self._buffer.append, lambda: self.engine)
        self.engine = Engine(setup, tell if self.options.log is None else _recording(self.options.log, tell))
        verified = _Verified()
        self.metrics = watch_registry(self.engine, self._queue, self._reader, verified, self.keeper)
        """Everything that is counted about this watch; see ``docs/reference/metrics.md``."""
        resumed = None
        if recalled:
            gaps = tuple(reason for reason in recalled["gaps"] if reason not in ("black", "paused"))
            resumed = Resumed(recalled["opened_at_ns"], recalled["sequence"], gaps, recalled.get("paused", False))
            self.engine.resume(geometry, recalled, clock.monotonic_ns() - resumed.opened_at_ns)
        else:
            self.engine.begin(geometry, self._description(geometry), now_ns=0)
        pool = self.engine.holdings.pool
        self.keeper.ladder.on("buffers", lambda: pool.limit(0), lambda: pool.limit(ALL_BYTES))
        if paced:
            if self.options.archive:
                self._remembered = Remembering(self.memory, self.keeper.ladder, lossless=self.source.lossless)
            ring = Ring(self.source.name, self.options.ring_bytes, shared=self.options.share)
            self._live = LiveRun(
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
            )
            verified.live = self._live
            self._live.start()
            # A loop that is left without closing the watch must not leave it capturing behind.
            weakref.finalize(self, self._live.stop)
        else:
            self._recorded = run_recorded(
                self.source,
                self.engine,
                self._buffer,
                self._perceiver,
                geometry,
                lambda: self._stopped,
                self._cost,
                Isolation(self.engine, strict=self._strict),
                self.keeper,
            )

    def _echo_test(self) -> Callable[[str], bool]:
        """Whether a line on the screen is our own; only asked where our terminal could not be blanked."""
        terminal = getattr(self.source, "terminal", None)
        blanked = isinstance(terminal, Terminal) and bool(terminal.windows)
        elsewhere = self.source.name.startswith("x11:") and self.source.name != f"x11:{os.environ.get('DISPLAY')}"
        if not self.options.text or blanked or elsewhere or not self.source.live or self.options.include_self:
            return lambda text: False
        self.sees_itself = True
        if sys.stderr.isatty():
            why = terminal.how if isinstance(terminal, Terminal) else f"{self.source.name} cannot tell windows apart"
            log.warning(
                "our own terminal cannot be blanked (%s): lines printed here are known by their words only", why
            )
        return self._printed.is_echo

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
        if self.sees_itself:
            self._printed.add(line)

    def _description(self, geometry: Geometry) -> dict[str, Any]:
        return {
            "geometry": {"x": geometry.x, "y": geometry.y, "width": geometry.width, "height": geometry.height},
            "scale": geometry.scale,
            "monitor": geometry.monitor,
            "kernels": {"implementation": kernels.IMPLEMENTATION, "reason": kernels.REASON},
            "source_kind": type(self.source).__name__.removesuffix("Source").lower(),
            "text_engine": self._reader.name if self._reader else None,
            "capture": self.source.describe(),
        }

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
        since = (self._live.capturing_since_ns, self._live.reading_since_ns) if self._live else ()
        now_ns = clock.monotonic_ns()
        return max((now_ns - each for each in since if each is not None), default=0) / clock.SECOND

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


class _Cost:
    """What a watch has cost up to now, for its summary. It does not know the watch, which its threads outlive."""

    def __init__(self, queue: EventQueue, keeper: Keeper, engine: TextEngine | None) -> None:
        self._queue, self._keeper, self._engine = queue, keeper, engine
        self._unread_before = lines_unread(engine)  # an engine may have served another watch
        self._cpu_started_s = _cpu_s()

    @property
    def cpu_s(self) -> float:
        return _cpu_s() - self._cpu_started_s

    def __call__(self) -> dict[str, Any]:
        cost: dict[str, Any] = {"cpu_s": round(self.cpu_s, 3)}
        if self._queue.dropped:
            cost["events_dropped"] = dict(self._queue.dropped)
        unread = lines_unread(self._engine) - self._unread_before
        if unread:
            cost["lines_unread"] = unread
        cost["memory"] = memory_told(self._keeper)
        return cost


class _Verified:
    """When a live screen was last seen. It does not know the watch, either."""

    live: LiveRun | None = None

    def __call__(self) -> float | None:
        return self.live.seconds_since_verified if self.live else None


def watch(source: Any = "screen", **options: Any) -> Watch:
    """Watch ``source`` and iterate over its events; keyword arguments are those of ``WatchOptions``.

    source: ``screen``, ``x11:DISPLAY``, a path to a video, image or folder of images, an iterable of (h, w, 3|4) uint8
        arrays, or a Source
    """
    return Watch(source, WatchOptions(**options))


async def awatch(source: Any = "screen", **options: Any) -> AsyncIterator[Event]:
    """The asyncio twin of ``watch``: the same events, without blocking the loop."""
    import asyncio  # noqa: PLC0415 - four MB that most watches do without

    # A thread of its own: those that the loop shares may all be waiting for other screens.
    own = ThreadPoolExecutor(1, "ironcliw-awatch")
    opening = own.submit(watch, source, **options)
    try:
        running = await asyncio.wrap_future(opening)
        loop = asyncio.get_running_loop()
        while (event := await loop.run_in_executor(own, next, running, None)) is not None:
            yield event
    finally:
        opening.add_done_callback(_stop_opened)  # which frees the thread, where it waits for an event
        closing = own.submit(_close_opened, opening)
        own.shutdown(wait=False)
        # Shielded: a cancelled task must still give the screen back.
        await asyncio.shield(asyncio.wrap_future(closing))


def _opened(opening: Future[Watch]) -> Watch | None:
    failed = opening.cancelled() or opening.exception() is not None
    return None if failed else opening.result()


def _stop_opened(opening: Future[Watch]) -> None:
    if (running := _opened(opening)) is not None:
        running.stop()


def _close_opened(opening: Future[Watch]) -> None:
    if (running := _opened(opening)) is not None:
        running.close()


def wait(
    condition: Sequence[str | Condition] | str | Condition,
    source: Any = "screen",
    *,
    timeout_s: float | None = None,
    new: bool = False,
    **options: Any,
) -> Event | None:
    """Wait until a condition (or any of several) is met; its alert, or None on timeout or at the source's end.

    new: whether what is met already at the start does not count
    """
    with watch(source, when=condition, now=not new, **options) as running:
        return first_alert(running, timeout_s)


def first_alert(running: Watch, timeout_s: float | None = None) -> Event | None:
    """The first alert of a running watch; None where ``timeout_s`` passed or the source ended without one."""
    if timeout_s is not None and not 0 <= timeout_s <= _LONGEST_WAIT_S:
        raise SettingsError(f"timeout_s must be 0 to {_LONGEST_WAIT_S}, not {timeout_s}")
    deadline_ns = None if timeout_s is None else clock.monotonic_ns() + int(timeout_s * clock.SECOND)
    while not running.ended:
        left_s = 1.0 if deadline_ns is None else (deadline_ns - clock.monotonic_ns()) / clock.SECOND
        if left_s <= 0:
            return None
        event = running.get(min(left_s, 1.0))
        if event is not None and event.type == "alert":
            return event
        if event is not None and event.type == "summary":
            return None
    return None


def _command_line() -> list[str]:
    """How we were called, as it stands in the terminal."""
    program, *arguments = sys.argv or [""]
    return [Path(program).parent.name if Path(program).name == "__main__.py" else program, *arguments]


def _text_threads(options: WatchOptions) -> int:
    """As given; else two, more of which hardly make a line sooner, or one where no more may run at once."""
    return options.threads or min(2, Runtime.here().worker_threads)


def _no_events() -> Generator[Event]:
    yield from ()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _recording_id(source: Source, geometry: Geometry) -> str:
    """The same recording has the same event ids every time; another one has others, as far as its name tells."""
    name = Path(source.name).name if os.sep in source.name else source.name
    return f"{zlib.crc32(f'{name} {geometry.width}x{geometry.height}'.encode()):08x}"
