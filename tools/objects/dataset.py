"""Rectangles of scenes with what they are, as the network will see them.

    python tools/objects/dataset.py OUT.npz --count 1500 [--first 0]        # a part; parts are joined by train.py

Rectangles are those that the detector would ask the network about. A rectangle is what it covers by IoU >= 0.75; what
covers a dialog or toast less than that, but more than 0.45, is left out, so that the network learns neither yes nor no.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scenes import Scene, scenes

from ironcliw import kernels
from ironcliw.objects.candidates import candidates
from ironcliw.objects.crops import FRAME_HEIGHT, FRAME_WIDTH, HEIGHT, WIDTH, detail, shrunk
from ironcliw.objects.looks import luma

KINDS = ("none", "dialog", "toast", "window", "card", "menu")
SAME = {"find": "menu"}
TOP = ("dialog", "toast", "banner")
PER_SCENE = 14
Label = tuple[str, tuple[int, int, int, int], float]


def iou(boxes: NDArray[Any], box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """(count,) of (count, 4) sides and one other."""
    over = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    shared = over.clip(0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2] - box[0]) * (box[3] - box[1])
    return shared / np.maximum(areas - shared, 1)


def worn(pixels: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    """The picture as it may have been stored: as JPEG, with few colours, or as it is."""
    kind = chance.random()
    if kind < 0.35:
        stored = io.BytesIO()
        Image.fromarray(pixels).save(stored, "JPEG", quality=int(chance.integers(60, 96)))
        return np.asarray(Image.open(stored).convert("RGB"))
    if kind < 0.45:
        return np.asarray(
            Image.fromarray(pixels)
            .quantize(int(chance.choice([64, 128, 256])), dither=Image.Dither.FLOYDSTEINBERG)
            .convert("RGB")
        )
    return pixels


def part(scene: Scene, chance: np.random.Generator) -> tuple[NDArray[np.uint8], list[Label]]:
    """A part of the scene, with what is still whole in it; mostly all of it."""
    height, width = scene.pixels.shape[:2]
    if chance.random() > 0.2:
        return scene.pixels, scene.objects
    high, wide = int(height * chance.uniform(0.4, 1)), int(width * chance.uniform(0.4, 1))
    top, left = int(chance.integers(0, height - high + 1)), int(chance.integers(0, width - wide + 1))
    labels: list[Label] = []
    for kind, (x, y, right, bottom), seen in scene.objects:
        box = max(x - left, 0), max(y - top, 0), min(right - left, wide), min(bottom - top, high)
        if box[2] > box[0] and box[3] > box[1]:
            kept = (box[2] - box[0]) * (box[3] - box[1]) / ((right - x) * (bottom - y))
            labels.append((kind, box, seen if kept > 0.95 else 0.0))
    return scene.pixels[top : top + high, left : left + wide], labels


def named(boxes: NDArray[Any], labels: list[Label]) -> NDArray[np.int64]:
    """(count,) index into KINDS of each rectangle, or -1 where it is left out."""
    kinds = np.zeros(len(boxes), np.int64)
    best = np.zeros(len(boxes))
    for kind, box, seen in labels:
        kind = SAME.get(kind, kind)
        share = iou(boxes, box)
        if kind in TOP:
            kinds[(share > 0.45) & (best < 0.75)] = -1
        if kind in KINDS:
            hit = (share >= 0.75) & (share >= best)
            kinds[hit] = KINDS.index(kind) if seen >= 0.55 or kind not in TOP else -1
            best[hit] = share[hit]
    return kinds


def rows(scene: Scene) -> tuple[Any, ...] | None:
    """Of one scene: its shrunk frame and size, rectangles, details and kinds."""
    chance = np.random.default_rng(scene.seed)
    pixels, labels = part(scene, chance)
    pixels = np.ascontiguousarray(worn(pixels, chance)[:, :, ::-1])
    height, width = pixels.shape[:2]
    found = np.zeros((1024, 9), np.int32)
    found = candidates(found[: kernels.rectangles(pixels, found)], height, width)
    kinds = named(found[:, :4], labels)
    order = np.argsort(
        np.where(kinds < 0, 9, np.where((kinds == 1) | (kinds == 2), 0, np.where(kinds > 0, 1, 2)))
        + chance.random(len(kinds)) * 1.6
    )
    order = order[kinds[order] >= 0][:PER_SCENE]
    if not len(order):
        return None
    plane = luma(pixels)
    details = np.array([detail(plane, *box) for box in found[order, :4].tolist()], np.uint8)
    frame = shrunk(plane, 0, 0, width, height, FRAME_HEIGHT, FRAME_WIDTH)
    return frame, (height, width), found[order], details, kinds[order]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    kept = [
        each
        for scene in scenes(range(arguments.first, arguments.first + arguments.count), False)
        if (each := rows(scene))
    ]
    owners = np.repeat(np.arange(len(kept)), [len(each[4]) for each in kept])
    np.savez(
        arguments.out,
        # Five bits are enough, and pack far better.
        frames=np.array([each[0] for each in kept], np.uint8).reshape(-1, FRAME_HEIGHT, FRAME_WIDTH) & 0xF8,
        sizes=np.array([each[1] for each in kept], np.int32),
        numbers=np.concatenate([each[2] for each in kept]).astype(np.int32),
        details=np.concatenate([each[3] for each in kept]).reshape(-1, HEIGHT, WIDTH) & 0xF8,
        kinds=np.concatenate([each[4] for each in kept]).astype(np.int8),
        owners=owners.astype(np.int32),
    )


if __name__ == "__main__":
    main()
