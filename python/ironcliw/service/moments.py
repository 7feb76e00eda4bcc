"""Moments as people write them: ``30s`` (ago), ``12:03:05`` (today, here) and ISO 8601.

wall_ns = parse_moment("12:03:05", now=datetime.now().astimezone())
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ironcliw.clock import SECOND
from ironcliw.errors import SettingsError

_AGO = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,6})?)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_length_s(text: str, what: str) -> float:
    """Seconds of ``30s``, ``1.5m``, ``2h``; SettingsError naming ``what`` for all else."""
    found = _AGO.fullmatch(text.strip())
    if found is None:
        raise SettingsError(f"{what} must be a length of time such as 30s, 10m or 1h, not {text!r}")
    return float(found[1]) * _SECONDS[found[2]]


def parse_moment(text: str, now: datetime) -> int:
    """Nanoseconds since 1970; ``now`` carries the time zone that is meant where none is written. SettingsError."""
    text = text.strip()
    if _AGO.fullmatch(text):
        return _wall_ns(now - timedelta(seconds=parse_length_s(text, "time")))
    wrong = SettingsError(f"time must be like 30s (ago), 12:03:05 (today) or 2026-11-27T12:03:05, not {text!r}")
    found = _CLOCK.fullmatch(text)
    try:
        if found is not None:
            fraction = round(float(found[4] or 0) * 1_000_000)
            hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
            # Combined anew, because today's zone may have another offset at that hour.
            return _wall_ns(_local(datetime(now.year, now.month, now.day, hour, minute, second, fraction), now))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise wrong from None
    if "T" not in text and " " not in text:
        raise wrong
    return _wall_ns(moment if moment.tzinfo else _local(moment, now))


def _local(moment: datetime, now: datetime) -> datetime:
    """With the zone of ``now``; the system's own rules where that zone is the system's."""
    fixed = now.tzinfo
    here = moment.astimezone()
    same = now.utcoffset() == now.replace(tzinfo=None).astimezone().utcoffset()
    return here if same or fixed is None else moment.replace(tzinfo=fixed)


def _wall_ns(moment: datetime) -> int:
    passed = moment.astimezone(UTC) - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds * 1000
