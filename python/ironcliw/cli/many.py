"""``ironcliw watch --all``: every [[screen]] of the settings file at once, each line with its name."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from ironcliw import clock
from ironcliw.cli.common import check_format, duration_s, prepare, watch_options
from ironcliw.cli.human import HumanOutput
from ironcliw.cli.output import LineWriter
from ironcliw.errors import SettingsError
from ironcliw.monitor.many import ManyWatch, Named
from ironcliw.settings import Settings


def run_all(config: Path | None, log_level: str | None, format: str, duration: str | None, verbose: bool) -> int:
    """Watch all until Ctrl-C, or ``duration`` has passed; returns the exit code 0."""
    check_format(format)
    limit_s = None if duration is None else duration_s(duration)
    loaded = prepare(config, log_level)
    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(contextlib.closing(LineWriter()))
        many = stack.enter_context(ManyWatch(named_sources(loaded)))

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
            if format == "jsonl":
                lines.write(event.to_json())
                continue
            if event.source not in human:
                human[event.source] = HumanOutput(_named(lines, event.source), verbose=verbose)
            human[event.source].show(event)
    return 0


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
