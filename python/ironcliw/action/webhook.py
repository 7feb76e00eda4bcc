"""An alert as JSON to a web address: signed, safe to be sent twice, tried again for some minutes.

    hook = Webhook("https://hooks.example.org/x", secret=b"...")
    hook.deliver(event)

Headers are those of Standard Webhooks: ``webhook-id`` (the same each time an alert is tried, also as
``Idempotency-Key``), ``webhook-timestamp`` and ``webhook-signature`` (``v1,`` and the base64 of the HMAC-SHA256 of
``id.timestamp.body``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import random
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ironcliw import clock
from ironcliw.action.http import Answer, Sender
from ironcliw.action.redacting import redacted_fields
from ironcliw.action.spec import Pictures
from ironcliw.action.target import parse_target
from ironcliw.errors import ActionError
from ironcliw.event import Event
from ironcliw.version import package_version

TRY_S = 10.0
GIVE_UP_S = 300.0
MOST_TRIES = 10
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504, 507, 529))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one alert is tried: in all, each time, and how often; pauses grow from ``first_pause_s`` on."""

    give_up_s: float = GIVE_UP_S
    try_s: float = TRY_S
    tries: int = MOST_TRIES
    first_pause_s: float = _FIRST_PAUSE_S


class Webhook:
    """Posts each alert to ``url``. ActionError where that is no address that may be sent to.

    secret: signs what is sent; ``whsec_`` and base64 as others give them, or any bytes; None sends unsigned
    redact: secrets are taken out of what the screen said
    pictures: where pictures are had that are sent along, base64 in ``pictures``; None sends none
    For ``allow_private`` and ``proxy`` see ``ActionOptions``.
    """

    name = "webhook"
    queue_depth = 256

    def __init__(
        self,
        url: str,
        *,
        secret: bytes | None = None,
        allow_private: Sequence[str] = (),
        proxy: str | None = None,
        redact: bool = True,
        pictures: Pictures | None = None,
        patience: Patience | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        target = parse_target(url, allow_private)
        self._sender = Sender(target, allow_private=allow_private, proxy=proxy, context=context)
        self._secret = None if secret is None else _secret(secret)
        self._redact, self._pictures = redact, pictures
        self._patience = patience or Patience()
        self._closing = threading.Event()
        self._random = random.Random()

    def deliver(self, event: Event) -> None:
        """Post it, again and again for some minutes where it fails. Raises ActionError where that is given up."""
        body, patience = self._body(event), self._patience
        began_ns, pause_s = clock.monotonic_ns(), patience.first_pause_s
        for number in range(1, patience.tries + 1):
            failure, again, asked_s = self._try(event.id, body)
            if failure is None:
                return
            passed_s = (clock.monotonic_ns() - began_ns) / clock.SECOND
            wait_s = max(asked_s or 0.0, pause_s * self._random.uniform(0.5, 1.0))
            if not again or number == patience.tries or passed_s + wait_s > patience.give_up_s:
                tries = "" if number == 1 else f", {number} tries in {passed_s:.0f} s"
                raise ActionError(f"{self._sender.target.name}: {failure}{tries}")
            if self._closing.wait(wait_s):
                raise ActionError(f"{self._sender.target.name}: {failure}; not tried again before the end")
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def close(self) -> None:
        """Give up what is being tried."""
        self._closing.set()
        self._sender.close()

    def _try(self, event_id: str, body: bytes) -> tuple[str | None, bool, float | None]:
        """What went wrong, whether to try again, and when the other side wants that; None where it was taken."""
        try:
            answer = self._sender.send("POST", body, self._headers(event_id, body), self._patience.try_s)
        except ssl.SSLCertVerificationError as error:
            return f"its certificate cannot be trusted ({error.verify_message})", True, None
        except TimeoutError:
            return f"no answer within {self._patience.try_s:g} s", True, None
        except OSError as error:
            return f"cannot be reached: {(error.strerror or type(error).__name__).lower()}", True, None
        except http.client.HTTPException:
            return "its answer is not HTTP", True, None
        return _judged(answer)

    def _headers(self, event_id: str, body: bytes) -> dict[str, str]:
        now_s = clock.wall_ns() // clock.SECOND
        key = f"ironcliw-{event_id}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"ironcliw/{package_version()}",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(now_s),
        }
        if self._secret is not None:
            headers["webhook-signature"] = signature(self._secret, key, now_s, body)
        return headers

    def _body(self, event: Event) -> bytes:
        fields: dict[str, Any] = redacted_fields(event) if self._redact else event.to_dict()
        pictures = self._pictures(event) if self._pictures is not None else ()
        if pictures:
            fields["pictures"] = [
                {
                    "when": each.when,
                    "box": list(each.box),
                    "media_type": "image/png",
                    "data": base64.b64encode(each.png).decode(),
                }
                for each in pictures
            ]
        return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()


def signature(secret: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """What ``webhook-signature`` says of a message: receivers compute the same and compare in constant time."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _secret(given: bytes) -> bytes:
    if not given.startswith(b"whsec_"):
        return given
    try:
        return base64.b64decode(given.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        raise ActionError("the webhooks' secret begins with whsec_, but no base64 follows") from None


def _judged(answer: Answer) -> tuple[str | None, bool, float | None]:
    if 200 <= answer.status < 300:
        return None, False, None
    if 300 <= answer.status < 400:
        return f"answered {answer.status}: redirects are not followed, so give the address it leads to", False, None
    return f"answered {answer.status}", answer.status in _AGAIN, answer.retry_after_s
