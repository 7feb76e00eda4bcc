"""Which region is read next, when more wants reading than there is time for."""

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Rect
from ironcliw.text.plan import ReadPlan, Stamp


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
