"""One picture out of anything frames come from: a moment of a recording, its end, a screen now.

still("build.mp4@12.5").pixels        # what was shown 12.5 s after its start
still("build.mp4").pixels             # its last picture
still("screen").pixels                # this display, now
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.clock import SECOND
from ironcliw.errors import SettingsError, SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source.opening import Spec, open_source
from ironcliw.source.protocol import Capture, End, Gap, Resized, Source

_MOMENT = re.compile(r"(.+)@([0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.DOTALL)
_WAIT_S = 10.0
"""How long a screen may take to be seen for the first time."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture: (h, w, 4) uint8 BGRX ``pixels``, shown by the source of that ``name`` from ``time_ns`` on."""

    pixels: NDArray[np.uint8]
    time_ns: int
    name: str


def split_moment(spec: Spec) -> tuple[Spec, float | None]:
    """``build.mp4@12.5`` as ``build.mp4`` and 12.5; a spec that names no moment, or a file that is there, and None."""
    name = os.fspath(spec) if isinstance(spec, str | os.PathLike) else None
    if name is None or (named := _MOMENT.fullmatch(name)) is None or Path(name).exists():
        return spec, None
    return named[1], float(named[2])


def still(spec: Spec, *, only: bool = False, opened: Callable[[Spec], Source] = open_source) -> Still:
    """The picture that ``spec`` names: at ``@seconds``, else the last of a recording or folder, or a screen now.

    only: where no moment is named, refuse what holds more than one picture
    opened: how a source is opened

    SourceError where it cannot be had, SettingsError for a moment beyond the end, of a screen, or that must be named.
    """
    place, at_s = split_moment(spec)
    source = opened(place)
    if source.live and (only or at_s is not None):
        raise SettingsError(f"{source.name} is a screen: name an image, or a moment of a recording, as in a.mp4@12.5")
    try:
        return _seen(source, at_s, only and at_s is None)
    finally:
        source.close()


def _seen(source: Source, at_s: float | None, only: bool) -> Still:
    until_ns = math.inf if at_s is None else at_s * SECOND
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    found: Still | None = None
    give_up_ns = clock.monotonic_ns() + round(_WAIT_S * SECOND)
    try:
        source.attach(memory)
        while not isinstance(message := source.read(100), End):
            if isinstance(message, Resized):
                memory.close()
                memory = FrameMemory(message.geometry.width, message.geometry.height)
                source.attach(memory)
            elif isinstance(message, Gap) and source.live:
                raise SourceError(f"{source.name} cannot be seen: {message.detail}")
            elif isinstance(message, Capture):
                if message.time_ns > until_ns and found is not None:
                    return found
                if found is not None and only:
                    raise SettingsError(f"{source.name} holds several pictures: name a moment, as in {source.name}@2.5")
                found = Still(memory.pixels.copy(), message.time_ns, source.name)
            if source.live and (found is not None or clock.monotonic_ns() > give_up_ns):
                break
        else:
            if at_s is not None and until_ns > message.time_ns:
                raise SettingsError(f"{source.name} ends at {message.time_ns / SECOND:.2f} s, before {at_s:g} s")
    finally:
        memory.close()
    if found is None:
        raise SourceError(f"{source.name}: no picture came within {_WAIT_S:.0f} s")
    return found
