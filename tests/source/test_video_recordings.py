"""Real labelled recordings, where there are any: IRONCLIW_DATA names the folder with their MANIFEST.json."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, End
from ironcliw.source.video import VideoSource

pytest.importorskip("av")

DATA = os.environ.get("IRONCLIW_DATA")
MANIFEST = Path(DATA or ".") / "MANIFEST.json"
ITEMS: list[dict[str, Any]] = json.loads(MANIFEST.read_text())["items"] if DATA else []
RECORDINGS = [item for item in ITEMS if item["type"] == "recording"]


@pytest.mark.skipif(not DATA, reason="IRONCLIW_DATA names no folder of recordings")
@pytest.mark.parametrize("item", RECORDINGS, ids=lambda item: item["id"])
def test_frames_and_times_are_those_of_the_labels(item: dict[str, Any]) -> None:
    source = VideoSource(MANIFEST.parent / item["file"])
    geometry = source.open()
    assert (geometry.width, geometry.height) == (item["width"], item["height"])
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    times: list[int] = []
    while isinstance(message := source.read(0), Capture):
        times.append(message.time_ns)
    source.close()
    memory.close()
    assert isinstance(message, End)
    assert len(times) == item["frames"]
    assert times == sorted(set(times))
    assert times[-1] / 1e9 == pytest.approx(item["last_frame_t"], abs=0.006)
    assert message.time_ns / 1e9 == pytest.approx(item["duration_s"], abs=0.006)
    assert not source.lossless
