"""``ironcliw text``: what it prints, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ironcliw.cli.text import TextCommand, run_text
from ironcliw.errors import SettingsError, SourceError
from making import write_video
from terminal_screens import screen

WORDS = ["compiling main.c", "BUILD FAILED"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "screen.png"
    Image.fromarray(np.ascontiguousarray(screen(WORDS)[:, :, :3])).save(path)
    return path


def test_the_lines_in_reading_order(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_text(TextCommand(str(image), None, as_json=False)) == 0
    assert capsys.readouterr().out.splitlines() == WORDS


def test_json_has_boxes_and_the_picture_shows_them(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "read.png"
    assert run_text(TextCommand(str(image), picture, as_json=True)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["text"] for line in lines] == WORDS
    assert all(line["confidence"] > 0.5 for line in lines)
    with Image.open(picture) as drawn, Image.open(image) as shown:
        assert drawn.size == shown.size
        for x, y, width, _ in (line["box"] for line in lines):
            assert drawn.getpixel((x + width // 2, y - 1)) == (208, 32, 32)


def test_a_moment_of_a_recording_and_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = write_video(tmp_path / "build.mkv", [screen(["ready"]), screen(WORDS)], [0, 1000])
    run_text(TextCommand(f"{recording}@0.5", None, as_json=False))
    assert capsys.readouterr().out.splitlines() == ["ready"]
    run_text(TextCommand(str(recording), None, as_json=False))
    assert capsys.readouterr().out.splitlines() == WORDS


def test_what_cannot_be_read_or_written(image: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        run_text(TextCommand(str(tmp_path / "none.png"), None, as_json=False))
    with pytest.raises(SourceError, match="cannot be written"):
        run_text(TextCommand(str(image), tmp_path / "no" / "read.png", as_json=False))
    with pytest.raises(SettingsError, match="is a screen"):
        run_text(TextCommand("screen@3", None, as_json=False))


@pytest.mark.live
def test_the_screen_now(xvfb, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    display = xvfb(800, 300)
    display.call("xsetroot", "-solid", "#305070")
    display.run("xmessage", "-geometry", "+100+100", "Backup wants permission")
    monkeypatch.setenv("DISPLAY", display.display)
    for _ in range(40):
        run_text(TextCommand(f"x11:{display.display}", None, as_json=False))
        if "Backup wants permission" in capsys.readouterr().out:
            return
    pytest.fail("the dialog was never read")
