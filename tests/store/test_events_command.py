"""``ironcliw watch --log`` writes what ``ironcliw events`` reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from events import made
from PIL import Image

from ironcliw.event import Event
from ironcliw.store import EventLog


def ironcliw(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(state), "TZ": "UTC"}
    return subprocess.run(
        [sys.executable, "-m", "ironcliw", *arguments], capture_output=True, text=True, env=environ, check=False
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        pixels = np.full((96, 128, 3), 40 * number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def test_what_a_watch_logs_can_be_read(tmp_path: Path, pictures: Path) -> None:
    watched = ironcliw(
        "watch", str(pictures), "--no-text", "--pace", "max", "--log", "--format", "jsonl", state=tmp_path
    )
    assert watched.returncode == 0, watched.stderr
    told = [Event.from_json(line) for line in watched.stdout.splitlines()]
    assert told[-1].data["log"] == {"stored": len(told) - 1, "lost": 0}
    read = ironcliw("events", "--since", "1h", "--format", "jsonl", state=tmp_path)
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    assert [line.pop("sequence") for line in lines] == list(range(1, len(told) + 1))
    assert [Event.from_dict(line) for line in lines] == told
    assert (tmp_path / "ironcliw" / "events.db").is_file()


def test_a_path_may_be_named(tmp_path: Path, pictures: Path) -> None:
    for at, option in enumerate((["--log", str(tmp_path / "a.db")], [f"--log={tmp_path / 'b.db'}"])):
        watched = ironcliw("watch", str(pictures), "--no-text", "--pace", "max", *option, state=tmp_path)
        assert watched.returncode == 0, watched.stderr
        assert "log: 4 stored, 0 lost" in watched.stdout
        read = ironcliw("events", "--log", str(tmp_path / "ab"[at]) + ".db", "--type", "summary", state=tmp_path)
        assert read.returncode == 0
        assert "summary" in read.stdout


def test_without_being_asked_nothing_is_kept(tmp_path: Path, pictures: Path) -> None:
    assert ironcliw("watch", str(pictures), "--no-text", "--pace", "max", state=tmp_path).returncode == 0
    assert not (tmp_path / "ironcliw").exists()
    read = ironcliw("events", state=tmp_path)
    assert (read.returncode, read.stdout) == (2, "")
    assert read.stderr.count("\n") == 1
    assert "there is no event log" in read.stderr


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.db"
    kept = EventLog(path)
    kept.append(made(1, text="BUILD \x1b[31mFAILED\u202e"))
    kept.append(made(2, "alert", rule="text:dialog"))
    kept.append(made(3, "gap", text=None, data={"reason": "lost", "state": "begin", "detail": "the display went away"}))
    kept.close()
    return path


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], "1 2 3"),
        (["--since", "1"], "2 3"),
        (["--since", "3"], ""),
        (["--since", "2026-11-27T12:00:01Z"], ""),
        (["--since", "2026-11-27T12:00"], "1 2 3"),
        (["--type", "alert", "--type", "gap"], "2 3"),
        (["--grep", "build"], "1 2 3"),
        (["--grep", "Failed"], "1"),
        (["--grep", "DISPLAY went"], "3"),
        (["--grep", "dialog"], "2"),
        (["--grep", "nothing of the kind"], ""),
    ],
)
def test_events_are_found(tmp_path: Path, log: Path, options: list[str], found: str) -> None:
    read = ironcliw("events", "--log", str(log), "--format", "jsonl", *options, state=tmp_path)
    assert [json.loads(line)["sequence"] for line in read.stdout.splitlines()] == [int(each) for each in found.split()]
    assert (read.returncode, read.stderr) == (0 if found else 1, "")


def test_people_see_nothing_that_steers_their_terminal(tmp_path: Path, log: Path) -> None:
    read = ironcliw("events", "--log", str(log), state=tmp_path)
    assert read.stdout.splitlines()[:2] == ["2026-11-27", r"       1  12:00:00  text      BUILD \x1b[31mFAILED\u202e"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "yesterday"], "neither a duration"),
        (["--since", "25:00"], "no time of day"),
        (["--type", "dialog"], "no event of type"),
        (["--format", "xml"], "human or jsonl"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_line(tmp_path: Path, log: Path, options: list[str], said: str) -> None:
    read = ironcliw("events", "--log", str(log), *options, state=tmp_path)
    assert read.returncode == 2
    assert said in read.stderr
    assert read.stderr.count("\n") == 1


def test_a_number_beyond_the_end_is_told(tmp_path: Path, log: Path) -> None:
    read = ironcliw("events", "--log", str(log), "--since", "99", state=tmp_path)
    assert (read.returncode, read.stdout) == (1, "")
    assert "last event is 3, before 99" in read.stderr
