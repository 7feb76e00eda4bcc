"""``ironcliw watch --log`` writes what ``ironcliw events`` reads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from events import made
from PIL import Image

import ironcliw
from ironcliw.cli.events import EventsCommand, run_events
from ironcliw.errors import SettingsError
from ironcliw.event import Event, schema
from ironcliw.store import EventLog, EventReader


def run(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
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
    watched = run("watch", str(pictures), "--no-text", "--pace", "max", "--log", "--format", "jsonl", state=tmp_path)
    assert watched.returncode == 0, watched.stderr
    told = [Event.from_json(line) for line in watched.stdout.splitlines()]
    assert told[-1].data["log"] == {"stored": len(told) - 1, "lost": 0}
    read = run("events", "--since", "1h", "--format", "jsonl", state=tmp_path)
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    assert [line.pop("sequence") for line in lines] == list(range(1, len(told) + 1))
    assert [Event.from_dict(line) for line in lines] == told
    assert (tmp_path / "ironcliw" / "events.db").is_file()


def test_a_path_may_be_named(tmp_path: Path, pictures: Path) -> None:
    for at, option in enumerate((["--log", str(tmp_path / "a.db")], [f"--log={tmp_path / 'b.db'}"])):
        watched = run("watch", str(pictures), "--no-text", "--pace", "max", *option, state=tmp_path)
        assert watched.returncode == 0, watched.stderr
        assert "log: 4 stored, 0 lost" in watched.stdout
        with EventReader(tmp_path / f"{'ab'[at]}.db") as reader:
            assert [each.event.type for each in reader.since()][-1] == "summary"


def test_without_being_asked_nothing_is_kept(tmp_path: Path, pictures: Path) -> None:
    assert run("watch", str(pictures), "--no-text", "--pace", "max", state=tmp_path).returncode == 0
    assert not (tmp_path / "ironcliw").exists()
    read = run("events", state=tmp_path)
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


def show(log: Path, **options: object) -> int:
    given: dict[str, object] = {"since": None, "types": (), "words": None, "follow": False, "format": "jsonl"}
    return run_events(EventsCommand(**{**given, **options}, log=log, config=None))  # pyright: ignore


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, [1, 2, 3]),
        ({"since": "1"}, [2, 3]),
        ({"since": "3"}, []),
        ({"since": "2026-11-27T12:00:01Z"}, []),
        ({"since": "2026-11-27T12:00:00.123456Z"}, [1, 2, 3]),
        ({"types": ("alert", "gap")}, [2, 3]),
        ({"words": "build"}, [1, 2, 3]),
        ({"words": "Failed"}, [1]),
        ({"words": "DISPLAY went"}, [3]),
        ({"words": "dialog"}, [2]),
        ({"words": "nothing of the kind"}, []),
    ],
)
def test_events_are_found(
    log: Path, capsys: pytest.CaptureFixture[str], options: dict[str, object], found: list[int]
) -> None:
    code = show(log, **options)
    said = capsys.readouterr()
    assert [json.loads(line)["sequence"] for line in said.out.splitlines()] == found
    assert (code, said.err) == (0 if found else 1, "")


def test_durations_and_times_of_day_reach_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "now.db"
    now = datetime.now(UTC)
    kept = EventLog(path)
    for hours in (30, 3, 0):
        wall = (now - timedelta(hours=hours)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        kept.append(replace(made(hours), wall=wall))
    kept.close()
    second = (now - timedelta(seconds=2)).astimezone()
    for since, found in (("1h", 1), ("4h", 2), ("100h", 3), (f"{second:%H:%M:%S}", 1)):
        assert show(path, since=since) == 0
        assert len(capsys.readouterr().out.splitlines()) == found, since


def test_people_see_nothing_that_steers_their_terminal(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(log, format="human")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4  # the day, and three events
    assert lines[1].startswith("       1  ")
    assert lines[1].endswith(r"  text      BUILD \x1b[31mFAILED\u202e")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"since": "yesterday"}, "neither a duration"),
        ({"since": "25:00"}, "no time of day"),
        ({"since": "99999-01-01"}, "neither a duration"),
        ({"types": ("dialog",)}, "no event of type"),
        ({"format": "xml"}, "human or jsonl"),
    ],
)
def test_what_cannot_be_meant_is_refused(log: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        show(log, **options)


def test_a_number_beyond_the_end_is_told(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(log, since="99") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "last event is 3, before 99" in said.err


def test_following_ends_with_an_interrupt(log: Path, tmp_path: Path) -> None:
    follower = subprocess.Popen(
        [sys.executable, "-m", "ironcliw", "events", "--follow", "--format", "jsonl", "--log", str(log)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert follower.stdout is not None
    first = [json.loads(follower.stdout.readline())["sequence"] for _ in range(3)]
    kept = EventLog(log)
    kept.append(made(4))
    assert [*first, json.loads(follower.stdout.readline())["sequence"]] == [1, 2, 3, 4]
    kept.close()
    follower.send_signal(signal.SIGINT)
    assert follower.wait(60) == 0
    follower.stdout.close()


def test_a_watch_in_a_program_keeps_its_events_too(tmp_path: Path) -> None:
    """At the pace of time, where events come from another thread than the one that reads them."""
    frames = [np.full((64, 64, 3), 60 * number, np.uint8) for number in range(4)]
    kept = EventLog(tmp_path / "events.db")
    with ironcliw.Watch(frames, ironcliw.WatchOptions(text=False, log=kept, interval_s=0.05)) as watch:
        told = list(watch)
    kept.close()
    with EventReader(kept.path) as reader:
        stored = [each.event for each in reader.since()]
    assert [event.to_json() for event in stored] == [event.to_json() for event in told]
    assert stored[-1].data["log"] == {"stored": len(told) - 1, "lost": 0}
    published = jsonschema.Draft202012Validator(schema())
    for event in stored:
        published.validate(event.to_dict())
