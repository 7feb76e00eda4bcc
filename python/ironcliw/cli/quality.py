"""``ironcliw quality``: score what the watcher says of labelled recordings."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import SettingsError
from ironcliw.quality import markdown, measure, write_report

PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class QualityCommand:
    """The command line of ``quality`` as it was given."""

    data: Sequence[str]
    only: Sequence[str]
    as_json: bool
    report: Path | None
    name: str


def run_quality(command: QualityCommand) -> int:
    """Measure and print the report (Markdown, or JSON); returns 0 where the bar is cleared, else 1."""
    if not command.name or Path(command.name).name != command.name:
        raise SettingsError(f"name must be part of a file's name, not {command.name!r}")
    if command.report is not None and command.report.exists() and not command.report.is_dir():
        raise SettingsError(f"{command.report}: is not a folder")
    report = measure(command.data, command.only, say=_say)
    shown = _shown(command)
    if command.report is not None:
        _say(f"written: {write_report(report, command.name, command.report, shown)}")
    if command.as_json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        print(markdown(report, shown), end="")
    return FAILED if report.failures else PASSED


def _shown(command: QualityCommand) -> str:
    """The command as it stands in a report that others read: folders by their names, not by where they lie here."""
    data = [place if place.startswith("synthetic:") else Path(place).resolve().name for place in command.data]
    only = [f"--only={name}" for name in command.only]
    written = [] if command.report is None else [f"--report={command.report}", f"--name={command.name}"]
    if command.report is not None and command.report.is_absolute():
        written[0] = f"--report={command.report.name}"
    return shlex.join(["ironcliw", "quality", *data, *only, *written])


def _say(line: str) -> None:
    print(f"ironcliw: {line}", file=sys.stderr, flush=True)
