"""The bench runs as a whole, on whatever adapter there is, and refuses a card that answers differently."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from gpu_cards import needs_build, open_card

BENCH = Path(__file__).parents[2] / "benches" / "gpu.py"
TINY = ("--sizes", "128x192", "--batches", "1,3", "--rounds", "4", "--seconds", "0.05", "--spread", "1000000")


@needs_build
def test_it_runs(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH), "--software", *TINY, "--out", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    resident, batches = json.loads((tmp_path / "bench-gpu.json").read_text())["tables"]
    assert [row["size"] for row in resident["rows"]] == ["128x192"]
    assert [row["frames"] for row in batches["rows"]] == [1, 3]
    assert all(row["gpu"] > 0 and row["cpu"] > 0 for row in batches["rows"])
    if open_card().software:
        assert "these are no measurements of a graphics processor" in (tmp_path / "bench-gpu.md").read_text()


@needs_build
def test_a_card_that_answers_differently_is_not_timed() -> None:
    spec = importlib.util.spec_from_file_location("bench_gpu", BENCH)
    assert spec is not None
    assert spec.loader is not None
    bench: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    card = open_card()

    class Wrong:
        def run_batch(self, *arguments: Any) -> Sequence[int]:
            answer = card.run_batch(*arguments)
            arguments[3][0, 0, 0] ^= 1  # counts
            return answer

    with pytest.raises(SystemExit, match="answer differently"):
        bench.end_to_end(Wrong(), card.run_batch, ["64x64"], [2], 0.01)
