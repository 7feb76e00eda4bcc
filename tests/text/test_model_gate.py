"""Set-up refuses networks that read worse than those they were made of."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ironcliw.text.model_pins import UPSTREAM
from ironcliw.text.models import find_models

ROOT = Path(__file__).resolve().parents[2]
UPSTREAM_FILES = [ROOT / ".cache" / "models" / name for name in UPSTREAM]

pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in UPSTREAM_FILES), reason="the upstream models are not in .cache/models"
)


@pytest.fixture
def gate() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "ocr" / "gate.py"))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    files = find_models()
    for path in (files.detector, files.recogniser, files.scripts, files.quick):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def spoil(path: Path, name_ends: str, change: Any) -> None:
    network = onnx.load(str(path))
    (found,) = (each for each in network.graph.initializer if each.name.endswith(name_ends))
    values = change(numpy_helper.to_array(found).copy())
    found.CopyFrom(numpy_helper.from_array(values, found.name))
    path.write_bytes(network.SerializeToString())


def blurred(values: np.ndarray) -> np.ndarray:
    """Weights with a little noise, as a careless quantisation leaves them."""
    noise = np.random.default_rng(11).normal(0, values.std(), values.shape)
    return (values + noise).astype(np.float32)


def test_what_set_up_makes_passes(gate: dict[str, Any], made: Path) -> None:
    gate["check"](*UPSTREAM_FILES, made)


def test_a_recogniser_with_two_characters_mixed_up_is_refused(gate: dict[str, Any], made: Path) -> None:
    network = onnx.load(str(made / "recogniser.onnx"))
    characters = {entry.key: entry.value for entry in network.metadata_props}["characters"]
    listed = json.loads(characters)
    e, c = listed.index("e"), listed.index("c")

    def mixed(values: np.ndarray) -> np.ndarray:
        values[..., [e, c]] = values[..., [c, e]]
        return values

    spoil(made / "recogniser.onnx", "head.weight", mixed)
    spoil(made / "recogniser.onnx", "head.bias", mixed)
    gate["_check_recogniser"].__globals__["LINES"] = gate["LINES"][:6]
    with pytest.raises(ValueError, match=r"recogniser made reads \d+ of \d+ characters wrong, the upstream one \d"):
        gate["_check_recogniser"](UPSTREAM_FILES[1], made)


def test_a_quick_recogniser_that_reads_otherwise_is_refused(gate: dict[str, Any], made: Path) -> None:
    spoil(made / "quick.onnx", "head.weight", lambda values: np.roll(values, 1, axis=1))
    with pytest.raises(ValueError, match="quick recogniser made"):
        gate["_check_quick"](*UPSTREAM_FILES[2:], made)


def test_a_detector_that_sees_elsewhere_is_refused(gate: dict[str, Any], made: Path) -> None:
    spoil(made / "detector.onnx", "up.2.bias", lambda values: values[::-1] - 1)
    with pytest.raises(ValueError, match="detector made sees text at other pixels"):
        gate["_check_detector"](UPSTREAM_FILES[0], made)


def test_set_up_installs_nothing_that_reads_worse(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "models.py"))
    graph = onnx.load(str(made / "recogniser.onnx")).graph
    largest = max(
        (each for each in graph.initializer if each.name != "head.weight"), key=lambda each: np.prod(each.dims)
    )
    spoil(made / "recogniser.onnx", largest.name, blurred)

    def derive(*sources_and_folder: Path) -> None:
        for name in ("detector.onnx", "recogniser.onnx", "scripts.onnx", "quick.onnx"):
            shutil.copy(made / name, sources_and_folder[-1] / name)

    monkeypatch.setitem(tool["make"].__globals__, "derive", derive)
    target = tmp_path / "installed"
    with pytest.raises(tool["SetupError"], match="cannot make the models: the recogniser made reads"):
        tool["install"](target, UPSTREAM_FILES[0].parent)
    assert not list(target.glob("*.onnx"))
