"""The text of synthetic desktops is text to the engine: read back in three themes at three scales."""

from __future__ import annotations

from typing import Any

import pytest
from synthetic_frames import frames, picture_at, time_ns_of

import ironcliw
from ironcliw.frame import Rect
from ironcliw.source.synthetic import Look, Script, SyntheticSource, truth
from ironcliw.text.paddle import PaddleEngine

SCRIPT = Script.named("terminal", 8, 60)
MARGIN_PX = 6


@pytest.fixture(scope="module")
def engine() -> PaddleEngine:
    return PaddleEngine(threads=1)


def read_back(engine: PaddleEngine, script: Script, look: Look) -> list[tuple[str, str]]:
    """For each of the last events of some words: what truth says, and what the engine reads in its box at its time."""
    told = [event for event in truth(script, look)["events"] if event["words"] and "from" not in event][-6:]
    pairs: list[tuple[str, str]] = []
    for capture, pixels in frames(script, look):
        for event in [event for event in told if time_ns_of(event["t"]) == capture.time_ns]:
            box = Rect(*event["bbox"]).grown(MARGIN_PX, MARGIN_PX).clipped(look.width, look.height)
            assert box is not None
            lines = engine.read(pixels[box.y : box.bottom, box.x : box.right].copy())
            pairs.append((" ".join(event["words"]), " ".join(line.text for line in lines)))
    assert len(pairs) == len(told)
    return pairs


def plain(text: str) -> str:
    return "".join(text.split()).casefold().replace("o", "0").replace("l", "1").replace("i", "1")


@pytest.mark.parametrize("theme", ["dark", "light", "low-contrast"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("font", ["auto", "builtin"])
def test_lines_are_read_back(engine: PaddleEngine, theme: str, scale: float, font: str) -> None:
    pairs = read_back(engine, SCRIPT, Look(scale=scale, theme=theme, font=font))
    assert len(pairs) == 6
    right = [said for said, read in pairs if plain(said) in plain(read)]
    assert len(right) >= 5, pairs


@pytest.mark.parametrize("theme", ["dark", "light", "low-contrast"])
@pytest.mark.parametrize("name", ["dialog", "toast_short", "switch"])
def test_windows_are_read_back(engine: PaddleEngine, theme: str, name: str) -> None:
    script, look = Script.named(name, 4), Look(theme=theme)
    (event,) = truth(script, look)["events"]
    x, y, width, height = event["bbox"]
    pixels = picture_at(time_ns_of(event["t"]), script, look)
    read = plain(" ".join(line.text for line in engine.read(pixels[y : y + height, x : x + width].copy())))
    assert all(plain(word) in read for word in event["words"]), (event["words"], read)


def fired(name: str, look: Look) -> list[tuple[str, float]]:
    script = Script.named(name, 4)
    alerts = []
    with ironcliw.watch(SyntheticSource(script, look), when=[f"text:{PHRASES[name]}"], pace="max") as running:
        alerts = [event for event in running if event.type == "alert"]
    return [(event.rule or "", event.time) for event in alerts]


PHRASES = {"log_line": "(job", "progress": "100%", "restless": "BUILD FAILED"}


@pytest.mark.parametrize("name", ["log_line", "progress"])
def test_the_watcher_is_told_at_the_time_that_truth_tells(name: str) -> None:
    look = Look()
    told: list[dict[str, Any]] = truth(Script.named(name, 4), look)["events"]
    due = [event["t"] for event in told if any(PHRASES[name] in word for word in event["words"])]
    alerts = fired(name, look)
    assert len(alerts) == len(due) == 1
    assert alerts[0][1] == pytest.approx(due[0], abs=0.3)


def test_the_watcher_is_told_nothing_by_what_only_moves() -> None:
    script = Script.named("restless", 4, 10)
    with ironcliw.watch(SyntheticSource(script), when=["text:BUILD FAILED"], pace="max") as running:
        assert [event for event in running if event.type == "alert"] == []
