"""The plain reader of examples/ understands a ring by the description alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ring_writer import writing

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "read_ring.py"


def test_a_program_that_knows_nothing_of_ironcliw_reads_frames(tmp_path: Path) -> None:
    assert "import ironcliw" not in EXAMPLE.read_text()
    with writing(tmp_path, frames=4) as writer:
        # -I: without this package on its path; -S would take away nothing that it uses.
        command = [sys.executable, "-I", "-S", str(EXAMPLE), str(writer.path), "2"]
        reading = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert reading.stdout is not None
        with reading.stdout as lines:
            assert lines.readline() == "frame 3: 100x48, mean 0.0 0.0 3.0\n"
            writer.write()
            assert lines.readline() == "frame 4: 100x48, mean 0.0 0.0 4.0\n"
        assert reading.wait(30) == 0


def test_it_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.tell("end")
        command = [sys.executable, str(EXAMPLE), str(writer.path), "1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "read_ring: the watch has ended: there are no frames to read\n"


@pytest.mark.parametrize(
    ("offset", "size", "what"),
    [(0, 8, "magic"), (16, 8, "size"), (256, 8, "state"), (320, 8, "newest"), (384, 8, "events"), (392, 8, "verified")],
)
def test_the_page_says_where_things_are(offset: int, size: int, what: str) -> None:
    page = (ROOT / "docs" / "reference" / "ring.md").read_text()
    row = re.search(rf"^\| {offset} \| {size} \| (.*)\|$", page, re.MULTILINE)
    assert row is not None, f"no row for byte {offset}"
    assert what in row.group(1)
