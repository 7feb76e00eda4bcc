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
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock, kernels
from ironcliw.change import LARGEST_THRESHOLD, LOSSY_THRESHOLD
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.frame import Geometry
from ironcliw.memory import Keeper, Ledger
from ironcliw.memory.pool import ALL_BYTES
from ironcliw.monitor.engine import Engine, EngineSetup
from ironcliw.monitor.holding import check_address_space, memory_told
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.recorded import run_recorded
from ironcliw.rule import Condition, RuleSet
from ironcliw.source import Source, open_source
from ironcliw.source.echo import PrintedLines, Terminal
from ironcliw.text import TextEngine, Thrifty, open_engine

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
    engine: what reads the text; None opens the default one. It may be handed from one watch to the next (what it has
        read before it knows), not to two at the same time
    threshold: squared RGB distance that a pixel must exceed to count as changed on lossy video
    settle_ms: a changed region is read once it has stood still for this long ...
    reads_per_s: ... and while it keeps moving, this often at most
    probe_interval_s: seconds between looks at a screen that reports no change
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
    engine: TextEngine | None = None
    threshold: int = LOSSY_THRESHOLD
    settle_ms: int = 100
    reads_per_s: float = 5.0
    probe_interval_s: float = 1.0
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

    def __init__(self, source: Any = "screen", options: WatchOptions | None = None) -> None:
        self.options = options or WatchOptions()
        self.rules = RuleSet(self.options.when, now=self.options.now)
        if self.rules.needs_text and not self.options.text:
            raise SettingsError("a condition about text can never be met where text is not read")
        reader = (self.options.engine or open_engine(self.options.threads)) if self.options.text else None
        self.memory = self.options.memory or Ledger()
        """What each room may hold, and holds."""
        self.keeper = Keeper(self.memory)
        """Keeps it so; other rooms go on its ladder."""
        check_address_space(self.memory.machine, read_text=reader is not None)
        self._perceiver = self._perceiving(reader)
        self._engine_name = reader.name if reader else None
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
        self._stopped = False
        self._finished = False
        self._queue = EventQueue(account=self.memory.account("events"))
        self._cost = _Cost(self._queue, self.keeper)
        self._live: LiveRun | None = None
        self._recorded: Generator[Event] = _no_events()
        self._buffer: deque[Event] = deque()
        geometry = self.source.open()
        try:
            self._begin(geometry)
        except BaseException:
            self.source.close()
            raise

    def _perceiving(self, reader: TextEngine | None) -> Perceiver:
        if reader is None:
            return Perceiver(read_nothing)
        if not isinstance(reader, Thrifty):
            return Perceiver(reader.read)
        reader.hold(self.memory)
        self.keeper.ladder.on("caches", reader.shrink, reader.grow)
        return Perceiver(reader.read, reader.rest, reader.give_up)

    def _begin(self, geometry: Geometry) -> None:
        paced = self.source.live or self.options.pace == "real"
        setup = EngineSetup(
            source=self.source.name,
            run=secrets.token_hex(4) if paced else _recording_id(self.source, geometry),
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
        self.engine = Engine(setup, self._queue.put if paced else self._buffer.append)
        self.engine.begin(geometry, self._description(geometry), now_ns=0)
        pool = self.engine.holdings.pool
        self.keeper.ladder.on("buffers", lambda: pool.limit(0), lambda: pool.limit(ALL_BYTES))
        if paced:
            self._live = LiveRun(
                self.source, self.engine, self._queue, self._perceiver, geometry, self._cost, self.keeper
            )
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
            "text_engine": self._engine_name,
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

    @property
    def ended(self) -> bool:
        """Whether the watch has ended and all its events were taken."""
        return self._finished

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the live screen was last captured or probed; None before the first time."""
        return self._live.seconds_since_verified if self._live else None

    @property
    def cpu_s(self) -> float:
        """CPU seconds this process has used since the watch began."""
        return self._cost.cpu_s

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the screen as it was last looked at, (h, w, 4) uint8 BGRX."""
        return self.engine.snapshot() if self._live is None else self._live.snapshot()

    def stop(self) -> None:
        """End the watch; the events up to now and the summary can still be had."""
        self._stopped = True
        if self._live is not None:
            self._live.stop()

    def close(self) -> None:
        """End the watch and give everything back."""
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


class _Cost:
    """What a watch has cost up to now, for its summary. It does not know the watch, which its threads outlive."""

    def __init__(self, queue: EventQueue, keeper: Keeper) -> None:
        self._queue = queue
        self._keeper = keeper
        self._cpu_started_s = _cpu_s()

    @property
    def cpu_s(self) -> float:
        return _cpu_s() - self._cpu_started_s

    def __call__(self) -> dict[str, Any]:
        cost: dict[str, Any] = {"cpu_s": round(self.cpu_s, 3)}
        if self._queue.dropped:
            cost["events_dropped"] = dict(self._queue.dropped)
        cost["memory"] = memory_told(self._keeper)
        return cost


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


def _no_events() -> Generator[Event]:
    yield from ()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _recording_id(source: Source, geometry: Geometry) -> str:
    """The same recording has the same event ids every time; another one has others, as far as its name tells."""
    name = Path(source.name).name if os.sep in source.name else source.name
    return f"{zlib.crc32(f'{name} {geometry.width}x{geometry.height}'.encode()):08x}"
