"""Who puts a notification on the desktop: the desktop-notifier package, or the program notify-send.

presenter = find_presenter(show_text=False)
presenter.show("Ironcliw: alert", "text:BUILD FAILED")
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import shutil
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ironcliw.action.printable import printable
from ironcliw.errors import ActionError, MissingExtraError

APP_NAME = "Ironcliw"
TIMEOUT_S = 3.0


class Presenter(Protocol):
    """Shows a title and a message, which may be taken for markup. Raises ActionError where it cannot."""

    def show(self, title: str, message: str) -> None:
        """Show it, and return once the desktop has it."""
        ...


def find_presenter(*, show_text: bool) -> Presenter:
    """The one that works here. Raises MissingExtraError where there is none, ActionError where no service answers."""
    if importlib.util.find_spec("desktop_notifier") is not None:
        desktop = Desktop()
        desktop.check()
        return desktop
    program = shutil.which("notify-send") if sys.platform == "linux" else None
    if program is None:
        raise MissingExtraError("a desktop notification", "notify")
    if show_text:
        # Arguments of a running program can be read by every user of the machine.
        raise ActionError(
            "notify-send cannot be given text from the screen: pip install 'ironcliw[notify]' can show it"
        )
    return NotifySend(program)


class Desktop:
    """The desktop's own notification service, through desktop-notifier.

    Each notification has a connection of its own: a service that was restarted in between is no matter, and nothing
    is kept. It runs in a thread of its own because the caller may have an event loop running.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        for name in ("desktop_notifier", "dbus_fast"):
            # They log what they show, and their failures with a traceback; we report those ourselves.
            logging.getLogger(name).setLevel(logging.CRITICAL)

    def check(self) -> None:
        """Raises ActionError where no service answers."""
        self._run(self._connect_and(None))

    def show(self, title: str, message: str) -> None:
        """Show a notification. Raises ActionError where the service does not take it."""
        self._run(self._connect_and((title, message)))

    async def _connect_and(self, words: tuple[str, str] | None) -> None:
        from desktop_notifier import Capability, DesktopNotifier  # noqa: PLC0415 - optional

        notifier = DesktopNotifier(app_name=APP_NAME, app_icon=None)
        dispatched: list[bool] = []
        try:
            if Capability.TITLE not in await notifier.get_capabilities():
                raise ActionError("this desktop shows no notifications")
            if words is not None:
                await notifier.send(title=words[0], message=words[1], on_dispatched=lambda: dispatched.append(True))
        finally:
            _hang_up(notifier)
            await asyncio.sleep(0)
        if words is not None and not dispatched:
            raise ActionError("the notification service did not take the notification")

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="ironcliw-desktop") as worker:
            try:
                worker.submit(asyncio.run, asyncio.wait_for(work, self._timeout_s)).result()
            except ActionError:
                raise
            except TimeoutError:
                message = f"no answer from the notification service within {self._timeout_s:g} s"
                raise ActionError(message) from None
            except Exception as error:  # noqa: BLE001 - every platform's back end fails in its own way
                why = printable(str(error)) or type(error).__name__
                raise ActionError(f"no notification service can be reached: {why}") from None


def _hang_up(notifier: object) -> None:
    """Close the connection to the D-Bus session, for which desktop-notifier has no call."""
    bus = getattr(getattr(notifier, "_backend", None), "bus", None)
    if bus is not None:
        bus.disconnect()


class NotifySend:
    """The program notify-send."""

    def __init__(self, program: str) -> None:
        self._program = program

    def show(self, title: str, message: str) -> None:
        """Run it. Raises ActionError where it fails."""
        arguments = [self._program, f"--app-name={APP_NAME}", "--", title, message]
        try:
            done = subprocess.run(
                arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise ActionError(f"notify-send did not end within {TIMEOUT_S:g} s") from None
        except OSError as error:
            raise ActionError(f"notify-send cannot be run: {error.strerror}") from None
        if done.returncode:
            said = printable(done.stderr.decode("utf-8", "replace").strip().partition("\n")[0])[:200]
            raise ActionError(f"notify-send ended with {done.returncode}: {said}")
