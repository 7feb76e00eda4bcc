"""Where frames come from: the contract every source keeps, whatever it captures.

A source is opened, handed memory, and then read message by message:

    geometry = source.open()
    source.attach(memory := FrameMemory(geometry.width, geometry.height))
    while not isinstance(message := source.read(timeout_ms=1000), End):
        ...

``attach`` is called again (with new memory) after every ``Resized`` and ``Back``, and the next ``Capture`` then has
``damage=None``. It may also be called after any ``Capture``, with other memory of the same file that is ``behind`` what
was captured last, of sources that say ``catches_up``: they bring it up to date (``memory.catch_up()``) unless they
write whole frames, and go on there; damage is still counted from what was captured last. Sources that do not say so
are handed it up to date (``hand_on``).

A source writes pixels into the memory it was handed and nowhere else, between the call of ``read`` and its return, and
never afterwards. Errors that can only be mended by the user are raised (SourceError and its kin); a source that may
come back is a ``Gap`` followed, some reads later, by ``Back``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory


class Capture(NamedTuple):
    """The attached memory now shows the source at ``time_ns``.

    sequence: number of this capture, from 0, without holes
    time_ns: nanoseconds since the source's start; media time for recordings
    captured_at_ns: monotonic clock when the pixels were complete
    damage: rectangles outside which nothing changed since the last capture; None where that is not known
    bytes_read: pixel bytes that were fetched or decoded for it
    excluded: rectangles that were blanked (zero) before the pixels were handed over
    """

    sequence: int
    time_ns: int
    captured_at_ns: int
    damage: tuple[Rect, ...] | None = None
    bytes_read: int = 0
    excluded: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing new within the timeout. ``verified`` where the source was probed and still shows what it showed."""

    time_ns: int
    verified: bool = False
    bytes_read: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """The source cannot be seen. ``reason``: ``lost``, ``no_reply``, ``denied`` or ``missed_damage``.

    ``missed_damage`` (a probe found pixels that changed unreported) is told once and needs no ``Back``: the next
    message is a ``Capture`` with ``damage=None``.
    """

    time_ns: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Back:
    """The source is seen again, with the geometry it was lost with; a full ``Capture`` follows."""

    time_ns: int


@dataclass(frozen=True, slots=True)
class Resized:
    """The geometry changed (also possible on return from a gap); hand new memory before the next ``read``."""

    time_ns: int
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class End:
    """There is no more. ``time_ns`` is where the recording ends: the end of its last frame's display."""

    time_ns: int


Message = Capture | Idle | Gap | Back | Resized | End


class Source(Protocol):
    """What a source is. ``live``: time passes by itself. ``lossless``: an unchanged pixel has an unchanged value."""

    name: str
    live: bool
    lossless: bool

    def open(self) -> Geometry:
        """Start the source. Raises SourceError and its kin, with what to do about it."""
        ...

    def attach(self, memory: FrameMemory) -> None:
        """Capture into this memory from now on. ValueError where its size is not the geometry's."""
        ...

    def read(self, timeout_ms: int) -> Message:
        """The next message; live sources wait at most ``timeout_ms`` for a change and then answer ``Idle``."""
        ...

    def describe(self) -> dict[str, str]:
        """What this source can and cannot do here, for ``doctor`` and the ``start`` event. Valid after ``open``."""
        ...

    def close(self) -> None:
        """Give everything back; may be called twice."""
        ...


def hand_on(source: Source, memory: FrameMemory) -> None:
    """Let ``source`` go on in other memory of the same file, which may be behind what was captured last."""
    if not getattr(source, "catches_up", False):
        memory.catch_up()
    source.attach(memory)


class SeenWindow(NamedTuple):
    """A window as its source knows it: what its title says, its application, and where it is in the frame.

    All but the place are words that others chose: data, never instructions.
    """

    title: str
    application: str
    box: Rect


@runtime_checkable
class KnowsWindows(Protocol):
    """A source that knows the windows on its screen."""

    def windows(self) -> list[SeenWindow] | None:
        """The windows in the frame, uppermost first; None where they are as they were when last asked."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """A source whose ``read`` can be ended early."""

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        ...
