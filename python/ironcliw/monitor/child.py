"""The child process: runs a ``Watch`` and sends what it says to its parent.

It is started by ``EngineProcess`` with the number of its end of a socket pair and its parent's pid. Messages are
those of ``ipc.message``: the parent sends ``begin``, before it ``load`` where that is long after, then ``stop``,
``printed`` and ``paused``; the child sends ``ready``, events (one JSON line each, in the message's bytes) with what
is needed to go on after them (``state``), ``beat`` every few seconds, and at last ``end`` or ``error``.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.action.counts import action_families
from ironcliw.errors import IroncliwError
from ironcliw.ipc.message import receive, send
from ironcliw.monitor.answering import answering, answering_with
from ironcliw.monitor.reporting import LONGEST_S, LiveReport

if TYPE_CHECKING:
    from ironcliw.event import Event
    from ironcliw.monitor.many import ManyWatch
    from ironcliw.monitor.watch_options import WatchOptions
    from ironcliw.monitor.watching import Watch
    from ironcliw.settings import Settings

log = logging.getLogger("ironcliw.monitor")

BEAT_S = LONGEST_S
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def main() -> None:
    """Run the child; never returns to a caller that goes on."""
    fd, parent = int(sys.argv[1]), int(sys.argv[2])
    _bind_to(parent)
    peer = socket.socket(fileno=fd)
    peer.setblocking(True)
    Child(peer).run()


def _bind_to(parent: int) -> None:
    """End with the parent, even where a native call never returns; leave no picture of the screen behind in a core."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        libc.prctl(_PR_SET_NAME, b"ironcliw-engine")
    if os.getppid() != parent:
        os._exit(1)


def _load() -> None:
    with contextlib.suppress(Exception):  # what is wrong with it will be raised again
        import ironcliw.monitor.watching  # noqa: PLC0415, F401 # pyright: ignore[reportUnusedImport]


def _load_all(text: bool) -> None:
    """Load what a watch of a screen will need, as far as nothing is opened by that."""
    with contextlib.suppress(Exception):  # what is wrong with it will be raised again
        from ironcliw import settings  # noqa: PLC0415, F401 # pyright: ignore[reportUnusedImport]
        from ironcliw.monitor import options, serving, watching  # noqa: PLC0415, F401 # pyright: ignore[reportUnusedImport]

        if sys.platform == "linux":
            import ironcliw.source.x11  # noqa: PLC0415, F401 # pyright: ignore[reportUnusedImport]
        if text:
            from ironcliw.text import open_engine  # noqa: PLC0415

            open_engine(1, "paddle")  # to be let go of: what stays is what it loads


def _about(running: Watch) -> dict[str, Any]:
    from ironcliw.monitor.serving import serve  # noqa: PLC0415

    return {
        "source": running.source.name,
        "paced": running.paced,
        "sees_itself": running.sees_itself,
        **_kernels(),
        "verbs": sorted(serve(running)),
        "then": _then(running),
        "rules": [str(condition) for condition in running.rules.conditions],
    }


def _kernels() -> dict[str, str]:
    from ironcliw import kernels  # noqa: PLC0415 - loaded by now; here it would be loaded before we are bound

    return {"kernels": kernels.IMPLEMENTATION, "kernels_reason": kernels.REASON}


def _options(begin: dict[str, Any]) -> tuple[WatchOptions, dict[str, Any]]:
    """The options of the watch, and what the settings say that the parent does; without them they are not looked at."""
    wanted = begin["settings"]
    if wanted is None:
        _log_as(begin["log_level"] or "warning")
        from ironcliw.monitor.watch_options import WatchOptions  # noqa: PLC0415

        return WatchOptions(**begin["options"]), {}
    loaded, others = _settings(begin)
    from ironcliw.monitor.options import options_from  # noqa: PLC0415

    return options_from(loaded, begin["options"]), others


def _settings(begin: dict[str, Any]) -> tuple[Settings, dict[str, Any]]:
    from ironcliw import settings  # noqa: PLC0415 - first, so that what is wrong with them is said soon

    config = None if begin["settings"] is None else begin["settings"]["config"]
    loaded = settings.load(None if config is None else Path(config))
    _log_as(begin["log_level"] or loaded.log.level)
    if not begin["recall"] and not begin["skip"]:
        for notice in loaded.notices:
            log.warning("%s", notice)
    action = {**loaded.action.model_dump(), "log_level": loaded.log.level}
    return loaded, {"action": action, "store": loaded.store.model_dump()}


def _then(running: Watch) -> dict[str, list[str]]:
    """For each rule that says itself what is done about its alerts, what that is."""
    return {rule.name: list(rule.then) for rule in running.rules.rules if rule.then}


def _answer(wanted: dict[str, Any] | None, others: dict[str, Any]) -> dict[str, Any] | None:
    """How the watch answers: where only its parent asks, and only for pictures of alerts, if actions want any."""
    action = others.get("action", {})
    if wanted and wanted["path"] is None and (action.get("notify_picture") or action.get("webhook_picture")):
        return {**wanted, "path": wanted.get("private")}
    return wanted


def _log_as(level: str) -> None:
    logging.basicConfig(stream=sys.stderr, format="ironcliw: %(levelname)s: %(message)s")
    logging.getLogger("ironcliw").setLevel(level.upper())


class Child:
    """One engine and the way to its parent."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._sending = threading.Lock()
        self._running: Watch | ManyWatch | None = None
        self._working = False
        self._actions: dict[str, Any] = {}
        """What became of the events that the parent handed to its actions, as it said last."""

    def run(self) -> None:
        """From ``begin`` to ``end``."""
        # What is large is loaded while the parent still reads its settings.
        threading.Thread(target=_load, name="ironcliw-loading", daemon=True).start()
        message = self._receive()
        while message is not None and "load" in message:
            _load_all(message["load"]["text"])
            message = self._receive()
        if message is None:
            return
        try:
            begin = message["begin"]
            (self._watch_all if begin["source"] is None else self._watch)(begin)
        except IroncliwError as error:
            self._send({"error": {"type": type(error).__name__, "message": str(error)}})
        except Exception as error:
            log.debug("the engine failed", exc_info=True)
            self._send({"failed": type(error).__name__})
        else:
            self._send({"end": True})

    def _receive(self) -> dict[str, Any] | None:
        try:
            message = receive(self._peer)
        except OSError:
            return None
        return None if message is None else message[0]

    def _send(self, head: dict[str, Any], payload: bytes = b"") -> None:
        try:
            with self._sending:
                send(self._peer, head, payload)
        except OSError:  # the parent is gone
            os._exit(1)

    def _watch(self, begin: dict[str, Any]) -> None:
        sys.argv = begin["argv"]
        options, others = _options(begin)
        from ironcliw.monitor.watching import Watch  # noqa: PLC0415 - large, and may be what is broken

        running = self._running = Watch(begin["source"], options, recall=begin["recall"], strict=True)
        running.metrics.collect(lambda: action_families(self._actions))
        with running, answering(running, _answer(begin["answer"], others)):
            for armed in begin.get("armed", ()):
                with contextlib.suppress(IroncliwError):  # the screen may be a smaller one by now
                    running.arm(armed["id"], armed["condition"], now=armed["now"])
            self._send({"ready": {**_about(running), **others}})
            threading.Thread(target=self._listen, name="ironcliw-listening", daemon=True).start()
            if running.paced:
                self._tell_live(running, begin["recall"])
            else:
                threading.Thread(target=self._beat, args=(running,), name="ironcliw-beating", daemon=True).start()
                self._tell_recorded(running, begin["skip"])

    def _watch_all(self, begin: dict[str, Any]) -> None:
        """Watch all [[screen]] tables of the settings."""
        sys.argv = begin["argv"]
        loaded, others = _settings(begin)
        from ironcliw.monitor.many_child import Several  # noqa: PLC0415 - large, and may be what is broken
        from ironcliw.monitor.many_serving import serve_many  # noqa: PLC0415
        from ironcliw.monitor.screens import named_sources  # noqa: PLC0415

        options = begin["options"]
        named = named_sources(loaded, options.get("rules_state"), share=options.get("share", False))
        several = Several(named, begin, self._send_with)
        many = self._running = several.many
        many.metrics.collect(lambda: action_families(self._actions))
        handlers = serve_many(many)
        with answering_with(handlers, many.metrics, _answer(begin["answer"], others)):
            for armed in begin.get("armed", ()):
                with contextlib.suppress(IroncliwError):
                    many.arm(armed["id"], armed["condition"], now=armed["now"], screen=armed.get("screen"))
            self._send({"ready": {**several.about(), **_kernels(), "verbs": sorted(handlers), **others}})
            threading.Thread(target=self._listen, name="ironcliw-listening", daemon=True).start()
            several.run(lambda beat: self._send({"beat": beat}))

    def _tell_live(self, running: Watch, recall: dict[str, Any] | None) -> None:
        report = LiveReport(running, recall, self._send_events)
        beat_at_ns = 0
        while not running.ended:
            left_ns = beat_at_ns - clock.monotonic_ns()
            report.once(left_ns / clock.SECOND)
            if left_ns <= 0:
                self._send_beat(running, running.busy_s)
                beat_at_ns = clock.monotonic_ns() + round(BEAT_S * clock.SECOND)

    def _tell_recorded(self, running: Watch, skip: int) -> None:
        """``skip``: how many events the parent has had from the child before; a recording tells the same ones again."""
        while not running.ended:
            self._working = True
            event = running.get(0)
            self._working = False
            if event is None:
                return
            if skip > 0:
                skip -= 1
                continue
            self._send_events([event], {})

    def _send_events(self, events: Sequence[Event], state: dict[str, Any]) -> None:
        self._send_with({"events": len(events), "state": state}, events)

    def _send_with(self, head: dict[str, Any], events: Sequence[Event]) -> None:
        self._send(head, "\n".join([event.to_json() for event in events]).encode())

    # -- beside it ---------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Do what the parent says; end with it."""
        running = self._running
        assert running is not None
        try:
            while (message := self._receive()) is not None:
                if "printed" in message:
                    running.printed(message["printed"])
                elif "paused" in message:
                    (running.pause if message["paused"] else running.resume)()
                elif "stop" in message:
                    running.stop()
                elif "actions" in message:
                    self._actions = message["actions"]
        finally:
            os._exit(1)

    def _send_beat(self, running: Watch, busy_s: float) -> None:
        """Say that we are alive, and what we are at."""
        verified_s = running.seconds_since_verified
        verified_ns = None if verified_s is None else clock.monotonic_ns() - round(verified_s * clock.SECOND)
        frames = running.engine.counts.to_dict()
        beat = {"frames": frames, "busy_s": busy_s, "cpu_s": running.cpu_s, "verified_at_ns": verified_ns}
        beat["pressed"] = running.keeper.ladder.engaged > 0
        self._send({"beat": beat})

    def _beat(self, running: Watch) -> None:
        """The same of a recording: busy for as long as nothing comes of it."""
        ticks = threading.Event()
        progress, moved_ns = (-1, -1), clock.monotonic_ns()
        while True:
            now, now_ns = (running.engine.counts.captured, running.engine.readings), clock.monotonic_ns()
            if now != progress or not self._working:
                progress, moved_ns = now, now_ns
            self._send_beat(running, (now_ns - moved_ns) / clock.SECOND)
            ticks.wait(BEAT_S)
