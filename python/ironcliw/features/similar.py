"""When did a recording look like this picture?

found = similar("error.png", "session.mp4")
found.moments[0].time_s               # when it looked most like it
found.last                            # when it last looked the same, or None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SettingsError, SourceError
from ironcliw.features.describer import Describer, check_region, describe_pixels
from ironcliw.features.descriptor import Descriptor
from ironcliw.features.moments import Moment, Timeline
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture, End, Gap, Resized, Source, Spec, open_source, still


@dataclass(frozen=True, slots=True)
class Similar:
    """What ``similar`` found.

    moments: when the source looked most like the reference, best first
    last: the last moment in which it looked the same, or None
    """

    moments: tuple[Moment, ...]
    last: Moment | None


def similar(
    reference: Spec,
    source: Spec,
    *,
    top: int = 5,
    region: Rect | tuple[int, int, int, int] | None = None,
    interval_s: float = 1.0,
) -> Similar:
    """When ``source`` looked most like ``reference``, by the descriptors of all its frames.

    reference: an image, a moment of a recording (``build.mp4@12.5``), or one (h, w, 3|4) uint8 RGB array
    source: a recording, a folder of images, arrays: anything that ends
    top: moments at the most
    region: x, y, width, height in pixels; only that part of both is compared. A reference of that size is the part
    interval_s: seconds between images and arrays

    SettingsError for a region outside the frames, a reference that is of several moments, or a source that does not
    end; SourceError where either cannot be read.
    """
    if top < 1:
        raise SettingsError(f"top must be 1 or more, not {top}")
    part = None if region is None else Rect(*region)
    picture = _picture(reference)
    opened = open_source(source, interval_s=interval_s)
    if opened.live:
        raise SettingsError(f"{opened.name} does not end: name a recording, or a folder of images")
    try:
        timeline = _compared(picture, opened, part)
    finally:
        opened.close()
    return Similar(tuple(timeline.nearest(top)), timeline.last())


def _picture(reference: Spec) -> NDArray[np.uint8]:
    if isinstance(reference, np.ndarray):
        return still([cast("NDArray[np.uint8]", reference)]).pixels
    return still(reference, only=True).pixels


def _compared(picture: NDArray[np.uint8], source: Source, region: Rect | None) -> Timeline:
    geometry = source.open()
    wanted = _reference(picture, geometry, region)
    timeline = Timeline()
    memory = FrameMemory(geometry.width, geometry.height)
    try:
        describer = _describer(geometry, region)
        source.attach(memory)
        while not isinstance(message := source.read(0), End):
            if isinstance(message, Resized):
                memory.close()
                memory = FrameMemory(message.geometry.width, message.geometry.height)
                source.attach(memory)
                describer = _describer(message.geometry, region)
            elif isinstance(message, Gap):
                timeline.add(-1, message.time_ns, None)
            elif isinstance(message, Capture):
                seen = None if describer is None else describer.apply(memory.pixels).distance(wanted)
                timeline.add(message.sequence, message.time_ns, seen)
        timeline.end(message.time_ns)
    finally:
        memory.close()
    return timeline


def _reference(picture: NDArray[np.uint8], geometry: Geometry, region: Rect | None) -> Descriptor:
    """What is looked for. A region is one of the source's first frame."""
    if region is None:
        return describe_pixels(picture)
    check_region(region, geometry.width, geometry.height)
    height, width = picture.shape[:2]
    if (width, height) == (region.width, region.height):
        return describe_pixels(picture)
    if (width, height) != (geometry.width, geometry.height):
        raise SourceError(
            f"the reference has {width}x{height} pixels: for a region it needs those of the source, "
            f"{geometry.width}x{geometry.height}, or of the region, {region.width}x{region.height}"
        )
    return describe_pixels(picture, region)


def _describer(geometry: Geometry, region: Rect | None) -> Describer | None:
    """None where the source has become too small to hold the region."""
    if region is not None and region.clipped(geometry.width, geometry.height) != region:
        return None
    return Describer(geometry.height, geometry.width, region)
