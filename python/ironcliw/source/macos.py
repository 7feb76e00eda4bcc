"""A display of macOS, by ScreenCaptureKit: only what the system says changed is copied.

    source = MacSource(titles=["Passwords"])
    geometry = source.open()              # SourceDeniedError says where to switch the permission on

Windows, applications and titles that are left out never reach us: the system leaves them out itself. They are looked
up when the source starts. **Type-checked for macOS, not yet run there.** This module needs the extension, on macOS.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ironcliw import _native  # noqa: TID251 - one of the native source wrappers
from ironcliw.source.system_screen import SystemScreen


class MacSource(SystemScreen):
    """One display.

    monitor: a number from 0, or the display's own; None is the first
    fps: most captures a second
    windows, applications, titles: what is left out: windows by number, applications by identifier
        (``com.apple.Terminal``), windows whose title holds a text
    include_self: do not leave out our own windows and those of the program that runs us
    """

    def __init__(
        self,
        monitor: str | None = None,
        fps: float = 10.0,
        *,
        windows: Sequence[int] = (),
        applications: Sequence[str] = (),
        titles: Sequence[str] = (),
        include_self: bool = False,
    ) -> None:
        native: Any = _native
        interval_ms = round(1000 / fps) if fps > 0 else 0
        terminal = os.environ.get("__CFBundleIdentifier")  # noqa: SIM112 - that is how macOS spells it
        left_out = [*applications, *([terminal] if terminal and not include_self else [])]
        processes = [] if include_self else [os.getpid()]

        def begin() -> Any:
            return native.ScreenCapture(monitor, interval_ms, list(windows), left_out, list(titles), processes)

        super().__init__("macos", fps, begin, native.ScreenError)
