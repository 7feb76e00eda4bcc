"""Labelled recordings: does every text rule fire when it should, and how often when it should not?

    .venv/bin/python benches/recordings.py DATA [ID...]

DATA holds ``recordings/<id>.gt.json`` with ``media`` and ``rule_expectations``: a rule in words with its expression
between slashes, the media times at which it fires, a tolerance, and from when on firings do not count. Rules that say
"notification" or "dialog" ask for more than text and are run as text rules; they are listed apart.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import ironcliw
from ironcliw.bench.machine import in_words as machine


@dataclass
class Expectation:
    """One labelled rule and what became of it."""

    recording: str
    rule: str
    is_text: bool
    due_s: list[float]
    tolerance_s: float
    ignore_from_s: float
    fired_s: list[float] = field(default_factory=list)

    @property
    def condition(self) -> str:
        found = re.search(r"/(.+)/", self.rule)
        assert found, self.rule
        return f"{'gone' if self.rule.endswith('gone') else 'text'}:/{found[1]}/"

    def pairs(self) -> tuple[list[float], list[float]]:
        """The times that were missed, and the firings nobody asked for; one firing answers one time."""
        left = [moment for moment in self.fired_s if moment < self.ignore_from_s]
        missed = []
        for due in self.due_s:
            near = [moment for moment in left if abs(moment - due) <= self.tolerance_s]
            if near:
                left.remove(min(near, key=lambda moment, due=due: abs(moment - due)))
            else:
                missed.append(due)
        return missed, left


def expectations(data: Path, wanted: list[str]) -> dict[Path, list[Expectation]]:
    """The labelled rules of each recording."""
    found: dict[Path, list[Expectation]] = {}
    for path in sorted(data.glob("recordings/*.gt.json")):
        truth = json.loads(path.read_text())
        if wanted and not any(truth["id"].startswith(start) for start in wanted):
            continue
        found[path.with_name(truth["media"])] = [
            Expectation(
                truth["id"],
                rule["rule"],
                rule["rule"].startswith("text"),
                rule["fires"],
                rule["tolerance_s"],
                rule.get("ignore_from", float("inf")),
            )
            for rule in truth.get("rule_expectations") or []
        ]
    return found


def run(media: Path, rules: list[Expectation]) -> ironcliw.Event:
    """Watch a recording with its rules; fills in when they fired and returns the summary."""
    by_condition = {rule.condition: rule for rule in rules}
    event = None
    for event in ironcliw.watch(media, when=list(by_condition), pace="max"):
        if event.type == "alert":
            by_condition[event.rule or ""].fired_s.append(round(event.time, 2))
    assert event is not None
    return event


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit("usage: recordings.py DATA [ID...]")
    print(machine())
    rules: list[Expectation] = []
    for media, labelled in expectations(Path(sys.argv[1]), sys.argv[2:]).items():
        started = time.perf_counter()
        summary = run(media, labelled)
        took_s, reading = time.perf_counter() - started, summary.data["reading"]
        print(
            f"{media.stem}: {summary.data['duration_s']:.1f} s in {took_s:.1f} s, {reading['readings']} readings of"
            f" {reading['pixels_read'] / 1e6:.1f} Mpx ({reading['pixels_read'] / max(reading['pixels_full'], 1):.1%})"
        )
        for rule in labelled:
            missed, extra = rule.pairs()
            outcome = f"due {rule.due_s}, fired {rule.fired_s}, missed {missed}, extra {extra}"
            print(f"    {rule.rule}: {outcome}", flush=True)
        rules += labelled
    for name, group in (("text", True), ("other", False)):
        chosen = [rule for rule in rules if rule.is_text == group]
        due = sum(len(rule.due_s) for rule in chosen)
        missed = sum(len(rule.pairs()[0]) for rule in chosen)
        extra = sum(len(rule.pairs()[1]) for rule in chosen)
        print(f"{name} rules: {due - missed} of {due} fired within tolerance, {extra} extra firings")


if __name__ == "__main__":
    main()
