"""What an SDK raises, as a Fault in words of ours: theirs may quote a header, a body or a key."""

from __future__ import annotations

import email.utils
import math
import time
from typing import Any

import httpx2

from ironcliw.vision_model.connection import TooLargeError
from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.protocol import Fault

LONGEST_RETRY_AFTER_S = 86_400.0
_SERVER = frozenset((500, 502, 503, 504, 520, 522, 524, 529))


def fault_of(error: Exception, deadline: Deadline) -> Fault:
    """A Fault for whatever a request raised."""
    if isinstance(error, Fault):
        return error
    if deadline.cancelled.is_set():
        return Fault("cancelled", "nobody waits for the answer any more", billed=True)
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        response: Any = getattr(error, "response", None)
        headers = getattr(response, "headers", {})
        return status_fault(status, headers.get("retry-after"))
    for cause in _causes(error):
        if isinstance(cause, TooLargeError):
            return Fault("reply", "its reply is larger than a verdict can be", billed=True)
        if isinstance(cause, httpx2.TimeoutException) or deadline.left_s <= 0:
            return Fault("timeout", "no reply in time", billed=True)
    if any(isinstance(cause, httpx2.TransportError) for cause in _causes(error)):
        return Fault("connection", f"the connection failed ({_connection(error)})", billed=True)
    return Fault("reply", f"its reply is not of its protocol ({type(error).__name__})", billed=True)


def status_fault(status: int, retry_after: str | None) -> Fault:
    """A Fault for an HTTP status that is no success."""
    if status == 429:
        return Fault("limited", "it is asked too often (429)", retry_after_s=retry_after_s(retry_after))
    if status in _SERVER:
        return Fault("server", f"it has a fault of its own ({status})", retry_after_s=retry_after_s(retry_after))
    if 300 <= status < 400:
        return Fault("refused", f"it points to another address ({status}), which is not followed: set model.base_url")
    why = {
        400: "the request is not to its liking: does this model take pictures, and model.structured?",
        401: "the key is not accepted",
        403: "the key may not do this",
        404: "it knows no such model or address: check model.model and model.base_url",
        413: "the request is too large",
    }
    return Fault("refused", f"{why.get(status, 'it refuses')} ({status})")


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header, a number or a date; at most a day. None where it is neither."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else None


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 8:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _connection(error: Exception) -> str:
    """Which kind of failure, in a word or two; certificates are worth telling apart."""
    text = " ".join(str(cause) for cause in _causes(error)).lower()
    for mark, words in (
        ("certificate", "its certificate is not trusted"),
        ("ssl", "no encrypted connection"),
        ("refused", "nothing listens there"),
        ("name or service", "no such host"),
        ("name resolution", "no such host"),
        ("another host", "it leads to another host"),
        ("reset", "it hung up"),
        ("disconnected", "it hung up"),
    ):
        if mark in text:
            return words
    return "it broke off"
