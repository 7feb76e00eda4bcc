"""What the README prints runs."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import ironcliw
from conftest import eventually
from ironcliw.monitor import Watch, answering, answers
from terminal_screens import screen, write_session

README = (Path(__file__).parents[2] / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = [line[2:].split(" # ")[0].strip() for line in README.splitlines() if line.startswith("$ ironcliw ")]


def test_the_python_examples_run(tmp_path, monkeypatch, capsys):
    recording = write_session(tmp_path / "a.mkv", [(0, ["$ make"]), (500, ["$ make", "BUILD FAILED"])])
    real_watch, real_wait = ironcliw.watch, ironcliw.wait
    monkeypatch.setattr(ironcliw, "watch", lambda source, **options: real_watch(recording, pace="max", **options))
    monkeypatch.setattr(ironcliw, "wait", lambda condition, **options: real_wait(condition, recording, **options))
    frames = [np.ascontiguousarray(screen(lines)) for lines in ([], ["BUILD FAILED"])]
    example = PYTHON[0]
    scope = {"frames": frames}
    exec(compile(example, "README.md", "exec"), scope)
    said = capsys.readouterr().out
    assert said.count("alert") == 2
    assert scope["met"] is not None
    assert scope["met"].text == "BUILD FAILED"


def test_frames_are_read_as_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    options = ironcliw.WatchOptions(text=False, share=True, archive=True, ring_bytes=0)
    with Watch("synthetic:terminal?seconds=60", options) as running, answering(running, answers("watch", None)):
        eventually(lambda: running.engine.counts.changed > 5, "some frames")
        exec(compile(PYTHON[1], "README.md", "exec"), {"ironcliw": ironcliw})
    shape, *times = capsys.readouterr().out.splitlines()
    assert shape.startswith("(")
    assert len(times) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_understood(command):
    import typer.main

    from ironcliw.cli.app import app

    arguments = shlex.split(command)[1:]
    parser = typer.main.get_command(app).commands[arguments[0]]
    parser.make_context(arguments[0], arguments[1:])


def test_every_condition_in_the_table_parses():
    found = re.findall(r"^\| (`[a-z]+:.*?) \|", README, re.MULTILINE)
    conditions = [word for cell in found for word in re.findall(r"`([^`]+)`", cell)]
    assert len(conditions) >= 6
    for condition in conditions:
        readable = condition.replace("x,y,w,h", "0,0,10,10").replace("/flags", "/i")
        assert str(ironcliw.parse(readable)) == readable


def test_what_the_readme_links_to_is_there():
    root = Path(__file__).parents[2]
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (root / target).exists(), target
