"""Results as JSON (every digit) and as Markdown (what a person reads), with what they were measured on.

report = Report.new("kernels", command="ironcliw bench --only kernels", quick=False)
report.tables.append(Table("1080p still", COLUMNS, rows))
markdown(report), to_json(report)
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from ironcliw.bench import machine
from ironcliw.bench.extras import versions
from ironcliw.version import package_version

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """key: of the value in a row; title: above the column; digits: after the point, for numbers; unit: after them."""

    key: str
    title: str
    digits: int = 2
    unit: str = ""


@dataclass(slots=True)
class Table:
    """One table of results; a row lacks what could not be measured. ``notes`` follow below it."""

    name: str
    columns: list[Column]
    rows: list[Row]
    notes: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Report:
    """One part of the bench, and everything needed to judge or repeat it."""

    part: str
    command: str
    quick: bool
    date: str
    version: str
    commit: str | None
    machine: dict[str, Any]
    packages: dict[str, str]
    load_before: list[float] | None
    load_after: list[float] | None = None
    tables: list[Table] = field(default_factory=list[Table])
    notes: list[str] = field(default_factory=list[str])

    @classmethod
    def new(cls, part: str, command: str, quick: bool) -> Report:
        """An empty report of this moment and machine."""
        date = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(
            part,
            command,
            quick,
            date,
            package_version(),
            machine.commit(),
            dict(machine.machine()),
            versions(),
            machine.load(),
        )


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain values; ``tables`` holds the rows as they were measured."""
    return asdict(report)


def dumps(report: Report) -> str:
    """The report as indented JSON, ending in a newline. ValueError for a figure that is no number."""
    return json.dumps(to_json(report), indent=1, allow_nan=False) + "\n"


def markdown(report: Report) -> str:
    """The report as a page: what was measured on what, then the tables."""
    here = report.machine
    lines = [
        f"# Bench: {report.part}",
        "",
        f"- machine: {here['cpu']}, {here['cores']} cores, {here['memory_mb']} MB, {here['system']}",
        f"- Python {here['python']}; kernels {here['kernels']}",
        "- packages: " + ", ".join(f"{name} {version}" for name, version in report.packages.items()),
        f"- ironcliw {report.version}, commit {report.commit or 'unknown'}, {report.date}",
        f"- load (1, 5, 15 minutes): {_loads(report.load_before)} before, {_loads(report.load_after)} after",
        f"- command: `{report.command}`" + (" (quick: shorter than what is to be quoted)" if report.quick else ""),
        *(f"- {note}" for note in report.notes),
    ]
    for table in report.tables:
        lines += ["", f"## {table.name}", "", *_table(table)]
        lines += ["", *(f"{note}  " for note in table.notes)] if table.notes else []
    return "\n".join(lines) + "\n"


def _loads(values: list[float] | None) -> str:
    return " / ".join(f"{value:.2f}" for value in values) if values else "unknown"


def _table(table: Table) -> list[str]:
    head = "| " + " | ".join(column.title for column in table.columns) + " |"
    rows = [
        "| " + " | ".join(_cell(row.get(column.key), column) for column in table.columns) + " |" for row in table.rows
    ]
    return [head, "|" + " --- |" * len(table.columns), *rows]


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.{column.digits}f}{column.unit}"
    return f"{value}{column.unit}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")
