"""``ironcliw watch``: events as they come, alerts acted upon, a summary at the end.

The watching itself is done by a child process, which is replaced when it crashes; ``--in-process`` and ``--gif`` (which
needs the pixels) do it here. ``--all`` watches every [[screen]] of the settings in one child, each line with its name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.action.asking import pictures_at
from ironcliw.action.counts import action_families
from ironcliw.cli.common import check_format, duration_s, log_to_stderr, prepare, watch_options
from ironcliw.cli.human import HumanOutput
from ironcliw.cli.keeping import kept_log
from ironcliw.cli.output import LineWriter
from ironcliw.event import Event
from ironcliw.ipc import socket_path
from ironcliw.monitor import SupervisedWatch, answering, answers
from ironcliw.service.acting import Acting, Wanted
from ironcliw.service.acting_all import ActingAll

if TYPE_CHECKING:
    from ironcliw.action.spec import Pictures
    from ironcliw.metrics import Collector
    from ironcliw.monitor import Watch
    from ironcliw.store import EventLog

_STATUS_S = 0.5
_UNREAD_S = 3.0
"""How long a watch that is to end waits for whoever should read its lines."""
_UNSEEN_S = 3600.0
"""Without a status line and an end there is nothing to wake up for but events."""


@dataclass(frozen=True, slots=True)
class WatchCommand:
    """The command line of ``watch`` as it was given. ``source``: None for every [[screen]] of the settings."""

    source: str | None
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
    serve: str | None = None
    metrics_port: int | None = None
    log: str | None = None
    """A path; empty for the usual one, None for no log unless the settings want one."""
    in_process: bool = False
    share: bool = False
    then: tuple[str, ...] = ()
    heartbeat: str | None = None


def run_watch(command: WatchCommand) -> int:
    """Watch until the source ends, ``--for`` has passed or Ctrl-C; returns the exit code 0."""
    check_format(command.format)
    limit_s = None if command.duration is None else duration_s(command.duration)
    with contextlib.ExitStack() as stack:
        opened = (_open_here if command.in_process or command.gif else _open_in_child)(command, stack)
        running = opened.running
        # What is left to tell is told while the watch still holds the screen, a few seconds at most.
        acting = stack.enter_context(_acting(command, opened))
        lines = stack.enter_context(contextlib.closing(LineWriter()))
        output = HumanOutput(
            lines.write,
            verbose=command.verbose,
            printed=running.printed,
            known_again=running.sees_itself,
            named=command.source is None,
        )
        show = output.show if command.format == "human" else _show_json(running, lines)
        _stop_on_signals(running, lines)
        for event in _events(running, limit_s, output):
            show(event)
            acting.take(event)
            if opened.picture is not None:
                opened.picture(event)
        output.close()
    if opened.save is not None:
        print(opened.save(), file=sys.stderr)
    return 0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A running watch; what the settings say of actions and rules; what takes pictures of events, and saves them."""

    running: Watch | SupervisedWatch
    action: Mapping[str, Any]
    pictures: Callable[[bool], Pictures]
    log: Path | None = None
    rules: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For each rule by its name the actions it says itself; of several screens these by screen."""
    picture: Callable[[Event], None] | None = None
    save: Callable[[], str] | None = None
    collect: Callable[[Collector], None] | None = None
    changed: Callable[[dict[str, Any]], None] | None = None


def _open_in_child(command: WatchCommand, stack: contextlib.ExitStack) -> _Opened:
    running = stack.enter_context(SupervisedWatch())  # it loads while we look at the rest
    log_to_stderr(command.log_level or "warning")
    config = None if command.config is None else str(command.config)
    given = {**command.options, "include_self": command.include_self, "share": command.share}
    if command.source is None:
        given = {"share": command.share}  # each screen has its own
    private = socket_path(f"of-{os.getpid()}")
    answer = {**_answers(command), "private": str(private)}
    answering_at = private if answer["path"] is None else Path(answer["path"])
    kept: list[Path] = []

    def keep(about: Mapping[str, Any]) -> EventLog | None:
        opened = kept_log(command.log, about["store"], stack)
        kept.extend([] if opened is None else [opened.path])
        return opened

    running.begin(
        command.source,
        given,
        settings={"config": config},
        log_level=command.log_level,
        answer=answer,
        keep=keep,
    )
    stack.callback(private.unlink, missing_ok=True)  # an engine that was killed leaves it behind
    about = running.status.about
    log_to_stderr(command.log_level or about["action"]["log_level"])
    return _Opened(
        running,
        about["action"],
        lambda redact: pictures_at(answering_at, redact=redact),
        kept[0] if kept else None,
        about.get("then", {}),
        changed=running.tell_actions,
    )


def _answers(command: WatchCommand) -> dict[str, Any]:
    """Whom the watch answers: frames are shared over the socket where everybody looks first."""
    return answers(command.serve or ("watch" if command.share else None), command.metrics_port)


def _open_here(command: WatchCommand, stack: contextlib.ExitStack) -> _Opened:
    from ironcliw.action import Album  # noqa: PLC0415 - these two load what the usual watch does without
    from ironcliw.monitor import Watch  # noqa: PLC0415

    loaded = prepare(command.config, command.log_level)
    album = Album(command.gif) if command.gif else None
    options = watch_options(loaded, {**command.options, "share": command.share}, command.include_self)
    kept = kept_log(command.log, loaded.store.model_dump(), stack)
    running = stack.enter_context(Watch(command.source, replace(options, log=kept)))
    stack.enter_context(answering(running, _answers(command)))

    def add(event: Event) -> None:
        if album is not None and event.type in ("alert", "text_appeared", "text_changed", "text_vanished"):
            album.add(running.snapshot(), event)

    def pictures(redact: bool) -> Pictures:
        return lambda event: tuple(running.evidence.pictures(event.id, redact=redact))

    log_path = None if kept is None else kept.path
    then = {rule.name: list(rule.then) for rule in running.rules.rules if rule.then}
    return _Opened(
        running,
        loaded.action.model_dump(),
        pictures,
        log_path,
        then,
        add,
        album and album.save,
        running.metrics.collect,
    )


def _acting(command: WatchCommand, opened: _Opened) -> Acting | ActingAll:
    wanted = Wanted(
        command.notify,
        command.exec,
        command.then,
        command.heartbeat,
        opened.action,
        {} if command.source is None else opened.rules,
        stdout_to_stderr=command.format == "jsonl",
    )
    if command.source is None:
        return ActingAll(wanted, opened.running, opened.rules, opened.pictures, opened.log, opened.changed)
    acting = Acting(wanted, opened.running, opened.pictures, opened.log, opened.changed)
    if opened.collect is not None:
        opened.collect(lambda: action_families(acting.counts()))
    return acting


def _show_json(running: Watch | SupervisedWatch, lines: LineWriter) -> Callable[[Event], None]:
    def show(event: Event) -> None:
        line = event.to_json()
        running.printed(line)
        lines.write(line)

    return show


def _stop_on_signals(running: Watch | SupervisedWatch, lines: LineWriter) -> None:
    """Ctrl-C, TERM and HUP end the watch with its summary; a second Ctrl-C ends it at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        running.stop()
        lines.give_up_after(_UNREAD_S)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _events(running: Watch | SupervisedWatch, duration_s: float | None, output: HumanOutput) -> Iterator[Event]:
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


def _status(running: Watch | SupervisedWatch, passed_s: float, counts: dict[str, int]) -> str:
    verified_s = running.seconds_since_verified
    seen = "not yet" if verified_s is None else f"{verified_s:.0f} s ago"
    return (
        f"{running.name}: verified {seen}, CPU {running.cpu_s / max(passed_s, 0.1):.1%},"
        f" {counts['change']} changes, {counts['alert']} alerts"
    )
