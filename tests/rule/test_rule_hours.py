"""Hours against a look at every minute, through nights in which clocks are set forward and back."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ironcliw.rule.hours import ALL_DAYS, Hours

BERLIN, LORD_HOWE, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")
NIGHTS = [
    (BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC)),  # 02:00 becomes 03:00
    (BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC)),  # 03:00 becomes 02:00
    (LORD_HOWE, datetime(2026, 4, 4, 0, tzinfo=UTC)),  # half an hour back
    (UTC_ZONE, datetime(2026, 12, 31, 12, tzinfo=UTC)),
]


def _by_the_clock(hours: Hours, local: datetime) -> bool:
    """The definition, told otherwise: the wall shows a time between both, counted from a day that is meant."""
    shown = local.hour * 60 + local.minute
    for begun in (0, 1):
        since = shown + begun * 1440
        end = hours.end if hours.end > hours.begin else hours.end + 1440
        if hours.begin <= since < end and (local.date() - timedelta(days=begun)).weekday() in hours.days:
            return True
    return False


def _random_hours(rng: random.Random) -> Hours:
    begin = rng.randrange(0, 1440, 15)
    end = (begin + rng.randrange(15, 1440, 15)) % 1440
    days = ALL_DAYS if rng.random() < 0.5 else tuple(sorted(rng.sample(range(7), rng.randrange(1, 7))))
    return Hours(days, begin, end)


@pytest.mark.parametrize(("zone", "start"), NIGHTS)
def test_every_minute_of_two_days(zone: ZoneInfo, start: datetime) -> None:
    rng = random.Random(start.month)
    for _ in range(12):
        hours = _random_hours(rng)
        for minute in range(0, 48 * 60, 5):
            local = (start + timedelta(minutes=minute)).astimezone(zone)
            assert hours.hold(local) == _by_the_clock(hours, local), f"{hours} at {local}"


@pytest.mark.parametrize(("zone", "start"), NIGHTS)
def test_the_next_change_is_the_first(zone: ZoneInfo, start: datetime) -> None:
    rng = random.Random(start.day)
    for _ in range(8):
        hours = _random_hours(rng)
        now = (start + timedelta(minutes=rng.randrange(24 * 60))).astimezone(zone)
        told = hours.next_change(now)
        walked = now.astimezone(UTC).replace(second=0)
        for _ in range(8 * 24 * 60):
            walked += timedelta(minutes=1)
            if hours.hold(walked.astimezone(zone)) != hours.hold(now):
                break
        assert told is not None
        assert told.astimezone(UTC) == walked, f"{hours} from {now}"


def test_all_hours_of_all_days_never_change() -> None:
    assert Hours().next_change(datetime(2026, 3, 28, tzinfo=BERLIN)) is None


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    friday_night = Hours((4,), 22 * 60, 6 * 60)
    assert friday_night.hold(datetime(2026, 11, 27, 23, tzinfo=BERLIN))
    assert friday_night.hold(datetime(2026, 11, 28, 5, 59, tzinfo=BERLIN))
    assert not friday_night.hold(datetime(2026, 11, 27, 5, tzinfo=BERLIN))
    assert not friday_night.hold(datetime(2026, 11, 28, 23, tzinfo=BERLIN))


def test_how_they_are_written() -> None:
    assert str(Hours((0, 1, 2, 3, 4), 540, 1020)) == "Mon-Fri 09:00-17:00"
    assert str(Hours((0, 2, 5, 6))) == "Mon,Wed,Sat-Sun"
    assert str(Hours(begin=1320, end=360)) == "22:00-06:00"
    assert str(Hours()) == "Mon-Sun"


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Hours().next_change(datetime(2026, 1, 1))
