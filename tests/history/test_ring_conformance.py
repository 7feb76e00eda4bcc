"""The words of a ring, natively and plainly, over the same memory: whoever writes, both read the same, which is what a
dictionary would say.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ironcliw import clock
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring
from ironcliw.history.allocation import allocate
from ironcliw.history.layout import LIVE, MOVED, Description, constant_words, record_of
from ironcliw.history.mapped import MappedRing
from ironcliw.history.plain import PlainWords
from ironcliw.history.words import Taken, Words
from rounds import rounds

native = pytest.importorskip("ironcliw._native")

SLOTS = 3
CONSTANT = [1, 2, 3, 4]
SIGNED = st.integers(-(2**63), 2**63 - 1)
TIMES = st.integers(-(2**62), 2**62)
AREA = st.tuples(*[st.integers(0, 2**32 - 1)] * 4)
WRITERS = st.sampled_from(["native", "plain"])
SLOT = st.integers(0, SLOTS - 1)


class TwoWords(RuleBasedStateMachine):
    @initialize()
    def begin_ring(self) -> None:
        self.memory, self.fd = allocate(Description.of(Geometry(8, 8), "test", SLOTS).size_bytes)
        assert self.fd is not None
        self.writers: dict[str, Words] = {
            "native": native.RingHeader(self.fd, SLOTS, CONSTANT, True),
            "plain": PlainWords(self.memory, SLOTS, CONSTANT),
        }
        self.reading = mmap.mmap(self.fd, 4096, access=mmap.ACCESS_READ)
        self.readers: list[Words] = [
            *self.writers.values(),
            native.RingHeader(self.fd, SLOTS, CONSTANT, False),
            PlainWords(self.reading, SLOTS, CONSTANT),
        ]
        self.shown: dict[int, list[int]] = {}  # without the wall time, which both take from the clock
        self.wall_ns: dict[int, tuple[int, int]] = {}
        self.generations = [0] * SLOTS
        self.newest: int | None = None
        self.state = (0, 0)
        self.events = 0
        self.taken: list[Taken] = []

    @rule(writer=WRITERS, slot=SLOT)
    def start(self, writer: str, slot: int) -> None:
        self.writers[writer].begin(slot)
        self.start_at(slot)

    def start_at(self, slot: int) -> None:
        self.shown.pop(slot, None)
        self.generations[slot] |= 1

    @rule(
        writer=WRITERS,
        slot=SLOT,
        following=SLOT,
        sequence=st.integers(0, 2**64 - 1),
        time_ns=SIGNED,
        captured_ns=TIMES,
        area=AREA,
    )
    def publish(
        self,
        writer: str,
        slot: int,
        following: int,
        sequence: int,
        time_ns: int,
        captured_ns: int,
        area: tuple[int, int, int, int],
    ) -> None:
        self.writers[writer].begin(slot)
        began_ns = clock.monotonic_ns()
        expected_ns = clock.wall_ns() - clock.monotonic_ns() + captured_ns
        generation = self.writers[writer].publish(slot, following, sequence, time_ns, captured_ns, *area)
        took_ns = clock.monotonic_ns() - began_ns
        assert generation == (self.generations[slot] | 1) + 1
        self.generations[slot] = generation
        x, y, width, height = area
        words = [word % 2**64 for word in (sequence, time_ns, captured_ns)]
        self.shown[slot] = [*words, *CONSTANT, x | y << 32, width | height << 32, 0, 0, 0, 0, 0]
        # Between a look at one clock and at the other as much may pass as all of it took.
        self.wall_ns[slot] = expected_ns, took_ns + clock.SECOND
        self.newest = slot
        self.start_at(following)
        self.state = (self.state[0], captured_ns % 2**64)
        self.events += 1

    @rule(writer=WRITERS, state=st.sampled_from([LIVE, MOVED]))
    def tell(self, writer: str, state: int) -> None:
        self.writers[writer].set_state(state)
        self.state = (state, self.state[1])
        self.events += 1

    @rule(writer=WRITERS, verified=st.integers(0, 2**63))
    def verify(self, writer: str, verified: int) -> None:
        self.writers[writer].set_verified(verified)
        self.state = (self.state[0], verified)

    @rule(slot=SLOT)
    def take(self, slot: int) -> None:
        self.taken += [read for words in self.readers if (read := words.read(slot)) is not None]

    @precondition(lambda self: hasattr(self, "memory"))
    @invariant()
    def all_read_the_same(self) -> None:
        for words in self.readers:
            for slot in range(SLOTS):
                self.check_slot(slot, words.read(slot))
            for taken in self.taken:
                assert taken.is_current() == (self.generations[taken.slot] == taken.generation)
            assert words.newest() == self.newest
            assert words.state() == self.state
            assert words.events() == self.events
            self.check_newest(words)

    def check_slot(self, slot: int, read: Taken | None) -> None:
        if (shown := self.shown.get(slot)) is None:
            assert read is None
            return
        assert read is not None
        fields = list(read.fields)
        expected_ns, within_ns = self.wall_ns[slot]
        assert abs(fields.pop(3) - expected_ns % 2**64) < within_ns
        assert (read.slot, read.generation, fields, read.sequence) == (slot, self.generations[slot], shown, shown[0])

    def check_newest(self, words: Words) -> None:
        shown = None if self.newest is None or self.state[0] != LIVE else self.shown.get(self.newest)
        if shown is None:
            assert words.newer(0) is None
            assert words.wait(0, 0) is None
            return
        for look in (words.newer, lambda least: words.wait(least, 0)):
            assert (taken := look(shown[0])) is not None
            assert taken.sequence == shown[0]
            assert shown[0] == 2**64 - 1 or look(shown[0] + 1) is None

    def teardown(self) -> None:
        if hasattr(self, "memory"):
            self.writers.clear()
            self.readers.clear()
            os.close(self.fd)  # pyright: ignore[reportArgumentType]


TwoWords.TestCase.settings = settings(max_examples=rounds(short=25, full=1000), stateful_step_count=20, deadline=None)
TestTwoWords = TwoWords.TestCase


@pytest.fixture(params=["native", "plain"])
def words(request: pytest.FixtureRequest) -> Iterator[tuple[Words, Words]]:
    """A writer, and a reader of the other kind."""
    memory, fd = allocate(1 << 17)
    assert fd is not None
    plain_reader = PlainWords(mmap.mmap(fd, 4096, access=mmap.ACCESS_READ), SLOTS, CONSTANT)
    both: dict[str, tuple[Words, Words]] = {
        "native": (native.RingHeader(fd, SLOTS, CONSTANT, True), plain_reader),
        "plain": (PlainWords(memory, SLOTS, CONSTANT), native.RingHeader(fd, SLOTS, CONSTANT, False)),
    }
    yield both[request.param]
    os.close(fd)


def test_a_sleeping_reader_of_one_kind_is_woken_by_a_writer_of_the_other(words: tuple[Words, Words]) -> None:
    writer, reader = words
    writer.set_state(LIVE)
    writer.publish(0, 1, 6, 0, 0, 0, 0, 0, 0)

    def later() -> None:
        time.sleep(0.05)
        writer.publish(1, 2, 7, 0, 0, 0, 0, 0, 0)

    thread = threading.Thread(target=later)
    thread.start()
    taken = reader.wait(7, 60 * clock.SECOND)
    assert taken is not None
    assert (taken.slot, taken.sequence) == (1, 7)
    thread.join()


def test_a_sleeping_reader_is_woken_by_the_end(words: tuple[Words, Words]) -> None:
    writer, reader = words
    writer.set_state(LIVE)
    thread = threading.Timer(0.05, lambda: writer.set_state(MOVED))
    thread.start()
    assert reader.wait(0, 600 * clock.SECOND) is None
    thread.join()


def test_slots_that_are_not_there_are_refused_by_both(words: tuple[Words, Words]) -> None:
    for one in words:
        for slot in (SLOTS, 10**6):
            with pytest.raises(ValueError, match=f"no slot {slot}"):
                one.read(slot)


def test_a_native_reader_cannot_write_and_nothing_that_can_shrink_is_mapped() -> None:
    _, fd = allocate(1 << 17)
    assert fd is not None
    reader = native.RingHeader(fd, SLOTS, CONSTANT, False)
    for write in (
        lambda: reader.begin(0),
        lambda: reader.set_state(1),
        lambda: reader.publish(0, 1, 0, 0, 0, 0, 0, 0, 0),
    ):
        with pytest.raises(OSError, match="to be read only"):
            write()
    os.close(fd)
    for slots in (0, 4097):
        with pytest.raises(ValueError, match="slots"):
            native.RingHeader(0, slots, CONSTANT, False)
    loose = os.memfd_create("loose", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(loose, 1 << 17)
    with pytest.raises(OSError, match="shorter"):
        native.RingHeader(loose, SLOTS, CONSTANT, False)
    os.close(loose)
    with pytest.raises(OSError, match="cannot be used"):
        native.RingHeader(-1, SLOTS, CONSTANT, False)


@pytest.mark.parametrize("x", [0, -1280, 2**31 - 1, -(2**31)])
def test_a_record_says_what_was_published(x: int) -> None:
    geometry = Geometry(200, 108, x, -x - 1, "DP-1")
    ring = Ring("test", 1 << 20, shared=True)
    ring.begin(geometry)
    ring.publish(-5, 2**62, [Rect(1, 2, 3, 4), Rect(100, 50, 9, 9)])
    described, fd = ring.share(0)
    mapped = MappedRing(fd)
    frame = mapped.newest()
    assert frame is not None
    assert (frame.sequence, frame.time_ns, frame.captured_ns) == (0, -5, 2**62)
    assert (frame.geometry, frame.changed) == (geometry, Rect(1, 2, 108, 57))
    constant = constant_words(geometry, 800, described.epoch)
    words = native.RingHeader(ring._epoch.fd, described.slots, constant, False)  # pyright: ignore
    record = record_of(words.read(0).fields, "DP-1")
    assert (record.stride, record.epoch) == (800, described.epoch)
    mapped.close()
    ring.close()
