"""How well dialogs and toasts are found on labelled screens and recordings, and what it costs.

    python benches/objects.py DATA [--out benches/results]      # make bench-objects ARGS=DATA

Screens have one label at most (``dialog``, or none: then every dialog or toast reported is wrong); recordings have
their ``dialog`` and ``notification`` events with a box, on the frame 0.1 s after their time. Found means a box of
IoU >= 0.5, or the label's centre within 10 pixels of the box and each side within a factor of 1.5; the class is not
asked for.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ironcliw import kernels
from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory
from ironcliw.objects import ObjectDetector
from ironcliw.source.opening import open_source
from ironcliw.source.protocol import Capture, End

AFTER_S, ROUNDS = 0.1, 7
Case = tuple[str, Any, list[Rect]]


def found(box: Rect, label: Rect) -> bool:
    shared = box.intersection(label)
    if shared and 2 * shared.area >= box.area + label.area - shared.area:
        return True
    x, y = label.x + label.width / 2, label.y + label.height / 2
    near = box.x - 10 <= x <= box.right + 10 and box.y - 10 <= y <= box.bottom + 10
    sides = box.width / label.width, box.height / label.height
    return near and all(1 / 1.5 <= side <= 1.5 for side in sides)


def screens(data: Path) -> Iterator[Case]:
    for screen in json.loads((data / "screens" / "screens_gt.json").read_text())["screens"]:
        with Image.open(data / "screens" / screen["file"]) as image:
            pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        yield screen["file"], pixels, [Rect(*screen["dialog"]["approx_bbox"])] if screen["dialog"] else []


def recordings(data: Path) -> Iterator[Case]:
    for path in sorted((data / "recordings").glob("*.gt.json")):
        truth = json.loads(path.read_text())
        events = [each for each in truth["events"] if each.get("type") in ("dialog", "notification") and "bbox" in each]
        times = sorted({each["t"] + AFTER_S for each in events})
        for at_s, pixels in zip(times, frames(path.parent / truth["media"], times), strict=True):
            shown = [each for each in events if each["t"] <= at_s <= each.get("end", at_s)]
            yield f"{truth['id']} at {at_s:.2f} s", pixels, [Rect(*each["bbox"]) for each in shown]


def frames(media: Path, times: list[float]) -> Iterator[Any]:
    """What is shown at each of these times."""
    if not times:
        return
    source = open_source(media)
    geometry = source.open()
    memory, shown, left = FrameMemory(geometry.width, geometry.height), None, list(times)
    source.attach(memory)
    while left and not isinstance(message := source.read(1000), End):
        while left and shown is not None and isinstance(message, Capture) and message.time_ns > left[0] * 1e9 + 1:
            yield shown
            left.pop(0)
        shown = memory.pixels.copy()
    for _ in left:
        yield shown
    source.close()


def milliseconds(work: Any) -> float:
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benches/results"))
    arguments = parser.parse_args()
    detector, numbers = ObjectDetector(), np.zeros((1024, 9), np.int32)
    rows: list[str] = []
    labels = hits = wrong = 0
    for name, pixels, expected in [*screens(arguments.data), *recordings(arguments.data)]:
        boxes = [each.box for each in detector.find(pixels) if each.kind in ("dialog", "toast")]
        hit = sum(any(found(box, label) for box in boxes) for label in expected)
        besides = [box for box in boxes if not any(found(box, label) for label in expected)]
        labels, hits, wrong = labels + len(expected), hits + hit, wrong + len(besides)
        kernel_ms = milliseconds(lambda pixels=pixels: kernels.rectangles(pixels, numbers))
        whole_ms = milliseconds(lambda pixels=pixels: detector.find(pixels))
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        listed = "; ".join(str(tuple(box)) for box in besides)
        rows.append(f"| {name} | {size} | {hit} of {len(expected)} | {listed} | {kernel_ms:.1f} | {whole_ms:.0f} |")
    precision = hits / max(hits + wrong, 1)
    summary = f"Found {hits} of {labels} ({hits / max(labels, 1):.0%}); {wrong} besides: precision {precision:.0%}."
    head = [
        "# Dialogs and toasts on labelled screens",
        "",
        f"{summary} Python {platform.python_version()}, kernels: {kernels.REASON}; medians of {ROUNDS}.",
        "",
        "| frame | pixels | found | besides, without a label | kernel ms | detector ms |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    (arguments.out / "bench-objects.md").write_text("\n".join([*head, *rows]) + "\n")
    print(summary)


if __name__ == "__main__":
    main()
