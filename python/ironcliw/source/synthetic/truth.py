"""What there is to see in a script, in the fields of labelled recordings, so that one scorer reads both.

    truth(Script.named("log_line"), Look())["events"]
    # [{"t": 3.0, "type": "text", "what": "line printed", "words": ["BUILD FAILED ..."], "bbox": [34, 58, 414, 20]}]
    write(Path("data"), script, look)     # data/ID.gt.json and data/ID.source.json, no media

Nothing is painted for it: the actions are applied to the same desktop, and the story is written down.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ironcliw.clock import MS, SECOND
from ironcliw.errors import SettingsError
from ironcliw.source.synthetic.layout import furnished
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.script import Script
from ironcliw.source.synthetic.spec import id_of, name_of
from ironcliw.source.synthetic.story import Story, Telling

TOLERANCE_S = 0.5
"""How far from its time a rule may fire."""

LATEST_FIRING_S = 1.0
"""Firings that would come within this of the end do not count: the recording may end before they can be confirmed."""


def truth(script: Script, look: Look) -> dict[str, Any]:
    """The ground truth of ``script``; times are in seconds, boxes x, y, width, height in frame pixels.

    Of an event, ``t`` is when it is first wholly seen, ``from`` when it began to come where that was earlier (typed,
    faded in, or covered at first), ``t1`` when what takes time was over, ``end`` when it was gone.
    """
    story = _told(script, look)
    events = [_event(telling) for telling in story.events]
    return {
        "id": id_of(script, look),
        "media": name_of(script, look),
        "made_by": "exact, from the script that paints the desktop",
        "width": look.width,
        "height": look.height,
        "scale": look.scale,
        "duration_s": script.duration_ms / 1000,
        "kind": "synthetic",
        "shows": f"synthetic desktop, script {script.name}, seed {script.seed}",
        "events": sorted(events, key=lambda event: event["t"]),
        "scene_transitions": [
            {"t0": _seconds(telling.since_ns), "t1": _seconds(telling.t1_ns), "kind": telling.what}
            for telling in story.events
            if telling.kind == "transition" and telling.t1_ns is not None
        ],
        "still_intervals": [[_seconds(start), _seconds(end)] for start, end in story.stills],
        "rule_expectations": _expectations(script, story),
    }


def write(folder: Path, script: Script, look: Look) -> Path:
    """Store the truth as ``ID.gt.json`` beside a description, from which ``open_source`` plays it; no media.

    Returns the truth's path. SettingsError for a script that no spec names.
    """
    if not script.replayable:
        raise SettingsError(f"{script.name!r} is no script that can be played again by its name")
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "source": name_of(script, look),
        "script": script.name,
        "seed": script.seed,
        "duration_s": script.duration_ms / 1000,
        "width": look.width,
        "height": look.height,
        "scale": look.scale,
        "theme": look.theme,
        "font": look.font,
    }
    path = folder / f"{id_of(script, look)}.gt.json"
    path.write_text(json.dumps(truth(script, look), indent=1) + "\n", encoding="utf-8")
    described = folder / f"{id_of(script, look)}.source.json"
    described.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    return path


def _told(script: Script, look: Look) -> Story:
    story = Story()
    desktop = furnished(look, script.seed, story)
    for moment in script.moments():
        if moment.at_ms * MS != desktop.now_ns:
            story.review(desktop)
            desktop.now_ns = moment.at_ms * MS
        moment.action.apply(desktop)
    story.review(desktop)
    story.finish(script.duration_ms * MS)
    return story


def _event(telling: Telling) -> dict[str, Any]:
    since, seen = _seconds(telling.since_ns), _seconds(telling.t_ns or telling.since_ns)
    event: dict[str, Any] = {"t": seen}
    if since < seen:
        event["from"] = since
    if telling.t1_ns is not None:
        event["t1"] = _seconds(telling.t1_ns)
    if telling.end_ns is not None:
        event["end"] = _seconds(telling.end_ns)
    event |= {"type": telling.kind, "what": telling.what, "words": list(telling.words)}
    if telling.box is not None:
        event["bbox"] = list(telling.box)
    return event


def _expectations(script: Script, story: Story) -> list[dict[str, Any]]:
    """A rule for each phrase, and for each that a toast showed one for when it was gone."""
    latest_s = script.duration_ms / 1000 - LATEST_FIRING_S
    rules: list[dict[str, Any]] = []
    for phrase in script.phrases:
        shown = [telling for telling in story.events if any(phrase in word for word in telling.words)]
        fires = {f"text matches /{phrase}/": [telling.t_ns or telling.since_ns for telling in shown]}
        gone = [telling.end_ns for telling in shown if telling.kind == "notification" and telling.end_ns is not None]
        if gone:
            fires[f"notification /{phrase}/ gone"] = gone
        for rule, times_ns in fires.items():
            times_s = [_seconds(time_ns) for time_ns in times_ns]
            expectation = {"rule": rule, "fires": times_s, "tolerance_s": TOLERANCE_S if times_s else 0}
            rules.append(expectation | ({"ignore_from": latest_s} if any(t > latest_s for t in times_s) else {}))
    return rules


def _seconds(time_ns: int) -> float:
    return round(time_ns / SECOND, 3)
