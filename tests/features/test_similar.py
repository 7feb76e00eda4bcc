"""When a recording looked like a picture, from Python and from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ironcliw
from ironcliw.cli import main
from ironcliw.errors import SettingsError, SourceError
from making import write_video
from terminal_screens import screen

READY, FAILED, OTHER = ["ready", "$ make"], ["BUILD FAILED"] * 9, [f"log line {n} of many" for n in range(20)]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """FAILED from 1.0 to 2.0 s and from 3.0 to 4.0 s."""
    frames = [screen(lines) for lines in (READY, FAILED, OTHER, FAILED, READY)]
    return write_video(tmp_path / "build.mkv", frames, [0, 1000, 2000, 3000, 4000])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "failed.png"
    pixels = screen(FAILED)
    Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).save(path)
    return path


def test_the_moments_of_a_picture(recording: Path, picture: Path) -> None:
    found = ironcliw.similar(picture, recording)
    same = [moment for moment in found.moments if moment.same]
    assert [(moment.start_s, moment.end_s, moment.frame) for moment in same] == [(1.0, 2.0, 1), (3.0, 4.0, 3)]
    assert found.last == same[-1]
    assert all(not moment.same for moment in found.moments[2:])
    assert [moment.distance for moment in found.moments] == sorted(moment.distance for moment in found.moments)


def test_a_moment_of_the_recording_itself(recording: Path) -> None:
    found = ironcliw.similar(f"{recording}@0.5", recording, top=1)
    assert [(moment.start_s, moment.distance) for moment in found.moments] == [(0.0, 0)]
    assert found.last is not None
    assert found.last.start_s == 4.0


def test_only_a_region_counts(recording: Path) -> None:
    blank = (0, screen(READY).shape[0] - 16, 64, 16)
    found = ironcliw.similar(f"{recording}@0.5", recording, region=blank)
    assert [(moment.start_s, moment.same) for moment in found.moments] == [(0.0, True), (3.0, True), (2.0, False)]


def test_what_cannot_be_compared_is_refused(recording: Path, picture: Path) -> None:
    with pytest.raises(SettingsError, match="several pictures: name a moment"):
        ironcliw.similar(recording, recording)
    with pytest.raises(SettingsError, match=r"ends at .* before 99 s"):
        ironcliw.similar(f"{recording}@99", recording)
    with pytest.raises(SettingsError, match="not inside the frame"):
        ironcliw.similar(picture, recording, region=(0, 0, 9_999, 10))
    with pytest.raises(SettingsError, match="top must be"):
        ironcliw.similar(picture, recording, top=0)
    with pytest.raises(SourceError, match="for a region it needs"):
        ironcliw.similar(np.zeros((10, 10, 3), np.uint8), recording, region=(0, 0, 20, 20))
    with pytest.raises(SourceError, match="no such file"):
        ironcliw.similar("nowhere.png", recording)


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command line; its exit code, and what it printed and complained of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ironcliw", *map(str, arguments)])
        try:
            code = main()
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return int(code or 0), captured.out, captured.err

    return run


def test_the_command_prints_lines_or_json(recording: Path, picture: Path, command: Command) -> None:
    code, out, _ = command("similar", picture, recording)
    assert code == 0
    assert out.splitlines()[0].split()[:6] == ["1.00", "-", "2.00", "s", "looks", "the"]
    code, out, _ = command("similar", picture, recording, "--json", "--top", "1")
    answer = json.loads(out)
    assert (code, len(answer["moments"]), answer["last"]["start_s"]) == (0, 1, 3.0)


def test_the_last_time_or_never(recording: Path, picture: Path, command: Command) -> None:
    code, out, _ = command("similar", picture, recording, "--last")
    assert (code, out.split()[0]) == (0, "3.00")
    Image.fromarray(np.full((*screen(READY).shape[:2], 3), 200, np.uint8)).save(picture)
    code, out, _ = command("similar", picture, recording, "--last")
    assert code == 1
    assert out.startswith("never looked the same; most like it at")


def test_the_command_says_what_is_wrong(recording: Path, command: Command) -> None:
    code, _, err = command("similar", "nowhere.png", recording)
    assert (code, err.strip()) == (2, "ironcliw: no such file: nowhere.png")
    code, _, err = command("similar", f"{recording}@1", recording, "--region", "1,2,3")
    assert code == 2
    assert "region must be" in err
