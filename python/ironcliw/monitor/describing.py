"""What a watch says of itself: what it watches and how, and the name of its run."""

from __future__ import annotations

import os
import secrets
import zlib
from pathlib import Path
from typing import Any

from ironcliw import kernels
from ironcliw.frame import Geometry
from ironcliw.source import Source


def description(source: Source, geometry: Geometry, text_engine: str | None) -> dict[str, Any]:
    """The fields of the ``start`` event, as JSON values."""
    return {
        "geometry": {"x": geometry.x, "y": geometry.y, "width": geometry.width, "height": geometry.height},
        "scale": geometry.scale,
        "monitor": geometry.monitor,
        "kernels": {"implementation": kernels.IMPLEMENTATION, "reason": kernels.REASON},
        "source_kind": type(source).__name__.removesuffix("Source").lower(),
        "text_engine": text_engine,
        "capture": source.describe(),
    }


def run_id(source: Source, geometry: Geometry, *, paced: bool) -> str:
    """The prefix of a run's event ids: for a recording that is read at full pace the same every time."""
    return secrets.token_hex(4) if paced else _recording_id(source, geometry)


def _recording_id(source: Source, geometry: Geometry) -> str:
    """The same recording has the same event ids every time; another one has others, as far as its name tells."""
    name = Path(source.name).name if os.sep in source.name else source.name
    return f"{zlib.crc32(f'{name} {geometry.width}x{geometry.height}'.encode()):08x}"
