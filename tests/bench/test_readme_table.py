"""README's table: from the results, between its markers, or not at all."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "readme_table.py"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"

spec = importlib.util.spec_from_file_location("readme_table", TOOL)
assert spec is not None
assert spec.loader is not None
readme_table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(readme_table)

HEAD = {
    "quick": False,
    "date": "2026-11-23T09:00:00+00:00",
    "commit": "0123456789ab",
    "machine": {"cpu": "A Processor", "cores": 2},
    "load_before": [0.42, 0.5, 0.6],
}
CHAIN = "xxhash, OpenCV: absdiff, gray, threshold, tiles, copy"
STILL = [
    {"case": "Ironcliw: tracker", "median_ms": 0.2567, "reads": 1.0312, "copies": 0.5149, "tracker": 1.0},
    {"case": "Ironcliw: change step", "median_ms": 0.3217, "tracker": 1.25},
    {"case": CHAIN, "median_ms": 1.2, "tracker": 4.6789},
    {"case": "NumPy reference: tracker", "median_ms": None, "tracker": None},
]
DESCRIBED = [
    {"case": "Ironcliw: describe, every tile", "own": True, "median_ms": 0.5, "reads": 1.25, "whole": 1.0},
    {"case": "NumPy reference: describe, every tile", "own": False, "median_ms": 200.0, "reads": 500.0, "whole": 400.0},
]
WATCHERS = [
    {"watcher": "Ironcliw, without text", "own_percent": 0.0412, "server_percent": 0.0101, "rss_mb": 84.4},
    {"watcher": "the loop people write today", "own_percent": 1.95, "server_percent": 0.55, "rss_mb": 2504.0},
]
LATENCIES = [
    {"what": "pixel to change event", "p50_ms": 1.02, "p95_ms": 3.6, "drawn": 120, "missed": 1},
    {"what": "new line to text_appeared", "drawn": 3, "missed": 3},
]
TARGETS = [
    {"target": "a frame", "aim": "< 20 ms", "unit": "ms", "ours": 1.234, "plain": 61.16, "met": True},
    {"target": "a check", "aim": "< 0.5 ms", "unit": "ms", "why": "too few undisturbed trials"},
]


def reports() -> dict[str, dict]:
    rows = {"kernels": STILL, "program": WATCHERS, "latency": LATENCIES, "plan": TARGETS}
    found = {part: {**HEAD, "part": part, "tables": [{"name": "1080p, still", "rows": rows[part]}]} for part in rows}
    found["kernels"]["tables"].append({"name": "1080p, describing and storing", "rows": DESCRIBED})
    found["kernels"]["tables"].append(
        {"name": "a call with nothing to do", "rows": [{"kernel": "describe", "us": 1.0}]}
    )
    return found


@pytest.fixture
def place(tmp_path) -> Path:
    for part, report in reports().items():
        (tmp_path / f"bench-{part}.json").write_text(json.dumps(report))
    (tmp_path / "README.md").write_text(f"# Name\n\nbefore\n\n{BEGIN}\nstale\n{END}\n\nafter\n")
    return tmp_path


def run(place: Path, *options: str) -> int:
    return readme_table.main([str(place / "README.md"), str(place), *options])


def test_the_table_says_what_the_results_say(place):
    assert run(place) == 0
    text = (place / "README.md").read_text()
    assert text.startswith(f"# Name\n\nbefore\n\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\n\nafter\n")
    assert "stale" not in text
    assert "| 1080p, still | 0.26 ms | 1.03 | 0.51 | 0.32 ms | - | 4.7x | - |" in text
    assert "| every tile | 0.500 ms | 1.250 | 1.000 |" in text
    assert text.count("1080p, describing") == 0
    assert "200" not in text
    assert "| 1080p, still | 0.04 + 0.01 %, 84 MB | - | 1.95 + 0.55 %, 2,504 MB |" in text
    assert "| pixel to change event | 1 ms | 4 ms | 119 of 120 |" in text
    assert "| new line to text_appeared | - | - | 0 of 3 |" in text
    assert "| a frame | < 20 ms | 1.23 ms | 61.2 ms | yes |" in text
    assert "| a check | < 0.5 ms | - | - | not measured |" in text
    assert "2026-11-23 on A Processor, 2 cores, load 0.4, commit 0123456789ab" in text


def test_it_can_be_renewed_and_checked(place):
    assert run(place, "--check") == 1
    assert "stale" in (place / "README.md").read_text(), "a check writes nothing"
    assert run(place) == 0
    once = (place / "README.md").read_text()
    assert run(place) == 0
    assert run(place, "--check") == 0
    assert (place / "README.md").read_text() == once
    assert sorted(path.name for path in place.iterdir() if path.suffix != ".json") == ["README.md"]


@pytest.mark.parametrize(
    "text", ["no markers", f"{BEGIN}", f"{END}", f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{BEGIN}{END}"]
)
def test_a_readme_without_one_pair_of_markers_is_refused(place, text, capsys):
    (place / "README.md").write_text(text)
    assert run(place) == 2
    assert "there must be one '<!-- bench:begin -->'" in capsys.readouterr().err
    assert (place / "README.md").read_text() == text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "'make bench' measures it"),
        ("{", "is not JSON"),
        ("[]", "is not a report of the bench's part 'plan'"),
        (json.dumps({**HEAD, "part": "kernels", "tables": []}), "is not a report of the bench's part 'plan'"),
        (json.dumps({**HEAD, "part": "plan"}), "is not a report of the bench's part 'plan'"),
        (json.dumps({**HEAD, "part": "plan", "tables": [], "quick": True}), "was measured with --quick"),
    ],
)
def test_results_that_cannot_be_quoted_are_refused(place, content, says, capsys):
    path = place / "bench-plan.json"
    path.unlink() if content is None else path.write_text(content)
    before = (place / "README.md").read_text()
    assert run(place) == 2
    assert says in capsys.readouterr().err
    assert (place / "README.md").read_text() == before


def test_it_runs_as_a_program_and_says_what_is_wrong_in_one_line(tmp_path):
    command = [sys.executable, str(TOOL), str(tmp_path / "none.md"), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "none.md" in ran.stderr


def test_every_way_the_table_names_is_one_the_bench_measures():
    from ironcliw.bench import descriptors, ours, peers, program

    source = Path(ours.__file__).read_text()
    assert (readme_table.TRACKER, readme_table.STEP) == (ours.TRACKER, ours.STEP)
    assert set(readme_table.PEERS) - {peers.CHAIN, peers.NUMBA} == {"NumPy reference: tracker"}
    assert "NumPy reference: tracker" in source
    assert descriptors.WHOLE.startswith(readme_table.DESCRIBE)
    assert set(readme_table.WATCHERS) == {program.WITHOUT_TEXT, program.WITH_TEXT, program.TODAY}
