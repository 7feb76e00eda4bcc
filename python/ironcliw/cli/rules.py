"""``ironcliw rules check``, ``test`` and ``packs``, and ``ironcliw init``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ironcliw import clock
from ironcliw.action import parse_action, printable
from ironcliw.cli.output import LineWriter
from ironcliw.errors import ActionError, RulesError, SettingsError
from ironcliw.event import Event
from ironcliw.rule import Rule, RuleSet
from ironcliw.rule.expression import written_duration
from ironcliw.rule.packs import PACKS, pack
from ironcliw.rule.replay import LogReplay, undecided
from ironcliw.rule.rules_file import load_rules, rules_from
from ironcliw.rule.template import RULES_TOML

FIRED, SILENT = 0, 1
SHOWN_MAX = 20
"""Firings shown of one rule."""
_WORDS_MAX = 100


@dataclass(frozen=True, slots=True)
class TestCommand:
    """The command line of ``rules test`` as it was given."""

    __test__ = False

    file: Path
    recording: str | None
    log: Path | None
    at: str | None
    now: bool
    interval_s: float


@dataclass(frozen=True, slots=True)
class _Fired:
    """One firing, as it is shown."""

    rule: str
    time_s: float
    text: str | None
    state: str
    count: int


def run_check(file: Path) -> int:
    """Print how each rule is understood. Raises RulesError, SettingsError or ConditionError where one is not."""
    rules = load_rules(file)
    _armed(rules)
    for rule in rules:
        _check_actions(file, rule)
    lines = LineWriter()
    for rule in rules:
        lines.write(f"{rule.name}: {rule.when}{_options(rule)}")
    understood = f"{len(rules)} rule{'s' * (len(rules) != 1)}, all understood"
    lines.write(understood if rules else "no rule in it is on: a watch with this file tells of nothing")
    return FIRED


def _check_actions(file: Path, rule: Rule) -> None:
    try:
        for action in rule.then:
            parse_action(action)
    except ActionError as error:
        raise RulesError(f"{file}: rule {rule.name!r:.80}: then: {error}") from None


def _armed(rules: Sequence[Rule]) -> RuleSet:
    """The rules as a watch would have them: pictures that they name are looked at, too."""
    from ironcliw.monitor.wall import WallTime  # noqa: PLC0415

    return RuleSet(rules, now=False, wall=WallTime())


def _options(rule: Rule) -> str:
    told = [
        f"{name} {written_duration(value)}"
        for name, value in (("hold", rule.hold_ns), ("release", rule.release_ns), ("cooldown", rule.cooldown_ns))
        if value
    ]
    told += ["once"] if rule.once else []
    told += [f"quiet {hours}" for hours in rule.quiet]
    told += [f"at most {rule.rate.count} in {written_duration(rule.rate.within_ns)}"] if rule.rate else []
    told += [f"seen within {written_duration(rule.latency_ns)}"] if rule.latency_ns else []
    told += [rule.priority] if rule.priority != "normal" else []
    told += [f"then {', '.join(rule.then)}"] if rule.then else []
    return f" ({'; '.join(told)})" if told else ""


def run_test(command: TestCommand) -> int:
    """Print when each rule would have fired; 1 where none would have."""
    if (command.recording is None) == (command.log is None):
        raise SettingsError("rules test needs a recording, or --log and an event log")
    rules = load_rules(command.file)
    if not rules:
        raise RulesError(f"{command.file}: there is no rule in it that is on: nothing to test")
    fired = list(_on_recording(command) if command.log is None else _on_log(command, rules))
    if command.log is not None:
        for line in undecided(rules):
            print(f"ironcliw: {line}", file=sys.stderr)
    lines = LineWriter()
    for rule in rules:
        for line in _report(rule.name, [each for each in fired if each.rule == rule.name]):
            lines.write(line)
    return FIRED if fired else SILENT


def _on_recording(command: TestCommand) -> Iterable[_Fired]:
    from ironcliw.monitor import Watch, WatchOptions  # noqa: PLC0415 - loads what the other commands do without

    options = WatchOptions(
        rules=os.fspath(command.file),
        starts=command.at,
        now=command.now,
        pace="max",
        interval_s=command.interval_s,
    )
    with Watch(command.recording, options) as running:
        if running.source.live:
            raise SettingsError(f"{running.source.name} does not end: rules are tested on a recording")
        for event in _shown(running):
            if event.type == "alert":
                data = event.data
                yield _Fired(event.rule or "", event.time, event.text, data["state"], data["count"])


def _shown(events: Iterable[Event]) -> Iterable[Event]:
    """``events``; a terminal is told meanwhile how far they are, as reading a recording takes a while."""
    if not sys.stderr.isatty():
        yield from events
        return
    try:
        for event in events:
            print(f"\r{event.time:,.0f} s of the recording", end="", file=sys.stderr, flush=True)
            yield event
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _on_log(command: TestCommand, rules: Sequence[Rule]) -> Iterable[_Fired]:
    from ironcliw.store import EventReader  # noqa: PLC0415 - SQLite is loaded by those who read a log

    assert command.log is not None
    replay = LogReplay(lambda wall: RuleSet(rules, now=command.now, wall=wall))
    with EventReader(command.log) as reader:
        for stored in reader.since():
            for firing in replay.take(stored.event):
                time_s = firing.time_ns / clock.SECOND
                yield _Fired(firing.rule, time_s, firing.text, firing.state, 1 + firing.merged)


def _report(name: str, fired: Sequence[_Fired]) -> list[str]:
    if not fired:
        return [f"{name}: would not have fired"]
    times = "once" if len(fired) == 1 else f"{len(fired)} times"
    lines = [f"{name}: would have fired {times}:"]
    for each in fired[:SHOWN_MAX]:
        state = "" if each.state == "firing" else f" {each.state}"
        more = f" (and {each.count - 1} more)" if each.count > 1 else ""
        words = "" if each.text is None else f"  {printable(each.text)[:_WORDS_MAX]}"
        lines.append(f"{each.time_s:10.2f} s{state}{words}{more}")
    if len(fired) > SHOWN_MAX:
        lines.append(f"           and {len(fired) - SHOWN_MAX} times more")
    return lines


def run_packs() -> int:
    """Print the packs and their rules."""
    lines = LineWriter()
    for name, what in PACKS.items():
        lines.write(f"{name}: {what}")
        for rule in rules_from({"rule": pack(name)}, f"pack {name}"):
            lines.write(f"  {rule.name}: {rule.when}{_options(rule)}")
    return FIRED


def run_init(folder: Path) -> int:
    """Write both files; one that is there is left as it is, and said."""
    from ironcliw.settings import Settings  # noqa: PLC0415 - pydantic takes a while

    lines = LineWriter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made: {(error.strerror or 'no reason given').lower()}") from None
    for name, text in (("ironcliw.toml", Settings().template()), ("rules.toml", RULES_TOML)):
        path = folder / name
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            lines.write(f"{path} is there already, and left as it is")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {(error.strerror or 'no reason given').lower()}") from None
        else:
            lines.write(f"wrote {path}")
    return FIRED
