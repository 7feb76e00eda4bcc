"""``ironcliw soak`` in its short form: it passes, and a planted leak of 1 KiB a frame fails it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from conftest import eventually
from ironcliw.cli.app import app
from ironcliw.errors import SettingsError
from rounds import rounds

FRAMES = rounds(short=10_000, full=100_000)


def soak(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ironcliw", "soak", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)


def failed(report: dict) -> list[str]:
    return [check["name"] for check in report["checks"] if not check["good"]]


def test_nothing_grows_and_every_frame_is_accounted_for(tmp_path: Path) -> None:
    done = soak("--frames", str(FRAMES), "--size", "320x200", "--no-text", "--report", str(tmp_path / "new"))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "**Passed**" in done.stdout
    report = json.loads((tmp_path / "new" / "soak.json").read_text())
    assert report["good"]
    assert failed(report) == []
    assert report["frames"]["captured"] == report["done"] == FRAMES
    assert report["frames"]["duplicate"] > FRAMES / 10 < report["frames"]["changed"]
    assert len(report["samples"]["resident_bytes"]) == max(FRAMES // 1000, 50)
    assert (tmp_path / "new" / "soak.md").read_text() == done.stdout[:-1]
    with Image.open(tmp_path / "new" / "soak.png") as plot:
        assert plot.width > 1000


def test_control_a_kib_a_frame_fails_it() -> None:
    done = soak("--frames", str(FRAMES), "--size", "320x200", "--no-text", "--leak", "1024", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["good"]
    assert "resident memory, slope at most (upper 95 %)" in failed(report)
    # What leaks may take a mapping of its own.
    assert not [name for name in failed(report) if not name.startswith(("resident memory", "mappings"))]


def test_text_is_read_and_told() -> None:
    done = soak("--frames", "300", "--size", "320x200", "--json")
    report = json.loads(done.stdout)
    assert report["crash"] == ""
    assert report["frames"]["captured"] == 300
    assert 0 < report["read_anew"] <= report["read"]
    assert report["events"]["text_appeared"] > 0
    assert {"text", "rules", "incidents", "change"} <= set(report["stages"])


def test_in_real_time_it_is_played_at_its_own_speed_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "ironcliw", "soak", "--real-time", "--hours", "24", "--no-text", "--json"]
    command += ["--size", "64x64"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    eventually(lambda: any(tmp_path.iterdir()), "its folder for temporary files")
    time.sleep(4)
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (1, "")
    report = json.loads(out)
    assert "frames not watched" in failed(report)
    assert report["crash"] == ""
    assert 0 < report["frames"]["captured"] == report["done"] < 864_000
    assert report["done"] <= report["seconds"] * 10 + 2
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--frames", "10"], "200 to 1000000000 frames"),
        (["--frames", "1000", "--hours", "1"], "not both"),
        (["--hours", "0"], "hours must be above 0"),
        (["--hours", "nan"], "hours must be above 0"),
        (["--size", "640"], "size must be WIDTHxHEIGHT"),
        (["--frames", "1000", "--size", "20x20"], "each side must be 64"),
        (["--frames", "1000", "--name", "../x"], "name must be letters"),
        (["--frames", "1000", "--report", "/proc/none"], "cannot be made"),
    ],
)
def test_bad_options_are_one_line(options: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["soak", *options])
    assert isinstance(done.exception, SettingsError)
    assert words in str(done.exception)
    assert len(str(done.exception).splitlines()) == 1
