"""The conditions a user can state, one frozen class per kind.

str(parse("text:BUILD FAILED"))       # 'text:BUILD FAILED', the user's own words
"""

from __future__ import annotations

from dataclasses import dataclass

from ironcliw.frame import Rect
from ironcliw.incident import Kind
from ironcliw.rule.expression import (
    And,
    BlindCondition,
    ChangedCondition,
    CountCondition,
    During,
    For,
    ImageCondition,
    InRegion,
    InWindow,
    Not,
    ObjectCondition,
    Or,
    ProgressCondition,
    SaysCondition,
    SimilarCondition,
    StalledCondition,
    Then,
    WindowCondition,
)
from ironcliw.rule.pattern import Phrase, Regex


@dataclass(frozen=True, slots=True)
class TextCondition:
    """Met whenever matching text appears: ``text:WORDS`` or ``text:/regex/flags``."""

    pattern: Phrase | Regex
    source: str

    def __str__(self) -> str:
        """The condition as the user wrote it."""
        return self.source


@dataclass(frozen=True, slots=True)
class GoneCondition:
    """Met when matching text that was seen is no longer there: ``gone:WORDS`` or ``gone:/regex/flags``."""

    pattern: Phrase | Regex
    source: str

    def __str__(self) -> str:
        """The condition as the user wrote it."""
        return self.source


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    """Met when pixels in ``region`` change: ``change:x,y,w,h``."""

    region: Rect
    source: str

    def __str__(self) -> str:
        """The condition as the user wrote it."""
        return self.source


@dataclass(frozen=True, slots=True)
class StillCondition:
    """Met when nothing changed in ``region`` (None: anywhere) for ``duration_ns``: ``still:30s[@x,y,w,h]``."""

    duration_ns: int
    region: Rect | None
    source: str

    def __str__(self) -> str:
        """The condition as the user wrote it."""
        return self.source


@dataclass(frozen=True, slots=True)
class IncidentCondition:
    """Met when an incident of this kind begins: ``error``, ``dialog:WORDS``, ``notification:/regex/flags``.

    pattern: what it must say; None where anything will do
    """

    kind: Kind
    pattern: Phrase | Regex | None
    source: str

    def __str__(self) -> str:
        """The condition as the user wrote it."""
        return self.source


Condition = (
    TextCondition
    | GoneCondition
    | ChangeCondition
    | StillCondition
    | IncidentCondition
    | And
    | Or
    | Not
    | Then
    | For
    | InRegion
    | InWindow
    | During
    | CountCondition
    | ProgressCondition
    | StalledCondition
    | ChangedCondition
    | ImageCondition
    | SimilarCondition
    | ObjectCondition
    | WindowCondition
    | SaysCondition
    | BlindCondition
)
"""Any condition. A further atom is a class, a line of the grammar with its builder, and a leaf in ``leaves``."""
