"""Which region is read next, when more wants reading than there is time for."""

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Rect
from ironcliw.text.plan import INTERVAL_NS, SETTLE_NS, ReadPlan
from ironcliw.text.proofs import PROOF_AFTER_NS, PROOF_EVERY_NS
from ironcliw.text.stamps import Stamp


def stamp(sequence: int, time_ns: int) -> Stamp:
    return Stamp(sequence, time_ns, time_ns)


def test_what_never_stands_still_does_not_keep_the_start_from_being_read():
    plan = ReadPlan(1280, 720)
    plan.begin(stamp(0, 0), in_bands=True)
    film, now_ns, sequence = Rect(0, 0, 640, 360), SECOND, 0
    taken = []
    for _ in range(12):  # each reading takes 300 ms, in which the film goes on
        for _ in range(3):
            sequence += 1
            now_ns += 100 * MS
            plan.add([film], stamp(sequence, now_ns))
        dirty = plan.take(now_ns)
        assert dirty is not None
        taken.append(dirty)
    bands = [dirty.region.y for dirty in taken if dirty.at_start]
    assert bands == [0, 224, 448]
    assert not taken[0].at_start
    assert sum(not dirty.at_start for dirty in taken) == 9


def test_a_change_waits_for_no_more_than_one_band_of_the_start():
    plan = ReadPlan(640, 2000)
    plan.begin(stamp(0, 0), in_bands=True)
    assert plan.take(SECOND).at_start
    plan.add([Rect(0, 0, 100, 20)], stamp(1, SECOND))
    plan.add([Rect(0, 900, 100, 20)], stamp(1, SECOND))
    order = [plan.take(2 * SECOND).at_start for _ in range(4)]
    assert order == [False, True, False, True]


def test_a_caret_that_comes_below_a_line_does_not_make_it_wait():
    plan = ReadPlan(640, 480)
    plan.add([Rect(20, 40, 300, 19)], stamp(1, SECOND))
    plan.add([Rect(20, 59, 9, 19)], stamp(2, SECOND + 90 * MS))
    assert plan.take(SECOND + 100 * MS).region == Rect(20, 40, 300, 38)


def test_a_letter_that_comes_in_the_line_does():
    plan = ReadPlan(640, 480)
    plan.add([Rect(20, 40, 9, 19)], stamp(1, SECOND))
    plan.add([Rect(29, 40, 9, 19)], stamp(2, SECOND + 90 * MS))
    assert plan.next_due_ns == SECOND + 190 * MS
    assert plan.take(SECOND + 100 * MS) is None


def test_what_lies_in_a_region_that_is_read_waits_no_more():
    plan = ReadPlan(640, 480)
    columns = [Rect(60, 20, 18, 400), Rect(300, 20, 72, 400)]
    plan.add([*columns, Rect(60, 440, 300, 30)], stamp(1, SECOND))
    now_ns = SECOND + 100 * MS
    plan.add([Rect(400, 200, 50, 50)], stamp(2, now_ns))  # has not settled
    first = plan.take(now_ns)
    assert first.region == columns[0]
    inside = plan.take_inside(Rect(20, 10, 600, 425), now_ns)  # widened to all lines of the terminal
    assert [dirty.region for dirty in inside] == [columns[1]]
    assert plan.take(now_ns).region == Rect(60, 440, 300, 30)
    assert plan.take(now_ns) is None
    assert plan.take(now_ns + 100 * MS).region == Rect(400, 200, 50, 50)
    plan.add([columns[1]], stamp(3, now_ns + 10 * MS))  # what changes again is read again, in its time
    assert plan.next_due_ns == now_ns + INTERVAL_NS


REST = PROOF_AFTER_NS


def read_once(plan: ReadPlan, sequence: int, region: Rect, time_ns: int) -> int:
    """Something changes and is read; returns when."""
    plan.add([region], stamp(sequence, time_ns))
    due_ns = time_ns + SETTLE_NS
    dirty = plan.take(due_ns)
    assert dirty is not None
    assert not dirty.proof
    return due_ns


def begun(*, in_bands: bool) -> ReadPlan:
    plan = ReadPlan(640, 1000)
    plan.begin(stamp(0, 0), in_bands=in_bands)
    while plan.at_start:
        assert plan.take(0) is not None
    return plan


def test_what_was_read_at_the_start_is_not_read_again():
    plan = begun(in_bands=True)
    assert plan.next_due_ns is None
    assert plan.take(1000 * SECOND) is None


def test_what_was_read_in_parts_is_read_once_more_when_the_screen_rests():
    plan = begun(in_bands=False)
    read_ns = read_once(plan, 1, Rect(0, 0, 100, 20), SECOND)
    assert plan.next_due_ns == read_ns + REST
    assert plan.take(read_ns + REST - 1) is None
    dirty = plan.take(read_ns + REST)
    assert (dirty.region, dirty.proof, dirty.at_start) == (Rect(0, 0, 640, 1000), True, False)
    assert plan.next_due_ns is None
    read_ns = read_once(plan, 2, Rect(0, 0, 100, 20), 10 * SECOND)
    assert plan.next_due_ns == SECOND + SETTLE_NS + REST + PROOF_EVERY_NS
    plan.hurry()
    assert plan.next_due_ns <= read_ns
    assert plan.take(read_ns).proof


def test_only_bands_that_changed_are_read_once_more_and_news_come_first():
    plan = begun(in_bands=True)
    read_once(plan, 1, Rect(0, 10, 100, 20), SECOND)
    rested_ns = read_once(plan, 2, Rect(0, 700, 100, 20), 2 * SECOND) + REST
    assert plan.take(rested_ns).region == Rect(0, 0, 640, 320)
    plan.add([Rect(0, 500, 100, 20)], stamp(3, rested_ns))
    assert plan.next_due_ns == rested_ns + SETTLE_NS
    assert plan.take(rested_ns) is None
    assert plan.take(rested_ns + SETTLE_NS).region == Rect(0, 500, 100, 20)
    assert plan.take(rested_ns + SETTLE_NS).region == Rect(0, 448, 640, 320)
    assert plan.take(rested_ns + SETTLE_NS).region == Rect(0, 672, 640, 320)
    assert plan.take(rested_ns + SETTLE_NS) is None


def test_a_second_reading_that_is_given_up_comes_later_as_a_whole():
    plan = begun(in_bands=True)
    read_once(plan, 1, Rect(0, 10, 100, 20), SECOND)
    now_ns = read_once(plan, 2, Rect(0, 900, 100, 20), SECOND) + REST
    assert plan.take(now_ns).region.y == 0
    dirty = plan.take(now_ns)
    before, taken = plan.stamps.reading(dirty.region), plan.taking(dirty.region, now_ns)
    plan.put_back(dirty.region, before, taken, now_ns, at_start=False, proof=True)
    assert plan.next_due_ns == now_ns + PROOF_EVERY_NS
    assert [plan.take(plan.next_due_ns).region.y for _ in range(2)] == [0, dirty.region.y]


def test_the_last_picture_of_lossy_video_is_read_once_more_and_once_only():
    for exact in (True, False):
        plan = ReadPlan(640, 480, exact=exact)
        plan.begin(stamp(0, 0), in_bands=False)
        plan.take(0)
        now_ns = read_once(plan, 1, Rect(0, 0, 100, 20), SECOND) + REST
        assert plan.take(now_ns).proof
        plan.hurry()
        proof = plan.take(now_ns)
        assert (proof is None) is exact
        plan.hurry()
        assert plan.take(now_ns) is None
