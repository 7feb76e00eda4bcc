"""Reports: every digit in JSON, a readable page in Markdown, and what the figures stand on."""

import json
import math
import subprocess

import pytest

from ironcliw.bench import machine, report
from ironcliw.bench.report import Column, Report, Table, dumps, markdown, to_json

COLUMNS = [Column("case", "way"), Column("ms", "median ms", 3), Column("share", "CPU", 1, " %"), Column("met", "met")]


@pytest.fixture
def measured() -> Report:
    made = Report.new("kernels", "ironcliw bench --only kernels --seed 1", quick=False)
    rows = [
        {"case": "ours", "ms": 0.123456789, "share": 12.34, "met": True},
        {"case": "a | pipe\nand a line", "ms": None, "share": 3, "met": False},
        {"case": "nothing measured"},
    ]
    made.tables.append(Table("1080p, still", COLUMNS, rows, ["16 frames in turn."]))
    made.load_after = [1.0, 2.0, 3.0]
    return made


def test_json_holds_every_digit_and_where_they_come_from(measured):
    read = json.loads(dumps(measured))
    assert read == to_json(measured)
    assert read["tables"][0]["rows"][0]["ms"] == 0.123456789
    assert read["part"] == "kernels"
    assert read["command"].startswith("ironcliw bench")
    assert {"cpu", "cores", "memory_mb", "python", "kernels", "system"} <= read["machine"].keys()
    assert read["packages"]["numpy"]
    assert len(read["load_before"]) == 3
    assert read["date"].endswith("+00:00")


def test_markdown_is_a_page_with_tables(measured):
    page = markdown(measured)
    assert page.startswith("# Bench: kernels\n")
    assert "| way | median ms | CPU | met |\n| --- | --- | --- | --- |" in page
    assert "| ours | 0.123 | 12.3 % | yes |" in page
    assert "| a \\| pipe and a line |  | 3 % | no |" in page
    assert "| nothing measured |  |  |  |" in page
    assert "1.00 / 2.00 / 3.00 after" in page
    assert "16 frames in turn." in page
    assert "quick" not in page


def test_quick_figures_say_so():
    assert "(quick: shorter than what is to be quoted)" in markdown(Report.new("plan", "ironcliw bench --quick", True))


def test_a_figure_that_is_no_number_is_refused(measured):
    measured.tables[0].rows[0]["ms"] = math.nan
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(measured)


def test_a_machine_that_tells_nothing_still_makes_a_report(monkeypatch, measured):
    monkeypatch.setattr(machine, "Path", lambda *parts: _Absent())
    monkeypatch.delattr(machine.os, "getloadavg")
    assert machine.load() is None
    made = Report.new("kernels", "x", False)
    assert made.machine["memory_mb"] is None
    assert made.machine["cpu"]
    assert "load (1, 5, 15 minutes): unknown before" in markdown(made)


class _Absent:
    parent = "/"

    def read_text(self) -> str:
        raise OSError("no such file")


def test_the_commit_is_that_of_the_checkout_the_code_stands_in():
    ran = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, cwd=".")
    if ran.returncode:
        assert machine.commit() is None
        return
    commit = machine.commit()
    assert commit is not None
    assert ran.stdout.startswith(commit.removesuffix("-dirty"))
    assert commit in machine.in_words()


def test_without_git_there_is_no_commit(monkeypatch):
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(machine.subprocess, "run", missing)
    assert machine.commit() is None
    assert report.Report.new("plan", "x", False).commit is None
