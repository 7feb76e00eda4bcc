"""Many sources at once: each is watched by a watch of its own, and what they tell comes as one row of events.

    with ManyWatch([Named("desk", "vnc://desk:5901", WatchOptions(fps=2)), ...]) as many:
        for event in many:            # event.source is "desk"
            print(event)

They share one engine for text, which reads for one after the other: two cores read no faster for being asked by
sixteen. A source that cannot be opened, or whose watch ends with an error, is told by a ``gap`` of reason ``failed``
and tried again, after 2 to 60 s; the others go on.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from ironcliw import clock
from ironcliw.errors import ConditionError, IroncliwError, SettingsError
from ironcliw.event import Event
from ironcliw.monitor.cost import used_cpu_s
from ironcliw.monitor.event_stream import EventStream
from ironcliw.monitor.failures import Failures
from ironcliw.monitor.many_metrics import ManyMetrics
from ironcliw.monitor.named import Begun, Follow, Handed, Named
from ironcliw.monitor.runtime import Runtime
from ironcliw.monitor.shared_engine import SharedEngine
from ironcliw.monitor.watching import Watch
from ironcliw.rule import RuleSet
from ironcliw.source import open_source
from ironcliw.text import open_engine

log = logging.getLogger("ironcliw.monitor")

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0
_WAITING = 4096
"""Events that wait to be taken; then their sources wait too."""
_JOIN_S = 15.0


class ManyWatch(EventStream):
    """Watches all of ``named`` until ``stop``. SettingsError where two share a name, or there is none.

    handed: where the same stood when they were lost
    follow: takes what each watch tells, in a thread of its own; None: ``get`` and the iterator give it
    tell: takes what is told of sources that cannot be watched; None: likewise
    """

    def __init__(
        self,
        named: Sequence[Named],
        *,
        handed: Handed | None = None,
        follow: Follow | None = None,
        tell: Callable[[Event], None] | None = None,
    ) -> None:
        names = [each.name for each in named]
        if not names or len(set(names)) < len(names):
            raise SettingsError("several sources need a name each, and no two the same" if names else "no source named")
        self.names = tuple(names)
        self._handed = handed or Handed()
        self._events: queue.Queue[Event | None] = queue.Queue(_WAITING)
        self._follow = follow or self._put_all
        self._tell = tell or self._events.put
        self._stop = threading.Event()
        self._lock = threading.RLock()
        self._watches: dict[str, Watch] = {}
        self._armed: dict[str, tuple[str, bool, str | None]] = {}
        self._paused = False
        named = [each for each in named if each.name not in self._handed.done]
        self._left = len(named)
        self._unsettled = {each.name for each in named}
        self._settled = threading.Event()
        self._cpu_started_s = used_cpu_s()
        self.metrics = ManyMetrics(self.names, lambda: self.watches)
        """The numbers of all; see ``docs/reference/metrics.md``."""
        engine = None
        if any(each.options.text for each in named):
            threads = min(2, Runtime.here().worker_threads)
            engine = SharedEngine(open_engine(threads, "paddle"))
        self._seats = {} if engine is None else {each.name: engine.seat() for each in named if each.options.text}
        self._threads = [
            threading.Thread(target=self._watch, args=(each,), name=f"ironcliw-{each.name}", daemon=True)
            for each in named
        ]
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> bool:
        """Whether all have ended and every event was taken."""
        return self._left == 0 and self._events.empty()

    @property
    def stopping(self) -> bool:
        """Whether they were told to end."""
        return self._stop.is_set()

    @property
    def watches(self) -> dict[str, Watch]:
        """Those that are watched now, by their names."""
        with self._lock:
            return dict(self._watches)

    def get(self, timeout_s: float) -> Event | None:
        """The next event of any of them; None where none came in time."""
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def wait_settled(self, timeout_s: float) -> bool:
        """Wait until each was opened or has failed once; whether that came."""
        return not self._unsettled or self._settled.wait(timeout_s)

    def wait_ended(self, timeout_s: float) -> bool:
        """Wait until all have ended; whether that came."""
        deadline_ns = clock.monotonic_ns() + round(timeout_s * clock.SECOND)
        for thread in self._threads:
            thread.join(max(0.0, (deadline_ns - clock.monotonic_ns()) / clock.SECOND))
        return self._left == 0

    # -- what is asked of all of them --------------------------------------------------------------------------

    @property
    def sees_itself(self) -> bool:
        """Whether our own lines may be on one of the screens; see ``Watch``."""
        return any(watch.sees_itself for watch in self.watches.values())

    def printed(self, line: str) -> None:
        """A line was printed by us; see ``Watch``."""
        for watch in self.watches.values():
            watch.printed(line)

    @property
    def cpu_s(self) -> float:
        """CPU seconds this process has used since this was made."""
        return used_cpu_s() - self._cpu_started_s

    @property
    def seconds_since_verified(self) -> float | None:
        """Of the source that was not seen for longest; None while there is one that was not seen yet, or is no more."""
        seen = [watch.seconds_since_verified for watch in self.watches.values() if watch.paced]
        known = [each for each in seen if each is not None]
        return max(known, default=None) if len(seen) == len(known) and len(self.watches) == self._left else None

    @property
    def busy_s(self) -> float:
        """How long one of the threads has been at one thing; what waits for the shared engine is at nothing."""
        now_ns = clock.monotonic_ns()
        since = [each for name, watch in self.watches.items() for each in self._busy_since(name, watch)]
        return max((now_ns - each for each in since), default=0) / clock.SECOND

    def _busy_since(self, name: str, watch: Watch) -> list[int]:
        capturing_ns, reading_ns = watch.busy_since_ns
        if (seat := self._seats.get(name)) is not None:
            reading_ns = seat.busy_since_ns(reading_ns)
        return [each for each in (capturing_ns, reading_ns) if each is not None]

    def pause(self) -> None:
        """Capture nothing of any of them until ``resume``."""
        with self._lock:
            self._paused = True
            for watch in self._watches.values():
                watch.pause()

    def resume(self) -> None:
        """End a pause."""
        with self._lock:
            self._paused = False
            for watch in self._watches.values():
                watch.resume()

    def arm(self, key: str, condition: str, *, now: bool, screen: str | None = None) -> None:
        """Watch for one more condition on each, or on one ``screen``; see ``Watch.arm``. Raises what that raises where
        none can take it, SettingsError for a screen that is none of these."""
        RuleSet(condition, now=now)  # whether it is one
        if screen not in (None, *self.names):
            raise SettingsError(f"{screen!r:.60} is none of {', '.join(self.names)}")
        with self._lock:
            asked = [watch for name, watch in self._watches.items() if screen in (None, name)]
            refused = [error for watch in asked if (error := _armed(watch, key, condition, now))]
            if refused and len(refused) == len(asked):
                raise refused[0]
            self._armed[key] = (condition, now, screen)

    def disarm(self, key: str) -> bool:
        """Take an armed condition back; whether there was one."""
        with self._lock:
            self._armed.pop(key, None)
            return sum(watch.disarm(key) for watch in self._watches.values()) > 0

    # -- their end ---------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End all; their summaries can still be had."""
        self._stop.set()
        for watch in self.watches.values():
            watch.stop()

    def close(self) -> None:
        """End all, and wait until each has given back what it held."""
        self.stop()
        deadline_ns = clock.monotonic_ns() + round(_JOIN_S * clock.SECOND)
        for thread in self._threads:
            while thread.is_alive() and clock.monotonic_ns() < deadline_ns:
                self.get(0)  # one that waits to tell something must come to its end
                thread.join(0.02)

    # -- the threads -------------------------------------------------------------------------------------------

    def _watch(self, named: Named) -> None:
        teller = Failures(named.name, self._tell, failing=named.name in self._handed.failing)
        retry_s = FIRST_RETRY_S
        try:
            while not self._stop.is_set():
                try:
                    self._once(named, teller)
                except (SettingsError, ConditionError) as error:
                    teller.failed(str(error))  # trying again would change nothing
                    return
                except IroncliwError as error:
                    teller.failed(str(error))
                except Exception as error:  # noqa: BLE001 - one broken source must not end the others
                    log.warning("%s: %s", named.name, type(error).__name__)
                    teller.failed(f"an unexpected {type(error).__name__}")
                else:
                    return
                self._settle(named.name)
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        finally:
            self._settle(named.name)
            with self._lock:
                self._left -= 1

    def _settle(self, name: str) -> None:
        with self._lock:
            self._unsettled.discard(name)
            if not self._unsettled:
                self._settled.set()

    def _once(self, named: Named, teller: Failures) -> None:
        """Watch until the end, or an error."""
        options, name = named.options, named.name
        if (seat := self._seats.get(name)) is not None:
            options = replace(options, engine=seat)
        source = open_source(
            named.source,
            monitor=options.monitor,
            fps=options.fps,
            include_self=options.include_self,
            exclude=options.exclude,
            interval_s=options.interval_s,
            probe_interval_s=options.probe_interval_s,
            password_file=named.password_file,
        )
        source.name = name
        # What is left out is the source's business by now; a source that is given ready knows of no windows.
        with Watch(source, replace(options, exclude=()), recall=self._handed.recall.get(name)) as watch:
            self._enter(name, watch)
            try:
                teller.back()
                self._follow(Begun(name, watch, self._handed.recall.pop(name, None)))
            finally:
                self._leave(name, watch)

    def _enter(self, name: str, watch: Watch) -> None:
        with self._lock:
            self._watches[name] = watch
            if self._paused:
                watch.pause()
            for key, (condition, now, screen) in self._armed.items():
                if screen in (None, name):
                    _armed(watch, key, condition, now)
            if self._stop.is_set():
                watch.stop()
        self._settle(name)

    def _leave(self, name: str, watch: Watch) -> None:
        with self._lock:
            del self._watches[name]
        self.metrics.keep(name, watch)

    def _put_all(self, begun: Begun) -> None:
        for event in begun.watch:
            self._events.put(event)


def _armed(watch: Watch, key: str, condition: str, now: bool) -> IroncliwError | None:
    """Arm it there; why that cannot be, where it cannot."""
    try:
        watch.arm(key, condition, now=now)
    except IroncliwError as error:
        return error
    return None
