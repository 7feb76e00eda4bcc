"""The synthetic desktop as a source: it keeps the sources' contract, and its damage is exact."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_frames import SMALL, frames

import ironcliw
from ironcliw.change import ChangeTracker
from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture, End, Source, open_source
from ironcliw.source.synthetic import FONTS, KINDS, NAMES, THEMES, Look, Script, SyntheticSource
from ironcliw.source.synthetic.action import (
    Clear,
    Dissolve,
    Enter,
    Fade,
    Hide,
    Moment,
    Move,
    Play,
    Print,
    SetDot,
    SetProgress,
    SetText,
    Show,
    ShowDialog,
    ShowToast,
    Type,
)
from ironcliw.source.synthetic.font import fonts_here
from making import Played


def digest(script: Script, look: Look = SMALL) -> str:
    """Every byte and every message that a script gives."""
    sums = hashlib.sha256()
    for capture, pixels in frames(script, look):
        sums.update(repr((capture.sequence, capture.time_ns, capture.damage, capture.bytes_read)).encode())
        sums.update(pixels.tobytes())
    return sums.hexdigest()


def check_damage(script: Script, look: Look = SMALL) -> int:
    """Every changed pixel inside, nothing but changed pixels at the edges, no capture without a change."""
    before: np.ndarray | None = None
    last_ns, count = -1, 0
    for capture, pixels in frames(script, look):
        assert capture.sequence == count
        assert capture.time_ns > last_ns
        last_ns, count = capture.time_ns, count + 1
        if before is None:
            assert capture.damage is None
            before = pixels.copy()
            continue
        assert capture.damage
        left = before != pixels
        for x, y, width, height in capture.damage:
            inside = left[y : y + height, x : x + width]
            assert inside.shape[:2] == (height, width), "damage outside the frame"
            for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert edge.any(), "damage is not tight, or overlaps other damage"
            inside[:] = False
            before[y : y + height, x : x + width] = pixels[y : y + height, x : x + width]
        assert not left.any(), "a pixel changed outside the damage"
    return count


moments = st.lists(
    st.tuples(
        st.integers(0, 2_900),
        st.one_of(
            st.builds(Print, st.just("terminal"), st.text("aB3 .", max_size=90)),
            st.builds(Type, st.just("terminal"), st.just("$ "), st.text("aB3 .", max_size=90)),
            st.just(Enter("terminal")),
            st.just(Clear("terminal")),
            st.builds(SetText, st.sampled_from(["queue label", "load"]), st.text("aB3 .", max_size=60)),
            st.builds(SetDot, st.just("queue dot"), st.sampled_from(["good", "warning", "bad"])),
            st.builds(SetProgress, st.just("progress"), st.just("Copying"), st.none() | st.integers(0, 100)),
            st.builds(ShowDialog, st.sampled_from("xy"), st.just("Title"), st.text("aB3 .", max_size=60)),
            st.builds(
                ShowToast, st.sampled_from("xy"), st.just("T"), st.just("words"), st.integers(0, 9), st.integers(0, 256)
            ),
            st.builds(Fade, st.sampled_from(["notes", "browser"]), st.integers(0, 256)),
            st.builds(Show, st.sampled_from(["notes", "browser", "services", "terminal window"])),
            st.builds(Hide, st.sampled_from(["notes", "browser", "services", "terminal window"])),
            st.builds(Move, st.sampled_from(["notes", "terminal window"]), *[st.integers(-900, 900)] * 2),
            st.builds(Dissolve, st.none() | st.integers(0, 256)),
            st.builds(Play, st.sampled_from(["video", "spinner"]), st.integers(0, 30)),
        ),
    ),
    max_size=14,
).map(lambda pairs: [Moment(*pair) for pair in pairs])


@settings(max_examples=40, deadline=None)
@given(moments, st.sampled_from([1.0, 1.25, 1.1]), st.sampled_from(sorted(THEMES)))
def test_damage_is_exact_whatever_happens(happening: list[Moment], scale: float, theme: str) -> None:
    look = Look(scale=scale, size=(1003, 633), theme=theme)
    dissolves = any(isinstance(moment.action, Dissolve) for moment in happening)
    # The clock ticks at least; while the picture from before is all that is seen, it does so beneath it.
    assert check_damage(Script.of(happening, 3), look) >= (1 if dissolves else 3)


@settings(max_examples=25, deadline=None)
@given(moments)
def test_what_is_painted_bit_by_bit_is_what_is_painted_at_once(happening: list[Moment]) -> None:
    """New memory is painted as a whole: nothing that changed may have been left as it was."""
    source = SyntheticSource(Script.of(happening, 3), SMALL)
    source.open()
    by_bits = FrameMemory(SMALL.width, SMALL.height)
    source.attach(by_bits)
    while isinstance(capture := source.read(0), Capture):
        at_once = FrameMemory(SMALL.width, SMALL.height)
        source.attach(at_once)
        again = source.read(0)
        assert isinstance(again, Capture)
        assert (again.damage, again.time_ns, again.sequence) == (None, capture.time_ns, capture.sequence + 1)
        assert np.array_equal(at_once.pixels, by_bits.pixels)
        by_bits.close()
        by_bits = at_once
    assert capture == End(3_000_000_000)
    by_bits.close()


@pytest.mark.parametrize("name", NAMES)
def test_damage_of_named_scripts_is_exact(name: str) -> None:
    assert check_damage(Script.named(name, seed=5, duration_s=25)) >= 25


@pytest.mark.parametrize("name", ["office", "terminal", "dissolve"])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    assert digest(Script.named(name, 3, 20)) == digest(Script.named(name, 3, 20))
    assert digest(Script.named(name, 3, 20)) != digest(Script.named(name, 4, 20))


def test_the_same_bytes_in_another_process() -> None:
    program = "from test_synthetic_source import *; print(digest(Script.named('office', 9, 12)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True,
        env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parent.parent}", "PYTHONHASHSEED": "77"},
    )  # fmt: skip
    assert done.stdout.strip() == digest(Script.named("office", 9, 12))


def test_a_source_plays_again_after_open() -> None:
    source = SyntheticSource(Script.named("command", 2), SMALL)
    first, second = Played(source), Played(source)
    assert first.error is None
    assert first.times_ms == second.times_ms
    assert all(np.array_equal(a, b) for a, b in zip(first.pictures, second.pictures, strict=True))


def test_nothing_is_emitted_while_nothing_changes() -> None:
    """Caret and clock are all that moves: 530 ms and a second apart, and never a capture of the same pixels."""
    times_ms = [capture.time_ns // 1_000_000 for capture, _ in frames(Script.of([], 10))]
    assert times_ms == sorted({*range(0, 10_000, 1_000), *range(0, 10_000, 530)})


def test_what_happens_under_a_window_is_not_emitted() -> None:
    hidden = [
        Moment(500, Show("browser")),
        Moment(700, SetDot("queue dot", "bad")),
        Moment(800, Print("terminal", "x")),
    ]
    times_ms = [capture.time_ns // 1_000_000 for capture, _ in frames(Script.of(hidden, 2.5))]
    assert times_ms == [0, 500, 1_000, 2_000]


def test_it_keeps_the_contract_of_sources() -> None:
    source: Source = SyntheticSource(Script.named("log_line"), Look(scale=1.5))
    assert (source.live, source.lossless) == (False, True)
    with pytest.raises(ValueError, match="attach before open"):
        source.attach(FrameMemory(4, 4))
    geometry = source.open()
    assert (geometry.width, geometry.height, geometry.scale) == (1920, 1080, 1.5)
    with pytest.raises(ValueError, match="read before open and attach"):
        source.read(0)
    with pytest.raises(ValueError, match="expected memory for 1920x1080 pixels, got 4x5"):
        source.attach(FrameMemory(4, 5))
    assert source.describe()["source"] == source.name == "synthetic:log_line?seed=1&seconds=6&scale=1.5"
    source.close()
    source.close()
    with pytest.raises(ValueError, match="after close"):
        source.read(0)


def test_the_frame_is_bgr_with_a_zero_byte() -> None:
    playing = frames(Script.of([], 2))
    capture, pixels = next(playing)
    assert capture.bytes_read == pixels.size
    assert pixels[0, 0].tolist() == [0x1C, 0x17, 0x14, 0]


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("font", fonts_here())
def test_every_theme_and_font_plays(theme: str, font: str) -> None:
    times = [capture.time_ns for capture, _ in frames(Script.named("command", 3, 6), Look(theme=theme, font=font))]
    assert times == [capture.time_ns for capture, _ in frames(Script.named("command", 3, 6))]


def test_fonts_are_looked_for_by_name() -> None:
    assert set(fonts_here()) <= set(FONTS)
    assert {"auto", "builtin"} <= set(fonts_here())


def test_an_hour_of_restlessness_changes_tiles_and_nothing_else() -> None:
    source = open_source("synthetic:restless?hours=1&size=800x500")
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    tracker = ChangeTracker(geometry.height, geometry.width)
    captures, largest = 0, 0
    while isinstance(message := source.read(0), Capture):
        change = tracker.apply(memory.pixels, message.damage)
        assert change.regions
        captures += 1
        largest = max(largest, 0 if change.first else change.pixels)
    beats = {*range(0, 3_600_000, 100), *range(0, 3_600_000, 530)}
    assert captures == len(beats)
    assert largest < 0.05 * memory.pixels.shape[0] * memory.pixels.shape[1]
    assert np.array_equal(tracker.shown[:, :, :3], memory.pixels[:, :, :3])
    memory.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_watched_to_its_end(kind: str) -> None:
    script = Script.random(4, 30, [kind])
    events = list(ironcliw.watch(SyntheticSource(script, SMALL), pace="max", text=False))
    assert events[-1].type == "summary"
    assert events[-1].data["duration_s"] == 30
    assert {event.type for event in events} >= {"start", "change", "summary"}


def test_regions_that_the_tracker_finds_without_damage_are_in_it() -> None:
    tracker = ChangeTracker(SMALL.height, SMALL.width)
    for capture, pixels in frames(Script.named("office", 6, 40)):
        change = tracker.apply(pixels, None)
        damage = capture.damage or (Rect(0, 0, SMALL.width, SMALL.height),)
        assert all(any(region.overlaps(rect) for rect in damage) for region in change.regions)
        assert change.pixels <= sum(rect.area for rect in damage)
