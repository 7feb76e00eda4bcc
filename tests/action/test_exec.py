"""A command gets the event on its standard input, and nothing gets out of hand."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from action_events import alert

from ironcliw.action import Exec
from ironcliw.errors import ActionError, SettingsError
from ironcliw.event import Event


def python(code: str, *arguments: object) -> str:
    return shlex.join([sys.executable, "-c", code, *map(str, arguments)])


COPY = (
    "import os, sys, json; open(sys.argv[1], 'w').write(json.dumps([sys.stdin.read(), dict(os.environ), sys.argv[2:]]))"
)


def test_it_gets_the_event_as_one_line(tmp_path: Path) -> None:
    event = alert(text="two\nlines\u2028 $(reboot)", rule="text:a 'b'")
    Exec(python(COPY, tmp_path / "got", "an argument", "$HOME", "*")).deliver(event)
    said, environment, arguments = json.loads((tmp_path / "got").read_text())
    assert said.endswith("\n")
    assert len(said.splitlines()) == 1
    assert Event.from_json(said) == event
    assert arguments == ["an argument", "$HOME", "*"]
    assert environment.pop("IRONCLIW_RULE") == "text:a 'b'"
    for name in ("LC_CTYPE", "_"):
        environment.pop(name, None)
    assert environment.items() <= dict(os.environ).items()


def test_nothing_of_the_screen_is_in_arguments_or_environment(tmp_path: Path) -> None:
    Exec(python(COPY, tmp_path / "got")).deliver(alert(text="hunter2"))
    said, environment, arguments = json.loads((tmp_path / "got").read_text())
    assert "hunter2" in said
    assert "hunter2" not in json.dumps([environment, arguments])


def test_an_event_without_a_rule(tmp_path: Path) -> None:
    event = Event(id="1", type="gap", time=0, wall="", source="s", data={"reason": "lost", "state": "begin"})
    Exec(python(COPY, tmp_path / "got")).deliver(event)
    assert "IRONCLIW_RULE" not in json.loads((tmp_path / "got").read_text())[1]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("", "the command is empty"),
        ("   ", "the command is empty"),
        ("say 'hello", "cannot be split: No closing quotation"),
        ("say hello\\", "cannot be split: No escaped character"),
        ("no-such-program-anywhere --now", "the command 'no-such-program-anywhere' is not found"),
        ("/no/such/program", "the command '/no/such/program' is not found"),
        ("/tmp now", "is not a program that can be run"),
        ("a\0b", "NUL"),
        ("\x1b[31m", r"\\x1b"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(command: str, says: str) -> None:
    with pytest.raises(ActionError, match=says) as caught:
        Exec(command)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("x")
    with pytest.raises(ActionError, match="is not a program that can be run"):
        Exec(str(tmp_path / "notes"))


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf"), 1e9])
def test_absurd_timeouts_are_refused(timeout_s: float) -> None:
    with pytest.raises(SettingsError, match="a command's timeout"):
        Exec("true", timeout_s=timeout_s)


def test_failures_say_how_it_ended() -> None:
    with pytest.raises(ActionError, match=r"ended with 3$"):
        Exec(python("raise SystemExit(3)")).deliver(alert())
    with pytest.raises(ActionError, match=r"was ended by SIGTERM$"):
        Exec(python("import os; os.kill(os.getpid(), 15)")).deliver(alert())


def test_a_program_that_vanished_since_is_reported(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    action = Exec(str(program))
    program.unlink()
    with pytest.raises(ActionError, match="cannot be run: No such file or directory"):
        action.deliver(alert())


def test_a_program_need_not_read_the_event() -> None:
    Exec(python("import sys; sys.stdin.close()")).deliver(alert(text="x" * 1_000_000))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    """Whether the process ends; the killing of a child that is not ours takes a moment to be seen."""
    for _ in range(600):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


SPAWN = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1] + ".part", "w").write(str(child.pid))
import os; os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_one_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    # A shell, which is at its second line long before the three seconds have passed.
    spawn = 'sleep 600 & echo $! > "$0.part"; mv "$0.part" "$0"; sleep 600'
    with pytest.raises(ActionError, match="did not end within 3 s and was killed"):
        Exec(shlex.join(["sh", "-c", spawn, str(tmp_path / "pid")]), timeout_s=3).deliver(alert())
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_closing_kills_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    action = Exec(python(SPAWN, tmp_path / "pid"))
    failures: list[str] = []

    def deliver() -> None:
        try:
            action.deliver(alert())
        except ActionError as error:
            failures.append(str(error))

    thread = threading.Thread(target=deliver)
    thread.start()
    for _ in range(600):
        if (tmp_path / "pid").exists():
            break
        time.sleep(0.05)
    action.close()
    action.close()
    thread.join(60)
    assert not thread.is_alive()
    assert failures[0].endswith("was still running at the end and was killed")
    assert ends(int((tmp_path / "pid").read_text()))
    with pytest.raises(ActionError, match="not started any more"):
        action.deliver(alert())


@pytest.mark.parametrize(
    ("options", "out", "err"),
    [
        ({}, "said\n", "complained\n"),
        ({"quiet": True}, "", ""),
        ({"stdout_to_stderr": True}, "", "said\ncomplained\n"),
    ],
)
def test_where_its_output_goes(options: dict[str, bool], out: str, err: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print('said', flush=True); print('complained', file=sys.stderr)"
    Exec(python(code), **options).deliver(alert())
    assert capfd.readouterr() == (out, err)


def test_ctrl_c_is_not_for_the_command(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)  # a shell's background job has it ignored
    Exec(python("import os, sys; open(sys.argv[1], 'w').write(str(os.getsid(0)))", tmp_path / "sid")).deliver(alert())
    assert int((tmp_path / "sid").read_text()) != os.getsid(0)
    assert signal.getsignal(signal.SIGINT) is before
