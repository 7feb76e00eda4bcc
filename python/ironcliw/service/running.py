"""The process in the background: a supervised watch, its actions, and answers to whoever asks how it is.

service = Service(command)
service.run(ready=print)              # returns when it was stopped, or its source has ended
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.action.asking import pictures_at
from ironcliw.errors import IpcError
from ironcliw.event import Event
from ironcliw.ipc import Reply, Request, Server, socket_path
from ironcliw.monitor import SupervisedWatch
from ironcliw.service.acting import Acting, Wanted
from ironcliw.service.acting_all import ActingAll
from ironcliw.service.agent_verbs import AgentVerbs
from ironcliw.service.backlog import Backlog
from ironcliw.service.forwarding import forwarded
from ironcliw.service.gaps import Gaps
from ironcliw.service.memory import resident_bytes
from ironcliw.service.places import NameLock, state_folder, trim_log

if TYPE_CHECKING:
    from ironcliw.action.spec import Pictures
    from ironcliw.store import EventLog

log = logging.getLogger("ironcliw.service")

LONGEST_PAUSE_S = 7 * 24 * 3600
_TRIM_S = 60.0


Keep = Callable[[Mapping[str, Any], contextlib.ExitStack], "EventLog | None"]


@dataclass(frozen=True, slots=True)
class StartCommand:
    """What to watch in the background. ``source``: None for every [[screen]] of the settings.

    options: of ``WatchOptions``, those that were given; JSON values
    """

    source: str | None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    name: str = "watch"
    config: str | None = None
    log_level: str | None = None
    notify: bool = False
    exec: str | None = None
    metrics_port: int | None = None
    keep: Keep | None = None
    """Opens the log in which every event is kept before it counts as told, where the settings it is told want one."""
    then: tuple[str, ...] = ()
    heartbeat: str | None = None


class Service:
    """One watcher by its name."""

    def __init__(self, command: StartCommand) -> None:
        self._command = command
        self._since_ns, self._since_wall_ns = clock.monotonic_ns(), clock.wall_ns()
        self._counts = {"events": 0, "alerts": 0}
        self._by_screen: dict[str, dict[str, int]] = {}
        self._alert: Event | None = None
        self._kernels = ""
        self._gaps = Gaps()
        self._resume_at_ns: int | None = None
        self._resuming: threading.Timer | None = None
        self._lock = threading.Lock()
        self._running: SupervisedWatch | None = None
        self._acting: Acting | ActingAll | None = None

    def run(self, ready: Callable[[dict[str, Any]], None]) -> None:
        """Watch until told to stop. ``ready`` is called once, when the source is open and requests are answered.

        Raises ServiceError where the name is taken, IpcError, and what a watch raises.
        """
        command = self._command
        with contextlib.ExitStack() as stack:
            stack.enter_context(NameLock(command.name))
            running = self._running = stack.enter_context(SupervisedWatch())
            self._stop_on_signals(running)
            answer = socket_path(command.name).with_suffix(".engine")
            backlog = Backlog()
            event_log: Path | None = None

            def keep(about: Mapping[str, Any]) -> EventLog | None:
                nonlocal backlog, event_log
                kept = None if command.keep is None else command.keep(about["store"], stack)
                if kept is not None:
                    event_log = kept.path
                    backlog = Backlog(kept.path, kept.status().acknowledged)
                return kept

            running.begin(
                command.source,
                {"rules_state": str(state_folder() / f"{command.name}.rules.json"), **command.options},
                settings={"config": command.config},
                log_level=command.log_level,
                answer={"path": str(answer), "metrics_port": command.metrics_port},
                keep=keep,
            )
            stack.callback(answer.unlink, missing_ok=True)  # an engine that was killed leaves it behind
            verbs = stack.enter_context(contextlib.closing(AgentVerbs(running, answer, backlog, self._see)))
            forward = forwarded(answer, running.status.about["verbs"])
            handlers = {**forward, **verbs.handlers(), **self._handlers()}
            server = stack.enter_context(contextlib.closing(Server(socket_path(command.name), handlers)))
            # Entered after the server, so that 'stop' waits until what is queued was delivered.
            acting = self._acting = stack.enter_context(self._act(running, answer, event_log))
            threading.Thread(target=server.run, name="ironcliw-serving", daemon=True).start()
            log.info("watching %s as %r, pid %d", running.name, command.name, os.getpid())
            ready(self._status())
            while not running.ended:
                event = running.get(_TRIM_S)
                if event is None:
                    trim_log(command.name)
                else:
                    verbs.put(event)
                    self._take(event, acting)
        log.info("stopped")

    def _take(self, event: Event, acting: Acting | ActingAll) -> None:
        with self._lock:
            of_screen = self._by_screen.setdefault(event.source, {"events": 0, "alerts": 0})
            for counts in (self._counts, of_screen):
                counts["events"] += 1
                counts["alerts"] += event.type == "alert"
            if event.type == "alert":
                self._alert = event
        if event.type == "gap":
            log.info("gap: %s %s", event.data["reason"], event.data["state"])
            self._gaps.note(event)
        acting.take(event)

    def _act(self, running: SupervisedWatch, engine: Path, event_log: Path | None) -> Acting | ActingAll:
        command, about = self._command, running.status.about
        wanted = Wanted(command.notify, command.exec, command.then, command.heartbeat, about["action"])
        then = about.get("then", {})

        def pictures(redact: bool) -> Pictures:
            return pictures_at(engine, redact=redact)

        if running.screens:
            return ActingAll(wanted, running, then, pictures, event_log, running.tell_actions)
        return Acting(replace(wanted, rules=then), running, pictures, event_log, running.tell_actions)

    def _see(self) -> str:
        running = self._running
        assert running is not None
        return _state(self._gaps.reasons(), running, running.status.pid)

    def _stop_on_signals(self, running: SupervisedWatch) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            running.stop()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)

    # -- requests ----------------------------------------------------------------------------------------------

    def _handlers(self) -> dict[str, Callable[[Request], Reply]]:
        return {
            "status": lambda request: Reply(self._status(words=request.arguments.get("words") is True)),
            "stop": self._stop,
            "pause": self._pause,
            "resume": self._resume,
        }

    def _stop(self, request: Request) -> Reply:
        log.info("process %d asked us to stop", request.pid)
        if self._running is not None:
            self._running.stop()
        return Reply({"pid": os.getpid()})

    def _pause(self, request: Request) -> Reply:
        seconds = _seconds(request.arguments.get("seconds"))
        with self._lock:
            self._forget_pause()
            if seconds is not None:
                self._resume_at_ns = clock.monotonic_ns() + round(seconds * clock.SECOND)
                self._resuming = threading.Timer(seconds, self._go_on)
                self._resuming.daemon = True
                self._resuming.start()
        if self._running is not None:
            self._running.pause()
        return Reply(self._status())

    def _resume(self, request: Request) -> Reply:
        self._go_on()
        return Reply(self._status())

    def _go_on(self) -> None:
        with self._lock:
            self._forget_pause()
        if self._running is not None:
            self._running.resume()

    def _forget_pause(self) -> None:
        if self._resuming is not None:
            self._resuming.cancel()
        self._resuming = self._resume_at_ns = None

    def _status(self, *, words: bool = False) -> dict[str, Any]:
        """How it is, as JSON values; ``words`` adds what the last alert says, which the screen said."""
        running = self._running
        assert running is not None
        now_ns, child = clock.monotonic_ns(), running.status
        gaps = self._gaps.reasons()
        with self._lock:
            alert, resume_at_ns = self._alert, self._resume_at_ns
            counts = dict(self._counts)
        return {
            "name": self._command.name,
            "state": _state(gaps, running, child.pid),
            "pid": os.getpid(),
            "engine_pid": child.pid,
            "source": running.name,
            "since": clock.rfc3339(self._since_wall_ns),
            "running_s": round((now_ns - self._since_ns) / clock.SECOND, 3),
            "kernels": child.about.get("kernels"),
            "verified_s_ago": running.seconds_since_verified,
            "gaps": gaps,
            "resumes_in_s": None if resume_at_ns is None else max(0.0, (resume_at_ns - now_ns) / clock.SECOND),
            "frames": child.beat.get("frames"),
            **counts,
            "last_alert": None if alert is None else _described(alert, words),
            "restarts": child.restarts,
            "cpu_s": round(running.cpu_s, 3),
            **({"actions": {}, "heartbeat": None} if self._acting is None else self._acting.counts()),
            **({"screens": self._screens(running)} if running.screens else {}),
            "memory_bytes": {"service": resident_bytes(os.getpid()), "engine": resident_bytes(child.pid)},
        }

    def _screens(self, running: SupervisedWatch) -> dict[str, Any]:
        """How each of several screens is."""
        said = running.status.beat.get("screens", {})
        with self._lock:
            counts = {name: dict(each) for name, each in self._by_screen.items()}
        return {
            name: {
                "state": _state(self._gaps.reasons(name), running, running.status.pid),
                "gaps": self._gaps.reasons(name),
                "verified_s_ago": running.screen_verified_s(name),
                "frames": said.get(name, {}).get("frames"),
                **counts.get(name, {"events": 0, "alerts": 0}),
            }
            for name in running.screens
        }


def _seconds(given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= LONGEST_PAUSE_S:
        raise IpcError(f"a pause lasts up to {LONGEST_PAUSE_S} seconds, not {given!r:.40}")
    return float(given)


def _state(gaps: list[str], running: SupervisedWatch, pid: int | None) -> str:
    if running.paused:
        return "paused"
    if pid is None or {"crashed", "hung"} & set(gaps):
        return "restarting"
    return "blind" if gaps else "watching"


def _described(alert: Event, words: bool) -> dict[str, Any]:
    kind = (alert.rule or "").split(":")[0]
    return {"kind": kind, "wall": alert.wall, **({"rule": alert.rule, "text": alert.text} if words else {})}
