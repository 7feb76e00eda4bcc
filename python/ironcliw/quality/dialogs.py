"""Dialogs and toasts on labelled screens, and in labelled recordings once they have come: which of them are found.

    score = find_dialogs(labelled_frames(screens, recordings))
    score.recall, score.precision

A screen's label (``dialog``, see ``quality/screens.py``) is one dialog or none; recordings have their ``dialog`` and
``notification`` events with a box, looked at 0.1 s after their time. What is found beside them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.objects import ObjectDetector
from ironcliw.quality.recordings import Recording, play
from ironcliw.quality.screens import Screen, open_picture
from ironcliw.quality.truth import LabelledEvent

_KINDS = ("dialog", "notification")
_AFTER_S = 0.1
"""A dialog is looked for so long after it has come: a recording's frames may still blend."""
_NEAR_PX = 10
_SIDES = 1.5


class LabelledFrame(NamedTuple):
    """(h, w, 4) uint8 BGRX pixels, valid until the next frame is asked for, and the dialogs and toasts they show."""

    name: str
    pixels: NDArray[np.uint8]
    labels: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A box in a frame: a label, or what was found."""

    frame: str
    box: Rect


@dataclass(slots=True)
class DialogsScore:
    """How many dialogs and toasts were to be found, were found, and what was found beside them."""

    frames: int = 0
    labels: int = 0
    found: int = 0
    missed: list[Spot] = field(default_factory=list[Spot])
    besides: list[Spot] = field(default_factory=list[Spot])

    @property
    def recall(self) -> float | None:
        """Share of the labels that were found; None where there are none."""
        return self.found / self.labels if self.labels else None

    @property
    def precision(self) -> float | None:
        """Share of the boxes that a label answers for; None where there are none."""
        boxes = self.found + len(self.besides)
        return self.found / boxes if boxes else None

    def add(self, name: str, labels: Sequence[Rect], boxes: Sequence[Rect]) -> None:
        """Compare the ``boxes`` found in one frame with its ``labels``."""
        missed = [label for label in labels if not any(answers(box, label) for box in boxes)]
        self.frames += 1
        self.labels += len(labels)
        self.found += len(labels) - len(missed)
        self.missed += [Spot(name, label) for label in missed]
        self.besides += [Spot(name, box) for box in boxes if not any(answers(box, label) for label in labels)]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "frames": self.frames,
            "labels": self.labels,
            "found": self.found,
            "missed": [{"frame": each.frame, "box": list(each.box)} for each in self.missed],
            "besides": [{"frame": each.frame, "box": list(each.box)} for each in self.besides],
        }


def answers(box: Rect, label: Rect) -> bool:
    """Whether a box is the labelled one: an intersection of half their union, or, as labels are set by eye, its centre
    within 10 pixels of the box and each side within a factor of 1.5.
    """
    shared = box.intersection(label)
    if shared is not None and 2 * shared.area >= box.area + label.area - shared.area:
        return True
    x, y = label.x + label.width / 2, label.y + label.height / 2
    near = box.grown(_NEAR_PX, _NEAR_PX)
    inside = near.x <= x <= near.right and near.y <= y <= near.bottom
    sides = box.width / label.width, box.height / label.height
    return inside and all(1 / _SIDES <= side <= _SIDES for side in sides)


def labelled_frames(screens: Sequence[Screen], recordings: Sequence[Recording]) -> Iterator[LabelledFrame]:
    """The labelled screens, then the frames of recordings that show what is labelled. LabelError, SourceError."""
    for screen in screens:
        if screen.dialogs is not None:
            yield LabelledFrame(screen.path.name, open_picture(screen.path), screen.dialogs)
    for recording in recordings:
        yield from _of_recording(recording)


def find_dialogs(
    frames: Iterator[LabelledFrame], find: Callable[[LabelledFrame], Sequence[Rect]] | None = None
) -> DialogsScore:
    """Look for dialogs and toasts in each frame. ModelError where the network cannot be loaded.

    find: what looks; None for the watcher's own detector
    """
    score, look = DialogsScore(), find or _looking()
    for frame in frames:
        score.add(frame.name, frame.labels, look(frame))
    return score


def controls(frames: Sequence[tuple[str, tuple[Rect, ...]]]) -> dict[str, DialogsScore]:
    """Detectors of known score, over names and labels of frames.

    ``silent`` finds nothing, ``always`` a strip of each frame beside what is there, ``shifted`` all two sides lower.
    """
    scores = {name: DialogsScore() for name in ("silent", "always", "shifted", "perfect")}
    for name, labels in frames:
        scores["silent"].add(name, labels, ())
        scores["always"].add(name, labels, (*labels, Rect(0, 0, 100_000, 10)))
        scores["shifted"].add(name, labels, [label.moved(0, 2 * label.height) for label in labels])
        scores["perfect"].add(name, labels, labels)
    return scores


def _looking() -> Callable[[LabelledFrame], Sequence[Rect]]:
    detector = ObjectDetector()
    return lambda frame: [each.box for each in detector.find(frame.pixels, kinds=("dialog", "toast"))]


def _of_recording(recording: Recording) -> Iterator[LabelledFrame]:
    events = [event for event in recording.truth.events if event.kind in _KINDS and event.box is not None]
    times_s = sorted({event.due_s + _AFTER_S for event in events})
    shown: NDArray[np.uint8] | None = None
    for frame in play(recording.spec) if times_s else ():
        # What is shown at a moment is the last frame that is not later.
        while times_s and shown is not None and frame.time_s > times_s[0] + 1e-9:
            yield _labelled(recording, times_s.pop(0), shown, events)
        shown = frame.pixels.copy()
    while times_s and shown is not None:
        yield _labelled(recording, times_s.pop(0), shown, events)


def _labelled(
    recording: Recording, at_s: float, pixels: NDArray[np.uint8], events: Sequence[LabelledEvent]
) -> LabelledFrame:
    def lasts_s(event: LabelledEvent) -> float:
        # A label without an end says nothing of later moments.
        return event.due_s + _AFTER_S + 1e-9 if event.until_s is None else event.until_s

    boxes = tuple(event.box for event in events if event.box is not None and event.due_s <= at_s <= lasts_s(event))
    return LabelledFrame(f"{recording.truth.name} at {at_s:.2f} s", pixels, boxes)
