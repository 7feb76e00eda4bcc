"""How much of what matters each gate notices: at labelled moments, on labelled pairs, on drawn ones.

counts = compare(recordings, [Path("data/dev")])
counts["one log line"].noticed["global SSIM"], counts["one log line"].cases     # 0, 24
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import LabelError
from ironcliw.quality.drawn import log_lines, status_dots
from ironcliw.quality.gates import GATES, Pair
from ironcliw.quality.recordings import Recording, play, read_json
from ironcliw.quality.screens import open_picture
from ironcliw.quality.truth import LABEL_ERROR_S, Truth

STILL_STEP_S = 0.5

EVENTS, PAIRS, LINES, DOTS = "labelled events", "changed pairs", "one log line", "16-px status dot"
STILL, SAME = "still intervals", "pairs without news"
KINDS = (EVENTS, PAIRS, LINES, DOTS, STILL, SAME)

Pixels = NDArray[np.uint8]


@dataclass(slots=True)
class Count:
    """Of ``cases`` pairs of frames of one kind, how many each gate noticed, by the gate's name."""

    cases: int = 0
    noticed: dict[str, int] = field(default_factory=lambda: {gate.name: 0 for gate in GATES})

    def add(self, pair: Pair) -> None:
        """Show one pair of frames to every gate."""
        self.cases += 1
        for gate in GATES:
            self.noticed[gate.name] += gate.notices(pair)


def compare(recordings: Iterable[Recording], folders: Iterable[Path] = ()) -> dict[str, Count]:
    """Show all gates every labelled event, still interval and pair there is, and the drawn ones.

    folders: where ``pairs/pairs_gt.json`` may be. Counts come by kind, in the order of ``KINDS``.
    """
    counts = {kind: Count() for kind in KINDS}
    for recording in recordings:
        for kind, pair in moments(recording):
            counts[kind].add(pair)
    for folder in folders:
        for kind, pair in labelled_pairs(folder):
            counts[kind].add(pair)
    for kind, pairs in ((LINES, log_lines()), (DOTS, status_dots())):
        for pair in pairs:
            counts[kind].add(pair)
    return counts


def moments(recording: Recording) -> Iterator[tuple[str, Pair]]:
    """The frames around each labelled event, and frames half a second apart from the still intervals, by kind.

    A pair is valid until the next one is asked for.
    """
    spans = deque(sorted(_event_spans(recording.truth) + _still_spans(recording.truth)))
    waiting: list[tuple[float, str, Pixels]] = []
    shown: Pixels | None = None
    lossless = True
    for frame in play(recording.spec):
        lossless = frame.is_lossless
        if shown is not None and shown.shape == frame.pixels.shape:
            # What was shown until now is what there was to see at every moment before this frame.
            while spans and spans[0][0] < frame.time_s:
                _, end_s, kind = spans.popleft()
                waiting.append((end_s, kind, shown.copy()))
            over = [item for item in waiting if item[0] < frame.time_s]
            waiting = [item for item in waiting if item[0] >= frame.time_s]
            for _, kind, before in over:
                if before.shape == shown.shape:
                    yield kind, Pair(before, shown, lossless)
        shown = _copied(frame.pixels, shown)
    for _, kind, before in waiting:
        if shown is not None and before.shape == shown.shape:
            yield kind, Pair(before, shown, lossless)


def _event_spans(truth: Truth) -> list[tuple[float, float, str]]:
    return [
        (event.window.due_s - LABEL_ERROR_S, event.window.last_s + LABEL_ERROR_S, EVENTS)
        for event in truth.events
        if event.window.due_s >= LABEL_ERROR_S
    ]


def _still_spans(truth: Truth) -> list[tuple[float, float, str]]:
    spans: list[tuple[float, float, str]] = []
    for begin, end in truth.still:
        steps = int((min(end, truth.duration_s) - begin) / STILL_STEP_S)
        spans += [(begin + step * STILL_STEP_S, begin + (step + 1) * STILL_STEP_S, STILL) for step in range(steps)]
    return spans


def _copied(pixels: Pixels, into: Pixels | None) -> Pixels:
    if into is None or into.shape != pixels.shape:
        return pixels.copy()
    np.copyto(into, pixels)
    return into


def labelled_pairs(folder: Path) -> Iterator[tuple[str, Pair]]:
    """The pairs of ``folder/pairs/pairs_gt.json``, if there is one, by kind.

    A pair labelled ``changed...`` has news, any other (another font, a caret) has none. LabelError for a broken one.
    """
    path = folder / "pairs" / "pairs_gt.json"
    if not path.exists():
        return
    fields = read_json(path)
    pairs = cast("dict[str, Any]", fields).get("pairs") if isinstance(fields, dict) else None
    if not isinstance(pairs, list):
        raise LabelError(f"{path}: an object with a list of pairs was expected")
    for pair in cast("list[Any]", pairs):
        try:
            label, names = str(pair["label"]), (str(pair["a"]), str(pair["b"]))
        except (KeyError, TypeError):
            raise LabelError(f"{path}: a pair without label, a and b") from None
        before, after = (open_picture(path.parent / name) for name in names)
        if before.shape != after.shape:
            raise LabelError(f"{path}: {names[0]} and {names[1]} are of different sizes")
        yield PAIRS if label.startswith("changed") else SAME, Pair(before, after, is_lossless=True)
