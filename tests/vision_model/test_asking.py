"""Rules that ask, a real watch, a real reader, a server on loopback that reads what it is sent."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking_setup import WIDE, asker_of, choice_of
from endpoint_faults import FAULTS
from model_server import ModelServer, Received
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from says_rules import SaysRules

from ironcliw.monitor import watching
from ironcliw.monitor.watching import Watch, WatchOptions
from ironcliw.vision_model import Budget

YES, NO = (f'{{"verdict":"{each}","confidence":0.9,"reason":"so it says","quote":null}}' for each in ("yes", "no"))


def by_its_words(request: Received) -> str:
    return YES if "build green" in request.words.partition("DATA-")[2] else NO


def frame(*lines: str, clock: int = 0) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (640, 360), (250, 250, 250))
    draw = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        draw.text((20, 20 + 40 * at), line, fill="black", font=ImageFont.load_default(24))
    draw.text((520, 330), f"12:00:{clock:02}", fill="black", font=ImageFont.load_default(16))
    return np.asarray(picture)


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> type[SaysRules]:
    monkeypatch.setattr(watching, "RuleSet", SaysRules)
    return SaysRules


def options(asker: Any, **given: Any) -> WatchOptions:
    return WatchOptions(pace="max", interval_s=0.5, asker=asker, ask_s=20, threads=1, **given)


def test_a_rule_fires_by_what_a_model_says(rules: type[SaysRules], tmp_path: Path) -> None:
    """Half a minute with a clock: nothing but the start, what is to the point, and patience is asked about."""
    shown = [("waiting",)] * 20 + [("waiting", "build green")] * 20 + [("waiting", "build red")] * 20
    frames = [frame(*lines, clock=at // 2 % 60) for at, lines in enumerate(shown)]
    with ModelServer(answer=by_its_words) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        with Watch(iter(frames), options(asker)) as running:
            events = list(running)
            (alert,) = [event for event in events if event.type == "alert"]
            answers = [answer.verdict for answer in running.rules.answers]
            metrics = running.metrics.snapshot()
        assert alert.rule == "build"
        assert 10 <= alert.time <= 13
        assert answers[0] == "no"
        assert answers[-1] == "no"
        assert 3 <= len(server.requests) <= 5
        assert metrics.value("model_requests", "") == len(server.requests)
        assert metrics.value("model_tokens", "") == 37 * len(server.requests)


def test_capture_goes_on_while_a_model_hangs(rules: type[SaysRules], tmp_path: Path) -> None:
    def frames() -> Iterator[NDArray[np.uint8]]:
        for at in itertools.count():
            yield frame(f"build {at}", clock=at % 60)

    with ModelServer(FAULTS["hang after request"]) as server:
        asker = asker_of(choice_of(server, "openai"), tmp_path)
        live = WatchOptions(pace="real", interval_s=0.1, asker=asker, ask_s=300, threads=1)
        with Watch(frames(), live) as running:
            until = time.monotonic() + 60
            while not server.requests and time.monotonic() < until:
                running.get(0.1)
            assert server.requests
            before = running.engine.counts.captured
            while running.engine.counts.captured < before + 20 and time.monotonic() < until:
                running.get(0.1)
            assert running.engine.counts.captured >= before + 20
            assert not running.rules.answers
        assert not asker.caller._thread.is_alive()


def test_a_live_watch_gets_its_answer(rules: type[SaysRules], tmp_path: Path) -> None:
    def frames() -> Iterator[NDArray[np.uint8]]:
        for at in itertools.count():
            yield frame("build green" if at > 20 else "nothing yet", clock=at // 10 % 60)

    with ModelServer(answer=by_its_words) as server:
        asker = asker_of(choice_of(server, "openai"), tmp_path)
        live = WatchOptions(pace="real", interval_s=0.1, asker=asker, ask_s=30, threads=1)
        with Watch(frames(), live) as running:
            until = time.monotonic() + 90
            alert = None
            while alert is None and time.monotonic() < until:
                event = running.get(0.2)
                alert = event if event is not None and event.type == "alert" else None
        assert alert is not None


def test_a_used_up_budget_is_said_once_and_watching_goes_on(rules: type[SaysRules], tmp_path: Path) -> None:
    frames = [frame(f"build {chr(97 + at // 8)} it is", clock=at % 60) for at in range(48)]
    told: list[str] = []
    with ModelServer(answer=by_its_words) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path, Budget(calls_per_hour=1), told=told)
        with Watch(iter(frames), options(asker)) as running:
            events = list(running)
        assert len(server.requests) == 1
    assert len(told) == 1
    assert "calls_per_hour" in told[0]
    assert sum(event.type.startswith("text_") for event in events) > 2
    assert events[-1].type == "summary"


def test_without_a_model_the_rule_is_told_why(rules: type[SaysRules], caplog: pytest.LogCaptureFixture) -> None:
    with Watch(iter([frame("build green")] * 8), options(None)) as running:
        list(running)
        assert {answer.verdict for answer in running.rules.answers} == {"unknown"}
        assert "no model is set" in running.rules.answers[0].reason
    assert caplog.text.count("no model is set") == 1


def test_nothing_of_the_screen_is_logged(
    rules: type[SaysRules], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for name in ("anthropic", "openai", "httpx2", "httpcore2"):
        caplog.set_level("DEBUG", name)
    with ModelServer(FAULTS["prose"]) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path, WIDE)
        with Watch(iter([frame("canary7531 build")] * 8), options(asker)) as running:
            list(running)
        assert any("canary7531" in request.words for request in server.requests)
    assert "canary7531" not in caplog.text
    assert all("canary7531" not in file.read_text() for file in tmp_path.iterdir())
