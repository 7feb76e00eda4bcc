"""README's table of measurements, made from the results of the bench: tools/readme_table.py README.md benches/results

What stands between ``<!-- bench:begin -->`` and ``<!-- bench:end -->`` is replaced; nothing else is touched. Refuses a
README without that pair of markers, results that are missing or unreadable, and results of ``--quick``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
PARTS = ("kernels", "program", "latency", "plan")
TRACKER, STEP = "Ironcliw: tracker", "Ironcliw: change step"
DESCRIBE = "Ironcliw: describe, "
PEERS = {
    "numba: early-out compare, counts, boxes, copy": "numba",
    "xxhash, OpenCV: absdiff, gray, threshold, tiles, copy": "xxhash + OpenCV",
    "NumPy reference: tracker": "NumPy",
}
WATCHERS = {
    "Ironcliw, without text": "Ironcliw, text off",
    "Ironcliw": "Ironcliw",
    "the loop people write today": "mss + xxhash + OpenCV + deque",
}

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]


class UnusableError(Exception):
    """Why the table cannot be made, in one line."""


def load(folder: Path) -> dict[str, Row]:
    """The four reports by part."""
    reports: dict[str, Row] = {}
    for part in PARTS:
        path = folder / f"bench-{part}.json"
        try:
            report = json.loads(path.read_text())
        except FileNotFoundError:
            raise UnusableError(f"{path} is missing: 'make bench' measures it") from None
        except ValueError as error:
            raise UnusableError(f"{path} is not JSON: {error}") from None
        if not isinstance(report, dict) or report.get("part") != part or not isinstance(report.get("tables"), list):
            raise UnusableError(f"{path} is not a report of the bench's part '{part}'")
        if report.get("quick"):
            raise UnusableError(f"{path} was measured with --quick: not for quoting")
        reports[part] = report
    return reports


def by_name(report: Row, key: str) -> Rows:
    """The rows of each table by what their first column says."""
    tables = [table for table in report["tables"] if table["rows"] and key in table["rows"][0]]
    return {table["name"]: {row[key]: row for row in table["rows"]} for table in tables}


def kernels(report: Row) -> list[str]:
    """How long finding out what changed takes, and how many times as long others take for the same answer."""
    lines = [
        "| what changed? | tracker | of one read | of memcpy | change step | " + " | ".join(PEERS.values()) + " |",
        "| --- |" + " --- |" * (4 + len(PEERS)),
    ]
    for name, rows in by_name(report, "case").items():
        if TRACKER not in rows:
            continue
        ours, step = rows[TRACKER], rows.get(STEP, {})
        figures = [number(ours.get("median_ms"), 2, " ms"), number(ours.get("reads"), 2), number(ours.get("copies"), 2)]
        figures += [number(step.get("median_ms"), 2, " ms")]
        figures += [number(rows.get(peer, {}).get("tracker"), 1, "x") for peer in PEERS]
        lines.append(f"| {name} | " + " | ".join(figures) + " |")
    return lines


def descriptors(report: Row) -> list[str]:
    """What describing costs, of one read and of describing everything."""
    lines = ["| describing | median | of one read | of describing all |", "| --- | --- | --- | --- |"]
    for rows in by_name(report, "case").values():
        for name, row in rows.items():
            if row.get("own") and DESCRIBE in name:
                figures = [
                    number(row.get("median_ms"), 3, " ms"),
                    number(row.get("reads"), 3),
                    number(row.get("whole"), 3),
                ]
                lines.append(f"| {name.removeprefix(DESCRIBE)} | " + " | ".join(figures) + " |")
    return lines


def program(report: Row) -> list[str]:
    """Processor time, ours and the server's for us, and memory of the whole watcher."""
    lines = ["| whole watcher, 10 fps | " + " | ".join(WATCHERS.values()) + " |", "| --- |" + " --- |" * len(WATCHERS)]
    for name, rows in by_name(report, "watcher").items():
        cells = [
            f"{number(rows[each].get('own_percent'), 2)} + {number(rows[each].get('server_percent'), 2, ' %')},"
            f" {number(rows[each].get('rss_mb'), 0, ' MB')}"
            if each in rows
            else "-"
            for each in WATCHERS
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, "", "Per cent of a core: the watcher + the X server for it."]


def latency(report: Row) -> list[str]:
    """From what happened to its event."""
    lines = ["| latency | p50 | p95 | told |", "| --- | --- | --- | --- |"]
    for rows in by_name(report, "what").values():
        for name, row in rows.items():
            told = f"{row['drawn'] - row['missed']} of {row['drawn']}"
            lines.append(
                f"| {name} | {number(row.get('p50_ms'), 0, ' ms')} | {number(row.get('p95_ms'), 0, ' ms')} | {told} |"
            )
    return lines


def plan(report: Row) -> list[str]:
    """The original plan's targets."""
    lines = ["| target of the plan | aim | Ironcliw | plain Python | met |", "| --- | --- | --- | --- | --- |"]
    for rows in by_name(report, "target").values():
        for name, row in rows.items():
            unit = f" {row['unit']}"
            met = {True: "yes", False: "no"}.get(row.get("met"), "not measured")
            ours, plain = number(row.get("ours"), 2, unit), number(row.get("plain"), 1, unit)
            lines.append(f"| {name} | {row['aim']} | {ours} | {plain} | {met} |")
    return lines


def number(value: float | None, digits: int, unit: str = "") -> str:
    """A figure for a cell; a dash where it could not be measured."""
    return "-" if value is None else f"{value:,.{digits}f}{unit}"


def table(reports: dict[str, Row]) -> str:
    """Everything that stands between the markers."""
    head = reports["kernels"]
    machine, load_now = head["machine"], head["load_before"]
    commits = ", ".join(sorted({str(report["commit"]) for report in reports.values()}))
    busy = f", load {load_now[0]:.1f}" if load_now else ""
    measured = (
        f"Measured {head['date'][:10]} on {machine['cpu']}, {machine['cores']} cores{busy}, commit {commits}, with"
        " `make bench`; medians, the peers in the same run. Everything, p95 and what each way answers:"
        " [benches/results](benches/results)."
    )
    parts = [
        kernels(reports["kernels"]),
        descriptors(reports["kernels"]),
        program(reports["program"]),
        latency(reports["latency"]),
        plan(reports["plan"]),
    ]
    return "\n\n".join(["\n".join(lines) for lines in parts] + [measured])


def renewed(readme: str, inner: str) -> str:
    """README's text with ``inner`` between its markers."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1 or readme.index(BEGIN) > readme.index(END):
        raise UnusableError(f"there must be one '{BEGIN}' and, after it, one '{END}'")
    before, rest = readme.split(BEGIN)
    return f"{before}{BEGIN}\n{inner}\n{END}{rest.split(END)[1]}"


def main(arguments: list[str] | None = None) -> int:
    """Renew the table; returns 0, 1 where ``--check`` finds another one, 2 where it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readme", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--check", action="store_true", help="only say whether the table is what the results say")
    options = parser.parse_args(arguments)
    try:
        before = options.readme.read_text()
        after = renewed(before, table(load(options.results)))
    except (UnusableError, OSError) as error:
        print(f"readme_table: {options.readme}: {error}", file=sys.stderr)
        return 2
    if options.check:
        return int(before != after)
    if before != after:
        beside = options.readme.with_name(f".{options.readme.name}.new")
        beside.write_text(after)
        beside.replace(options.readme)
    return 0


if __name__ == "__main__":
    sys.exit(main())
