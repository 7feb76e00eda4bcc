"""When to read what."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.text.plan import (
    INTERVAL_NS,
    SETTLE_NS,
    ReadPlan,
    Stamp,
    cut_by,
    readable,
    widened,
)

LINE = Rect(100, 200, 300, 16)


def stamp(sequence: int, time_ms: int) -> Stamp:
    return Stamp(sequence, time_ms * MS, time_ms * MS)


def plan_with(*changes: tuple[Rect, int]) -> ReadPlan:
    plan = ReadPlan(1920, 1080)
    for sequence, (region, time_ms) in enumerate(changes):
        plan.add([region], stamp(sequence, time_ms))
    return plan


def test_nothing_is_due_on_an_unchanged_screen():
    plan = ReadPlan(640, 480)
    assert plan.next_due_ns is None
    assert plan.take(10**12) is None


def test_a_region_is_due_when_it_has_settled():
    plan = plan_with((LINE, 1000))
    assert plan.next_due_ns == 1000 * MS + SETTLE_NS
    assert plan.take(1000 * MS + SETTLE_NS - 1) is None
    taken = plan.take(1000 * MS + SETTLE_NS)
    assert taken is not None
    assert taken.region == LINE
    assert plan.next_due_ns is None


def test_a_region_that_keeps_moving_is_read_at_most_five_times_a_second():
    plan = ReadPlan(640, 480)
    region = Rect(0, 0, 64, 64)
    readings = []
    for step in range(100):  # 2 s of changes every 20 ms
        now_ms = 20 * step
        while (due := plan.next_due_ns) is not None and due <= now_ms * MS:
            assert plan.take(due) is not None
            readings.append(due)
        plan.add([region], stamp(step, now_ms))
    gaps = [later - earlier for earlier, later in pairwise(readings)]
    assert 9 <= len(readings) <= 10
    assert min(gaps) >= INTERVAL_NS


def test_states_that_were_replaced_before_they_were_read_are_counted():
    plan = plan_with((LINE, 0), (LINE, 20), (LINE, 40))
    taken = plan.take(10**9)
    assert taken is not None
    assert taken.states == 3


def test_neighbours_are_read_together_and_strangers_apart():
    plan = plan_with((LINE, 0), (LINE.moved(0, 18), 0), (Rect(1500, 900, 80, 20), 0))
    regions = {taken.region for _ in range(3) if (taken := plan.take(10**9)) is not None}
    assert regions == {LINE.union(LINE.moved(0, 18)), Rect(1500, 900, 80, 20)}


def test_the_start_waits_for_what_changes():
    plan = ReadPlan(1920, 1080)
    plan.begin(stamp(0, 0), in_bands=True)
    plan.add([LINE], stamp(1, 10))
    order = []
    while (taken := plan.take(500 * MS)) is not None:
        order.append(taken)
    assert order[0].region == LINE
    assert not order[0].at_start
    bands = [taken.region for taken in order[1:]]
    assert all(taken.at_start for taken in order[1:])
    assert bands[0].y == 0
    assert bands[-1].bottom == 1080
    assert all(upper.bottom - lower.y >= 96 for upper, lower in pairwise(bands))


def test_a_small_frame_is_one_band():
    plan = ReadPlan(64, 40)
    plan.begin(stamp(0, 0), in_bands=True)
    taken = plan.take(0)
    assert taken is not None
    assert taken.region == Rect(0, 0, 64, 40)
    assert plan.take(0) is None


def test_hurry_makes_everything_due():
    plan = plan_with((LINE, 5000))
    plan.hurry()
    assert plan.take(0) is not None


@given(
    st.lists(
        st.tuples(st.integers(0, 1800), st.integers(0, 1000), st.integers(1, 120), st.integers(1, 80)),
        min_size=1,
        max_size=150,
    )
)
def test_no_change_is_ever_forgotten_and_the_plan_is_bounded(rects):
    plan = ReadPlan(1920, 1080)
    for sequence, rect in enumerate(rects):
        plan.add([Rect(*rect)], stamp(sequence, sequence))
    taken = []
    while (dirty := plan.take(10**12)) is not None:
        taken.append(dirty.region)
    assert len(taken) <= 64
    for rect in rects:
        assert any(region.intersection(Rect(*rect)) == Rect(*rect) for region in taken)


def test_stamps_tell_the_newest_capture_under_a_region():
    plan = plan_with((LINE, 10), (Rect(300, 200, 20, 16), 30))
    assert plan.stamps.latest(LINE) == stamp(1, 30)
    assert plan.stamps.latest(Rect(100, 200, 50, 16)) == stamp(0, 10)
    assert plan.stamps.latest(Rect(900, 900, 10, 10)) is None


def test_a_reading_sees_the_stamps_as_they_were_when_it_began():
    plan = plan_with((LINE, 10))
    before = plan.stamps.reading(LINE)
    assert before.unread(LINE)
    assert not plan.stamps.unread(LINE)
    plan.add([LINE], stamp(7, 50))
    assert plan.stamps.unread(LINE)
    assert before.latest(LINE) == stamp(0, 10)


def test_widening_takes_in_whole_lines_and_what_is_typed_at_their_end():
    typed = Rect(402, 201, 8, 14)
    assert widened(typed, [LINE], 1920, 1080) == Rect(100, 200, 310, 16)
    assert widened(Rect(600, 201, 8, 14), [LINE], 1920, 1080) == Rect(600, 201, 8, 14)
    assert widened(Rect(100, 217, 300, 14), [LINE], 1920, 1080) == Rect(100, 217, 300, 14)


def test_widening_stays_inside_the_frame():
    assert widened(Rect(-5, -5, 20, 20), [], 100, 100) == Rect(0, 0, 15, 15)


def test_lines_cut_by_a_band_are_known():
    band = Rect(0, 224, 1920, 320)
    assert cut_by(Rect(10, 224, 100, 9), band, 1080)
    assert cut_by(Rect(10, 530, 100, 14), band, 1080)
    assert not cut_by(Rect(10, 300, 100, 14), band, 1080)
    assert not cut_by(Rect(10, 0, 100, 9), Rect(0, 0, 1920, 320), 1080)


def test_specks_are_not_read():
    assert not readable(Rect(0, 0, 100, 2))
    assert not readable(Rect(0, 0, 1, 100))
    assert readable(Rect(0, 0, 5, 9))
