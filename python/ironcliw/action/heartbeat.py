"""A request every minute while the watch truly sees, so that silence is noticed elsewhere.

    beat = Heartbeat("https://hc.example.org/ping/7d44", seeing=lambda: True)
    beat.close()

Whoever is asked tells somebody when the requests stop: because the watch is blind or paused, or the machine is off.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironcliw.action.http import Sender
from ironcliw.action.target import parse_target
from ironcliw.errors import ActionError
from ironcliw.version import package_version

EVERY_S = 60.0
_TRY_S = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beats:
    """How many requests were answered well, failed, or were left out because the screen was not seen."""

    sent: int
    failed: int
    skipped: int


class Heartbeat:
    """Asks ``url`` (GET) every ``every_s`` seconds while ``seeing`` says so. ActionError where it is no address.

    For ``allow_private`` and ``proxy`` see ``ActionOptions``.
    """

    def __init__(
        self,
        url: str,
        seeing: Callable[[], bool],
        *,
        allow_private: Sequence[str] = (),
        proxy: str | None = None,
        every_s: float = EVERY_S,
        context: ssl.SSLContext | None = None,
    ) -> None:
        target = parse_target(url, allow_private)
        self._sender = Sender(target, allow_private=allow_private, proxy=proxy, context=context)
        self._seeing, self._every_s = seeing, every_s
        self._closing = threading.Event()
        self._sent = self._failed = self._skipped = 0
        self._last_failure = ""
        self._thread = threading.Thread(target=self._run, name="ironcliw-heartbeat", daemon=True)
        self._thread.start()

    @property
    def beats(self) -> Beats:
        """What became of them so far."""
        return Beats(self._sent, self._failed, self._skipped)

    def close(self) -> None:
        """Ask no more."""
        self._closing.set()
        self._sender.close()
        self._thread.join(5.0)

    def _run(self) -> None:
        wait_s = min(1.0, self._every_s)  # the first one soon: whoever waits for it knows that all is set up
        starting_s = self._every_s
        while not self._closing.wait(wait_s):
            seeing = self._seeing()
            starting_s -= wait_s
            if not seeing and starting_s > 0:
                continue  # on a busy machine it takes a watch longer to see than to start
            starting_s, wait_s = 0.0, self._every_s
            if not seeing:
                self._skipped += 1
            elif failure := self._beat():
                self._failed += 1
                if failure != self._last_failure and not self._closing.is_set():
                    _log.warning("heartbeat: %s: %s", self._sender.target.name, failure)
                self._last_failure = failure
            else:
                self._sent += 1
                self._last_failure = ""

    def _beat(self) -> str:
        """Ask once; what went wrong, or nothing."""
        try:
            answer = self._sender.send("GET", None, {"User-Agent": f"ironcliw/{package_version()}"}, _TRY_S)
        except ActionError as error:
            return str(error)
        except (OSError, http.client.HTTPException) as error:
            return f"cannot be reached ({type(error).__name__})"
        return "" if 200 <= answer.status < 300 else f"answered {answer.status}"
