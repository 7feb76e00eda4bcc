"""Runs the parts of the bench and says what could not be measured, and why.

report = run_part("latency", Plan(quick=True, command="ironcliw bench --quick"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ironcliw.bench import machine
from ironcliw.bench.changes import measure_changes
from ironcliw.bench.latency import measure_latency
from ironcliw.bench.program import measure_program
from ironcliw.bench.report import Report, Table
from ironcliw.bench.targets import measure_plan
from ironcliw.errors import SettingsError


def _say_nothing(line: str) -> None:
    del line


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure.

    quick: about a quarter of the time; figures to quote are measured in full
    seed: of the order of trials and of what is drawn
    command: how the bench was called, for the report
    say: gets a line whenever something new begins
    """

    quick: bool = False
    seed: int = 1
    command: str = ""
    say: Callable[[str], None] = _say_nothing


Measure = Callable[[bool, int, Callable[[str], None]], list[Table]]
PARTS: dict[str, Measure] = {
    "kernels": measure_changes,
    "program": measure_program,
    "latency": measure_latency,
    "plan": measure_plan,
}
"""What can be measured, by name, in the order in which it is."""


def run_part(part: str, plan: Plan) -> Report:
    """Measure one part. SettingsError for a name that is none; SourceError where it needs a display and has none."""
    if part not in PARTS:
        raise SettingsError(f"bench part must be one of {', '.join(PARTS)}, not {part!r}")
    report = Report.new(part, plan.command, plan.quick)
    report.tables += PARTS[part](plan.quick, plan.seed, plan.say)
    report.load_after = machine.load()
    return report
