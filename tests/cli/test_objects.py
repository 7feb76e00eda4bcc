"""``ironcliw objects``: what it prints, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ironcliw.cli import objects
from ironcliw.errors import SourceError


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    pixels = np.full((400, 600, 3), 120, np.uint8)
    pixels[100:300, 100:400] = 230
    path = tmp_path / "screen.png"
    Image.fromarray(pixels).save(path)
    return path


def test_lines_json_and_a_picture(screen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert objects.run_objects(objects.ObjectsCommand(screen, None, as_json=False)) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("300 x 200 at 100, 100")
    picture = tmp_path / "boxes.png"
    assert objects.run_objects(objects.ObjectsCommand(screen, picture, as_json=True)) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["kind"], first["box"]) == ("window", [100, 100, 300, 200])
    with Image.open(picture) as drawn:
        assert drawn.getpixel((100, 100)) != (230, 230, 230)


def test_what_cannot_be_read_or_written(screen: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("no image")
    for path, says in ((tmp_path / "none.png", "no such file"), (text, "cannot be read as an image")):
        with pytest.raises(SourceError, match=says):
            objects.run_objects(objects.ObjectsCommand(path, None, as_json=False))
    with pytest.raises(SourceError, match="cannot be written"):
        objects.run_objects(objects.ObjectsCommand(screen, tmp_path / "no" / "boxes.png", as_json=False))
