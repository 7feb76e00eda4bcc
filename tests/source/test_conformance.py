"""One suite for all sources: geometry, order, times, honest damage, slots, loss and return, changes of size."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conformance import KINDS, Kind, Stage, SyntheticStage
from patterns import SIZES, UNWRITTEN, Pixels, Size, misplaced, pattern, told
from x11_watch import bgr, changed_outside

from conftest import eventually
from ironcliw.errors import SourceError
from ironcliw.frame import Geometry
from ironcliw.history import Ring
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, End, Gap, Idle, Message, Resized, Source
from ironcliw.source.protocol import hand_on
from rounds import rounds

SEED = 20261127
STARVED_S = 120.0
"""A machine that is starved of processor time may stand still for many seconds in a thousand changes."""


def kinds(wanted: Callable[[Kind], bool] = lambda _: True) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", [kind for kind in KINDS if wanted(kind)], ids=lambda kind: kind.name)


class Seen:
    """An opened source, and all it said."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.captures: list[Capture] = []
        self.attach(source.open())

    def attach(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.memory = FrameMemory(geometry.width, geometry.height)
        self.memory.pixels[:] = UNWRITTEN
        self.source.attach(self.memory)

    @property
    def colours(self) -> Pixels:
        return self.memory.pixels[..., :3].copy()

    def read(self, timeout_ms: int = 500) -> Message:
        """One message; what every capture owes is checked."""
        before = self.colours
        message = self.source.read(timeout_ms)
        if isinstance(message, Capture):
            last = self.captures[-1] if self.captures else None
            assert message.sequence == (last.sequence + 1 if last else 0)
            assert message.time_ns >= (last.time_ns if last else 0)
            if last is None:
                assert message.damage is None
            if message.damage is not None:
                assert all(rect.area and rect.clipped(self.geometry.width, self.geometry.height) == rect
                           for rect in message.damage)  # fmt: skip
                assert changed_outside(before, self.colours, message.damage) == 0
            self.captures.append(message)
        elif isinstance(message, Idle):
            assert (before == self.colours).all()
        return message

    def until(self, kind: type[Message]) -> Message:
        found: list[Message] = []

        def seen() -> bool:
            message = self.read()
            if isinstance(message, kind):
                found.append(message)
            return bool(found)

        eventually(seen, f"no {kind.__name__}")
        return found[0]

    def until_shows(self, check: Callable[[Pixels], bool]) -> None:
        eventually(lambda: isinstance(self.read(200), Capture) and check(self.colours), "it is never shown")


@contextmanager
def seen(kind: Kind, path: Path) -> Iterator[tuple[Stage, Seen]]:
    with kind.stage(path) as stage:
        found = Seen(stage.source)
        yield stage, found
        stage.source.close()
        stage.source.close()
        found.memory.close()


@kinds()
def test_geometry_order_and_times(kind: Kind, tmp_path: Path) -> None:
    with seen(kind, tmp_path) as (stage, found):
        assert stage.source.live is kind.live
        assert stage.source.name
        assert all(isinstance(value, str) for value in stage.source.describe().values())
        first = found.until(Capture)
        assert isinstance(first, Capture)
        assert first.captured_at_ns <= time.monotonic_ns()
        with pytest.raises(ValueError, match="memory"):
            stage.source.attach(FrameMemory(found.geometry.width + 1, found.geometry.height))


@kinds(lambda kind: not kind.live)
def test_a_recording_shows_each_state_and_then_ends_for_good(kind: Kind, tmp_path: Path) -> None:
    with seen(kind, tmp_path) as (stage, found):
        while not isinstance(message := found.read(), End):
            assert isinstance(message, Capture)
            if not isinstance(stage, SyntheticStage):
                np.testing.assert_array_equal(found.colours, stage.truth(message.sequence))
        assert len(found.captures) >= 5
        assert message.time_ns >= found.captures[-1].time_ns
        assert found.read() == message


@kinds(lambda kind: kind.live)
def test_every_changed_pixel_is_damage_and_none_is_missing(kind: Kind, tmp_path: Path) -> None:
    random = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    with seen(kind, tmp_path) as (stage, found):
        found.until(Capture)
        width, height = found.geometry.width, found.geometry.height
        expected = np.full((height, width, 3), 0x20, np.uint8)
        found.until_shows(lambda shown: (shown == expected).all()) if (found.colours != expected).any() else None
        for _ in range(rounds(short=12, full=300)):
            for _ in range(int(random.integers(1, 6))):
                x, y = int(random.integers(0, width)), int(random.integers(0, height))
                w, h = int(random.integers(1, 60)), int(random.integers(1, 40))
                colour = int(random.integers(0, 1 << 24))
                stage.draw(x, y, w, h, colour)
                expected[y : y + h, x : x + w] = bgr(colour)
            if (found.colours != expected).any():
                found.until_shows(lambda shown: bool((shown == expected).all()))
        np.testing.assert_array_equal(found.colours, expected)


@kinds(lambda kind: kind.live)
def test_a_slow_consumer_gets_the_newest_state_and_old_slots_are_brought_up_to_date(kind: Kind, tmp_path: Path) -> None:
    random = np.random.default_rng(SEED)
    with kind.stage(tmp_path) as stage:
        geometry = stage.source.open()
        ring = Ring(stage.source.name, budget_bytes=geometry.width * geometry.height * 4 * 6)
        memory = ring.begin(geometry)
        stage.source.attach(memory)
        expected = np.full((geometry.height, geometry.width, 3), 0x20, np.uint8)
        for _ in range(20):
            for _ in range(8):  # more than anybody looks at
                x, y = int(random.integers(0, geometry.width - 9)), int(random.integers(0, geometry.height - 9))
                colour = int(random.integers(0, 1 << 24))
                stage.draw(x, y, 9, 9, colour)
                expected[y : y + 9, x : x + 9] = bgr(colour)

            def newest() -> bool:
                nonlocal memory
                message = stage.source.read(300)
                if not isinstance(message, Capture):
                    return False
                shown = bool((memory.pixels[..., :3] == expected).all())
                whole = list(message.damage or ())
                following = ring.publish(message.time_ns, message.captured_at_ns, whole)
                if following is not memory:
                    hand_on(stage.source, following)
                    memory = following
                return shown

            eventually(newest, "the newest state is never shown")
        stage.source.close()
        ring.close()


@kinds(lambda kind: kind.live)
def test_other_memory_shows_a_still_screen_without_waiting_for_a_change(kind: Kind, tmp_path: Path) -> None:
    with seen(kind, tmp_path) as (stage, found):
        found.until(Capture)
        stage.draw(3, 4, 50, 60, 0x11CC77)
        shown = bgr(0x11CC77)
        if not (found.colours[20, 20] == shown).all():
            found.until_shows(lambda colours: bool((colours[20, 20] == shown).all()))
        eventually(lambda: isinstance(found.read(300), Idle), "it never stands still")
        present = found.colours
        for _ in range(3):
            before = found.memory
            found.attach(found.geometry)
            before.close()
            capture = found.until(Capture)
            assert isinstance(capture, Capture)
            assert capture.damage is None
            np.testing.assert_array_equal(found.colours, present)


@kinds(lambda kind: kind.can_be_lost)
def test_loss_is_a_gap_and_return_is_back_and_whole(kind: Kind, tmp_path: Path) -> None:
    with seen(kind, tmp_path) as (stage, found):
        found.until(Capture)
        stage.lose()
        gap = found.until(Gap)
        assert isinstance(gap, Gap)
        assert gap.reason == kind.loss
        assert "\n" not in gap.detail
        assert isinstance(found.read(50), Idle)
        stage.bring_back()
        found.until(Back)
        found.attach(found.geometry)
        again = found.until(Capture)
        assert isinstance(again, Capture)
        assert again.damage is None
        stage.draw(3, 4, 50, 60, 0x11CC77)
        if not (found.colours[20, 20] == bgr(0x11CC77)).all():
            found.until_shows(lambda shown: bool((shown[20, 20] == bgr(0x11CC77)).all()))


@kinds(lambda kind: kind.can_be_lost)
def test_what_is_not_there_is_one_line(kind: Kind, tmp_path: Path) -> None:
    with kind.stage(tmp_path) as stage:
        stage.lose()
        with pytest.raises(SourceError) as refused:
            stage.source.open()
        assert "\n" not in str(refused.value)
        stage.bring_back()


class Mixing:
    """Planted: a source that lets a few rows of the next size into a frame of the size before."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._memory: FrameMemory | None = None
        self._held: Resized | None = None
        self._sequence = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def attach(self, memory: FrameMemory) -> None:
        self._source.attach(memory)
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        message = self._source.read(timeout_ms)
        if isinstance(message, Resized) and self._memory is not None:
            self._held, message = message, self._mixed(message.geometry, self._memory)
        if isinstance(message, Capture):
            message = message._replace(sequence=self._sequence)
            self._sequence += 1
        return message

    def _mixed(self, geometry: Geometry, old: FrameMemory) -> Capture:
        size = geometry.width, geometry.height
        new = FrameMemory(*size)
        self._source.attach(new)
        found: list[Capture] = []

        def shown() -> bool:
            message = self._source.read(100)
            found.extend([message] if isinstance(message, Capture) else [])
            return bool((new.pixels[..., :3] == pattern(size)).all())

        eventually(shown, "the next size is never shown")
        width = min(geometry.width, old.pixels.shape[1])
        old.pixels[40:43, :width] = new.pixels[40:43, :width]
        new.close()
        return found[-1]._replace(damage=None)


class Changes:
    """Change the size again and again, reading meanwhile: ``mixed`` tells of each frame with a pixel that was drawn for
    another size than its own, or that is not where it belongs. What a size began with may still be seen until it is
    drawn over."""

    def __init__(self, stage: Stage, found: Seen, random: np.random.Generator) -> None:
        self.mixed: list[str] = []
        self._stage, self._found, self._random = stage, found, random
        self._now = self._before = (found.geometry.width, found.geometry.height)
        self._heard: deque[str] = deque(maxlen=12)

    def run(self, changes: int) -> list[str]:
        for change in range(changes):
            wanted = SIZES[int(self._random.choice([n for n, size in enumerate(SIZES) if size != self._now]))]
            self._heard.append(f"change {change} to {wanted}")
            painter = threading.Thread(target=self._stage.resize, args=wanted)
            painter.start()
            shown = partial(self._shows, wanted, change)
            eventually(shown, f"{wanted} is never shown", STARVED_S)
            painter.join()
        return self.mixed

    def _shows(self, wanted: Size, change: int) -> bool:
        message = self._found.read(300)
        if isinstance(message, Gap):
            pytest.fail(str(message))
        if isinstance(message, Resized):
            self._found.memory.close()
            self._found.attach(message.geometry)
            self._now, self._before = (message.geometry.width, message.geometry.height), self._now
            self._heard.append(f"resized to {self._now}")
        if not isinstance(message, Capture):
            return False
        shown = self._found.colours
        whole = bool((shown == pattern(self._now)).all())
        self._heard.append(f"{'whole' if whole else 'other'} frame of {self._now}, damage {message.damage}")
        if change and not whole:  # the first picture is the first change's
            self._judge(shown, wanted)
        return whole and self._now == wanted

    def _judge(self, shown: Pixels, wanted: Size) -> None:
        before = self._before if self._now == wanted else None
        places = self._stage.places(self._before, self._now)
        each = [misplaced(shown, self._now, before, self._stage.background, at) for at in places]
        if all(wrong.any() for wrong in each):
            least = min(each, key=lambda wrong: int(wrong.sum()))
            self.mixed.append("\n  ".join(["a mixed frame", *told(shown, least), *self._heard]))
            self._heard.append("which was mixed")


CHANGES = rounds(short=12, full=1000)


@kinds(lambda kind: kind.can_be_resized)
def test_no_frame_mixes_two_sizes(kind: Kind, tmp_path: Path) -> None:
    print(f"seed {SEED}, {CHANGES} changes")
    with seen(kind, tmp_path) as (stage, found):
        found.until(Capture)
        mixed = Changes(stage, found, np.random.default_rng(SEED)).run(CHANGES)
        assert not mixed, "\n".join([f"{len(mixed)} mixed frames", *mixed[:5]])


@kinds(lambda kind: kind.can_be_resized)
def test_a_source_that_mixes_two_sizes_is_found_out(kind: Kind, tmp_path: Path) -> None:
    with kind.stage(tmp_path) as stage:
        found = Seen(Mixing(stage.source))
        found.until(Capture)
        mixed = Changes(stage, found, np.random.default_rng(SEED)).run(4)
        assert len(mixed) >= 3
        assert all("of the picture of" in one for one in mixed), mixed
        stage.source.close()
        found.memory.close()
