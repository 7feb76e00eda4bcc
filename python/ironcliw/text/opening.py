"""The text engine that is used where no other is named."""

from __future__ import annotations

from ironcliw.errors import SettingsError
from ironcliw.text.models import find_models
from ironcliw.text.protocol import TextEngine


def open_engine(threads: int | None = None) -> TextEngine:
    """The default engine, with its model files verified (ModelError) and its networks loaded at the first reading.

    threads: how many it may use, 1 to 256 (SettingsError); None takes up to two of the cores this process may run on
    """
    from ironcliw.text.paddle import PaddleEngine  # noqa: PLC0415 - pulls in onnxruntime

    if threads is not None and not 1 <= threads <= 256:
        raise SettingsError(f"threads must be 1 to 256, not {threads}")
    find_models()
    return PaddleEngine(threads)
