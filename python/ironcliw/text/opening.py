"""The text engines there are, and opening one.

engine = open_engine()                # paddle
engine = open_engine(threads=2, name="tesseract")
why_not("vision")                     # "only on macOS", or None where it can be used
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.errors import IroncliwError, SettingsError
from ironcliw.text.models import find_models
from ironcliw.text.protocol import TextEngine


def _paddle(threads: int | None) -> TextEngine:
    from ironcliw.text.paddle import PaddleEngine  # noqa: PLC0415 - what is not used is not loaded

    find_models()
    return PaddleEngine(threads)


def _tesseract(threads: int | None) -> TextEngine:
    from ironcliw.text.tesseract import TesseractEngine  # noqa: PLC0415

    return TesseractEngine(threads)


def _vision(threads: int | None) -> TextEngine:
    from ironcliw.text.vision import VisionEngine  # noqa: PLC0415

    return VisionEngine()


def _windows(threads: int | None) -> TextEngine:
    from ironcliw.text.windows import WindowsEngine  # noqa: PLC0415

    return WindowsEngine()


ENGINES: dict[str, Callable[[int | None], TextEngine]] = {
    "paddle": _paddle,
    "tesseract": _tesseract,
    "vision": _vision,
    "windows": _windows,
}
"""Name to what opens it; the first is the default."""


def open_engine(threads: int | None = None, name: str = "paddle") -> TextEngine:
    """An engine that can be used, its networks loaded at the first reading.

    threads: how many it may use, 1 to 256; None takes up to two of the cores this process may run on
    name: of ENGINES

    SettingsError for another number or name; ModelError, or TextEngineError, where the engine cannot be used.
    """
    if threads is not None and not 1 <= threads <= 256:
        raise SettingsError(f"threads must be 1 to 256, not {threads}")
    if name not in ENGINES:
        raise SettingsError(f"the text engine must be one of {', '.join(ENGINES)}, not {name!r}")
    return ENGINES[name](threads)


def why_not(name: str) -> str | None:
    """Why the engine of that name cannot be used here; None where it can. Loads no networks."""
    try:
        open_engine(None, name)
    except IroncliwError as error:
        return str(error)
    return None
