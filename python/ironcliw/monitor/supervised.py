"""A watch whose engine runs in a process of its own, which is replaced when it crashes: the events go on.

with SupervisedWatch("screen", {"when": ["text:BUILD FAILED"]}) as running:
    for event in running:
        print(event)

It is used like ``Watch``. Nothing here loads NumPy.
"""

from __future__ import annotations

import os
import queue
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.errors import ForkedError, SettingsError
from ironcliw.event import Event
from ironcliw.monitor.event_stream import EventStream
from ironcliw.monitor.supervisor import STOP_S, Status, Supervisor

if TYPE_CHECKING:
    from ironcliw.store import EventLog

_WAITING = 4096
"""Events that wait to be taken: when these are reached, the child waits, and its own queue drops and counts."""


class SupervisedWatch(EventStream):
    """A running watch. ``options`` are those of ``WatchOptions``, but for ``engine``; conditions may be strings or not.

    Without ``source`` it only loads: ``begin`` then says what to watch. Raises what ``Watch`` raises, and EngineError
    where the child is lost each time it is started.
    """

    _patience_s = 3600.0

    def __init__(
        self,
        source: str | os.PathLike[str] | None = None,
        options: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        log_level: str | None = None,
    ) -> None:
        self._events: queue.Queue[Event | None] = queue.Queue(_WAITING)
        self._log: EventLog | None = None
        self._decided = threading.Event()
        self._owner = os.getpid()
        self._finished = False
        self._abandoned = False
        self._error: BaseException | None = None
        self._met: Callable[[Event], None] = _to_nobody
        self._cpu_started_s = _own_cpu_s()
        self._supervisor = Supervisor(self._deliver, self._end)
        self._supervisor.start()
        if source is not None:
            self.begin(source, options or {}, settings=settings, log_level=log_level)

    def begin(
        self,
        source: str | os.PathLike[str] | None,
        options: Mapping[str, Any],
        *,
        settings: Mapping[str, Any] | None = None,
        log_level: str | None = None,
        answer: Mapping[str, Any] | None = None,
        keep: Callable[[Mapping[str, Any]], EventLog | None] | None = None,
    ) -> None:
        """Watch ``source``; returns once it is open. None: all [[screen]] tables of the settings, each tried once.

        options: of ``WatchOptions``; for all screens only ``rules_state``, with which the names of their files begin
        settings: ``{"config": PATH or None}`` has the child load them for the options that were not given
        log_level: of the child; None takes it from the settings, else ``warning``
        answer: how the child answers others; see ``answers``
        keep: asked once with what the child told of itself: the log where every event is kept before it counts as told
        """
        try:
            spec = None if source is None else _spec(source)
            given = {"source": spec, "options": _plain(options), "argv": sys.argv, "log_level": log_level}
            self._supervisor.begin({**given, "settings": settings, "answer": answer})
            self._supervisor.ready.wait()
            if self._supervisor.error is not None:
                raise self._supervisor.error
            self._log = None if keep is None else keep(self.status.about)
            self._decided.set()
        except BaseException:
            self.kill()
            raise

    def follow_armed(self, armed: Callable[[], list[dict[str, Any]]], met: Callable[[Event], None]) -> None:
        """Conditions that somebody arms in the child: ``armed`` says which, for a child that is started again.

        armed: objects of ``id``, ``condition`` and ``now``, as ``Watch.arm`` takes them; called from another thread
        met: takes the alerts about them, which are not among the events; called from another thread, and must not wait
        """
        self._supervisor.armed, self._met = armed, met

    @property
    def status(self) -> Status:
        """What is known of the child."""
        return self._supervisor.status

    @property
    def name(self) -> str:
        """The source's name, as it stands in events."""
        return str(self.status.about.get("source", ""))

    @property
    def sees_itself(self) -> bool:
        """Whether our own lines may be on the watched screen; see ``Watch``."""
        return bool(self.status.beat.get("sees_itself", self.status.about.get("sees_itself")))

    @property
    def screens(self) -> tuple[str, ...]:
        """The names of the screens where all of the settings are watched; none for a single source."""
        return tuple(self.status.about.get("screens", ()))

    def screen_verified_s(self, name: str) -> float | None:
        """As ``seconds_since_verified``, of one of the ``screens``."""
        verified_ns = self.status.beat.get("screens", {}).get(name, {}).get("verified_at_ns")
        return None if verified_ns is None else (clock.monotonic_ns() - verified_ns) / clock.SECOND

    def printed(self, line: str) -> None:
        """A line is about to be printed by us; see ``Watch``."""
        if self.sees_itself:
            self._supervisor.tell({"printed": line})

    def _check_owner(self) -> None:
        if os.getpid() != self._owner:
            raise ForkedError(f"this watch belongs to process {self._owner}: start another one after a fork")

    def get(self, timeout_s: float) -> Event | None:
        """The next event, or None when none came in time or there is no more. Raises what ended the watch."""
        self._check_owner()
        if self._finished:
            return None
        try:
            event = self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if event is None:
            self._finished = True
            if self._error is not None:
                raise self._error
        return event

    @property
    def ended(self) -> bool:
        """Whether the watch has ended and all its events were taken."""
        return self._finished

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the live screen was last captured or probed, as far as the child has said; None before."""
        verified_ns = self.status.beat.get("verified_at_ns")
        return None if verified_ns is None else (clock.monotonic_ns() - verified_ns) / clock.SECOND

    @property
    def cpu_s(self) -> float:
        """CPU seconds since the watch began: ours, those of lost children, and what the child has said of its own."""
        return _own_cpu_s() - self._cpu_started_s + float(self.status.beat.get("cpu_s", 0.0))

    @property
    def paused(self) -> bool:
        """Whether capturing was paused."""
        return self._supervisor.paused

    def pause(self) -> None:
        """Capture nothing until ``resume``."""
        self._check_owner()
        self._supervisor.pause(True)

    def resume(self) -> None:
        """End a pause."""
        self._check_owner()
        self._supervisor.pause(False)

    def tell_actions(self, counts: dict[str, Any]) -> None:
        """What became of the events that were handed to actions, for the metrics of the watch; JSON values."""
        self._supervisor.actions = counts
        self._supervisor.tell({"actions": counts})

    def stop(self) -> None:
        """End the watch; the events up to now and the summary can still be had."""
        self._check_owner()
        self._supervisor.stop()

    def kill(self) -> None:
        """End the watch at once, without a summary; nothing in a forked child."""
        if os.getpid() != self._owner:
            return
        self._abandoned = True
        self._supervisor.stop()
        self._supervisor.kill()
        self._supervisor.join(STOP_S)

    def close(self) -> None:
        """End the watch and the child; nothing in a forked child."""
        if os.getpid() != self._owner:
            return
        self._abandoned = True
        self._supervisor.stop()
        if not self._supervisor.join(STOP_S + 1):
            self.kill()

    def _deliver(self, event: Event) -> None:
        if "armed" in event.data:
            self._met(event)
            return
        while not self._decided.wait(0.5):
            if self._abandoned:
                return
        if self._log is not None:
            event = self._log.record(event)
        while not self._abandoned:
            try:
                self._events.put(event, timeout=0.5)
            except queue.Full:
                continue
            return

    def _end(self, error: BaseException | None) -> None:
        self._error = error
        while True:
            try:
                self._events.put(None, timeout=0.5)
            except queue.Full:
                if not self._abandoned:
                    continue
            return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            self.kill()
        else:
            self.close()


def _to_nobody(event: Event) -> None:
    pass


def _spec(source: object) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise SettingsError(
        f"a supervised watch takes a source by its name, not {type(source).__name__}: watch it in-process"
    )


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as JSON values: conditions as they are written."""
    if options.get("engine") is not None:
        raise SettingsError("a supervised watch opens its own text engine: watch in-process to hand one in")
    when = options.get("when", ())
    conditions = [when] if isinstance(when, str) or not hasattr(when, "__iter__") else list(when)
    return {**options, "when": [str(condition) for condition in conditions]}


def _own_cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
