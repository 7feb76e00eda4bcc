"""The native part of Ironcliw; see each class's user for what it is for."""

from collections.abc import Sequence
from typing import Literal, final

__all__ = ["X11Capture", "X11Error", "X11Update", "__version__"]

__version__: str

class X11Error(Exception):
    """Why an X display gives no pixels. ``args``: the kind of failure and one line for a person."""

@final
class X11Update:
    """What one call of ``X11Capture.next`` found."""

    @property
    def kind(self) -> Literal["captured", "idle", "missed_damage", "resized"]: ...
    @property
    def damage(self) -> list[tuple[int, int, int, int]] | None: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def excluded(self) -> list[tuple[int, int, int, int]]: ...
    @property
    def verified(self) -> bool: ...

@final
class X11Capture:
    """One monitor of an X display, captured into memory of the caller's."""

    def __new__(
        cls,
        display: str | None,
        monitor: str | None,
        connect_timeout_ms: int,
        reply_timeout_ms: int,
        capture_interval_ms: int,
        probe_interval_ms: int,
    ) -> X11Capture: ...
    def monitor(self) -> tuple[str, tuple[int, int, int, int]]: ...
    def abilities(self) -> tuple[bool, bool]: ...
    def attach(self, fd: int) -> None: ...
    def exclude(self, windows: Sequence[int]) -> None: ...
    def window_exists(self, window: int) -> bool: ...
    def top_level(self, window: int) -> int | None: ...
    def windows_of(self, pids: Sequence[int]) -> list[tuple[int, int]]: ...
    def next(self, timeout_ms: int) -> X11Update: ...
