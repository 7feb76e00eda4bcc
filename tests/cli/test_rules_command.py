"""Rules on the command line, run as a user runs them."""

from __future__ import annotations

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
    (4000, ["$ make all", "compiling module 7"]),
    (5000, ["$ make all", "compiling module 7", "BUILD FAILED: code 4712"]),
]
RULES = """
[[rule]]
name = "build broke"
when = 'text:"BUILD FAILED" and not text:"retrying"'
hold = "500ms"
resolved = true

[[rule]]
name = "never"
when = 'text:"no such words"'
"""


def run(*arguments: str, check: int | None = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ironcliw", *arguments]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=120, check=False, cwd=cwd)
    assert check is None or done.returncode == check, done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    write_session(folder / "build.mkv", STATES)
    (folder / "rules.toml").write_text(RULES)
    return folder


def test_rules_are_tested_before_they_are_armed(folder: Path) -> None:
    lines = run("rules", "test", "rules.toml", "build.mkv", cwd=folder).stdout.splitlines()
    assert lines[0] == "build broke: would have fired 3 times:"
    assert [line.split()[0] for line in lines[1:3]] == ["3.10", "4.40"]
    assert "BUILD FAILED: code 4711" in lines[1]
    assert "resolved" in lines[2]
    assert lines[-1] == "never: would not have fired"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_is_told_how_far_a_test_is(folder: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "ironcliw", "rules", "test", "rules.toml", "build.mkv"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=120, check=True, cwd=folder
    )
    os.close(theirs)
    told = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "5 s of the recording" in told
    assert told.endswith("\r\x1b[K")
    assert done.stdout.startswith("build broke: would have fired 3 times:")


def test_alerts_of_rules_carry_what_they_rest_on(folder: Path) -> None:
    done = run("watch", "build.mkv", "--pace", "max", "--format", "jsonl", "--rules", "rules.toml", cwd=folder)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    alerts = [event for event in events if event["type"] == "alert"]
    assert [(alert["rule"], alert["state"]) for alert in alerts] == [
        ("build broke", "firing"),
        ("build broke", "resolved"),
        ("build broke", "firing"),
    ]
    first = alerts[0]
    assert (first["time"], first["since"], first["count"]) == (3.1, 2.6, 1)
    assert first["because"] == [
        {"condition": 'text:"build failed"', "text": "BUILD FAILED: code 4711"},
        {"condition": 'not text:"retrying"'},
    ]
    assert first["condition"] == 'text:"BUILD FAILED" and not text:"retrying"'
    schema = Path(ironcliw.__file__).with_name("event.schema.json")
    validator = Draft202012Validator(json.loads(schema.read_text()))
    for event in events:
        validator.validate(event)


def test_people_read_that_it_is_over_and_waiting_waits_for_a_firing(folder: Path) -> None:
    done = run("watch", "build.mkv", "--pace", "max", "--rules", "rules.toml", cwd=folder)
    said = [line.partition(" alert ")[2].strip() for line in done.stdout.splitlines() if " alert " in line]
    assert said == [
        "build broke: BUILD FAILED: code 4711",
        "build broke resolved",
        "build broke: BUILD FAILED: code 4712",
    ]
    (folder / "late.toml").write_text('[[rule]]\nname = "late"\nwhen = \'text:"none"\'\ndeadline = "2s"\n')
    wait = ("wait", "--source", "build.mkv", "--pace", "max", "--rules", "late.toml")
    assert run(*wait, check=1, cwd=folder).stdout == ""
    assert "late overdue" in run("watch", "build.mkv", "--pace", "max", "--rules", "late.toml", cwd=folder).stdout


def test_the_event_log_decides_what_text_decides(folder: Path) -> None:
    log = folder / "events.db"
    run("watch", "build.mkv", "--pace", "max", f"--log={log}", cwd=folder)
    (folder / "more.toml").write_text(RULES + '\n[[rule]]\nname = "asks"\nwhen = \'says("is it red?")\'\n')
    done = run("rules", "test", "more.toml", "--log", str(log), cwd=folder)
    assert done.stdout.splitlines()[0] == "build broke: would have fired 3 times:"
    assert "asks: a log does not tell what a model would have answered" in done.stderr


def test_waiting_for_a_rule(folder: Path) -> None:
    wait = ("wait", "--source", "build.mkv", "--pace", "max", "--rules", "rules.toml")
    assert "build broke: BUILD FAILED" in run(*wait, cwd=folder).stdout
    assert "a condition, or --rules" in run("wait", check=2).stderr


def test_check_says_how_rules_are_understood_or_where_one_is_not(folder: Path) -> None:
    said = run("rules", "check", "rules.toml", cwd=folder).stdout.splitlines()
    assert said[0] == 'build broke: text:"build failed" and not text:"retrying" (hold 500ms)'
    assert said[-1] == "2 rules, all understood"
    (folder / "bad.toml").write_text('[[rule]]\nname = "x"\nwhen = \'text:"a" adn error\'\n')
    refused = run("rules", "check", "bad.toml", check=2, cwd=folder).stderr.splitlines()
    assert (
        refused[0]
        == "ironcliw: bad.toml: rule 1 (x): when: 'adn' is not understood here: did you mean 'and'? (column 10)"
    )
    assert "Traceback" not in "".join(refused)


def test_check_says_which_action_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('[[rule]]\nname = "loud"\nwhen = "error"\nthen = ["notify", "shout"]\n')
    done = run("rules", "check", "rules.toml", check=2, cwd=tmp_path)
    assert "rules.toml: rule 'loud': then: 'shout' is no action; there are notify" in done.stderr


def test_rules_need_something_to_be_tested_on(folder: Path) -> None:
    assert "needs a recording" in run("rules", "test", "rules.toml", check=2, cwd=folder).stderr
    refused = run("rules", "test", "rules.toml", "build.mkv", "--at", "noon", check=2, cwd=folder)
    assert "2026-11-27T12:00" in refused.stderr


def test_init_writes_both_files_and_no_file_twice(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).stdout.splitlines() == ["wrote ironcliw.toml", "wrote rules.toml"]
    (tmp_path / "rules.toml").write_text(RULES)
    assert "left as it is" in run("init", cwd=tmp_path).stdout
    assert (tmp_path / "rules.toml").read_text() == RULES
    assert run("rules", "packs").stdout.splitlines()[0].startswith("builds:")
    (tmp_path / "taken").write_text("")
    assert "cannot be made" in run("init", "taken", check=2, cwd=tmp_path).stderr


def test_a_file_without_a_rule_that_is_on_says_so(folder: Path) -> None:
    (folder / "none.toml").write_text('[[rule]]\nname = "off"\nwhen = "error"\nenabled = false\n')
    refused = run("rules", "test", "none.toml", "build.mkv", check=2, cwd=folder)
    assert "none.toml: there is no rule in it that is on" in refused.stderr
    assert "no rule in it is on" in run("rules", "check", "none.toml", cwd=folder).stdout
