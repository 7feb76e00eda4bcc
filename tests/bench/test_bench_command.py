"""``ironcliw bench``: what it prints and writes, what it leaves out, and what it refuses."""

import json
import subprocess
import sys

import pytest

from ironcliw.bench import suite
from ironcliw.bench.report import Column, Table
from ironcliw.bench.suite import PARTS, Plan, run_part
from ironcliw.cli import bench
from ironcliw.errors import SettingsError, SourceError

PART_NAMES = ["kernels", "program", "latency", "plan"]


@pytest.fixture
def parts(monkeypatch):
    """Parts that measure nothing; ``latency`` cannot be measured."""
    asked: list[tuple[str, bool, int]] = []

    def part(name: str):
        def measure(quick: bool, seed: int, say) -> list[Table]:
            asked.append((name, quick, seed))
            say(f"{name} begins")
            if name == "latency":
                raise SourceError("this needs Xvfb")
            return [Table(name, [Column("what", "what")], [{"what": f"measured {name}"}])]

        return measure

    made = {name: part(name) for name in PART_NAMES}
    monkeypatch.setattr(suite, "PARTS", made)
    monkeypatch.setattr(bench, "PARTS", made)
    return asked


def test_the_parts_are_those_that_are_promised():
    assert list(PARTS) == PART_NAMES


def test_everything_is_measured_printed_and_written(parts, tmp_path, capsys):
    assert bench.run_bench(None, True, False, tmp_path, 7) == 1, "a part was left out"
    assert parts == [(name, True, 7) for name in PART_NAMES]
    printed, said = capsys.readouterr()
    assert "measured kernels" in printed
    assert "bench: plan begins" in said
    assert "bench: latency left out: this needs Xvfb" in said
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [f"bench-{name}.{end}" for name in ("kernels", "plan", "program") for end in ("json", "md")]
    report = json.loads((tmp_path / "bench-plan.json").read_text())
    assert report["command"] == "ironcliw bench --quick --seed 7"
    assert report["quick"] is True
    assert len(report["load_after"]) == 3
    assert (tmp_path / "bench-plan.md").read_text() in printed


def test_one_part_as_json(parts, capsys):
    assert bench.run_bench("plan", False, True, None, 1) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["part"], report["quick"]) == ("plan", False)
    assert report["command"] == "ironcliw bench --only plan --seed 1"
    assert parts == [("plan", False, 1)]


def test_the_one_part_that_was_asked_for_has_to_be_measured(parts):
    with pytest.raises(SourceError, match="this needs Xvfb"):
        bench.run_bench("latency", False, False, None, 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--only", "speed"], "--only must be one of kernels, program, latency, plan, not 'speed'"),
        (["--out", "no/such/folder"], "--out no/such/folder: no such folder"),
        (["--seed", "many"], "--seed"),
        (["--seed", "-1"], "--seed"),
        (["--fast"], "--fast"),
    ],
)
def test_bad_input_is_refused_before_anything_is_measured(options, says, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "ironcliw", "bench", *options], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="'speed'"):
        run_part("speed", Plan())


def test_the_help_does_not_load_what_is_compared_with():
    asked = "import sys, ironcliw.cli.app; print([m for m in ('cv2', 'numba', 'imagehash') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
