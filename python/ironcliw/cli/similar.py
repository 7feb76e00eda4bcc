"""``ironcliw similar``: when a recording looked like a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ironcliw.cli.common import parse_region
from ironcliw.cli.output import LineWriter
from ironcliw.features import SAME, Moment, similar

FOUND, NOT_FOUND = 0, 1


@dataclass(frozen=True, slots=True)
class SimilarCommand:
    """The command line of ``similar`` as it was given."""

    reference: str
    source: str
    top: int
    last: bool
    region: str | None
    interval_s: float
    as_json: bool


def run_similar(command: SimilarCommand) -> int:
    """Print the moments, or the last one; 1 where ``--last`` was asked for and it never looked the same, else 0."""
    region = None if command.region is None else parse_region(command.region)
    found = similar(command.reference, command.source, top=command.top, region=region, interval_s=command.interval_s)
    lines = LineWriter()
    if command.as_json:
        answer = {
            "reference": command.reference,
            "source": command.source,
            "region": region,
            "same_distance": SAME,
            "moments": [_fields(moment) for moment in found.moments],
            "last": None if found.last is None else _fields(found.last),
        }
        lines.write(json.dumps(answer, ensure_ascii=False))
    elif not command.last:
        for moment in found.moments:
            lines.write(_line(moment))
    elif found.last is None:
        best = f"; most like it at {_line(found.moments[0]).strip()}" if found.moments else ""
        lines.write(f"never looked the same{best}")
    else:
        lines.write(_line(found.last))
    return NOT_FOUND if command.last and found.last is None else FOUND


def _line(moment: Moment) -> str:
    stretch = f"{moment.start_s:9.2f} - {moment.end_s:8.2f} s"
    verdict = "looks the same" if moment.same else f"{moment.distance} away"
    return f"{stretch}  {verdict}, nearest at {moment.time_s:.2f} s (frame {moment.frame})"


def _fields(moment: Moment) -> dict[str, Any]:
    return {
        "start_s": moment.start_s,
        "end_s": moment.end_s,
        "time_s": moment.time_s,
        "frame": moment.frame,
        "distance": moment.distance,
        "same": moment.same,
    }
