"""Dialogs and toasts: which labelled ones are found, and what counts as found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ironcliw.errors import LabelError
from ironcliw.frame import Rect
from ironcliw.quality.bar import targets
from ironcliw.quality.dialogs import DialogsScore, answers, controls, find_dialogs, labelled_frames
from ironcliw.quality.perceived import perceived
from ironcliw.quality.perception import Perception
from ironcliw.quality.recordings import find_recordings
from ironcliw.quality.screens import find_screens

LABEL = Rect(100, 100, 300, 150)


def labelled(folder: Path, *dialogs: Any) -> Path:
    place = folder / "screens"
    place.mkdir()
    screens = []
    for number, dialog in enumerate(dialogs):
        Image.new("RGB", (640, 400), "white").save(place / f"{number}.png")
        screens.append({"file": f"{number}.png", "lines": [], **({} if dialog == "no label" else {"dialog": dialog})})
    (place / "screens_gt.json").write_text(json.dumps({"screens": screens}))
    return folder


@pytest.mark.parametrize(
    ("box", "is_it"),
    [
        (LABEL, True),
        (LABEL.grown(20, 20), True),
        (Rect(100, 100, 300, 74), False),
        (Rect(190, 150, 210, 105), True),  # a label by eye: the centre is in it and no side is far off
        (LABEL.moved(0, 150), False),
        (Rect(0, 0, 1280, 720), False),
    ],
)
def test_a_box_answers_for_a_label_that_it_covers_about(box: Rect, is_it: bool):
    assert answers(box, LABEL) is is_it


def test_screens_say_which_dialog_they_show_or_none_or_nothing_of_it(tmp_path: Path):
    folder = labelled(tmp_path, {"approx_bbox": [100, 100, 300, 150], "title": "x"}, None, "no label")
    frames = list(labelled_frames(find_screens([folder]), []))
    assert [(frame.name, frame.labels) for frame in frames] == [("0.png", (LABEL,)), ("1.png", ())]
    assert frames[0].pixels.shape == (400, 640, 4)


@pytest.mark.parametrize("dialog", [{}, {"approx_bbox": [1, 2, 3]}, {"approx_bbox": [1, 2, 0, 9]}, 7, "here"])
def test_a_dialog_without_a_box_is_a_wrong_label(tmp_path: Path, dialog: Any):
    with pytest.raises(LabelError, match="approx_bbox"):
        find_screens([labelled(tmp_path, dialog)])


def test_what_is_missed_and_what_is_found_beside_is_listed():
    score = DialogsScore()
    score.add("a.png", [LABEL], [LABEL.moved(4, 0), Rect(0, 0, 50, 50)])
    score.add("b.png", [LABEL], [])
    assert (score.frames, score.labels, score.found, score.recall, score.precision) == (2, 2, 1, 0.5, 0.5)
    assert [(each.frame, each.box) for each in score.missed] == [("b.png", LABEL)]
    page = perceived(Perception(dialogs=score))
    assert "| a.png | found without a label | 0,0,50,50 |" in page
    assert "| b.png | not found | 100,100,300,150 |" in page


def test_toasts_of_a_recording_are_found_once_they_have_come():
    recordings = find_recordings(["synthetic:office?seed=2&minutes=1"])
    score = find_dialogs(labelled_frames([], recordings))
    assert (score.frames, score.labels, score.found) == (3, 3, 3)
    nothing = find_dialogs(labelled_frames([], recordings), lambda frame: [])
    assert nothing.found == 0


def test_the_target_tells_controls_from_what_is_perfect():
    labels = [(f"{number}.png", (LABEL,) if number % 2 else ()) for number in range(20)]
    reached = {
        name: [target.reached for target in targets(None, Perception(dialogs=score)) if "dialogs" in target.measure]
        for name, score in controls(labels).items()
    }
    assert reached == {"silent": [False], "always": [False], "shifted": [False], "perfect": [True]}
