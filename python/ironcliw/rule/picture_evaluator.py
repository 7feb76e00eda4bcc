"""Evaluates ``image("ok.png")`` and ``similar("login.png")``: whether the screen shows a picture.

rule = ImageEvaluator(condition)
hits = rule.on_pixels(time_ns, pixels, regions)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import ConditionError, IroncliwError
from ironcliw.features import SAME, Describer, Descriptor, describe_pixels
from ironcliw.frame import Rect
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.expression import ImageCondition, SimilarCondition
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.source import still

LARGEST_TEMPLATE_PX = 512 * 512
TOLERANCE = 24
"""How far a colour of a pixel may be off, of 255."""
SHARE = 0.98
"""So much of the picture has to be there."""
_PROBES = 24
_PLACES_MAX = 4_096


class _Picture(Evaluator):
    """A picture that is there, or is not; hits when it comes."""

    needs_pixels = True

    def __init__(self, now: bool) -> None:
        self._now = now
        self._met: bool | None = None
        self._begun = self._blind = False
        self._proof: Hit | None = None

    def level(self, time_ns: int) -> bool | None:
        """Whether it is there."""
        del time_ns
        return None if self._blind else self._met

    def proof(self) -> Hit | None:
        """Where it is."""
        return self._proof if self._met else None

    def _seen(self, box: Rect | None, time_ns: int, confidence: float | None) -> list[Hit]:
        was, self._met = self._met, box is not None
        if box is None:
            return []
        hit = Hit(time_ns, None, (box,), confidence)
        self._proof = self._proof if was and self._proof is not None else hit
        return [hit] if was is False or (was is None and self._now) else []

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nobody sees whether it is there."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """It can be seen again."""
        del time_ns
        self._blind = False

    def to_dict(self) -> dict[str, Any]:
        """Whether it was there."""
        return ({} if self._met is None else {"met": self._met}) | ({"blind": True} if self._blind else {})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._met, self._blind = state.get("met"), bool(state.get("blind"))


class ImageEvaluator(_Picture):
    """Looks for a small picture, wherever it stands; only around what changed."""

    def __init__(self, condition: ImageCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        super().__init__(now)
        self._scope = scope if condition.region is None else scope.within(condition.region)
        self._template = _picture(condition.file, str(condition))
        height, width = self._template.shape[:2]
        if height * width > LARGEST_TEMPLATE_PX:
            message = f"a picture of {width}x{height} pixels to look for: 512x512 is the most; similar() is for screens"
            raise ConditionError(message, str(condition), 1)
        self._probes = _probes(self._template)
        self._at: Rect | None = None

    def on_pixels(self, time_ns: int, pixels: NDArray[np.uint8], regions: Sequence[Rect]) -> list[Hit]:
        """Look where it was, and around what changed."""
        height, width = self._template.shape[:2]
        if self._at is not None:
            if not any(region.overlaps(self._at) for region in regions):
                return []
            if self._is_at(pixels, self._at.x, self._at.y):
                return self._seen(self._at, time_ns, None)
        self._at = None
        for region in regions:
            around = region.grown(width - 1, height - 1).clipped(pixels.shape[1], pixels.shape[0])
            part = None if around is None else self._scope.cut(around)
            if part is not None and (found := self._find(pixels, part)) is not None:
                self._at = found
                return self._seen(found, time_ns, None)
        return self._seen(None, time_ns, None)

    def _find(self, pixels: NDArray[np.uint8], part: Rect) -> Rect | None:
        height, width = self._template.shape[:2]
        rows, columns = part.height - height + 1, part.width - width + 1
        if rows < 1 or columns < 1:
            return None
        (first_y, first_x), *others = self._probes
        left, top = part.x, part.y
        window = pixels[top + first_y : top + first_y + rows, left + first_x : left + first_x + columns, :3]
        ys, xs = np.nonzero(_near(window, self._template[first_y, first_x]))
        for y, x in others:
            if not len(ys):
                return None
            keep = _near(pixels[top + ys + y, left + xs + x, :3], self._template[y, x])
            ys, xs = ys[keep], xs[keep]
        for y, x in zip(ys[:_PLACES_MAX].tolist(), xs[:_PLACES_MAX].tolist(), strict=True):
            if self._is_at(pixels, left + x, top + y):
                return Rect(left + x, top + y, width, height)
        return None

    def _is_at(self, pixels: NDArray[np.uint8], x: int, y: int) -> bool:
        height, width = self._template.shape[:2]
        window = pixels[y : y + height, x : x + width, :3]
        if window.shape != self._template.shape:
            return False
        off = np.abs(window.astype(np.int16) - self._template).max(axis=2)
        return bool((off <= TOLERANCE).mean() >= SHARE)


class SimilarEvaluator(_Picture):
    """Compares what the whole screen, or a region of it, looks like."""

    def __init__(self, condition: SimilarCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        super().__init__(now)
        self._scope = scope
        self._wanted: Descriptor = describe_pixels(_picture(condition.file, str(condition), channels=4))
        self._describer: Describer | None = None
        self._shape: tuple[int, ...] = ()

    def on_pixels(self, time_ns: int, pixels: NDArray[np.uint8], regions: Sequence[Rect]) -> list[Hit]:
        """Describe what changed, and compare."""
        del regions  # the describer finds by itself what changed
        whole = Rect(0, 0, pixels.shape[1], pixels.shape[0])
        part = self._scope.cut(whole)
        if part is None:
            return self._seen(None, time_ns, None)
        shape = (*pixels.shape[:2], *part)
        if self._describer is None or shape != self._shape:
            self._describer, self._shape = Describer(pixels.shape[0], pixels.shape[1], part), shape
        met = self._describer.apply(pixels).distance(self._wanted) <= SAME
        return self._seen(part if met else None, time_ns, None)


def _picture(file: str, condition: str, channels: int = 3) -> NDArray[np.uint8]:
    """The (h, w, channels) uint8 pixels of an image file, BGR(X)."""
    try:
        pixels = still(file, only=True).pixels
    except IroncliwError as error:
        raise ConditionError(str(error).splitlines()[0], condition, condition.find('"') + 2) from None
    return np.ascontiguousarray(pixels[:, :, :channels])


def _probes(template: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Where to look first: the pixels whose colours are rarest in the picture, far apart from each other."""
    height, width = template.shape[:2]
    coarse = (template >> 5).astype(np.int32)
    colours = (coarse[:, :, 0] << 6) | (coarse[:, :, 1] << 3) | coarse[:, :, 2]
    counts = np.bincount(colours.ravel(), minlength=512)
    order = np.argsort(counts[colours].ravel(), kind="stable")
    step = max(1, len(order) // (4 * _PROBES))
    chosen = [int(order[0]), *(int(each) for each in order[: step * _PROBES * 2 : step][1:_PROBES])]
    return [(each // width, each % width) for each in chosen if each < height * width]


def _near(pixels: NDArray[np.uint8], colour: NDArray[np.uint8]) -> NDArray[np.bool_]:
    off = np.abs(pixels.astype(np.int16) - colour.astype(np.int16))
    return off.max(axis=-1) <= TOLERANCE
