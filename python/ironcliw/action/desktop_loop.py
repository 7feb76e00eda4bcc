"""A connection to the desktop that is kept, so that buttons of notifications can be pressed.

loop = DesktopLoop("Ironcliw")
loop.show("title", "message", [("Useful", on_useful)], None, timeout_s=3)
loop.close()
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

_MOST_OPEN = 50
"""Notifications whose buttons work; older ones are closed."""


class DesktopLoop:
    """An event loop in a thread of its own, and the notifications that were shown through it."""

    def __init__(self, app_name: str) -> None:
        self._app_name = app_name
        self._notifier: Any = None
        self._open: deque[str] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ironcliw-desktop", daemon=True)
        self._thread.start()

    def show(
        self,
        title: str,
        message: str,
        buttons: Sequence[tuple[str, Callable[[], None]]],
        picture: str | None,
        timeout_s: float,
    ) -> bool:
        """Show a notification; whether the service took it. Raises what the back end does, and TimeoutError.

        A connection that has broken since the last one is made anew.
        """
        kept = self._notifier is not None
        try:
            return self._run(self._show(title, message, buttons, picture), timeout_s)
        except TimeoutError:
            raise
        except Exception:
            self._hang_up()
            if not kept:
                raise
            return self._run(self._show(title, message, buttons, picture), timeout_s)

    def close(self) -> None:
        """Hang up, and end the thread."""
        with contextlib.suppress(Exception):
            self._run(self._gone(), 1.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)
        if not self._thread.is_alive():
            self._loop.close()

    async def _show(
        self, title: str, message: str, buttons: Sequence[tuple[str, Callable[[], None]]], picture: str | None
    ) -> bool:
        from desktop_notifier import Attachment, Button, Capability, DesktopNotifier  # noqa: PLC0415 - optional

        if self._notifier is None:
            self._notifier = DesktopNotifier(app_name=self._app_name, app_icon=None)
        pressed = Capability.BUTTONS in await self._notifier.get_capabilities()
        dispatched: list[bool] = []
        shown: str = await self._notifier.send(
            title=title,
            message=message,
            buttons=[Button(title=says, on_pressed=does) for says, does in buttons] if pressed else (),
            attachment=None if picture is None else Attachment(uri=picture),
            on_dispatched=lambda: dispatched.append(True),
        )
        self._open.append(shown)
        while len(self._open) > _MOST_OPEN:
            with contextlib.suppress(Exception):
                await self._notifier.clear(self._open.popleft())
        return bool(dispatched)

    async def _gone(self) -> None:
        self._hang_up()
        await asyncio.sleep(0)

    def _hang_up(self) -> None:
        notifier, self._notifier = self._notifier, None
        self._open.clear()
        if notifier is not None:
            hang_up(notifier)

    def _run(self, work: Coroutine[Any, Any, Any], timeout_s: float) -> Any:
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout_s), self._loop)
        return future.result(timeout_s + 1.0)


def hang_up(notifier: object) -> None:
    """Close the connection to the D-Bus session, for which desktop-notifier has no call."""
    bus = getattr(getattr(notifier, "_backend", None), "bus", None)
    if bus is not None:
        bus.disconnect()
