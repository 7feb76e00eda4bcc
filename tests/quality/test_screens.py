"""Labelled screenshots: which phrases are read, and what is said of labels that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from ironcliw.errors import LabelError
from ironcliw.quality.screens import Screen, controls, find_screens, read_screens

PHRASES = ["Open troubleshooting guide", "could not be identified for storing the encryption", "No"]


def labelled(folder: Path, lines: Any = None, file: str = "a.png") -> Path:
    place = folder / "screens"
    place.mkdir(exist_ok=True)
    picture = Image.new("RGB", (640, 200), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(20)
    shown = ("An OS keyring could not be identified", "for storing the encryption related data", "No")
    for row, text in enumerate((*shown, "Open troubleshooting guide")):
        pen.text((20, 20 + 36 * row), text, fill="black", font=font)
    picture.save(place / "a.png")
    lines = [{"text": text, "bbox": [20, 128, 300, 24]} for text in PHRASES] if lines is None else lines
    (place / "screens_gt.json").write_text(json.dumps({"screens": [{"file": file, "lines": lines}]}))
    return folder


def test_phrases_are_found_over_wraps_and_misses_are_listed(tmp_path):
    folder = labelled(tmp_path, [{"text": text} for text in [*PHRASES, "Never"]])
    said: list[str] = []
    score = read_screens(find_screens([folder]), said.append)
    assert (score.screens, score.phrases, score.found) == (1, 4, 3)
    assert [(miss.screen, miss.phrase.text, miss.picture) for miss in score.misses] == [("a.png", "Never", "")]
    assert said == ["a.png: 3 of 4 phrases"]
    assert score.to_dict()["misses"] == [{"screen": "a.png", "text": "Never", "picture": None}]


def test_a_picture_of_each_miss_where_one_is_asked_for(tmp_path):
    folder = labelled(tmp_path, [{"text": "Yes", "bbox": [20, 92, 30, 20]}, {"text": "Maybe"}])
    score = read_screens(find_screens([folder]), pictures=tmp_path / "misses")
    names = [miss.picture for miss in score.misses]
    assert sorted(path.name for path in (tmp_path / "misses").iterdir()) == sorted(names)
    with Image.open(tmp_path / "misses" / names[1]) as whole:
        assert whole.size == (640, 200)
    with Image.open(tmp_path / "misses" / names[0]) as part:
        assert part.size == (130, 180)


def test_a_folder_without_screens_has_none(tmp_path):
    assert find_screens([tmp_path]) == []


def test_controls_are_told_from_a_perfect_reader(tmp_path):
    screens = find_screens([labelled(tmp_path)])
    (tmp_path / "b").mkdir()
    screens += find_screens([labelled(tmp_path / "b", [{"text": "Use weaker encryption"}])])
    recalls = {name: score.recall for name, score in controls(screens).items()}
    assert recalls == {"silent": 0.0, "shifted": 0.0, "perfect": 1.0}
    assert controls([Screen(Path("x.png"), screens[0].phrases)])["shifted"].recall == 0.0


@pytest.mark.parametrize(
    ("lines", "file", "said"),
    [
        ("x", "a.png", "a screen needs file and lines"),
        ([{"bbox": None}], "a.png", "a screen needs file and lines"),
        ([{"text": " "}], "a.png", "a screen needs file and lines"),
        ([{"text": "x", "bbox": [1, 2]}], "a.png", "a screen needs file and lines"),
        ([{"text": "x", "bbox": "here"}], "a.png", "a screen needs file and lines"),
        ([], "gone.png", "'gone.png' is not the name of a picture beside it"),
        ([], "../a.png", "is not the name of a picture beside it"),
    ],
)
def test_broken_labels_are_named_in_one_line(tmp_path, lines, file, said):
    with pytest.raises(LabelError) as caught:
        find_screens([labelled(tmp_path, lines, file)])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "{", '{"screens": 3}'])
def test_a_broken_file_is_named(tmp_path, text):
    (labelled(tmp_path) / "screens" / "screens_gt.json").write_text(text)
    with pytest.raises(LabelError, match=r"screens_gt\.json"):
        find_screens([tmp_path])


def test_what_is_no_picture_is_named(tmp_path):
    folder = labelled(tmp_path)
    (folder / "screens" / "a.png").write_text("only words")
    with pytest.raises(LabelError, match=r"a\.png: cannot be read as a picture"):
        read_screens(find_screens([folder]))
