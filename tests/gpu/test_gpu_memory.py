"""What was measured is remembered, and a file that is none costs a measurement and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ironcliw.kernels.gpu import Measured, Memory, cache_path
from ironcliw.kernels.gpu.memory import ROWS_MAX

ROW = Measured("difference", 1080, 1920, 1, 1.5, 6.25)


def test_kept_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "gpu.json"
    memory = Memory(path)
    memory.keep("card", ROW)
    assert memory.find("card", "difference", (1080, 1920), 1) == ROW
    again = Memory(path)
    assert again.find("card", "difference", (1080, 1920), 1) == ROW
    assert again.find("card with another driver", "difference", (1080, 1920), 1) is None
    assert again.find("card", "describe", (1080, 1920), 1) is None
    assert again.rows("card") == [ROW]
    assert [each.name for each in path.parent.iterdir()] == ["gpu.json"]
    assert path.stat().st_mode & 0o77 == 0


def test_two_processes_keep_what_the_other_measured(tmp_path: Path) -> None:
    first, second = Memory(tmp_path / "gpu.json"), Memory(tmp_path / "gpu.json")
    first.keep("card", ROW)
    second.keep("card", ROW._replace(frames=8))
    assert {row.frames for row in Memory(tmp_path / "gpu.json").rows("card")} == {1, 8}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        json.dumps({"format": 2, "rows": [["card", *ROW]]}),
        json.dumps({"format": 1}),
        json.dumps({"format": 1, "rows": 7}),
        json.dumps({"format": 1, "rows": [7, [], ["card", "paint", 1, 1, 1, 1.0, 1.0]]}),
        json.dumps({"format": 1, "rows": [["card", "describe", 1, 1, 1, float("nan"), 1.0]]}),
        json.dumps({"format": 1, "rows": [["card", "describe", 1, -1, 1, 1.0, 1.0], [{}, [], 1, 1, 1, 1.0, 1.0]]}),
    ],
)
def test_other_files_are_no_memory(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gpu.json"
    path.write_text(text)
    memory = Memory(path)
    assert memory.rows("card") == []
    memory.keep("card", ROW)
    assert Memory(path).rows("card") == [ROW]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "gpu.json", None):
        memory = Memory(path)
        memory.keep("card", ROW)
        assert memory.rows("card") == [ROW]


def test_it_does_not_grow() -> None:
    memory = Memory()
    for frames in range(1, ROWS_MAX + 9):
        memory.keep("card", ROW._replace(frames=frames))
    assert [row.frames for row in memory.rows("card")] == list(range(9, ROWS_MAX + 9))


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert cache_path() == Path("/cache/ironcliw/gpu.json")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert str(cache_path()).startswith("/home/me/")
    monkeypatch.delenv("HOME")
    assert cache_path() is None
