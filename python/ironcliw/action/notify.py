"""Desktop notifications.

    notifier = Notifier()                 # ActionError where nobody would show them
    notifier.deliver(event)

A notification names the condition and the source, nothing from the screen: it may be shown on a locked screen, on a
projector, or kept by the desktop. ``show_text=True`` adds the matched text, ``pictures`` how it looked.
"""

from __future__ import annotations

import html
import sys
from collections import deque
from collections.abc import Callable
from functools import partial

from ironcliw import clock
from ironcliw.action.desktop import Presenter, Words, find_presenter
from ironcliw.action.printable import capped, printable
from ironcliw.action.spec import Answered, Pictures
from ironcliw.errors import ActionError
from ironcliw.event import Event
from ironcliw.redaction import Gate

MESSAGE_LENGTH_MAX = 240
TITLE_LENGTH_MAX = 60
PER_MINUTE_MAX = 10

_MINUTE_NS = 60 * clock.SECOND
_BUTTONS = (("Useful", "useful"), ("Not useful", "not-useful"), ("Later", "later"), ("Mute 1 h", "mute"))


class Notifier:
    """Shows an event as a desktop notification, at most ``PER_MINUTE_MAX`` in any minute.

    Those beyond are counted in the next one shown. Shown by the desktop-notifier package (the extra ``notify``), or
    where that is not installed by the program notify-send. Raises MissingExtraError where there is neither, ActionError
    where no notification service answers.

    redact: secrets are taken out of the text
    pictures: where a picture of it is had; None shows none
    answered: told what button is pressed; without it there are none
    """

    name = "notify"

    def __init__(
        self,
        *,
        show_text: bool = False,
        redact: bool = True,
        pictures: Pictures | None = None,
        answered: Answered | None = None,
        presenter: Presenter | None = None,
        monotonic_ns: Callable[[], int] = clock.monotonic_ns,
    ) -> None:
        self._show_text = show_text
        self._gate = Gate() if redact else None
        self._pictures, self._answered = pictures, answered
        self._presenter = presenter or find_presenter(show_text=show_text)
        self._monotonic_ns = monotonic_ns
        self._shown_ns: deque[int] = deque(maxlen=PER_MINUTE_MAX)
        self._held_back = 0

    def deliver(self, event: Event) -> None:
        """Show it. Raises ActionError where it could not be shown, or there were too many in the last minute."""
        now_ns = self._monotonic_ns()
        if len(self._shown_ns) == PER_MINUTE_MAX and now_ns - self._shown_ns[0] < _MINUTE_NS:
            self._held_back += 1
            raise ActionError(f"more than {PER_MINUTE_MAX} in a minute: the rest is counted in the next one")
        self._presenter.show(self._words(event))
        self._shown_ns.append(now_ns)
        self._held_back = 0

    def close(self) -> None:
        """Let go of the desktop: buttons do nothing from now on."""
        self._presenter.close()

    def _words(self, event: Event) -> Words:
        """What is shown. The message may be taken for markup, so what could be markup in it is escaped."""
        lines = [event.rule if event.rule is not None else event.type, event.source]
        if "reminder_of" in event.data:
            lines.append("put off, and due now")
        if self._show_text and event.text:
            lines.append(event.text if self._gate is None else self._gate.text(event.text).text)
        if self._held_back:
            lines.append(f"({self._held_back} more since the last one)")
        each = MESSAGE_LENGTH_MAX // len(lines) - 1
        message = "\n".join(capped(printable(line), each, _escape_markup) for line in lines)
        pictures = () if self._pictures is None else self._pictures(event)
        png = next((each.png for each in pictures if each.when == "after"), None)
        state = str(event.data.get("state", "firing")) if event.type == "alert" else "firing"
        title = f"Ironcliw: {event.type if state == 'firing' else state}"
        return Words(capped(printable(title), TITLE_LENGTH_MAX), message, self._buttons(event), png)

    def _buttons(self, event: Event) -> tuple[tuple[str, Callable[[], None]], ...]:
        answered = self._answered
        if answered is None:
            return ()
        alert = str(event.data.get("reminder_of", event.id))
        return tuple((says, partial(answered, alert, verdict)) for says, verdict in _BUTTONS)


def _escape_markup(text: str) -> str:
    """Notification services of free desktops take the message for markup; the others show it as it is."""
    return text if sys.platform in ("darwin", "win32") else html.escape(text, quote=False)
