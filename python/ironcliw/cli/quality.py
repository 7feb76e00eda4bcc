"""``ironcliw quality``: score what the watcher says of labelled recordings and synthetic desktops."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import SettingsError
from ironcliw.quality import Asked, markdown, measure, write_report

PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class QualityCommand:
    """The command line of ``quality`` as it was given."""

    data: Sequence[str]
    only: Sequence[str]
    as_json: bool
    report: Path | None
    name: str
    battery: int = 0
    trials: Sequence[int] = ()
    hours: float = 0.0
    pictures: Path | None = None


def run_quality(command: QualityCommand) -> int:
    """Measure and print the report (Markdown, or JSON); returns 0 where it passes, else 1."""
    if not command.name or Path(command.name).name != command.name:
        raise SettingsError(f"name must be part of a file's name, not {command.name!r}")
    if command.report is not None and command.report.exists() and not command.report.is_dir():
        raise SettingsError(f"{command.report}: is not a folder")
    if command.pictures is not None and command.pictures.exists() and not command.pictures.is_dir():
        raise SettingsError(f"{command.pictures}: is not a folder")
    asked = Asked(command.battery, command.trials, command.hours, command.report, command.pictures)
    if not command.data and not asked.anything:
        raise SettingsError("nothing to measure: name a folder of labelled recordings, or give --battery or --hours")
    if command.only and not command.data:
        raise SettingsError("--only names a recording, and there are none: name their folder")
    report = measure(command.data, command.only, _say, asked)
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
    beside = [f"--battery={command.battery}"] if command.battery else []
    beside += [f"--trial={seed}" for seed in command.trials]
    beside += [f"--hours={command.hours:g}"] if command.hours else []
    beside += [f"--pictures={command.pictures.name}"] if command.pictures else []
    return shlex.join(["ironcliw", "quality", *data, *only, *beside, *written])


def _say(line: str) -> None:
    print(f"ironcliw: {line}", file=sys.stderr, flush=True)
