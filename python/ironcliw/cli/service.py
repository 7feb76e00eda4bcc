"""``ironcliw start``, ``status``, ``stop``, ``pause`` and ``resume``: the watcher in the background."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.cli.common import duration_s, log_to_stderr
from ironcliw.cli.output import LineWriter
from ironcliw.errors import IpcError, NoWatcherError, ServiceError, SettingsError
from ironcliw.ipc import Connection, socket_path

if TYPE_CHECKING:
    from ironcliw.service import StartCommand

RUNS, RUNS_NOT = 0, 1

_STOP_S = 10.0


def run_start(command: StartCommand, foreground: bool, unit: bool) -> int:
    """Start a watcher in the background, or be one, or only say how systemd starts it; 0, or an error of ours."""
    if unit:
        from ironcliw.service.unit import write_unit  # noqa: PLC0415

        path = write_unit(command.name, [word for word in sys.argv[1:] if word != "--unit"])
        LineWriter().write(f"wrote {path}; enable it: systemctl --user enable --now {path.name}")
        return RUNS
    from ironcliw.service import Service, log_path, start  # noqa: PLC0415 - only asking needs nothing of it

    if foreground:
        log_to_stderr(command.log_level or "info")
        Service(command).run(ready=lambda status: None)
        return RUNS
    status = start(command)
    LineWriter().write(
        f"watching {status['source']} in the background as {command.name!r}, pid {status['pid']};"
        f" its log: {log_path(command.name)}"
    )
    return RUNS


def run_status(name: str, format: str, words: bool) -> int:
    """Print how the watcher is; 0 where it runs, 1 where it does not."""
    if format not in ("human", "json"):
        raise SettingsError(f"format must be human or json, not {format!r}")
    status = _ask(name, "status", words=words)
    if status is None:
        return RUNS_NOT
    lines = [json.dumps(status)] if format == "json" else _described(status)
    LineWriter().write("\n".join(lines))
    return RUNS


def run_stop(name: str) -> int:
    """End the watcher, and wait until it has ended."""
    asked = _ask(name, "stop")
    if asked is None:
        return RUNS_NOT
    deadline_ns = clock.monotonic_ns() + round(_STOP_S * clock.SECOND)
    path = socket_path(name)
    while path.exists():
        if clock.monotonic_ns() > deadline_ns:
            raise ServiceError(f"the watcher {name!r} has not ended within {_STOP_S:.0f} s: kill {asked['pid']}")
        time.sleep(0.02)
    LineWriter().write(f"stopped {name!r} (pid {asked['pid']})")
    return RUNS


def run_pause(name: str, duration: str | None) -> int:
    """Have the watcher capture nothing for so long, or until ``resume``."""
    seconds = None if duration is None else duration_s(duration)
    if _ask(name, "pause", seconds=seconds) is None:
        return RUNS_NOT
    until = "until 'ironcliw resume'" if duration is None else f"for {duration}"
    LineWriter().write(f"{name!r} captures nothing {until}")
    return RUNS


def run_resume(name: str) -> int:
    """Have the watcher capture again."""
    if _ask(name, "resume") is None:
        return RUNS_NOT
    LineWriter().write(f"{name!r} captures again")
    return RUNS


def _ask(name: str, verb: str, **arguments: Any) -> dict[str, Any] | None:
    """What the watcher answers; None, and a line about it, where none of that name runs."""
    try:
        with Connection(socket_path(name), timeout_s=_STOP_S) as connection:
            return connection.ask(verb, **arguments).data
    except NoWatcherError:
        called = "" if name == "watch" else f" called {name!r}"
        print(f"ironcliw: no watcher{called} is running", file=sys.stderr)
        return None
    except IpcError as error:
        raise IpcError(f"the watcher {name!r}: {error}") from None


def _described(status: dict[str, Any]) -> list[str]:
    lines = [
        f"{status['name']}: {_state(status)}",
        f"  source    {status['source']}, kernels: {status['kernels']}",
        f"  running   {_span(status['running_s'])}, since {status['since']}, pid {status['pid']}",
        f"  verified  {_verified(status)}",
        f"  told      {_told(status)}",
        f"  engine    {_engine(status)}",
        *_screens(status),
        *_acted(status),
    ]
    alert = status["last_alert"]
    if alert is not None and "rule" in alert:
        lines.append(f"  last      {alert['rule']}: {alert['text'] or ''}")
    return lines


def _screens(status: dict[str, Any]) -> list[str]:
    """A line for each of several screens."""
    return [
        f"  screen    {name}: {each['state']}{_why(each['gaps'])}, seen {_seen(each['verified_s_ago'])},"
        f" {(each['frames'] or {'captured': 0})['captured']} captures, {each['events']} events, {each['alerts']} alerts"
        for name, each in status.get("screens", {}).items()
    ]


def _why(gaps: list[str]) -> str:
    return f" ({', '.join(gaps)})" if gaps else ""


def _seen(ago_s: float | None) -> str:
    return "not yet" if ago_s is None else f"{_span(ago_s)} ago"


def _state(status: dict[str, Any]) -> str:
    left_s = status["resumes_in_s"]
    if status["state"] == "paused":
        return "paused" if left_s is None else f"paused, for another {_span(left_s)}"
    if status["state"] == "blind":
        return f"running, but cannot see the screen ({', '.join(status['gaps'])})"
    return str(status["state"])


def _verified(status: dict[str, Any]) -> str:
    ago_s = status["verified_s_ago"]
    return "not yet" if ago_s is None else f"that it sees the screen {_span(ago_s)} ago"


def _told(status: dict[str, Any]) -> str:
    frames: dict[str, Any] = status["frames"] or {"captured": 0}
    alert = status["last_alert"]
    last = "" if alert is None else f", the last ({alert['kind']}) at {alert['wall']}"
    return f"{frames['captured']} captures, {status['events']} events, {status['alerts']} alerts{last}"


def _engine(status: dict[str, Any]) -> str:
    memory = status["memory_bytes"]
    sizes = ", ".join(f"{name} {size / 2**20:.0f} MiB" for name, size in memory.items() if size is not None)
    return f"started again {status['restarts']} times; memory: {sizes or 'not told here'}; CPU {status['cpu_s']:.1f} s"


def _acted(status: dict[str, Any]) -> list[str]:
    """A line for each action, where there are any, and for the heartbeat."""
    lines = [f"  action    {name}: {_became(done)}" for name, done in status["actions"].items()]
    beats = status["heartbeat"]
    if beats is not None:
        lines.append(f"  heartbeat {beats['sent']} sent, {beats['failed']} failed, {beats['skipped']} left out, blind")
    return lines


def _became(done: dict[str, int]) -> str:
    lost = done["failed"] + done["dropped"]
    more = {"waiting": done["waiting"], "lost": lost, "held back": done["held"]}
    return ", ".join([f"{done['delivered']} delivered", *(f"{count} {what}" for what, count in more.items() if count)])


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
