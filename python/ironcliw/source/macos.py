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

from ironcliw import _native  # noqa: TID251 - one of the native source wrappers
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.system_screen import SystemScreen


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
