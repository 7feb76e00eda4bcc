"""Pictures of missed events: which frame, which part of it, and only where somebody asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from labelled_folder import fields, write_labelled
from PIL import Image

from ironcliw.frame import Rect
from ironcliw.quality import Asked, markdown, measure
from ironcliw.quality.controls import perfect, silent
from ironcliw.quality.pictures import AROUND_PX, of_events, save
from ironcliw.quality.recordings import Recording
from ironcliw.quality.scoring import score_recording
from ironcliw.quality.truth import Truth
from making import cards, write_video


def event(t: float, **more) -> dict:
    return {"t": t, "type": "text", "words": ["x"], **more}


def recording(tmp_path: Path, *events: dict) -> Recording:
    """A recording whose red tells the frame's number (20 times it); a frame each half second."""
    path = write_video(tmp_path / "cards.mkv", cards(4), [0, 500, 1000, 1500])
    labels = fields(events=list(events), still_intervals=[], rule_expectations=[])
    return Recording(str(path), Truth.from_dict(labels, "labels"))


def shown(path: Path) -> int:
    with Image.open(path) as picture:
        return int(np.asarray(picture)[0, 0, 0]) // 20


def test_each_miss_is_shown_at_its_moment(tmp_path):
    made = recording(tmp_path, event(0.5), event(1.0, t1=1.5), event(0.0))
    names = of_events(made, score_recording(made.truth, silent(made.truth)), tmp_path / "misses")
    assert {index: shown(tmp_path / "misses" / name) for index, name in names.items()} == {0: 1, 1: 3, 2: 0}
    assert names[0] == "a_build-0000.50-0.png"


def test_what_was_found_is_not_shown(tmp_path):
    made = recording(tmp_path, event(0.5))
    assert of_events(made, score_recording(made.truth, perfect(made.truth)), tmp_path / "misses") == {}
    assert not (tmp_path / "misses").exists()


def test_the_part_around_the_box_with_the_box_on_it(tmp_path):
    pixels = np.zeros((600, 800, 4), np.uint8)
    save(pixels, Rect(300, 200, 100, 50), tmp_path / "part.png")
    with Image.open(tmp_path / "part.png") as picture:
        assert picture.size == (100 + 2 * AROUND_PX, 50 + 2 * AROUND_PX)
        red = np.asarray(picture)[:, :, 0] > 0
    assert red.any(axis=1).sum() == 54
    assert red.any(axis=0).sum() == 104
    assert not red[AROUND_PX + 2, AROUND_PX + 2]
    save(pixels, Rect(5000, 5000, 10, 10), tmp_path / "whole.png")
    with Image.open(tmp_path / "whole.png") as picture:
        assert picture.size == (800, 600)


def test_the_report_names_them_and_without_a_folder_there_are_none(tmp_path):
    events = [{**fields()["events"][0], "words": ["never there"], "bbox": [20, 20, 50, 20]}]
    folder = write_labelled(tmp_path / "data", fields(events=events))
    before = sorted(folder.rglob("*"))
    report = measure([str(folder)], asked=Asked(pictures=tmp_path / "misses"))
    name = "a_build-0001.00-0.png"
    assert [path.name for path in (tmp_path / "misses").iterdir()] == [name]
    assert f"| {name} |" in markdown(report)
    assert report.to_dict()["recordings"][0]["events"][0]["picture"] == name
    measure([str(folder)])
    assert sorted(folder.rglob("*")) == before
