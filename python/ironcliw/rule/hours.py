"""Hours of days, by the clock on the wall: ``22:00-06:00``, ``Mon-Fri 9:00-17:00``, ``Sat,Sun``.

hours = Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60)
hours.hold(datetime.now(zone))        # whether this is one of them
hours.next_change(moment)             # when that will be otherwise, or None

Everything goes by the local clock of the moment's zone: where it is set forward an hour of the night is missing, where
it is set back one comes twice, and both of it count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALL_DAYS = tuple(range(7))
_DAY = 24 * 60
_AHEAD_DAYS = 9


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``begin`` up to ``end``, on ``days``; past midnight where it ends no later than it begins.

    days: 0 is Monday; of hours past midnight, the day on which they begin
    begin, end: minutes since midnight, 0 to 1440
    """

    days: tuple[int, ...] = ALL_DAYS
    begin: int = 0
    end: int = _DAY

    def __str__(self) -> str:
        """As it is written in a condition."""
        parts = [] if self.days == ALL_DAYS and not self._whole else [_written_days(self.days)]
        return " ".join([*parts, *([] if self._whole else [f"{_clock(self.begin)}-{_clock(self.end)}"])])

    @property
    def _whole(self) -> bool:
        return self.begin == 0 and self.end == _DAY

    def hold(self, moment: datetime) -> bool:
        """Whether ``moment`` (aware; its own zone counts) is within these hours."""
        minute, day = moment.hour * 60 + moment.minute, moment.weekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)

    def next_change(self, moment: datetime) -> datetime | None:
        """The first moment after this one at which ``hold`` says otherwise; None where it never will."""
        zone, now = moment.tzinfo, self.hold(moment)
        if zone is None:
            raise ValueError("a moment without a zone")
        start = moment.astimezone(UTC)
        edges = (edge for edge in self._edges(moment, zone) if edge > start)
        return next((edge.astimezone(zone) for edge in sorted(edges) if self.hold(edge.astimezone(zone)) != now), None)

    def _edges(self, moment: datetime, zone: tzinfo) -> set[datetime]:
        """Every moment in UTC, for some days, at which the answer may change: where hours begin or end, and shifts."""
        midnight = datetime(moment.year, moment.month, moment.day)
        edges: set[datetime] = set()
        for ahead in range(-1, _AHEAD_DAYS):
            for minutes in (0, self.begin, self.end):
                local = midnight + timedelta(days=ahead, minutes=minutes)
                edges |= {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
            if (shift := _shift(midnight + timedelta(days=ahead), zone)) is not None:
                edges.add(shift)
        return edges


def _shift(midnight: datetime, zone: tzinfo) -> datetime | None:
    """When the clock is set forward or back within a day from a local midnight; None where it is not."""
    early = midnight.replace(tzinfo=zone).astimezone(UTC)
    late = early + timedelta(hours=26)
    before, after = early.astimezone(zone).utcoffset(), late.astimezone(zone).utcoffset()
    if before == after:
        return None
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _written_days(days: tuple[int, ...]) -> str:
    """Runs of days as ``Mon-Fri``, others by commas."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
