"""``ironcliw soak``: days of a screen in minutes, and whether anything grew."""

from __future__ import annotations

import json
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import SettingsError
from ironcliw.soak import Plan, run_soak
from ironcliw.soak.desktop import FPS
from ironcliw.soak.plot import draw
from ironcliw.soak.report import as_json, markdown

PASSED, FAILED = 0, 1
FRAMES_OF_A_DAY = 864_000


@dataclass(frozen=True, slots=True)
class SoakCommand:
    """The command line of ``soak`` as it was given."""

    frames: int | None
    hours: float | None
    size: str
    real_time: bool
    text: bool
    report: Path | None
    name: str
    json: bool
    leak: int


def run_soak_command(command: SoakCommand) -> int:
    """Soak and report; returns 0 where everything held, else 1. SettingsError for what cannot be run.

    Ctrl-C and TERM end it with a report of what was watched, which then is not all that was asked.
    """
    plan = _plan(command)
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", command.name) or command.name.startswith("."):
        raise SettingsError(f"name must be letters, digits, '.', '_' and '-', not {command.name!r}")
    if command.report is not None:
        _make(command.report)

    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: stopping.append(number))

    def progress(frame: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{frame:,} of {plan.frames:,} frames", end="", file=sys.stderr, flush=True)

    result = run_soak(plan, progress, lambda: bool(stopping))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    data, text = json.dumps(as_json(result), separators=(",", ":")), markdown(result)
    print(data if command.json else text)
    if command.report is not None:
        try:
            (command.report / f"{command.name}.json").write_text(data + "\n")
            (command.report / f"{command.name}.md").write_text(text)
            draw(result).save(command.report / f"{command.name}.png", optimize=True)
        except OSError as error:
            raise SettingsError(f"the report cannot be written to {command.report}: {error.strerror}") from None
    return PASSED if result.good else FAILED


def _plan(command: SoakCommand) -> Plan:
    if command.frames is not None and command.hours is not None:
        raise SettingsError("a soak is as long as --frames or as --hours, not both")
    if command.hours is not None and not 0 < command.hours <= 24 * 365:
        raise SettingsError(f"hours must be above 0 and at most {24 * 365}, not {command.hours}")
    frames = command.frames if command.hours is None else round(command.hours * 3600 * FPS)
    size = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", command.size)
    if size is None:
        raise SettingsError(f"size must be WIDTHxHEIGHT in pixels, as in 640x360, not {command.size!r}")
    return Plan(
        frames=FRAMES_OF_A_DAY if frames is None else frames,
        width=int(size[1]),
        height=int(size[2]),
        text=command.text,
        real_time=command.real_time,
        leak_bytes=command.leak,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}, the folder for the report, cannot be made: {error.strerror}") from None
