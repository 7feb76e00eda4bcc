"""``ironcliw doctor --volatility``: what it prints, draws and refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ironcliw.cli.app import app
from ironcliw.cli.volatility import VolatilityCommand, run_volatility
from ironcliw.errors import SettingsError, SourceError
from making import cards, write_video

RESTLESS = "synthetic:restless?seed=1&seconds=60&size=800x500"


def test_caret_clock_spinner_and_video_are_found_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "heat.png"
    assert run_volatility(VolatilityCommand(RESTLESS, None, 12, picture)) == 0
    said = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert sorted(said) == ["blinks", "moves", "moves", "ticks"]
    with Image.open(picture) as drawn:
        assert drawn.size == (800, 500)
        shades = np.asarray(drawn.convert("RGB")).astype(int)
    film, still = shades[340:400, 620:740], shades[200:300, 300:400]
    assert (film[:, :, 0] - film[:, :, 2]).mean() > 40  # glows
    assert still.max() <= 85  # dimmed


def test_it_stops_after_so_many_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    run_volatility(VolatilityCommand(RESTLESS, None, 1, None))
    assert capsys.readouterr().out.startswith("nothing restless in 1.")


def test_a_recording_shorter_than_that(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = write_video(tmp_path / "still.mkv", cards(2), [0, 800])
    run_volatility(VolatilityCommand(str(recording), None, 30, None))
    assert capsys.readouterr().out.startswith("nothing restless in 0.8")


def test_what_cannot_be_watched_or_written(tmp_path: Path) -> None:
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(SettingsError, match="--seconds"):
            run_volatility(VolatilityCommand(RESTLESS, None, seconds, None))
    with pytest.raises(SourceError, match="cannot be written"):
        run_volatility(VolatilityCommand(RESTLESS, None, 0.5, tmp_path / "no" / "heat.png"))
    with pytest.raises(SourceError):
        run_volatility(VolatilityCommand(str(tmp_path / "none.mp4"), None, 1, None))


def test_a_picture_of_nothing_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--picture", str(tmp_path / "heat.png")])
    assert done.exit_code == 2
    assert "--volatility" in done.output
