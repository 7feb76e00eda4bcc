"""``ironcliw quality`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from labelled_folder import fields, write_labelled


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ironcliw", "quality", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=cwd)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = write_labelled(tmp_path_factory.mktemp("labelled"))
    rules = [{"rule": "text /all well/", "fires": [1.0], "tolerance_s": 0.5}]
    return write_labelled(made, fields("b_late", rule_expectations=rules))


def test_markdown_and_exit_0_where_the_bar_is_cleared(folder, tmp_path):
    done = run(folder, "--only", "a_build", "--report", "results", "--name", "made", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"# Quality: {folder.name}\n")
    command = f"ironcliw quality {folder.name} --only=a_build --report=results --name=made"
    assert command in done.stdout
    assert str(folder.parent) not in done.stdout
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        "quality-made-found.png",
        "quality-made-gates.png",
        "quality-made-latency.png",
        "quality-made-pixels.png",
        "quality-made.md",
    ]
    assert command in (tmp_path / "results" / "quality-made.md").read_text()


def test_json_and_exit_1_where_it_is_not(folder):
    done = run(folder, "--only", "b", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["passed"] is False
    assert report["failures"] == ["recall of text rules 0.00, wanted 0.90"]
    assert [recording["id"] for recording in report["recordings"]] == ["b_late"]
    assert report["recordings"][0]["rules"][0]["missed_s"] == [1.0]


def test_a_trial_alone_needs_no_recording():
    done = run("--trial", "1", "--trial", "5", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["recordings"] == []
    assert report["perception"]["battery"]["found"] == 2
    assert [target["reached"] for target in report["targets"] if target["measured"] == "2 of 2"] == [True]


def test_exit_0_where_no_target_is_missed_and_there_are_no_recordings():
    done = run("--hours", "0.002")
    assert done.returncode == 0, done.stderr
    assert "**Misses targets:**" not in done.stdout
    assert "synthetic:restless?seed=1" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such folder of labelled recordings"),
        (["empty"], "no labels found"),
        (["broken"], "bad.gt.json: not JSON"),
        (["mediumless"], "gone.mkv, is not beside it"),
        (["words"], "x.mkv"),
        (["good", "--only", "d9"], "no recording d9; there are a_build"),
        (["good", "--name", "../x"], "name must be part of a file's name, not '../x'"),
        (["good", "--name", ""], "name must be part of a file's name, not ''"),
        (["good", "--report", "file"], "file: is not a folder"),
        (["synthetic:no-such-script"], "no-such-script"),
        ([], "nothing to measure"),
        (["--battery", "1", "--only", "d9"], "--only names a recording, and there are none"),
        (["--battery", "-1"], "battery must be 0 to"),
        (["--hours", "nan"], "hours must be 0, or"),
    ],
)
def test_bad_input_ends_in_one_line_and_2(tmp_path, arguments, said):
    for place in ("empty", "broken", "mediumless", "words"):
        (tmp_path / place).mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "broken" / "bad.gt.json").write_text("{")
    (tmp_path / "mediumless" / "x.gt.json").write_text(json.dumps(fields(media="gone.mkv")))
    (tmp_path / "words" / "x.gt.json").write_text(json.dumps(fields(media="x.mkv")))
    (tmp_path / "words" / "x.mkv").write_text("these are only words")
    write_labelled(tmp_path / "good")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ironcliw: ") and not line.endswith(" s")]
    assert len(lines) <= 1
