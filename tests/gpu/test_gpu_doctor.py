"""What ``ironcliw doctor`` says of graphics processors."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from gpu_cards import BUILT, needs_build, open_card

SAID = """
from ironcliw.cli.doctor_gpu import gpu_findings
from ironcliw.frame import Geometry
for good, name, detail in gpu_findings(Geometry(192, 128)):
    print(good, name, detail, sep="|")
"""


def said(folder: object, **environment: str) -> list[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "IRONCLIW_GPU"}
    environment["XDG_CACHE_HOME"] = str(folder)
    command = [sys.executable, "-W", "error", "-c", SAID]
    ran = subprocess.run(command, env=inherited | environment, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.skipif(BUILT, reason="'make test-gpu' has a build with graphics processors")
def test_a_build_without(tmp_path: object) -> None:
    without = (
        "this build has no kernels for graphics processors: build it with 'maturin develop --release --features gpu'"
    )
    assert said(tmp_path) == [f"None|gpu|{without}"]
    assert said(tmp_path, IRONCLIW_GPU="off") == ["None|gpu|none is used, as IRONCLIW_GPU=off asks for"]
    assert said(tmp_path, IRONCLIW_GPU="always") == [f"False|gpu|{without}"]


@needs_build
def test_the_table_and_what_follows_from_it(tmp_path: object) -> None:
    first = said(tmp_path, IRONCLIW_GPU="software")
    assert first[0].startswith(f"True|gpu|{open_card().name}, ")
    assert first[0].endswith("always used, as IRONCLIW_GPU=software asks for")
    kernels = ["difference x 1", "describe x 1", "process_batch x 1", "process_batch x 8", "process_batch x 64"]
    assert [line.split("|")[1].strip() for line in first[1:]] == kernels
    assert all("of 192x128: CPU " in line and " ms with upload" in line for line in first[1:])
    # Measured once: the same figures come from the file.
    assert said(tmp_path, IRONCLIW_GPU="software") == first


@needs_build
def test_only_a_software_adapter(tmp_path: object) -> None:
    if not open_card().software:
        pytest.skip("there is a real card here")
    (line,) = said(tmp_path)
    assert line.startswith("None|gpu|no graphics processor can be used: there is only ")
