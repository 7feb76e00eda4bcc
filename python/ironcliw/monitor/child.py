"""The child process: runs a ``Watch`` and sends what it says to its parent.

It is started by ``EngineProcess`` with the number of its end of a socket pair and its parent's pid. Messages are those
of ``ipc.message``: the parent sends ``begin``, then ``stop``, ``printed`` and ``paused``; the child sends ``ready``,
events (one JSON line each, in the message's bytes) with what is needed to go on after them (``state``), ``beat`` every
few seconds, and at last ``end`` or ``error``.
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
from ironcliw.errors import IroncliwError
from ironcliw.ipc.message import receive, send
from ironcliw.monitor.answering import answering
from ironcliw.monitor.recall import LineDifferences

if TYPE_CHECKING:
    from ironcliw.event import Event
    from ironcliw.monitor.watching import Watch, WatchOptions

log = logging.getLogger("ironcliw.monitor")

BEAT_S = 2.5
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def main() -> None:
    """Run the child; never returns to a caller that goes on."""
    fd, parent = int(sys.argv[1]), int(sys.argv[2])
    _bind_to(parent)
    peer = socket.socket(fileno=fd)
    peer.setblocking(True)
    try:
        Child(peer).run()
    except OSError:  # the parent is gone, or ended us
        os._exit(1)


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


def _about(running: Watch) -> dict[str, Any]:
    from ironcliw import kernels  # noqa: PLC0415 - loaded by now; here it would be loaded before we are bound

    return {
        "source": running.source.name,
        "paced": running.paced,
        "sees_itself": running.sees_itself,
        "kernels": kernels.IMPLEMENTATION,
        "kernels_reason": kernels.REASON,
    }


def _options(begin: dict[str, Any]) -> tuple[WatchOptions, dict[str, Any]]:
    """The options of the watch, and what the settings say that the parent does; without them they are not looked at."""
    wanted = begin["settings"]
    if wanted is None:
        _log_as(begin["log_level"] or "warning")
        from ironcliw.monitor.watching import WatchOptions  # noqa: PLC0415

        return WatchOptions(**begin["options"]), {}
    from ironcliw import settings  # noqa: PLC0415 - first, so that what is wrong with them is said soon

    loaded = settings.load(None if wanted["config"] is None else Path(wanted["config"]))
    _log_as(begin["log_level"] or loaded.log.level)
    if begin["recall"] is None and begin["skip"] == 0:
        for notice in loaded.notices:
            log.warning("%s", notice)
    from ironcliw.monitor.options import options_from  # noqa: PLC0415

    action = {"notify": loaded.action.notify, "exec": loaded.action.exec, "log_level": loaded.log.level}
    return options_from(loaded, begin["options"]), {"action": action, "store": loaded.store.model_dump()}


def _log_as(level: str) -> None:
    logging.basicConfig(stream=sys.stderr, format="ironcliw: %(levelname)s: %(message)s")
    logging.getLogger("ironcliw").setLevel(level.upper())


class Child:
    """One engine and the way to its parent."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._sending = threading.Lock()
        self._running: Watch | None = None
        self._stopped = False
        self._working_since_ns: int | None = None

    def run(self) -> None:
        """From ``begin`` to ``end``."""
        # What is large is loaded while the parent still reads its settings.
        threading.Thread(target=_load, name="ironcliw-loading", daemon=True).start()
        message = self._receive()
        if message is None:
            return
        try:
            self._watch(message["begin"])
        except IroncliwError as error:
            self._send({"error": {"type": type(error).__name__, "message": str(error)}})
        except OSError:
            raise
        except Exception as error:
            log.debug("the engine failed", exc_info=True)
            self._send({"failed": type(error).__name__})
        else:
            self._send({"end": True})

    def _receive(self) -> dict[str, Any] | None:
        message = receive(self._peer)
        return None if message is None else message[0]

    def _send(self, head: dict[str, Any], payload: bytes = b"") -> None:
        with self._sending:
            send(self._peer, head, payload)

    def _watch(self, begin: dict[str, Any]) -> None:
        sys.argv = begin["argv"]
        options, others = _options(begin)
        from ironcliw.monitor.watching import Watch  # noqa: PLC0415 - large, and may be what is broken

        running = self._running = Watch(begin["source"], options, recall=begin["recall"], strict=True)
        with running, answering(running, begin["answer"]):
            self._send({"ready": {**_about(running), **others}})
            for target, name in ((self._listen, "listening"), (self._beat, "beating")):
                threading.Thread(target=target, name=f"ironcliw-{name}", daemon=True).start()
            if running.paced:
                self._tell_live(running, begin["recall"])
            else:
                self._tell_recorded(running, begin["skip"])

    def _tell_live(self, running: Watch, recall: dict[str, Any] | None) -> None:
        differences = LineDifferences(recall["lines"] if recall else [])
        while not running.ended:
            first = running.get(3600.0)
            if first is None:
                continue
            rest, state = running.take_all()
            lines = differences.since(state.pop("lines"))
            if lines is not None:
                state["lines"] = lines
            self._send_events([first, *rest], state)

    def _tell_recorded(self, running: Watch, skip: int) -> None:
        """``skip``: how many events the parent has had from the child before; a recording tells the same ones again."""
        while not running.ended:
            self._working_since_ns = clock.monotonic_ns()
            event = running.get(0)
            self._working_since_ns = None
            if event is None:
                return
            if skip > 0:
                skip -= 1
                continue
            self._send_events([event], {})

    def _send_events(self, events: Sequence[Event], state: dict[str, Any]) -> None:
        lines = "\n".join([event.to_json() for event in events])
        self._send({"events": len(events), "state": state}, lines.encode())

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
        finally:
            os._exit(1)

    def _beat(self) -> None:
        """Say that we are alive and what we are at."""
        running = self._running
        assert running is not None
        ticks = threading.Event()
        progress = (-1, -1)
        moved_ns = clock.monotonic_ns()
        while True:
            counts = running.engine.counts
            now = (counts.captured, running.engine.readings)
            now_ns = clock.monotonic_ns()
            if now != progress or self._working_since_ns is None:
                progress, moved_ns = now, now_ns
            busy_s = running.busy_s if running.paced else (now_ns - moved_ns) / clock.SECOND
            verified_s = running.seconds_since_verified
            verified_ns = None if verified_s is None else now_ns - round(verified_s * clock.SECOND)
            beat = {"frames": counts.to_dict(), "busy_s": busy_s, "cpu_s": running.cpu_s, "verified_at_ns": verified_ns}
            try:
                self._send({"beat": beat})
            except OSError:
                os._exit(1)
            ticks.wait(BEAT_S)
