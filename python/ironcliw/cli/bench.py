"""``ironcliw bench``: measure this machine, print the results, and keep them where asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ironcliw.bench import PARTS, Plan, Report, markdown, run_part, to_json
from ironcliw.bench.report import dumps
from ironcliw.errors import SettingsError, SourceError


def run_bench(only: str | None, quick: bool, as_json: bool, out: Path | None, seed: int) -> int:
    """Measure one part, or all; prints Markdown or one JSON array, and writes ``bench-<part>.json`` and ``.md``.

    Returns 0, or 1 where some part could not be measured. SettingsError for a part or folder that is none; SourceError
    where the one part that was asked for needs what is not there.
    """
    if only is not None and only not in PARTS:
        raise SettingsError(f"--only must be one of {', '.join(PARTS)}, not {only!r}")
    if out is not None and not out.is_dir():
        raise SettingsError(f"--out {out}: no such folder")
    plan = Plan(quick, seed, _command(only, quick, seed), _say)
    reports: list[Report] = []
    left_out = 0
    for part in [only] if only else PARTS:
        try:
            report = run_part(part, plan)
        except SourceError as error:
            if only:
                raise
            left_out += 1
            _say(f"{part} left out: {error}")
            continue
        reports.append(report)
        if out is not None:
            (out / f"bench-{part}.json").write_text(dumps(report))
            (out / f"bench-{part}.md").write_text(markdown(report))
        if not as_json:
            print(markdown(report), flush=True)
    if as_json:
        print(json.dumps([to_json(report) for report in reports], allow_nan=False))
    return 1 if left_out else 0


def _command(only: str | None, quick: bool, seed: int) -> str:
    """How to have the same again."""
    options = [*(["--quick"] if quick else []), *(["--only", only] if only else []), "--seed", str(seed)]
    return " ".join(["ironcliw", "bench", *options])


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)
