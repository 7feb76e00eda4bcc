"""Where the text recognition models lie, and whether they are the ones that were pinned.

    models = find_models()                # ModelError where they are missing or damaged
    print(models.detector, models.recogniser)

The files are put there by ``make setup`` (tools/models.py) and carried by built wheels; nothing is fetched at run time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import ModelError
from ironcliw.text.model_pins import DETECTOR, QUICK, RECOGNISER, SCRIPTS, SHA256

MODEL_DIRECTORY = Path(__file__).parent / "models"
"""The folder that set-up fills."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Paths of verified ONNX files: what finds lines, what reads them, all scripts' characters, what reads first."""

    detector: Path
    recogniser: Path
    scripts: Path
    quick: Path


def find_models(directory: Path | None = None) -> ModelFiles:
    """The verified models in ``directory`` (MODEL_DIRECTORY unless given).

    Hashing their 36 MB takes some 20 ms, little beside loading them. ModelError where a file is missing, unreadable or
    not the pinned one.
    """
    folder = MODEL_DIRECTORY if directory is None else directory
    for name, expected in SHA256.items():
        _verify(folder / name, expected)
    return ModelFiles(folder / DETECTOR, folder / RECOGNISER, folder / SCRIPTS, folder / QUICK)


def _verify(path: Path, expected: str) -> None:
    try:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(
            f"text recognition models are missing from {path.parent} (no {path.name}): run make setup"
        ) from None
    except OSError as error:
        raise ModelError(f"cannot read the text recognition model {path}: {error.strerror or error}") from error
    if found != expected:
        raise ModelError(
            f"{path} is damaged or of another version: its SHA-256 is {found}, expected {expected}; run make setup"
        )
