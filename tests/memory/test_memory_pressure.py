"""The level goes up at once, down slowly, and never because something is unknown or zero."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_machines import MB, FakeMachine

from ironcliw.clock import SECOND
from ironcliw.memory import Level, MemoryReading, Pressure, pressure
from ironcliw.memory.pressure import DWELL_NS, judge
from rounds import rounds

TOTAL = 500 * MB


def held(mb: float) -> MemoryReading:
    return MemoryReading(resident_bytes=int(mb * MB))


@pytest.mark.parametrize(
    ("reading", "level"),
    [
        (MemoryReading(), Level.LOW),
        (held(400), Level.LOW),
        (held(466), Level.MEDIUM),
        (held(486), Level.HIGH),
        (held(500), Level.CRITICAL),
        (MemoryReading(total_bytes=0, available_bytes=0), Level.LOW),
        (MemoryReading(total_bytes=1000, available_bytes=15), Level.CRITICAL),
        (MemoryReading(total_bytes=1000, available_bytes=60), Level.MEDIUM),
        (MemoryReading(group_share=0.93), Level.HIGH),
        (MemoryReading(group_share=math.nan), Level.LOW),
        (MemoryReading(stalled_some=0.35), Level.HIGH),
        (MemoryReading(stalled_full=0.5), Level.CRITICAL),
    ],
)
def test_the_worst_reading_decides(reading, level):
    assert judge(reading, TOTAL).level is level
    assert Pressure().follow(reading, TOTAL, 0) is level


def test_a_total_of_nothing_presses_nobody():
    assert judge(held(50), 0).level is Level.LOW


def test_from_files_to_a_level(tmp_path):
    fake = FakeMachine(tmp_path, ram_mb=16_000)
    *_, inner = fake.version_1([None, None, 600])
    assert judge(fake.machine.read(), TOTAL).level is Level.LOW
    fake.used(inner, 590, cache_mb=30)
    assert judge(fake.machine.read(), TOTAL).level is Level.HIGH
    fake.available(100)
    cause = judge(fake.machine.read(), TOTAL)
    assert (cause.level, cause.reason) == (Level.CRITICAL, "0.6% of the machine's memory is available")
    fake.available(8000)
    fake.used(inner, 100)
    fake.stalled(15, 1)
    assert judge(fake.machine.read(), TOTAL).level is Level.MEDIUM
    fake.machine.close()


def test_it_rises_at_once_and_falls_one_level_in_ten_seconds():
    followed = Pressure()
    levels = {}
    for second in range(60):
        levels[second] = followed.follow(held(600 if second == 0 else 100), TOTAL, second * SECOND)
    assert levels[0] is Level.CRITICAL
    assert [second for second in range(1, 60) if levels[second] < levels[second - 1]] == [11, 22, 33]
    assert levels[59] is Level.LOW


def test_just_below_the_threshold_is_no_reason_to_fall():
    followed = Pressure()
    for second in range(100):
        followed.follow(held(500 if second == 0 else 480), TOTAL, second * SECOND)
    assert followed.level is Level.CRITICAL


@settings(max_examples=rounds(30, 2000), deadline=None)
@given(
    above=st.integers(1, 30),
    below=st.integers(1, 19),
    high=st.sampled_from([480, 500, 700]),
    low=st.integers(50, 490),
)
def test_flapping_readings_make_no_flapping_level(above, below, high, low):
    """Two readings a second, some above and some below; whatever is never below for ten seconds only rises, once."""
    followed = Pressure()
    changes: list[tuple[float, int]] = []
    for step in range(240):
        before = followed.level
        reading = held(high if step % (above + below) < above else low)
        followed.follow(reading, TOTAL, step * SECOND // 2)
        if followed.level != before:
            changes.append((step / 2, followed.level - before))
    assert changes[0][1] > 0
    falls = [moment for moment, by in changes if by < 0]
    assert falls == []
    later = [moment for moment, _ in changes[1:]]
    assert all(second - first >= DWELL_NS / SECOND for first, second in pairwise(later))


def changes_under_slow_swings() -> int:
    """Of the level in 20 minutes of readings that are high for one second and then low for 21."""
    level = Pressure()
    changes = 0
    for second in range(1200):
        before = level.level
        level.follow(held(480 if second % 22 == 0 else 100), TOTAL, second * SECOND)
        changes += level.level != before
    return changes


def test_a_recovery_that_does_not_last_is_waited_for_twice_as_long(monkeypatch):
    assert changes_under_slow_swings() <= 12
    monkeypatch.setattr(pressure, "LONGEST_DWELL_NS", DWELL_NS)  # the control: without the doubling
    assert changes_under_slow_swings() > 50
