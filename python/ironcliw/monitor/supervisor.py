"""Keeps a watch going whatever ends the process that does it: starts it, hears it, and starts it again.

    supervisor = Supervisor(deliver, log_level="info")
    supervisor.start()                              # the child loads while the settings are read
    supervisor.begin("screen", {"when": ["error"]})
    supervisor.stop(); supervisor.join()

A child that crashes, is killed or gives no sign of life is replaced at once. What it had told is not told again: each
message of events brings what the next child has to know. A recording that is read at full pace is read again from its
start, as it tells the same every time, and what was told is left out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ironcliw import clock, errors
from ironcliw.errors import EngineError, IroncliwError
from ironcliw.event import Event
from ironcliw.monitor.lost import LostTeller
from ironcliw.monitor.lost_many import LostTellers
from ironcliw.monitor.process import NATIVE_CRASHES, EngineProcess, how_it_ended
from ironcliw.monitor.restarts import Restarts
from ironcliw.monitor.spare import Spare

log = logging.getLogger("ironcliw.monitor")

START_S = 60.0
SILENT_S = 8.0
"""A child that says nothing for so long hangs; it says something every 2.5 s."""
BUSY_S = 60.0
"""A child whose capturing or reading has been at one thing for so long hangs."""
STOP_S = 4.5
_MOST_TRIES = 8
_LATE_S = 2.0


@dataclass(slots=True)
class Status:
    """What is known of the child. ``beat``: what it said of itself last, at ``beat_at_ns`` of the monotonic clock."""

    pid: int | None = None
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    beat: dict[str, Any] = field(default_factory=dict[str, Any])
    beat_at_ns: int | None = None
    restarts: int = 0


class _Lost(Exception):  # noqa: N818 - no error of anybody's
    """The child is of no use any more. ``reason``: as it stands in the gap."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Supervisor:
    """One watch and the children that do it, one after the other. ``deliver`` takes each event, and may wait."""

    def __init__(self, deliver: Callable[[Event], None], ended: Callable[[BaseException | None], None]) -> None:
        self.status = Status()
        self.ready = threading.Event()
        """The source is open, or it is clear that it will not be."""
        self.error: BaseException | None = None
        self.armed: Callable[[], list[dict[str, Any]]] = list
        """What a child that begins is to arm."""
        self._deliver, self._ended = deliver, ended
        self._told: LostTeller | LostTellers = LostTeller(deliver)
        self._restarts = Restarts()
        self._child: EngineProcess | None = None
        self.spare = Spare()
        self._begin: dict[str, Any] | None = None
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self.paused = False
        self.actions: dict[str, Any] | None = None
        """What the child is to say of our actions among its metrics."""
        self._paced = True
        self._stuck = 0
        # The child is bound to the thread that starts it, so that is one which ends when the watch does.
        self._thread = threading.Thread(target=self._run, name="ironcliw-supervisor", daemon=True)

    def start(self) -> None:
        """Start the first child; ``begin`` tells it what to do."""
        self._thread.start()

    def begin(self, begin: dict[str, Any]) -> None:
        """What the children do: ``source``, ``options``, ``argv`` and ``log_level``, JSON values.

        Without a ``source`` they watch all [[screen]] tables of the settings.
        """
        if begin["source"] is None:
            self._told = LostTellers(self._deliver)
        self._begin = begin
        self._begun.set()

    def tell(self, message: dict[str, Any]) -> None:
        """Say something to the child that runs now."""
        if (child := self._child) is not None:
            child.tell(message)

    def pause(self, paused: bool) -> None:
        """Capture nothing, or go on; what is started meanwhile keeps to it."""
        self.paused = paused
        self.tell({"paused": paused})

    def stop(self) -> None:
        """Ask for the end; a child that does not come to it within 4.5 s is killed."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._begun.set()
        self.tell({"stop": True})
        timer = threading.Timer(STOP_S, self.kill)
        timer.daemon = True
        timer.start()

    def kill(self) -> None:
        """End the child at once."""
        if self._stopping.is_set() and (child := self._child) is not None:
            child.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of it all; whether that came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def _options(self) -> dict[str, Any]:
        return (self._begin or {}).get("options", {})

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._keep_going()
        except IroncliwError as error:
            self.error = error
        except Exception as error:
            log.debug("the supervisor failed", exc_info=True)
            self.error = error
        finally:
            self._child = None
            self.spare.end()
            self.ready.set()
            self._ended(self.error)

    def _keep_going(self) -> None:
        while (lost := self._lose_one()) is not None:
            if self._stopping.is_set():
                self._told.summary(self._restarts.count + 1)
                return
            self._give_up_or_wait(*lost)

    def _lose_one(self) -> tuple[str, str, bool] | None:
        """One child from its start to its end: None where that was a good one, else how it was lost.

        That is the gap's reason, its detail, and whether native code crashed.
        """
        kernels = self._restarts.kernels
        child = self._child = self.spare.take(kernels) or EngineProcess(kernels)
        self.status.pid = child.pid
        try:
            self._begun.wait()
            if self._begin is not None:
                self._follow(child)
            return None
        except _Lost as lost:
            code = child.end(0.0 if lost.reason == "hung" else 1.0)
            native = lost.reason == "crashed" and -code in NATIVE_CRASHES
            return lost.reason, lost.detail or how_it_ended(code), native
        finally:
            child.end(STOP_S)
            self.status.pid = None
            self.status.beat = {**self.status.beat, "cpu_s": 0.0}  # the system counts that of dead children

    def _give_up_or_wait(self, reason: str, detail: str, native: bool) -> None:
        """Say that the child was lost, and wait until the next may be started."""
        changed = self._restarts.crashed(native=native)
        self.status.restarts = self._restarts.count
        self._stuck += 1
        if self._paced and self._told.begun:
            self._told.gap(reason, f"the engine was lost ({detail}) and is started again", self.paused)
        elif self._stuck >= _MOST_TRIES:
            raise EngineError(f"the engine was lost {self._stuck} times at the same place, at last: {detail}")
        elif native and self._stuck >= 3 and self._restarts.kernels is None:
            self._restarts.kernels = "reference"
            changed = True
        log.warning("the engine was lost (%s) and is started again", detail)
        if changed:
            log.warning("native code keeps crashing: from now on the reference kernels compute, which are slower")
        self._stopping.wait(self._restarts.delay_s())

    def _follow(self, child: EngineProcess) -> None:
        """Take in what the child says until it has come to its end; _Lost where it does not."""
        handed = self._told.handed(paced=self._paced, paused=self.paused)
        child.tell({"begin": {**(self._begin or {}), **handed, "armed": self.armed()}})
        if self._stopping.is_set():
            child.tell({"stop": True})
        timeout_s = START_S
        while True:
            head, payload = self._hear(child, timeout_s)
            if "events" in head:
                self._stuck = 0
                self._told.take(head, [Event.from_json(line) for line in payload.splitlines()], self.status)
            elif "beat" in head:
                self._take_beat(head["beat"])
            elif "ready" in head:
                timeout_s = SILENT_S
                self._take_ready(child, head["ready"])
            elif "error" in head:
                self._fail(head["error"], opened=timeout_s == SILENT_S)
            elif "failed" in head:
                if not self.ready.is_set():
                    raise EngineError(f"the engine cannot be started: it fails with {head['failed']}")
                raise _Lost("crashed", f"it failed with {head['failed']}")
            elif "end" in head:
                return

    def _hear(self, child: EngineProcess, timeout_s: float) -> tuple[dict[str, Any], bytes]:
        while True:
            began_ns = clock.monotonic_ns()
            try:
                message = child.hear(timeout_s)
            except TimeoutError:
                if clock.monotonic_ns() - began_ns > (timeout_s + _LATE_S) * clock.SECOND:
                    continue  # we were stopped ourselves, and so perhaps was the child
                raise _Lost("hung", f"no sign of life for {timeout_s:.0f} s") from None
            if message is None:
                raise _Lost("crashed", "")
            return message

    def _take_ready(self, child: EngineProcess, about: dict[str, Any]) -> None:
        self.status.about = about
        self._paced = about["paced"]
        self.ready.set()
        if self.paused:
            child.tell({"paused": True})
        if self.actions is not None:
            child.tell({"actions": self.actions})

    def _take_beat(self, beat: dict[str, Any]) -> None:
        self.status.beat, self.status.beat_at_ns = beat, clock.monotonic_ns()
        self._told.heard(beat)
        if beat["pressed"]:
            self.spare.end()
        elif self._paced and self._told.begun:
            self.spare.keep(EngineProcess, self._restarts.kernels, text=bool(self._options.get("text", True)))
        if beat["busy_s"] > BUSY_S:
            raise _Lost("hung", f"busy with one thing for {beat['busy_s']:.0f} s")

    def _fail(self, error: dict[str, str], *, opened: bool) -> None:
        """The child ended with an error of ours: raise it, unless the source may come back."""
        kind: Any = getattr(errors, error["type"], IroncliwError)
        if self._told.begun and self._paced and not opened and issubclass(kind, errors.SourceError):
            raise _Lost("lost", error["message"])
        try:
            raised = kind.__new__(kind)
            raised.args = (error["message"],)
        except TypeError:  # one that is also a built-in error with a constructor of its own
            raised = kind(error["message"])
        raise raised
