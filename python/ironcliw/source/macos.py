"""A display of macOS, by ScreenCaptureKit: only what the system says changed is copied.

    source = MacSource(leave_out=parse_exclusions(["title:passwords"]))
    geometry = source.open()              # SourceDeniedError says where to switch the permission on

The system itself leaves out what is to be left out. Windows that an application opens later are left out at once, those
known by their title within a quarter of a second. **Type-checked for macOS, not yet run there.** This module needs the
extension, on macOS.
"""

from __future__ import annotations

import os
from typing import Any

from ironcliw import _native, clock  # noqa: TID251 - one of the native source wrappers
from ironcliw.errors import SourceError, UnsupportedError
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.returning import LostError
from ironcliw.source.system_screen import SLICE_MS, SystemScreen


class MacSource(SystemScreen):
    """One display.

    monitor: a number from 0, or the display's own; None is the first
    fps: most captures a second
    leave_out: windows, applications and titles that are left out; regions are not among what it knows
    include_self: do not leave out our own windows and those of the program that runs us
    """

    def __init__(
        self,
        monitor: str | None = None,
        fps: float = 10.0,
        *,
        leave_out: Exclusions | None = None,
        include_self: bool = False,
    ) -> None:
        native: Any = _native
        interval_ms = round(1000 / fps) if fps > 0 else 0
        terminal = os.environ.get("__CFBundleIdentifier")  # noqa: SIM112 - that is how macOS spells it
        out = leave_out or Exclusions()
        applications = [*out.applications, *([terminal] if terminal and not include_self else [])]
        processes = [] if include_self else [os.getpid()]

        def begin() -> Any:
            return native.ScreenCapture(
                monitor, interval_ms, list(out.windows), applications, list(out.titles), processes
            )

        super().__init__("macos", fps, begin, native.ScreenError)

    def next_surface(self, timeout_ms: int) -> Any:
        """The newest frame where macOS keeps it, once something has changed; None where nothing did in time.

        ``difference`` and ``describe`` of ``ironcliw.kernels.gpu.Card`` take it in place of an array, and read it as it
        lies; its ``shape`` is (height, width, 4). What came in this way does not come by ``read`` once more. macOS has
        three frames, so hold two at the most: this one and the one before.

        Raises SourceError where the screen cannot be seen, UnsupportedError in a build without the feature ``gpu``.
        """
        native: Any = self._native
        if native is None:
            raise SourceError(
                f"the macos source is {self._lost_reason or 'closed'}: open it, or let 'read' find it again"
            )
        if not hasattr(native, "next_surface"):
            raise UnsupportedError("surfaces need a build with the cargo feature 'gpu'")
        deadline_ns = clock.monotonic_ns() + max(0, timeout_ms) * clock.MS
        while True:
            left_ms = max(0, deadline_ns - clock.monotonic_ns()) // clock.MS
            try:
                (kind, _, _, reason), surface = native.next_surface(min(left_ms, SLICE_MS))
            except self._fault as fault:
                raise self._refused(LostError(*fault.args)) from None
            if surface is not None:
                return surface
            if kind in ("hidden", "ended"):
                raise SourceError(f"the macos source shows nothing: {reason}")
            if self._heard() or clock.monotonic_ns() >= deadline_ns:
                return None
