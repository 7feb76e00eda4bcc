"""What ``ironcliw bench`` measured last, where its results lie beside the report: live latencies and memory.

    benched = from_folder(Path("benches/results"))
    benched.line_p95_ms, benched.burst_p95_ms, benched.rss_mb

Read from ``bench-latency.json`` and ``bench-program.json``; figures of another commit say so by their commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ironcliw.errors import LabelError
from ironcliw.quality.recordings import read_json

LINE, BURST = "new line to text_appeared", "40 lines at once to the last one told"
WATCHER = "Ironcliw"
"""Rows of the bench: the latencies, and the watcher that reads text."""


@dataclass(frozen=True, slots=True)
class Benched:
    """Figures of the bench; None where it has not measured them.

    line_p95_ms, burst_p95_ms: from one new line, from forty at once, until the (last) line was told
    line_missed, burst_missed: lines of either that were not told
    captures_per_s: captures of a screen that changes all the time, while the forty were read
    rss_mb: the largest resident memory of the watcher with its text engine, over all scenes
    commits: what was measured, by part
    """

    line_p95_ms: float | None = None
    line_missed: int = 0
    burst_p95_ms: float | None = None
    burst_missed: int = 0
    captures_per_s: float | None = None
    rss_mb: float | None = None
    commits: tuple[str, ...] = ()


def from_folder(folder: Path) -> Benched | None:
    """The figures in this folder; None where there are none. LabelError for a file that is not the bench's."""
    latency, program = (folder / f"bench-{part}.json" for part in ("latency", "program"))
    parts = {path.stem: read_json(path) for path in (latency, program) if path.exists()}
    if not parts:
        return None
    rows = {row.get("what"): row for row in _rows(parts.get(latency.stem), latency)}
    line, burst = rows.get(LINE, {}), rows.get(BURST, {})
    memory = [
        row["peak_mb"]
        for row in _rows(parts.get(program.stem), program)
        if row.get("watcher") == WATCHER and "peak_mb" in row
    ]
    return Benched(
        line_p95_ms=line.get("p95_ms"),
        line_missed=line.get("missed", 0),
        burst_p95_ms=burst.get("p95_ms"),
        burst_missed=burst.get("missed", 0),
        captures_per_s=burst.get("captures_per_s"),
        rss_mb=max(memory, default=None),
        commits=tuple(f"{name} of {part.get('commit') or 'unknown'}" for name, part in parts.items()),
    )


def _rows(part: Any, path: Path) -> Iterator[dict[str, Any]]:
    """The rows of all tables of one part."""
    try:
        for table in () if part is None else part["tables"]:
            yield from cast("list[dict[str, Any]]", table["rows"])
    except (KeyError, TypeError):
        raise LabelError(f"{path}: not what 'ironcliw bench --out' writes") from None
