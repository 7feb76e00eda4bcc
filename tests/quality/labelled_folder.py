"""Small folders of labelled recordings, made at run time.

folder = write_labelled(tmp_path, "a_build", STATES, truth(...))
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ironcliw.quality.truth import Truth
from terminal_screens import write_session

STATES = [
    (0, ["$ make all"]),
    (1000, ["$ make all", "compiling module 7"]),
    (2500, ["$ make all", "compiling module 7", "BUILD FAILED: code 4711"]),
]


def fields(name: str = "a_build", **given: Any) -> dict[str, Any]:
    """The JSON fields of a recording of ``STATES``."""
    labels = {
        "id": name,
        "media": f"{name}.mkv",
        "duration_s": 4.0,
        "events": [
            {"t": 1.0, "type": "text", "what": "a step", "words": ["compiling module 7"]},
            {"t": 2.5, "type": "text", "what": "it failed", "words": ["BUILD FAILED", "4711"]},
        ],
        "still_intervals": [[1.2, 2.4]],
        "rule_expectations": [
            {"rule": "text matches /BUILD FAILED/", "fires": [2.5], "tolerance_s": 0.5},
            {"rule": "notification /all well/", "fires": [], "tolerance_s": 0},
        ],
    }
    return {**labels, **given}


def truth(**given: Any) -> Truth:
    """``fields`` as a Truth."""
    return Truth.from_dict(fields(**given), "labels")


def write_labelled(folder: Path, labels: dict[str, Any] | None = None, states: Any = STATES) -> Path:
    """Write a recording and its labels into ``folder/recordings``; returns ``folder``."""
    labels = fields() if labels is None else labels
    place = folder / "recordings"
    place.mkdir(parents=True, exist_ok=True)
    write_session(place / labels["media"], states, end_ms=4000)
    (place / f"{labels['id']}.gt.json").write_text(json.dumps(labels))
    return folder
