"""The generator of scenes: the same seed, the same scene."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools" / "objects"


@pytest.fixture
def scenes(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])
    return importlib.import_module("scenes")


def test_the_page_holds_every_script_and_fetches_nothing(scenes: Any) -> None:
    page = scenes.page()
    assert "function draw(" in page
    assert "class Chance" in page
    assert "http://" not in page
    assert "src=" not in page


def test_a_label_is_in_pixels_of_the_picture(scenes: Any) -> None:
    label = scenes._label({"kind": "toast", "box": [10, 20.2, 30, 40], "seen": 1}, 1.5)
    assert label == ("toast", (15, 30, 45, 60), 1)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_the_same_seed_draws_the_same_scene(scenes: Any) -> None:
    one, again = list(scenes.scenes(range(40, 43), False)), list(scenes.scenes(range(40, 43), False))
    for first, second in zip(one, again, strict=True):
        assert first.objects == second.objects
        assert np.array_equal(first.pixels, second.pixels)
        height, width = first.pixels.shape[:2]
        for _, (left, top, right, bottom), seen in first.objects:
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert 0 <= seen <= 1
    assert {each.style for each in one} & {"material", "mac"} == set()
