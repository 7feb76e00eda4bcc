"""The commands on recordings, run as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import ironcliw
from terminal_screens import write_session

STATES = [
    (0, ["$ make all"]),
    (1000, ["$ make all", "compiling module 7"]),
    (2500, ["$ make all", "compiling module 7", "BUILD FAILED: code 4711"]),
]


def run(*arguments: str, kernels: str = "auto", check: int | None = 0, **options) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IRONCLIW_KERNELS": kernels}
    command = [sys.executable, "-m", "ironcliw", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False, **options)
    assert check is None or done.returncode == check, done.stderr
    return done


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    return write_session(tmp_path_factory.mktemp("recording") / "build.mkv", STATES)


def events(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_appears_is_said_with_its_media_time(recording):
    found = events(run("watch", str(recording), "--pace", "max", "--format", "jsonl", "--when", "text:BUILD FAILED"))
    assert [event["type"] for event in (found[0], found[-1])] == ["start", "summary"]
    texts = [(event["time"], event["text"]) for event in found if event["type"] == "text_appeared"]
    assert texts == [(1.0, "compiling module 7"), (2.5, "BUILD FAILED: code 4711")]
    (alert,) = [event for event in found if event["type"] == "alert"]
    assert (alert["time"], alert["rule"], alert["frame"]) == (2.5, "text:BUILD FAILED", 25)
    frames = found[-1]["frames"]
    assert frames == {"captured": 35, "duplicate": 32, "changed": 3, "excluded": 0, "dropped": {}}


def test_every_line_fits_the_published_schema(recording):
    schema = Path(ironcliw.__file__).with_name("event.schema.json")
    validator = Draft202012Validator(json.loads(schema.read_text()))
    for event in events(run("watch", str(recording), "--pace", "max", "--format", "jsonl", "--when", "still:500ms")):
        validator.validate(event)


def timeless(event: dict) -> dict:
    for name in ("wall", "latency_ms", "stages", "cpu_s", "kernels", "memory"):
        event.pop(name, None)
    return event


def test_native_and_reference_say_the_same(recording):
    arguments = ("watch", str(recording), "--pace", "max", "--format", "jsonl", "--when", "text:failed")
    native, reference = (run(*arguments, kernels=kernels) for kernels in ("native", "reference"))
    assert events(reference)[0]["kernels"]["implementation"] == "reference"
    assert [timeless(event) for event in events(native)] == [timeless(event) for event in events(reference)]


def test_at_its_own_pace_the_same_alert_comes(recording):
    found = events(run("watch", str(recording), "--format", "jsonl", "--when", "text:BUILD FAILED"))
    (alert,) = [event for event in found if event["type"] == "alert"]
    assert alert["time"] == 2.5
    assert alert["latency_ms"] > 0
    frames = found[-1]["frames"]
    assert frames["captured"] == 35
    assert frames["duplicate"] + frames["changed"] + frames["excluded"] + sum(frames["dropped"].values()) == 35


def test_people_are_told_in_lines_without_changes(recording):
    lines = run("watch", str(recording), "--pace", "max", "--when", "text:code 4711").stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["start", "text", "text", "alert", "incident", "summary"]
    verbose = run("watch", str(recording), "--pace", "max", "-v").stdout
    assert " change " in verbose


def test_wait_answers_with_its_exit_code(recording):
    met = run("wait", "text:/failed.*4711/i", "--source", str(recording), "--pace", "max")
    assert "BUILD FAILED: code 4711" in met.stdout
    missed = run("wait", "text:BUILD SUCCEEDED", "--source", str(recording), "--pace", "max", check=1)
    assert missed.stdout == ""
    assert "the source ended; nearest text seen: 'BUILD FAILED: code 4711' at 2." in missed.stderr
    late = run("wait", "text:BUILD FAILED", "--source", str(recording), "--timeout", "1500ms", check=1)
    assert "not met within 1500ms" in late.stderr


def test_wait_is_met_by_what_is_there_unless_new_is_asked_for(recording):
    run("wait", "text:make all", "--source", str(recording), "--pace", "max")
    run("wait", "text:make all", "--new", "--source", str(recording), "--pace", "max", check=1)


def test_exec_gets_the_event_on_stdin_and_no_shell(recording, tmp_path):
    target = tmp_path / "seen.json"
    script = tmp_path / "save.py"
    script.write_text("import sys; open(sys.argv[1], 'w').write(sys.stdin.read())")
    command = f"{sys.executable} {script} '{target}'"
    run("watch", str(recording), "--pace", "max", "--when", "text:BUILD FAILED", "--exec", command)
    assert json.loads(target.read_text())["text"] == "BUILD FAILED: code 4711"


def test_a_gif_of_what_was_noticed(recording, tmp_path):
    from PIL import Image

    target = tmp_path / "seen.gif"
    done = run("watch", str(recording), "--pace", "max", "--gif", str(target))
    assert "saved" in done.stderr
    with Image.open(target) as picture:
        assert picture.n_frames == 2
        assert picture.width == 640


def test_settings_are_read_and_options_win(recording, tmp_path):
    config = tmp_path / "ironcliw.toml"
    config.write_text('[watch]\nwhen = ["text:compiling"]\n[text]\nenabled = true\n')
    arguments = ("watch", str(recording), "--pace", "max", "--format", "jsonl", "--config", str(config))
    assert [event["rule"] for event in events(run(*arguments)) if event["type"] == "alert"] == ["text:compiling"]
    found = events(run(*arguments, "--when", "text:4711"))
    assert [event["rule"] for event in found if event["type"] == "alert"] == ["text:4711"]


def test_without_text_only_pixels_are_told(recording):
    found = events(run("watch", str(recording), "--pace", "max", "--format", "jsonl", "--no-text"))
    assert {event["type"] for event in found} == {"start", "change", "summary"}


def test_help_and_version_say_what_there_is():
    text = run("--help").stdout
    assert all(command in text for command in ("watch", "wait", "doctor"))
    assert run("--version").stdout.strip() == f"ironcliw {ironcliw.__version__}"


def test_a_reader_that_goes_away_ends_the_watch_quietly(recording):
    command = f"'{sys.executable}' -m ironcliw watch '{recording}' --pace max --format jsonl | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout)["type"] == "start"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
