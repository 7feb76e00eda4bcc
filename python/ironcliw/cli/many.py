"""``ironcliw watch --all``: every [[screen]] of the settings file at once, each line with its name."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from ironcliw import clock
from ironcliw.action.pictures import Picture
from ironcliw.action.spec import Pictures
from ironcliw.cli.common import check_format, duration_s, prepare, watch_options
from ironcliw.cli.human import HumanOutput
from ironcliw.cli.output import LineWriter
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.monitor.many import ManyWatch, Named
from ironcliw.rule.rules_file import load_rules
from ironcliw.service.acting import Acting, Wanted
from ironcliw.settings import Settings


@dataclass(frozen=True, slots=True)
class AllCommand:
    """What ``watch --all`` was asked: ``wanted`` is done about the alerts of each source, beside what its rules say."""

    config: Path | None
    log_level: str | None
    format: str
    duration: str | None
    verbose: bool
    wanted: Wanted


def run_all(command: AllCommand) -> int:
    """Watch all until Ctrl-C, or ``command.duration`` has passed; returns the exit code 0."""
    check_format(command.format)
    limit_s = None if command.duration is None else duration_s(command.duration)
    loaded = prepare(command.config, command.log_level)
    named = named_sources(loaded)
    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(contextlib.closing(LineWriter()))
        many = stack.enter_context(ManyWatch(named))
        wanted = replace(command.wanted, settings=loaded.action.model_dump())
        acting = {each.name: stack.enter_context(_acting(each, many, wanted)) for each in named}
        if wanted.heartbeat or wanted.settings.get("heartbeat"):
            beating = Wanted(heartbeat=wanted.heartbeat, settings=_only_heartbeat(wanted.settings))
            acting["*"] = stack.enter_context(Acting(beating, _AllSeen(many, len(named))))

        def stop(number: int, frame: FrameType | None) -> None:
            many.stop()
            signal.signal(signal.SIGINT, signal.default_int_handler)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        human: dict[str, HumanOutput] = {}
        ends_ns = None if limit_s is None else clock.monotonic_ns() + round(limit_s * clock.SECOND)
        while not many.ended:
            if ends_ns is not None and clock.monotonic_ns() >= ends_ns:
                many.stop()
            event = many.get(0.5)
            if event is None:
                continue
            for name in (event.source, "*"):
                if name in acting:
                    acting[name].take(event)
            if command.format == "jsonl":
                lines.write(event.to_json())
                continue
            if event.source not in human:
                human[event.source] = HumanOutput(_named(lines, event.source), verbose=command.verbose)
            human[event.source].show(event)
    return 0


def _acting(named: Named, many: ManyWatch, wanted: Wanted) -> Acting:
    """Actions for one source: those of its rules, and ``wanted`` for all other alerts of it."""
    rules = {rule.name: list(rule.then) for rule in load_rules(named.options.rules) if rule.then}

    def pictures(redact: bool) -> Pictures:
        def of(event: Event) -> tuple[Picture, ...]:
            watch = many.watches.get(named.name)
            return () if watch is None else tuple(watch.evidence.pictures(event.id, redact=redact))

        return of

    alone = replace(wanted, rules=rules, heartbeat=None, settings={**wanted.settings, "heartbeat": None})
    return Acting(alone, _AllSeen(many, 1, named.name), pictures)


def _only_heartbeat(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name in ("heartbeat", "allow_private", "proxy")}


class _AllSeen:
    """When the source of a name was last seen; without one, that which was not seen for longest of ``count``."""

    def __init__(self, many: ManyWatch, count: int, name: str | None = None) -> None:
        self._many, self._count, self._name = many, count, name

    @property
    def seconds_since_verified(self) -> float | None:
        watches = self._many.watches
        if self._name is not None:
            watches = {name: watch for name, watch in watches.items() if name == self._name}
        seen = [watch.seconds_since_verified for watch in watches.values()]
        known = [each for each in seen if each is not None]
        return max(known) if len(known) == self._count else None


def _named(lines: LineWriter, name: str) -> Callable[[str], None]:
    def write(line: str) -> None:
        lines.write(f"{name:>12}  {line}")

    return write


def named_sources(loaded: Settings) -> list[Named]:
    """The [[screen]] tables as sources and options; those without a budget of their own share the common one."""
    if not loaded.screens:
        raise SettingsError("--all watches what [[screen]] tables in ironcliw.toml name, and there is none")
    common = loaded.memory.ledger()
    named: list[Named] = []
    for screen in loaded.screens:
        given: dict[str, Any] = {
            name: value
            for name, value in screen.model_dump(exclude={"name", "source", "password_file"}).items()
            if value not in (None, ())
        }
        options = watch_options(loaded, given, False)
        if screen.memory is None:
            options = replace(options, memory=common)
        named.append(Named(screen.name, screen.source, options, screen.password_file))
    return named
