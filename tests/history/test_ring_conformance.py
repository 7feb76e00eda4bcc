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
from ironcliw.history.layout import FIELDS, LIVE, MOVED, Description, record_of
from ironcliw.history.mapped import MappedRing
from ironcliw.history.plain import PlainWords
from ironcliw.history.words import Words
from rounds import rounds

native = pytest.importorskip("ironcliw._native")

SLOTS = 3
WORDS = st.integers(0, 2**64 - 1)
WRITERS = st.sampled_from(["native", "plain"])
SLOT = st.integers(0, SLOTS - 1)


class TwoWords(RuleBasedStateMachine):
    @initialize()
    def begin_ring(self) -> None:
        self.memory, self.fd = allocate(Description.of(Geometry(8, 8), "test", SLOTS).size_bytes)
        assert self.fd is not None
        self.writers: dict[str, Words] = {
            "native": native.RingHeader(self.fd, SLOTS, True),
            "plain": PlainWords(self.memory, SLOTS),
        }
        self.reading = mmap.mmap(self.fd, 4096, access=mmap.ACCESS_READ)
        self.readers: list[Words] = [
            *self.writers.values(),
            native.RingHeader(self.fd, SLOTS, False),
            PlainWords(self.reading, SLOTS),
        ]
        self.shown: dict[int, list[int]] = {}
        self.generations = [0] * SLOTS
        self.newest: int | None = None
        self.state = (0, 0)
        self.events = 0
        self.taken: list[tuple[int, int, bool]] = []

    @rule(writer=WRITERS, slot=SLOT)
    def start(self, writer: str, slot: int) -> None:
        self.writers[writer].begin(slot)
        self.shown.pop(slot, None)
        self.generations[slot] |= 1

    @rule(writer=WRITERS, slot=SLOT, fields=st.lists(WORDS, min_size=FIELDS, max_size=FIELDS))
    def publish(self, writer: str, slot: int, fields: list[int]) -> None:
        self.writers[writer].begin(slot)
        generation = self.writers[writer].publish(slot, fields)
        assert generation == (self.generations[slot] | 1) + 1
        self.generations[slot] = generation
        self.shown[slot], self.newest = fields, slot
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
        if (read := self.readers[0].read(slot)) is not None:
            self.taken.append((slot, read[0], True))

    @precondition(lambda self: hasattr(self, "memory"))
    @invariant()
    def all_read_the_same(self) -> None:
        for words in self.readers:
            for slot in range(SLOTS):
                fields = self.shown.get(slot)
                expected = None if fields is None else (self.generations[slot], fields)
                assert words.read(slot) == expected
                assert words.is_current(slot, self.generations[slot])
            for slot, generation, _ in self.taken:
                assert words.is_current(slot, generation) == (self.generations[slot] == generation)
            assert words.newest() == self.newest
            assert words.state() == self.state
            assert words.events() == self.events
            if self.events:
                assert words.sleep(self.events - 1, clock.SECOND)
            assert not words.sleep(self.events, 0)

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
    plain_reader = PlainWords(mmap.mmap(fd, 4096, access=mmap.ACCESS_READ), SLOTS)
    both: dict[str, tuple[Words, Words]] = {
        "native": (native.RingHeader(fd, SLOTS, True), plain_reader),
        "plain": (PlainWords(memory, SLOTS), native.RingHeader(fd, SLOTS, False)),
    }
    yield both[request.param]
    os.close(fd)


def test_a_sleeping_reader_of_one_kind_is_woken_by_a_writer_of_the_other(words: tuple[Words, Words]) -> None:
    writer, reader = words
    seen = reader.events()

    def later() -> None:
        time.sleep(0.05)
        writer.begin(0)
        writer.publish(0, [1] * FIELDS)

    thread = threading.Thread(target=later)
    thread.start()
    assert reader.sleep(seen, 60 * clock.SECOND)
    assert reader.newest() == 0
    thread.join()


def test_slots_that_are_not_there_are_refused_by_both(words: tuple[Words, Words]) -> None:
    for one in words:
        for slot in (SLOTS, 10**6):
            with pytest.raises(ValueError, match=f"no slot {slot}"):
                one.read(slot)
            with pytest.raises(ValueError, match=f"no slot {slot}"):
                one.is_current(slot, 2)


def test_a_native_reader_cannot_write_and_nothing_that_can_shrink_is_mapped() -> None:
    _, fd = allocate(1 << 17)
    assert fd is not None
    reader = native.RingHeader(fd, SLOTS, False)
    for write in (lambda: reader.begin(0), lambda: reader.set_state(1), lambda: reader.publish(0, [0] * FIELDS)):
        with pytest.raises(OSError, match="to be read only"):
            write()
    os.close(fd)
    for slots in (0, 4097):
        with pytest.raises(ValueError, match="slots"):
            native.RingHeader(0, slots, False)
    loose = os.memfd_create("loose", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(loose, 1 << 17)
    with pytest.raises(OSError, match="shorter"):
        native.RingHeader(loose, SLOTS, False)
    os.close(loose)
    with pytest.raises(OSError, match="cannot be used"):
        native.RingHeader(-1, SLOTS, False)


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
    record = record_of(native.RingHeader(ring._epoch.fd, described.slots, False).read(0)[1], "DP-1")  # pyright: ignore
    assert (record.stride, record.epoch) == (800, described.epoch)
    mapped.close()
    ring.close()
