"""Finds objects: rectangles by their edges, dialogs and toasts among them by a network, or by geometry without one.

detector = ObjectDetector()
found = detector.find(pixels, lines)
news = detector.find(pixels, lines, within=Rect(600, 300, 700, 400))     # what is drawn where something changed
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.errors import ModelError
from ironcliw.frame import Rect
from ironcliw.objects.candidates import candidates
from ironcliw.objects.crops import CONTEXT_PX, inputs
from ironcliw.objects.geometry import Scene
from ironcliw.objects.looks import luma
from ironcliw.objects.network import OUTPUTS, Judge
from ironcliw.objects.protocol import KINDS, Detection, Kind

CAPACITY = 1024
ALIGNED_PX = 8

SURE, CONFIRMED = 0.9, 0.1
"""The share from which on a rectangle is a dialog or toast: by the network alone, and where geometry says so, too."""

SAME = 0.4
"""Of two rectangles that share more than this by IoU, or that lie in each other, only the likelier is kept ..."""

CERTAIN = 0.9
"""... or the larger, where both are at least this likely: a dialog has parts that look like one."""

DIALOG, TOAST = OUTPUTS.index("dialog"), OUTPUTS.index("toast")


class ObjectDetector:
    """Finds objects by the rectangles they are drawn as. Keeps nothing of a frame; not to be shared by threads.

    method: "network", or "geometry", which needs no onnxruntime; None takes the network where it can be used

    Raises ModelError where ``method`` is "network" and it cannot be used.
    """

    def __init__(self, method: Literal["network", "geometry"] | None = None) -> None:
        self._found = np.zeros((CAPACITY, 9), np.int32)
        self._judge: Judge | None = None
        self.reason = "geometry: as asked"
        """Which way dialogs and toasts are told, and why not by the network where it is not."""
        if method != "geometry":
            try:
                self._judge = Judge()
                self.reason = "network"
            except ModelError as error:
                if method == "network":
                    raise
                self.reason = f"geometry: {error}"

    def find(
        self,
        pixels: NDArray[np.uint8],
        lines: Sequence[Rect] = (),
        within: Rect | None = None,
        kinds: Collection[Kind] = KINDS,
    ) -> list[Detection]:
        """Objects of a (height, width, 3 or 4) uint8 frame B, G, R, or of a part of one; the most certain first.

        lines: boxes of text that is known, in pixels of ``pixels``; they help where text is hardly seen
        within: only what touches this rectangle of ``pixels``, at a cost that goes with its size: what lies farther
            than 64 pixels beyond it is not searched, so that a dialog of which only a part changed may be missed
        kinds: only these are returned; controls are not looked for unless geometry needs them to tell a dialog

        Raises ValueError where ``pixels`` is no such array.
        """
        if within is None:
            return self._of_part(pixels, pixels, lines, Rect(0, 0, 0, 0), kinds)
        area = _around(within).clipped(pixels.shape[1], pixels.shape[0])
        if area is None:
            return []
        near = [line.moved(-area.x, -area.y) for line in lines if area.intersection(line)]
        part = pixels[area.y : area.bottom, area.x : area.right]
        found = self._of_part(pixels, part, near, area, kinds)
        placed = [replace(each, box=each.box.moved(area.x, area.y)) for each in found]
        return [each for each in placed if each.box.intersection(within)]

    def _of_part(
        self,
        pixels: NDArray[np.uint8],
        part: NDArray[np.uint8],
        lines: Sequence[Rect],
        area: Rect,
        kinds: Collection[Kind],
    ) -> list[Detection]:
        numbers = self._found[: kernels.rectangles(part, self._found)]
        plane, frame = luma(part), Rect(-area.x, -area.y, pixels.shape[1], pixels.shape[0])
        scene = Scene(plane, numbers, lines, frame)
        if self._judge is None:
            panels = scene.panels()
        else:
            asked = candidates(numbers, frame.height, frame.width)
            panels = _told(scene, asked, self._judge.shares(inputs(plane, asked, pixels, frame)))
        controls = scene.controls if {"button", "field", "icon"}.intersection(kinds) else []
        found = [each for each in [*panels, *controls] if each.kind in kinds]
        return sorted(found, key=lambda each: (-each.confidence, each.box))


def _around(part: Rect) -> Rect:
    """What is searched for the sake of a part; edges are sought in groups of pixels, the same as in the whole frame."""
    left, top = ((start - CONTEXT_PX) // ALIGNED_PX * ALIGNED_PX for start in (part.x, part.y))
    return Rect(left, top, part.right + CONTEXT_PX - left, part.bottom + CONTEXT_PX - top)


def _told(scene: Scene, asked: NDArray[np.int32], shares: NDArray[np.float32]) -> list[Detection]:
    """What the network is sure is a dialog or toast, what geometry says and it does not deny, and windows."""
    boxes = [Rect(x, y, right - x, bottom - y) for x, y, right, bottom in asked[:, :4].tolist()]
    likely = (shares[:, DIALOG] + shares[:, TOAST]).tolist()
    doubtful = {box for box, share in zip(boxes, likely, strict=True) if CONFIRMED <= share < SURE}
    confirmed = {each.box for each in scene.panels(doubtful) if each.kind != "window"} if doubtful else set[Rect]()
    told: list[Detection] = []
    for box, share, each in zip(boxes, likely, shares, strict=True):
        if share >= SURE or box in confirmed:
            told.append(Detection("dialog" if each[DIALOG] > each[TOAST] else "toast", box, min(share, 1.0)))
    told = _likeliest(told)
    return told + [each for each in scene.windows() if not any(_iou(each.box, other.box) > SAME for other in told)]


def _iou(a: Rect, b: Rect) -> float:
    shared = a.intersection(b)
    return 0.0 if shared is None else shared.area / (a.area + b.area - shared.area)


def _nested(a: Rect, b: Rect) -> bool:
    shared = a.intersection(b)
    return shared is not None and 10 * shared.area > 9 * min(a.area, b.area)


def _likeliest(detections: list[Detection]) -> list[Detection]:
    kept: list[Detection] = []
    for each in sorted(detections, key=lambda one: (-min(one.confidence, CERTAIN), -one.box.area, one.box)):
        if not any(_iou(each.box, other.box) > SAME or _nested(each.box, other.box) for other in kept):
            kept.append(each)
    return kept
