"""``ironcliw watch``: events as they come, alerts acted upon, a summary at the end."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from ironcliw import action, clock
from ironcliw.action import Action, Dispatcher, Exec
from ironcliw.cli.common import check_format, prepare, watch_options
from ironcliw.cli.human import HumanOutput
from ironcliw.cli.output import LineWriter
from ironcliw.event import Event
from ironcliw.monitor import Watch
from ironcliw.rule import parse_duration

_STATUS_S = 0.5
_UNREAD_S = 3.0
"""How long a watch that is to end waits for whoever should read its lines."""
_UNSEEN_S = 3600.0
"""Without a status line and an end there is nothing to wake up for but events."""


@dataclass(frozen=True, slots=True)
class WatchCommand:
    """The command line of ``watch`` as it was given."""

    source: str
    options: dict[str, Any]
    include_self: bool
    config: Path | None
    log_level: str | None
    format: str
    notify: bool
    exec: str | None
    gif: Path | None
    duration: str | None
    verbose: bool


def run_watch(command: WatchCommand) -> int:
    """Watch until the source ends, ``--for`` has passed or Ctrl-C; returns the exit code 0."""
    check_format(command.format)
    loaded = prepare(command.config, command.log_level)
    duration_s = None if command.duration is None else parse_duration(command.duration) / clock.SECOND
    run = command.exec or loaded.action.exec
    actions: list[Action] = [action.Notifier()] if command.notify or loaded.action.notify else []
    if run:
        actions.append(Exec(run, stdout_to_stderr=command.format == "jsonl"))
    options = watch_options(loaded, command.options, command.include_self)
    album = action.Album(command.gif) if command.gif else None
    dispatcher = Dispatcher(actions)
    with (
        contextlib.closing(dispatcher),
        contextlib.closing(LineWriter()) as lines,
        Watch(command.source, options) as running,
    ):
        output = HumanOutput(
            lines.write, verbose=command.verbose, printed=running.printed, known_again=running.sees_itself
        )
        show = output.show if command.format == "human" else _show_json(running, lines)
        _stop_on_signals(running, lines)
        for event in _events(running, duration_s, output):
            show(event)
            if event.type == "alert":
                dispatcher.submit(event)
            if album is not None and event.type in ("alert", "text_appeared", "text_changed", "text_vanished"):
                album.add(running.snapshot(), event)
        output.close()
    if album is not None:
        print(album.save(), file=sys.stderr)
    return 0


def _show_json(running: Watch, lines: LineWriter) -> Callable[[Event], None]:
    def show(event: Event) -> None:
        line = event.to_json()
        running.printed(line)
        lines.write(line)

    return show


def _stop_on_signals(running: Watch, lines: LineWriter) -> None:
    """Ctrl-C, TERM and HUP end the watch with its summary; a second Ctrl-C ends it at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        running.stop()
        lines.give_up_after(_UNREAD_S)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _events(running: Watch, duration_s: float | None, output: HumanOutput) -> Iterator[Event]:
    """The events of ``running``, stopping it after ``duration_s`` and keeping the status line up to date."""
    started_ns = clock.monotonic_ns()
    counts = {"change": 0, "alert": 0}
    wait_s = _STATUS_S if output.live or duration_s is not None else _UNSEEN_S
    while not running.ended:
        event = running.get(wait_s)
        passed_s = (clock.monotonic_ns() - started_ns) / clock.SECOND
        if duration_s is not None and passed_s >= duration_s:
            running.stop()
        if event is not None:
            counts[event.type] = counts.get(event.type, 0) + 1
            yield event
        if output.live:
            output.status(_status(running, passed_s, counts))


def _status(running: Watch, passed_s: float, counts: dict[str, int]) -> str:
    verified_s = running.seconds_since_verified
    seen = "not yet" if verified_s is None else f"{verified_s:.0f} s ago"
    return (
        f"{running.source.name}: verified {seen}, CPU {running.cpu_s / max(passed_s, 0.1):.1%},"
        f" {counts['change']} changes, {counts['alert']} alerts"
    )
