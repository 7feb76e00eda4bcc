"""How well dialogs and toasts are found on labelled screens and recordings, and what it costs.

    python benches/objects.py DATA [--scenes FOLDER ...] [--out benches/results]      # make bench-objects ARGS=DATA

The labelled ones, and what counts as found, are those of ``ironcliw quality`` (``ironcliw/quality/dialogs.py``).
FOLDERs are what tools/objects/scenes.py and toolkits.py drew: their dialogs and toasts of which more than half is seen
must be found; consent banners and what is mostly covered count neither way.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ironcliw import kernels
from ironcliw.frame import Rect
from ironcliw.objects import ObjectDetector
from ironcliw.quality.dialogs import answers, labelled_frames
from ironcliw.quality.recordings import find_recordings
from ironcliw.quality.screens import find_screens

Case = tuple[str, Any, list[Rect], list[Rect]]
"""Name, pixels, what must be found, and what counts neither way."""


def labelled(data: Path) -> Iterator[Case]:
    for frame in labelled_frames(find_screens([data]), find_recordings([str(data)])):
        yield frame.name, frame.pixels, list(frame.labels), []


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
        hit = sum(any(answers(box, label) for box in boxes) for label in expected)
        besides = [box for box in boxes if not any(answers(box, label) for label in [*expected, *other])]
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
    sets = [("labelled", lambda: labelled(arguments.data))]
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
