"""Finding what can be scored: a folder of labelled recordings, or a source that knows its own truth.

for recording in find_recordings(["data/dev"], only=["d1"]):
    recording.truth.name, recording.spec          # "d1_terminal_...", the path of its video
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import LabelError, SettingsError
from ironcliw.memory import FrameMemory
from ironcliw.quality.truth import Truth
from ironcliw.source import Capture, End, Resized, open_source
from ironcliw.source.images import natural_order

_SUFFIX = ".gt.json"
_SELF_LABELLED = "synthetic:"


@dataclass(frozen=True, slots=True)
class Recording:
    """Something to score: ``spec`` is what ``open_source`` takes."""

    spec: str
    truth: Truth


class Frame(NamedTuple):
    """A frame of a recording: (h, w, 4) uint8 BGRX pixels, valid until the next frame is asked for."""

    time_s: float
    pixels: NDArray[np.uint8]
    is_lossless: bool


def find_recordings(data: Sequence[str], only: Sequence[str] = ()) -> list[Recording]:
    """The labelled recordings of each place, in the order of their names.

    data: folders with ``recordings/*.gt.json`` (or ``*.gt.json``) beside their media, and ``synthetic:...`` sources
    only: ids of those wanted; the part of an id before its first ``_`` will do

    Raises LabelError where there are no labels, or something is wrong with them; SourceError for ``synthetic:...``.
    """
    found: list[Recording] = []
    for place in data:
        found += [_self_labelled(place)] if place.startswith(_SELF_LABELLED) else _from_folder(Path(place))
    names = [recording.truth.name for recording in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LabelError(f"{' '.join(data)}: two recordings of the id {twice[0]}")
    unknown = [wanted for wanted in only if not any(_is_named(name, wanted) for name in names)]
    if unknown:
        raise LabelError(f"{' '.join(data)}: no recording {', '.join(unknown)}; there are {', '.join(names)}")
    return [item for item in found if not only or any(_is_named(item.truth.name, wanted) for wanted in only)]


def read_json(path: Path) -> Any:
    """The JSON of a file of labels; LabelError names the file where it cannot be read or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror or error})") from None
    except RecursionError:
        raise LabelError(f"{path}: nested too deeply") from None
    except ValueError as error:
        raise LabelError(f"{path}: not JSON ({error})") from None


def _from_folder(folder: Path) -> list[Recording]:
    if not folder.is_dir():
        raise LabelError(f"{folder}: no such folder of labelled recordings")
    labels = [*folder.glob(f"recordings/*{_SUFFIX}")] or [*folder.glob(f"*{_SUFFIX}")]
    if not labels:
        raise LabelError(f"{folder}: no labels found; expected recordings/*{_SUFFIX}")
    return [_labelled(path) for path in sorted(labels, key=lambda path: natural_order(path.name))]


def _labelled(path: Path) -> Recording:
    fields = read_json(path)
    truth = Truth.from_dict(fields, str(path))
    media = cast("dict[str, Any]", fields).get("media")
    if isinstance(media, str) and media.startswith(_SELF_LABELLED):
        try:
            open_source(media)
        except SettingsError as error:
            raise LabelError(f"{path}: media is {media!r:.40}: {error}") from None
        return Recording(media, truth)
    if not isinstance(media, str) or Path(media).name != media:
        raise LabelError(f"{path}: media is {media!r:.40}, not the name of a file beside it")
    if not (path.parent / media).is_file():
        raise LabelError(f"{path}: its media, {media}, is not beside it")
    return Recording(str(path.parent / media), truth)


def _self_labelled(spec: str) -> Recording:
    source = open_source(spec)
    truth = getattr(source, "truth", None)
    if not callable(truth):
        raise LabelError(f"{spec}: this source does not know what it shows")
    return Recording(spec, Truth.from_dict(truth(), spec))


def _is_named(name: str, wanted: str) -> bool:
    return name == wanted or name.split("_")[0] == wanted


def play(spec: str) -> Iterator[Frame]:
    """Every frame of a recording, in order. Raises SourceError where it cannot be read."""
    source = open_source(spec)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    try:
        source.attach(memory)
        while not isinstance(message := source.read(0), End):
            if isinstance(message, Resized):
                memory.close()
                memory = FrameMemory(message.geometry.width, message.geometry.height)
                source.attach(memory)
            elif isinstance(message, Capture):
                yield Frame(message.time_ns / clock.SECOND, memory.pixels, source.lossless)
    finally:
        source.close()
        memory.close()
