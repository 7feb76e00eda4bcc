"""``ironcliw top``: what a running watch does and costs, as it goes on."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ironcliw.errors import IpcError, SettingsError
from ironcliw.ipc import Connection, socket_path
from ironcliw.metrics import Snapshot

_PIPE_COLUMNS = 100
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class TopCommand:
    """The command line of ``top`` as it was given."""

    name: str
    once: bool
    screen: str | None
    format: str
    interval_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What happened between two snapshots, a second; ``cpu`` in cores. None where it is not known."""

    interval_s: float
    captures: float | None
    changes: float | None
    events: float | None
    alerts: float | None
    readings: float | None
    copied_bytes: float | None
    cpu: float | None


def run_top(command: TopCommand) -> int:
    """Ask the watch again and again and show it, until Ctrl-C, or once; returns 0. NoWatcherError where none runs."""
    if command.format not in ("human", "json"):
        raise SettingsError(f"format must be human or json, not {command.format!r}")
    if not 0.1 <= command.interval_s <= 3600:
        raise SettingsError(f"interval must be 0.1 to 3600 seconds, not {command.interval_s}")
    with Connection(socket_path(command.name)) as connection:
        pairs = _pairs(connection, command.interval_s, command.screen)
        try:
            _show(pairs, command)
        except KeyboardInterrupt:
            return 0
    return 0


def _pairs(connection: Connection, interval_s: float, screen: str | None) -> Iterator[tuple[Snapshot, Rates]]:
    """A snapshot and what happened since the one before it, again and again."""
    before = _ask(connection, screen)
    while True:
        time.sleep(interval_s)
        now = _ask(connection, screen)
        yield now, rates(before, now)
        before = now


def _ask(connection: Connection, screen: str | None) -> Snapshot:
    try:
        asked = {} if screen is None else {"screen": screen}
        return Snapshot.from_dict(connection.ask("metrics", **asked).data)
    except ValueError as error:
        raise IpcError(f"the watcher's answer is {error}: use one version on both sides") from None


def _show(pairs: Iterator[tuple[Snapshot, Rates]], command: TopCommand) -> None:
    if command.format == "json":
        for now, since in pairs:
            print(json.dumps(as_json(now, since), separators=(",", ":")), flush=True)
            if command.once:
                return
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=_PIPE_COLUMNS, highlight=False)
    if command.once or not console.is_terminal:
        for now, since in pairs:
            console.print(picture(now, since, command.name))
            if command.once:
                return
    waiting = Text(f"asking {command.name} for {command.interval_s:g} s ...")
    with Live(waiting, console=console, screen=True, auto_refresh=False) as live:
        for now, since in pairs:
            live.update(picture(now, since, command.name), refresh=True)


def rates(before: Snapshot, now: Snapshot) -> Rates:
    """What happened between two snapshots of one watch; of another one (it was restarted) nothing is known."""
    interval_s = now.uptime_s - before.uptime_s

    def rate(name: str, label: str | None = "") -> float | None:
        then, here = _total(before, name, label), _total(now, name, label)
        if here is None or interval_s <= 0:
            return None
        return max(0.0, here - (then or 0)) / interval_s

    return Rates(
        interval_s=max(interval_s, 0.0),
        captures=rate("frames_captured"),
        changes=rate("frames", "changed"),
        events=rate("events", None),
        alerts=rate("events", "alert"),
        readings=rate("readings"),
        copied_bytes=rate("copied_bytes", None),
        cpu=rate("cpu_seconds", None),
    )


def _total(snapshot: Snapshot, name: str, label: str | None) -> float | None:
    """One number of a name, or (label None) the sum of all of them. A label that never came is 0 where the name is."""
    values = snapshot.values(name)
    if not values:
        return None
    return float(sum(values.values())) if label is None else float(values.get(label, 0))


def as_json(now: Snapshot, since: Rates) -> dict[str, Any]:
    """A snapshot and its rates in JSON's types."""
    known = {name: getattr(since, name) for name in Rates.__dataclass_fields__}
    return {"rates": {name: None if each is None else round(each, 4) for name, each in known.items()}, **now.to_dict()}


# -- for people ------------------------------------------------------------------------------------------------


def picture(now: Snapshot, since: Rates, name: str) -> Group:
    """Everything as tables, one below the other."""
    parts = [_head(now, since, name), _screens(now), _stages(now), _queues(now), _counted(now)]
    return Group(*[part for part in parts if part is not None], _memory(now))


def _head(now: Snapshot, since: Rates, name: str) -> Text:
    seen = now.value("verified_seconds_ago")
    lines = [
        f"ironcliw top: {name}, up {_duration(now.uptime_s)}, screen seen "
        + (_UNKNOWN if seen is None else f"{seen:.0f} s ago"),
        f"captures {_number(since.captures)}/s   changes {_number(since.changes)}/s   "
        f"events {_number(since.events)}/s   alerts {_number(since.alerts)}/s   readings {_number(since.readings)}/s",
        f"CPU {_share(since.cpu)}   copied {_bytes(since.copied_bytes)}/s   "
        f"memory {_bytes(now.value('resident_bytes'))}   threads {_whole(now.value('threads'))}   "
        f"descriptors {_whole(now.value('descriptors'))}",
    ]
    lines += [f"at most {fps:g} captures a second: {why}" for why, fps in now.values("capture_rate").items()]
    return Text("\n".join(lines))


def _screens(now: Snapshot) -> Table | None:
    """A row for each of several screens."""
    names = now.values("screen_captures")
    if not names:
        return None
    kinds = ("captures", "changes", "events", "alerts")
    seen, rates = now.values("screen_verified_seconds_ago"), now.values("screen_rate")
    table = _table("screen", *kinds, "seen s ago", "at most/s")
    for name in names:
        counts = (_whole(now.value(f"screen_{kind}", name)) for kind in kinds)
        table.add_row(name, *counts, _whole(seen.get(name)), _number(rates.get(name)))
    return table


def _stages(now: Snapshot) -> Table | None:
    if not now.stages:
        return None
    table = _table("stage", "count", "mean ms", "p95", "p99", "max")
    for name, stage in now.stages.items():
        times = (stage.mean_ms, stage.p95_ms, stage.p99_ms, stage.max_ms)
        table.add_row(name, f"{stage.count:,}", *(f"{each:,.3f}" for each in times))
    return table


def _queues(now: Snapshot) -> Table | None:
    lengths, bounds = now.values("queue_length"), now.values("queue_bound")
    if not lengths:
        return None
    table = _table("queue", "waiting", "at most")
    for name, length in lengths.items():
        table.add_row(name, _whole(length), _whole(bounds.get(name)))
    return table


def _acted(now: Snapshot) -> str | None:
    """What became of alerts, by action; None where there are no actions."""
    names = now.values("actions_delivered")
    if not names:
        return None
    became = {each: now.values(f"actions_{each}") for each in ("delivered", "failed", "dropped", "held")}
    told = (
        f"{name} " + ", ".join(f"{_whole(values[name])} {each}" for each, values in became.items() if values.get(name))
        for name in names
    )
    return f"actions: {'; '.join(each if not each.endswith(' ') else f'{each}nothing yet' for each in told)}"


def _counted(now: Snapshot) -> Text:
    share = now.value("duplicate_ratio")
    dropped = {**now.values("frames_dropped"), **now.values("events_dropped")}
    lines = [
        f"frames {_whole(now.value('frames_captured'))} = {_parts(now.values('frames'))}; duplicates {_share(share)}",
        f"dropped: {_parts(dropped) or 'nothing'}",
        f"events: {_parts(now.values('events')) or 'none'}",
        f"copied: {_parts(now.values('copied_bytes'), _bytes) or 'nothing'}; "
        f"handed on without a copy: {_parts(now.values('handovers')) or 'nothing'}",
    ]
    if now.value("model_requests") is not None:
        lines.append(_asked(now))
    if now.values("text_lines"):
        lines.append(f"lines of text: {_parts(now.values('text_lines'))}")
    if (acted := _acted(now)) is not None:
        lines.append(acted)
    return Text("\n".join(lines))


def _asked(now: Snapshot) -> str:
    """What asking a model did, and what is left of its budget."""
    spent, caps = now.values("model_spent_tokens"), now.values("model_budget_tokens")
    left = ", ".join(f"{name} {_whole(tokens)} of {_whole(caps.get(name))}" for name, tokens in spent.items())
    dollars = (now.value("model_money_micros") or 0) / 1e6
    return (
        f"questions: {_parts(now.values('model_answers')) or 'none'}; {_whole(now.value('model_requests'))} requests, "
        f"{_whole(now.value('model_tokens'))} tokens, {dollars:.4f} USD; spent: {left or 'no budget'}"
    )


def _memory(now: Snapshot) -> Table | Text:
    used, budget = now.values("memory_used_bytes"), now.values("memory_budget_bytes")
    if not used:
        return Text(f"memory by room: {now.absent.get('memory_used_bytes', 'not known')}")
    table = _table("room", "held", "budget", "of it")
    for room, size in used.items():
        bound = budget.get(room)
        table.add_row(room, _bytes(size), _bytes(bound), _share(size / bound if bound else None))
    pressure = ", ".join(now.values("memory_pressure"))
    table.add_section()
    table.add_row(
        "all", _bytes(sum(used.values())), _bytes(sum(budget.values()) or None), f"pressure {pressure or '-'}"
    )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left", no_wrap=True)
    return table


def _parts(values: Any, shown: Any = None) -> str:
    shown = shown or _whole
    return ", ".join(f"{name} {shown(value)}" for name, value in values.items())


def _whole(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:,.0f}"


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.1%}"


def _bytes(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} GB"


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}"
