"""Whose text is read at once, whose later, and whose never: driven by what changed and what readings brought."""

import numpy as np
import pytest
from tile_screens import VIDEO, TileScreen, caret, clock, spinner, video

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.volatility import Patience
from ironcliw.volatility.patience import FREE, LONGEST_WAIT_ALL_NS, LONGEST_WAIT_NS

INTERVAL_NS = 200 * MS


class Reader(TileScreen):
    """Reads what it is told to, 5 times a second at most; ``says`` decides what a reading brings."""

    def __init__(self, says=lambda region: (), news=None, width: int = 320, height: int = 256) -> None:
        self.says, self.news = says, news or says
        self.readings: list[tuple[int, Rect]] = []
        self.patience = None
        super().__init__(width, height)
        self.patience = Patience(self.volatility)
        self.patience.begin(self.tracker.tiles)

    def show(self, time_ms: float) -> None:
        due_ns = self.patience and self.patience.due_ns
        while due_ns is not None and due_ns <= time_ms * MS:
            for region in self.patience.take(due_ns):
                self.read(region, due_ns)
            due_ns = self.patience.due_ns
        super().show(time_ms)
        change = np.flatnonzero(self.tracker.tiles.changed)
        if self.patience is None or not change.size or self.now_ns == 0:
            return
        regions = self.tracker.tiles.regions(self.tracker.tiles.changed)
        for region in self.patience.sort(regions, self.tracker.tiles, self.now_ns):
            if not any(self.now_ns - at_ns < INTERVAL_NS and region.overlaps(other) for at_ns, other in self.readings):
                self.read(region, self.now_ns)

    def read(self, region: Rect, now_ns: int) -> None:
        taken = self.patience.taking(region, (), now_ns)
        self.readings.append((now_ns, region))
        self.patience.finish(taken, self.says(region), self.news(region))

    def since(self, time_ns: int) -> list[int]:
        return [at_ns for at_ns, _ in self.readings if at_ns > time_ns]


def test_a_caret_is_read_in_both_states_and_no_more():
    reader = Reader()
    reader.play(caret, 530, 100)
    assert len(reader.readings) == 2
    assert reader.patience.due_ns is None


def test_a_spinner_is_read_in_each_state_and_no_more():
    reader = Reader()
    reader.play(spinner, 100, 300)
    learned_ns = reader.now_ns
    assert len(reader.readings) <= 8 + FREE
    reader.play(lambda pixels, step: spinner(pixels, step + 300), 100, 300)
    assert reader.since(learned_ns) == []


def test_a_video_is_read_ever_more_seldom_but_not_never():
    reader = Reader()
    reader.play(video, 40, 1000)
    gaps = np.diff([at_ns for at_ns, _ in reader.readings])
    assert gaps[:FREE].max() <= 2 * INTERVAL_NS
    assert LONGEST_WAIT_NS <= gaps[-1] <= LONGEST_WAIT_ALL_NS
    assert gaps[-1] > 4 * gaps[0]


def test_the_larger_the_longer():
    small, large = Reader(width=1600, height=1200), Reader(width=320, height=256)
    for reader in (small, large):
        reader.play(video, 40, 1000)
    assert len(small.readings) > 1.5 * len(large.readings)


def test_what_brings_news_each_time_never_waits():
    reader = Reader(says=lambda region: [region])
    reader.play(video, 200, 100)
    assert len(reader.readings) == 100


def test_a_tick_does_not_wait_but_begins_no_run_anew():
    reader = Reader(says=lambda region: [region], news=lambda region: [])
    reader.play(clock, 1000, 60)
    assert len(reader.readings) == 60


def test_one_reading_with_news_begins_anew():
    reader = Reader()
    reader.play(video, 40, 500)
    reader.says = reader.news = lambda region: [VIDEO]
    while len(reader.since(20_000 * MS)) < 1:
        reader.play(lambda pixels, step: video(pixels, reader.now_ns), 40, 1)
    reader.says = reader.news = lambda region: []
    at_ns = reader.now_ns
    reader.play(lambda pixels, step: video(pixels, step + 5000), 40, 20)
    assert len(reader.since(at_ns)) >= FREE


def test_what_stops_is_read_when_that_is_clear():
    reader = Reader()
    reader.play(video, 40, 500)
    stopped_ns = reader.now_ns
    reader.show(stopped_ns / MS + 5_000)
    first, *more = reader.since(stopped_ns)
    assert first - stopped_ns == 100 * MS
    assert more == []
    assert reader.patience.due_ns is None


def test_a_change_beside_the_usual_place_is_read_at_once():
    reader = Reader()
    reader.play(spinner, 100, 100)
    reader.pixels[140:156, 160:180, :3] = 222
    at_ns = reader.now_ns
    reader.show(at_ns / MS + 100)
    assert reader.since(at_ns) == [at_ns + 100 * MS]


@pytest.mark.parametrize("draw", [caret, spinner])
def test_a_state_never_seen_is_read_at_once_where_states_recur(draw):
    reader = Reader()
    reader.play(draw, 100, 300)
    reader.pixels[80:96, 70:72, 0] = 77
    reader.pixels[140:148, 140:156, 0] = 77
    at_ns = reader.now_ns
    reader.show(at_ns / MS + 100)
    assert reader.since(at_ns)[0] == at_ns + 100 * MS


def test_a_state_is_unknown_again_once_the_text_is_another():
    """A -> B -> A: what A says is news after B."""
    reader = Reader(says=lambda region: [region])
    reader.play(caret, 1000, 20)  # slower than a caret blinks
    assert len(reader.readings) == 20 - 1  # the first draws what was there


def test_no_state_is_known_while_a_reading_is_under_way():
    reader = Reader()
    reader.play(caret, 530, 4)
    assert len(reader.readings) == 2
    tiles = reader.tracker.tiles
    reader.pixels[80:96, 90:110, :3] = 200
    TileScreen.show(reader, 3_000)
    (region,) = reader.patience.sort(tiles.regions(tiles.changed), tiles, reader.now_ns)
    taken = reader.patience.taking(region, (), reader.now_ns)
    reader.pixels[80:96, 90:110, :3] = 0  # as it was, and read, before that reading has ended
    TileScreen.show(reader, 3_200)
    assert reader.patience.sort(tiles.regions(tiles.changed), tiles, reader.now_ns) == [region]
    reader.patience.finish(taken, [region], [region])


def test_a_tile_of_which_a_part_waits_to_be_read_is_not_known():
    reader = Reader()
    reader.pixels[80:96, 70:80, :3] = 99
    TileScreen.show(reader, 100)
    tiles = reader.tracker.tiles
    (region,) = reader.patience.sort(tiles.regions(tiles.changed), tiles, reader.now_ns)
    pending = [Rect(100, 100, 5, 5)]  # of the same tile
    reader.patience.finish(reader.patience.taking(region, pending, reader.now_ns), (), ())
    for time_ms, shade in ((300, 0), (500, 99)):
        reader.pixels[80:96, 70:80, :3] = shade
        TileScreen.show(reader, time_ms)
        assert reader.patience.sort(tiles.regions(tiles.changed), tiles, reader.now_ns) == [region]


def test_at_the_end_all_that_waits_is_handed_out():
    reader = Reader()
    reader.play(video, 40, 500)
    assert reader.patience.due_ns is not None
    (region,) = reader.patience.hurry()
    assert region == VIDEO
    assert reader.patience.due_ns is None
    assert reader.patience.hurry() == []


def test_a_film_that_comes_round_again_and_is_caught_between_two_pictures_is_not_read_each_time():
    reader = Reader()

    def torn(pixels, step):
        video(pixels, step % 8)
        if step % 10 == 0:
            pixels[70:140, 100:260, :3] = np.random.default_rng(10_000 + step).integers(0, 256, (70, 160, 3))

    reader.play(torn, 100, 400)
    learned_ns = reader.now_ns
    reader.play(lambda pixels, step: torn(pixels, step + 400), 100, 400)
    assert len(reader.since(learned_ns)) <= 40_000 * MS / LONGEST_WAIT_NS
