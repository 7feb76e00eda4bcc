"""Alerts through apprise, which knows how to reach a hundred services; the extra ``apprise``.

told = ThroughApprise("ntfys://ntfy.example.org/builds")

What ``webhook`` promises of addresses, retries and signatures does not hold for its services.
"""

from __future__ import annotations

import importlib.util
import logging
from typing import Any

from ironcliw.action.printable import capped, printable
from ironcliw.errors import ActionError, MissingExtraError
from ironcliw.event import Event
from ironcliw.redaction import Gate

_BODY_LENGTH_MAX = 1_000


class ThroughApprise:
    """Sends each alert to one apprise URL: the condition, the source and what was read.

    redact: secrets are taken out of what was read. MissingExtraError, ActionError for a URL that apprise does not know.
    """

    name = "apprise"

    def __init__(self, url: str, *, redact: bool = True) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise MissingExtraError("the action 'apprise'", "apprise")
        import apprise  # noqa: PLC0415 - optional, and large

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses, tokens included
        self._redact, self._gate = redact, Gate()
        self._service: Any = apprise.Apprise()
        if not self._service.add(url):
            raise ActionError("apprise does not know this kind of address: see its documentation")

    def deliver(self, event: Event) -> None:
        """Send it. Raises ActionError where the service does not take it."""
        said = event.text or ""
        lines = [event.rule or event.type, event.source, self._gate.text(said).text if self._redact else said]
        body = capped("\n".join(printable(line) for line in lines if line), _BODY_LENGTH_MAX)
        if not self._service.notify(title=f"Ironcliw: {event.type}", body=body, body_format="text"):
            raise ActionError("the service did not take it")

    def close(self) -> None:
        """Nothing is held between alerts."""
