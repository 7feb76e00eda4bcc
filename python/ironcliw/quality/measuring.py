"""One run of the scorer: every recording watched and scored, the controls beside it, the gates compared.

report = measure(["data/dev"], only=["d1"], say=print)
report.failures                       # what is below the bar, in words
report.to_dict()                      # JSON
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ironcliw import kernels
from ironcliw.quality.bar import Target, below, missed, targets
from ironcliw.quality.comparison import Count, compare
from ironcliw.quality.controls import MUST_FAIL, perfect
from ironcliw.quality.counting import Reads
from ironcliw.quality.ending_frames import compare_end
from ironcliw.quality.endings import End, Ending
from ironcliw.quality.observing import observe
from ironcliw.quality.perception import Asked, Perception, perceive
from ironcliw.quality.perception import controls as perception_controls
from ironcliw.quality.pictures import of_events
from ironcliw.quality.recordings import Recording, find_recordings
from ironcliw.quality.scoring import RecordingScore, Totals, score_recording
from ironcliw.quality.screens import find_screens
from ironcliw.version import package_version


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and how figures came about. ``load`` is the one-minute load average at the start, where there is one."""

    machine: str
    version: str
    commit: str
    kernels: str
    load: float | None

    @classmethod
    def here(cls) -> Circumstances:
        """This machine and this checkout, now."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        machine = f"{_cpu()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"
        load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
        return cls(machine, package_version(), _commit(), f"{kernels.IMPLEMENTATION} ({kernels.REASON})", load)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    controls: totals of detectors that must fail, and of ``perfect``, by name; empty without recordings
    perception, perception_controls: what was measured beside recordings, of the watcher and of such detectors
    pictures: names of the pictures of missed events, by recording and the event's place in its score
    """

    data: tuple[str, ...]
    circumstances: Circumstances
    scores: tuple[RecordingScore, ...]
    totals: Totals
    controls: dict[str, Totals]
    gates: dict[str, Count]
    perception: Perception = field(default_factory=Perception)
    perception_controls: dict[str, Perception] = field(default_factory=dict[str, Perception])
    pictures: dict[str, dict[int, str]] = field(default_factory=dict[str, dict[int, str]])

    @property
    def targets(self) -> list[Target]:
        """The targets of perception, reached, missed or not measured."""
        return targets(self.totals if self.scores else None, self.perception)

    @property
    def failures(self) -> list[str]:
        """Why this run does not pass: below the bar, or labels by which a control is not told from a good detector.

        Without recordings there is no bar, and it is the targets that were missed.
        """
        if not self.scores:
            return missed(self.targets) + self._blind_measures
        blind = [
            f"the labels do not tell a detector that is '{name}' from a good one" for name in self._passing_controls
        ]
        return below(self.totals) + blind + self._blind_measures

    @property
    def _passing_controls(self) -> list[str]:
        return [name for name in MUST_FAIL if not below(self.controls[name])]

    @property
    def _blind_measures(self) -> list[str]:
        """Controls that what was measured beside the recordings takes for good, or ``perfect`` taken for a bad one."""
        found: list[str] = []
        for name, seen in self.perception_controls.items():
            measured = [target for target in targets(None, seen) if target.reached is not None]
            if measured and bool(missed(measured)) == (name == "perfect"):
                found.append(f"the measures beside the recordings take a detector that is '{name}' for another")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON. Seconds are media time; no text from the screen is in it."""
        return {
            "v": 1,
            "data": list(self.data),
            "circumstances": asdict(self.circumstances),
            "passed": not self.failures,
            "failures": self.failures,
            "totals": _totals(self.totals),
            "targets": [asdict(target) for target in self.targets],
            "perception": self.perception.to_dict(),
            "recordings": [_recording(score, self.pictures.get(score.truth.name, {})) for score in self.scores],
            "controls": {name: {**_totals(totals), "below": below(totals)} for name, totals in self.controls.items()},
            "gates": {kind: asdict(count) for kind, count in self.gates.items()},
        }


def measure(
    data: Sequence[str],
    only: Sequence[str] = (),
    say: Callable[[str], None] = lambda line: None,
    asked: Asked | None = None,
) -> Report:
    """Watch and score every recording of ``data``, and show the gates what is to be noticed in them.

    data: folders of labelled recordings and ``synthetic:...`` sources; none where only ``asked`` is wanted
    only: ids of the recordings wanted
    asked: what to measure beside them
    say: is told of each step, in a line

    Raises LabelError for labels, SourceError for media and ModelError for models that cannot be used.
    """
    circumstances = Circumstances.here()
    recordings = find_recordings(data, only)
    asked = asked or Asked()
    screens = [] if only else find_screens([Path(place) for place in data])
    scores: list[RecordingScore] = []
    endings: list[Ending] = []
    ends: list[End] = []
    reads, pictures = Reads(), dict[str, dict[int, str]]()
    for recording in recordings:
        say(f"{recording.truth.name}: {recording.truth.duration_s:.1f} s")
        observed = observe(recording)
        score = score_recording(recording.truth, observed)
        scores.append(score)
        if observed.reads and observed.ending:
            ending, end = compare_end(recording, observed.ending)
            endings.append(ending)
            ends.append(end)
            reads += observed.reads
        if asked.pictures is not None:
            pictures[recording.truth.name] = of_events(recording, score, asked.pictures)
    gates: dict[str, Count] = {}
    if recordings:
        say("gates: what each of them would have noticed")
        gates = compare(recordings, [Path(place) for place in data if Path(place).is_dir()])
    controls = score_controls(recordings) if recordings else {}
    seen = replace(perceive(asked, screens, say, recordings), endings=tuple(endings), reads=reads if endings else None)
    return Report(
        tuple(data),
        circumstances,
        tuple(scores),
        Totals.of(scores),
        controls,
        gates,
        seen,
        perception_controls(asked, screens, ends, seen.reads),
        pictures,
    )


def score_controls(recordings: Sequence[Recording]) -> dict[str, Totals]:
    """The totals of every control over these recordings, by the same scorer."""
    detectors = {**MUST_FAIL, "perfect": perfect}
    return {
        name: Totals.of([score_recording(item.truth, control(item.truth)) for item in recordings])
        for name, control in detectors.items()
    }


def _totals(totals: Totals) -> dict[str, Any]:
    shares = {
        "text_rule_recall": totals.text_rules.recall,
        "text_rule_precision": totals.text_rules.precision,
        "other_rule_recall": totals.other_rules.recall,
        "other_rule_precision": totals.other_rules.precision,
        "event_recall": totals.event_recall,
        "event_precision": totals.event_precision,
        "still_alerts_per_hour": totals.per_still_hour(totals.still_alerts),
        "still_texts_per_hour": totals.per_still_hour(totals.still_texts),
    }
    return {**asdict(totals), **shares}


def _recording(score: RecordingScore, pictures: dict[int, str]) -> dict[str, Any]:
    return {
        "id": score.truth.name,
        "duration_s": score.truth.duration_s,
        "rules": [
            {
                "rule": rule.expectation.rule,
                "condition": rule.expectation.condition,
                "answers": [asdict(answer) for answer in rule.answers],
                "missed_s": list(rule.missed_s),
                "extra_s": list(rule.extra_s),
            }
            for rule in score.rules
        ],
        "events": [
            {
                "t": event.event.due_s,
                "type": event.event.kind,
                "what": event.event.what,
                "missing": list(event.missing),
                "answer": event.answer and asdict(event.answer),
                "picture": pictures.get(index),
            }
            for index, event in enumerate(score.events)
        ],
        "repeats_s": list(score.repeats_s),
        "still_alerts_s": list(score.still_alerts_s),
        "still_texts_s": list(score.still_texts_s),
        "still_unprompted_s": list(score.still_unprompted_s),
        "transition_texts": score.transition_texts,
        "texts": score.texts,
        "cost": score.cost and asdict(score.cost),
    }


_TREE = (":/python", ":/crates")
"""What the figures depend on: a note written beside it does not make a tree another one."""


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    """The commit of the tree this package runs from, with a + where it was changed; "unknown" outside of one."""
    here = Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "--short", "HEAD")
        return commit + ("+" if _git(here, "status", "--porcelain", "--", *_TREE) else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(where: Path, *arguments: str) -> str:
    command = ["git", "-C", str(where), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
