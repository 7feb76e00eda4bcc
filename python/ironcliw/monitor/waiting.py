"""Waiting for a condition: ``wait("text:/passed|failed/i", timeout_s=600)`` is its alert, or None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.monitor.watching import Watch, watch
from ironcliw.rule import Condition

_LONGEST_WAIT_S = 10 * 365 * 86_400


def wait(
    condition: Sequence[str | Condition] | str | Condition,
    source: Any = "screen",
    *,
    timeout_s: float | None = None,
    new: bool = False,
    **options: Any,
) -> Event | None:
    """Wait until a condition (or any of several) is met; its alert, or None on timeout or at the source's end.

    new: whether what is met already at the start does not count
    """
    with watch(source, when=condition, now=not new, **options) as running:
        return first_alert(running, timeout_s)


def first_alert(running: Watch, timeout_s: float | None = None) -> Event | None:
    """The first alert of a running watch; None where ``timeout_s`` passed or the source ended without one."""
    if timeout_s is not None and not 0 <= timeout_s <= _LONGEST_WAIT_S:
        raise SettingsError(f"timeout_s must be 0 to {_LONGEST_WAIT_S}, not {timeout_s}")
    deadline_ns = None if timeout_s is None else clock.monotonic_ns() + int(timeout_s * clock.SECOND)
    while not running.ended:
        left_s = 1.0 if deadline_ns is None else (deadline_ns - clock.monotonic_ns()) / clock.SECOND
        if left_s <= 0:
            return None
        event = running.get(min(left_s, 1.0))
        if event is not None and event.type == "alert" and event.data.get("state", "firing") == "firing":
            return event
        if event is not None and event.type == "summary":
            return None
    return None
