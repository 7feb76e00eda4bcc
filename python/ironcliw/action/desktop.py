"""Who puts a notification on the desktop: the desktop-notifier package, or the program notify-send.

presenter = find_presenter(show_text=False)
presenter.show(Words("Ironcliw: alert", "text:BUILD FAILED"))
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from ironcliw.action.desktop_loop import DesktopLoop, hang_up
from ironcliw.action.printable import printable
from ironcliw.errors import ActionError, MissingExtraError

APP_NAME = "Ironcliw"
TIMEOUT_S = 3.0
_MOST_PICTURES = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A notification: ``message`` may be taken for markup. ``buttons``: what each says and does; ``png``: a picture."""

    title: str
    message: str
    buttons: tuple[tuple[str, Callable[[], None]], ...] = ()
    png: bytes | None = field(default=None, repr=False)


class Presenter(Protocol):
    """Shows notifications, without buttons and picture where the desktop has none."""

    def show(self, words: Words) -> None:
        """Show it, and return once the desktop has it. Raises ActionError where it cannot."""
        ...

    def close(self) -> None:
        """Let go of the desktop: buttons do nothing from now on."""
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

    A notification without buttons has a connection of its own: a service that was restarted in between is no matter,
    and nothing is kept. Those with buttons share one, in a thread that hears what is pressed.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._loop: DesktopLoop | None = None
        self._pictures: deque[int] = deque()
        for name in ("desktop_notifier", "dbus_fast"):
            # They log what they show, and their failures with a traceback; we report those ourselves.
            logging.getLogger(name).setLevel(logging.CRITICAL)

    def check(self) -> None:
        """Raises ActionError where no service answers."""
        self._run(self._connect_and(None))

    def show(self, words: Words) -> None:
        """Show a notification. Raises ActionError where the service does not take it."""
        if not words.buttons:
            self._run(self._connect_and(words))
            return
        if self._loop is None:
            self._loop = DesktopLoop(APP_NAME)
        loop, picture = self._loop, self._picture(words)
        try:
            taken = loop.show(words.title, words.message, words.buttons, picture, self._timeout_s)
        except Exception as error:  # noqa: BLE001 - every platform's back end fails in its own way
            raise self._failed(error) from None
        if not taken:
            raise ActionError("the notification service did not take the notification")

    def close(self) -> None:
        """End the connection, and forget the pictures."""
        if self._loop is not None:
            self._loop.close()
            self._loop = None
        while self._pictures:
            os.close(self._pictures.popleft())

    def _picture(self, words: Words) -> str | None:
        """Where the desktop can read the picture: in our memory, under the name that the system gives it."""
        if words.png is None or not sys.platform.startswith("linux"):
            return None
        fd = os.memfd_create("ironcliw-picture", os.MFD_CLOEXEC)
        os.write(fd, words.png)
        self._pictures.append(fd)
        while len(self._pictures) > _MOST_PICTURES:
            os.close(self._pictures.popleft())
        return f"file:///proc/{os.getpid()}/fd/{fd}"

    async def _connect_and(self, words: Words | None) -> None:
        from desktop_notifier import Attachment, Capability, DesktopNotifier  # noqa: PLC0415 - optional

        notifier = DesktopNotifier(app_name=APP_NAME, app_icon=None)
        dispatched: list[bool] = []
        try:
            if Capability.TITLE not in await notifier.get_capabilities():
                raise ActionError("this desktop shows no notifications")
            if words is not None:
                picture = self._picture(words)
                await notifier.send(
                    title=words.title,
                    message=words.message,
                    attachment=None if picture is None else Attachment(uri=picture),
                    on_dispatched=lambda: dispatched.append(True),
                )
        finally:
            hang_up(notifier)
            await asyncio.sleep(0)
        if words is not None and not dispatched:
            raise ActionError("the notification service did not take the notification")

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it in a thread of its own: the caller may have an event loop running."""
        with ThreadPoolExecutor(1, thread_name_prefix="ironcliw-desktop") as worker:
            try:
                worker.submit(asyncio.run, asyncio.wait_for(work, self._timeout_s)).result()
            except Exception as error:  # noqa: BLE001 - every platform's back end fails in its own way
                raise self._failed(error) from None

    def _failed(self, error: Exception) -> ActionError:
        if isinstance(error, ActionError):
            return error
        if isinstance(error, TimeoutError):
            return ActionError(f"no answer from the notification service within {self._timeout_s:g} s")
        why = printable(str(error)) or type(error).__name__
        return ActionError(f"no notification service can be reached: {why}")


class NotifySend:
    """The program notify-send, which shows neither buttons nor pictures of ours."""

    def __init__(self, program: str) -> None:
        self._program = program

    def show(self, words: Words) -> None:
        """Run it. Raises ActionError where it fails."""
        arguments = [self._program, f"--app-name={APP_NAME}", "--", words.title, words.message]
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

    def close(self) -> None:
        """Nothing is held."""
