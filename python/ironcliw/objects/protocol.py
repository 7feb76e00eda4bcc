"""What a detector of objects gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ironcliw.frame import Rect

Kind = Literal["window", "dialog", "toast", "button", "field", "icon"]
"""A window is a large free rectangle; a dialog has text and buttons; a toast is small and near an edge."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Detection:
    """One object: what it is, where in the frame, and how sure that is (0 to 1)."""

    kind: Kind
    box: Rect
    confidence: float
