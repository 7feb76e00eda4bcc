"""Sources under names, and how watches of them are handed on: ``Named("desk", "vnc://desk:5901", WatchOptions())``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.monitor.watching import Watch


@dataclass(frozen=True, slots=True)
class Named:
    """A source under a name, and how it is watched. ``password_file`` as sources over the network take it."""

    name: str
    source: str
    options: WatchOptions
    password_file: str | None = None


@dataclass(slots=True)
class Handed:
    """Where watches of these names stood that were lost; what is taken up again is taken out.

    recall: of those that go by themselves, what they said in ``Watch.take_all``
    done: those that have come to their end
    failing: those of which it was told that they cannot be watched
    """

    recall: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    done: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Begun:
    """A watch that has begun, or goes on: then ``recall`` is what ``Handed`` had of it."""

    name: str
    watch: Watch
    recall: dict[str, Any] | None = None


Follow = Callable[[Begun], None]
"""Takes everything that a watch tells, until it has ended; raises what ended it."""
