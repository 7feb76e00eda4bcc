"""The network that says what a rectangle of a screen is.

judge = Judge()                       # ModelError where it cannot be used
shares = judge.shares(batch)          # (count, 6): how likely each is none, a dialog, a toast, ...

Its file is part of the package, made by tools/objects; docs/reference/objects-model-card.md says of what.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import ModelError

OUTPUTS = ("none", "dialog", "toast", "window", "card", "menu")
"""What each of the network's outputs stands for. A card is part of a page; a menu floats, and asks nothing."""

MODEL = Path(__file__).parent / "models" / "objects.onnx"
SHA256 = "4c9cdd3ddc15962830107f2c06f165595cb4bd63fad34c01bdf424ff3d6542fc"
"""The file, and the SHA-256 of its content in hexadecimal."""

BATCH = 32
"""Rectangles that are judged at once: more would only need more memory."""


class Judge:
    """The network, loaded. ModelError where its file is missing or another one, or onnxruntime cannot be used."""

    def __init__(self, path: Path = MODEL) -> None:
        content = _content(path)
        try:
            runtime = _runtime()
            options = runtime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            # Counts differ from call to call: the arena would keep the largest of everything for ever.
            options.enable_cpu_mem_arena = False
            options.enable_mem_pattern = False
            options.log_severity_level = 3
            self._session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"cannot load {path}: {first_line}") from error

    def shares(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(count, 6) for (count, 2, 48, 96) of ``crops.inputs``; each row sums to 1, in the order of OUTPUTS."""
        parts = [batch[start : start + BATCH] for start in range(0, len(batch), BATCH)]
        told = [cast("list[NDArray[np.float32]]", self._session.run(None, {"batch": part}))[0] for part in parts]
        return np.concatenate([np.zeros((0, len(OUTPUTS)), np.float32), *told])


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"the network for objects is missing: no {path}") from None
    except OSError as error:
        raise ModelError(f"cannot read the network for objects {path}: {error.strerror or error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ModelError(f"{path} is damaged or of another version: its SHA-256 is {found}, expected {SHA256}")
    return content


def _runtime() -> Any:
    """The module onnxruntime, told to send nothing: see ``ironcliw.text.paddle.session``."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Loading the runtime takes longer than the whole of `ironcliw --help` may.
    import onnxruntime  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    runtime = cast(Any, onnxruntime)
    runtime.disable_telemetry_events()
    return runtime
