"""One ONNX network on the CPU.

network = Network(path, threads=2)
output, *others = network.run(batch)  # float32 in, float32 out
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import ModelError


def _runtime() -> Any:
    """The module onnxruntime, told to keep to itself.

    Official builds from 1.29 on send events to their maker, and keep an identifier and a database of what is yet to be
    sent in the user's cache folder, unless this is in the environment when the library is loaded. What was loaded
    before us is at least told to send nothing about our use of it.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Loading the runtime takes longer than the whole of `ironcliw --help` may.
    import onnxruntime  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    runtime = cast(Any, onnxruntime)
    runtime.disable_telemetry_events()
    return runtime


def return_memory() -> None:
    """Give the memory of past runs back to the system, where the C library would keep it: glibc.

    Activations come and go in sizes that fit badly into what others left: after 14 desktop screens 206 MB are held,
    116 MB where this is called after each; it costs some 4 % of reading them.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)


class Network:
    """A network with one input, float32 like its outputs. ModelError where onnxruntime cannot load it."""

    def __init__(self, path: Path, threads: int) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Inputs differ in size from call to call: the arena would keep the largest of everything for ever.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        # Idle threads that spin take from the screen's owner what they never give back.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"cannot load {path}: {first_line}") from error
        self._input: str = self._session.get_inputs()[0].name

    def metadata(self, key: str) -> str | None:
        """A text that the network's author stored in the file, or None."""
        return cast("dict[str, str]", self._session.get_modelmeta().custom_metadata_map).get(key)

    def run(self, batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The network's outputs for ``batch``."""
        return cast("list[NDArray[np.float32]]", self._session.run(None, {self._input: batch}))
