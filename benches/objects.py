"""How well dialogs and toasts are found on labelled screens and recordings, and what it costs.

    python benches/objects.py DATA [--scenes FOLDER ...] [--out benches/results]      # make bench-objects ARGS=DATA

Screens have one label at most (``dialog``, or none: then every dialog or toast reported is wrong); recordings have
their ``dialog`` and ``notification`` events with a box, on the frame 0.1 s after their time. Found means a box of
IoU >= 0.5, or the label's centre within 10 pixels of the box and each side within a factor of 1.5; the class is not
asked for. FOLDERs are what tools/objects/scenes.py and toolkits.py drew: their dialogs and toasts of which more than
half is seen must be found; consent banners and what is mostly covered count neither way.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Iterator
from itertools import chain
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

AFTER_S = 0.1
Case = tuple[str, Any, list[Rect], list[Rect]]
"""Name, pixels, what must be found, and what counts neither way."""


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
        yield screen["file"], pixels, [Rect(*screen["dialog"]["approx_bbox"])] if screen["dialog"] else [], []


def recordings(data: Path) -> Iterator[Case]:
    for path in sorted((data / "recordings").glob("*.gt.json")):
        truth = json.loads(path.read_text())
        events = [each for each in truth["events"] if each.get("type") in ("dialog", "notification") and "bbox" in each]
        times = sorted({each["t"] + AFTER_S for each in events})
        for at_s, pixels in zip(times, frames(path.parent / truth["media"], times), strict=True):
            shown = [each for each in events if each["t"] <= at_s <= each.get("end", at_s)]
            yield f"{truth['id']} at {at_s:.2f} s", pixels, [Rect(*each["bbox"]) for each in shown], []


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


def drawn(folder: Path) -> Iterator[Case]:
    """Scenes with their labels."""
    for path in sorted(folder.glob("*.png")):
        expected: list[Rect] = []
        other: list[Rect] = []
        for kind, (left, top, right, bottom), seen in json.loads(path.with_suffix(".json").read_text())["objects"]:
            if kind in ("dialog", "toast", "banner"):
                counts = kind != "banner" and seen >= 0.55
                (expected if counts else other).append(Rect(left, top, right - left, bottom - top))
        with Image.open(path) as image:
            yield path.stem, np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1]), expected, other


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


class Score:
    """How one way of finding does on one set."""

    def __init__(self, method: str) -> None:
        self.method, self.labels, self.hits, self.wrong = method, 0, 0, 0
        self.times: list[float] = []
        self.rows: list[str] = []
        before = resident_mb()
        self.detector = ObjectDetector("network" if method == "network" else "geometry")
        self.detector.find(np.zeros((720, 1280, 4), np.uint8))
        self.loaded_mb = resident_mb() - before

    def add(self, case: Case) -> None:
        name, pixels, expected, other = case
        start = time.perf_counter()
        boxes = [each.box for each in self.detector.find(pixels, kinds=("dialog", "toast"))]
        self.times.append(1000 * (time.perf_counter() - start))
        hit = sum(any(found(box, label) for box in boxes) for label in expected)
        besides = [box for box in boxes if not any(found(box, label) for label in [*expected, *other])]
        self.labels, self.hits, self.wrong = self.labels + len(expected), self.hits + hit, self.wrong + len(besides)
        listed, size = "; ".join(str(tuple(box)) for box in besides), f"{pixels.shape[1]} x {pixels.shape[0]}"
        self.rows.append(f"| {name} | {size} | {hit} of {len(expected)} | {listed} | {self.times[-1]:.0f} |")

    def row(self, name: str) -> str:
        recall, precision = self.hits / max(self.labels, 1), self.hits / max(self.hits + self.wrong, 1)
        both = 2 * recall * precision / max(recall + precision, 1e-9)
        times = f"{statistics.median(self.times):.0f} | {statistics.quantiles(self.times, n=20)[-1]:.0f}"
        counts = f"{self.hits} of {self.labels} | {self.wrong} | {recall:.0%} | {precision:.0%} | {both:.2f}"
        return f"| {name} | {self.method} | {counts} | {times} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--scenes", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("benches/results"))
    arguments = parser.parse_args()
    sets = [("labelled", lambda: chain(screens(arguments.data), recordings(arguments.data)))]
    sets += [(folder.name, lambda folder=folder: drawn(folder)) for folder in arguments.scenes]
    summary: list[str] = []
    listed: list[str] = []
    loaded = ""
    for name, cases in sets:
        scores = [Score("geometry"), Score("network")]
        for case in cases():
            for score in scores:
                score.add(case)
        summary += [score.row(name) for score in scores]
        listed, loaded = listed or scores[1].rows, loaded or f"{scores[1].loaded_mb:.0f}"
        print(*summary[-2:], sep="\n", flush=True)
    head = [
        "# Dialogs and toasts on labelled screens",
        "",
        f"Python {platform.python_version()}, kernels: {kernels.REASON}; each frame once. Loading",
        f"the network and onnxruntime took {loaded} MB.",
        "",
        "| set | method | found | besides | recall | precision | F1 | ms | p95 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *summary,
        "",
        "The labelled frames, by the network:",
        "",
        "| frame | pixels | found | besides, without a label | ms |",
        "| --- | --- | --- | --- | --- |",
        *listed,
    ]
    (arguments.out / "bench-objects.md").write_text("\n".join(head) + "\n")


if __name__ == "__main__":
    main()
