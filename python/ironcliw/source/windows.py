"""A display of Windows, by desktop duplication or Graphics Capture: only what the system says changed is copied.

    source = WindowsSource(leave_out=parse_exclusions(["title:passwords"]))
    geometry = source.open()

Windows hands over whole pictures: what is left out is blanked before a pixel enters the memory, by where windows lay
before and after the picture was taken; where that cannot be known nothing is captured. **Type-checked for Windows, not
yet run there.** This module needs the extension, on Windows.
"""

from __future__ import annotations

import os
from typing import Any

from ironcliw import _native  # noqa: TID251 - one of the native source wrappers
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.system_screen import SystemScreen


class WindowsSource(SystemScreen):
    """One display.

    monitor: a number from 0, or a name like ``\\\\.\\DISPLAY1``; None is the main one
    fps: most captures a second
    leave_out: windows, applications and titles that are left out; regions are not among what it knows
    include_self: do not leave out our own windows and those of the process that started us
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
        out = leave_out or Exclusions()
        processes = [] if include_self else [os.getpid(), os.getppid()]

        def begin() -> Any:
            return native.ScreenCapture(
                monitor, 0, list(out.windows), list(out.applications), list(out.titles), processes
            )

        super().__init__("windows", fps, begin, native.ScreenError)
