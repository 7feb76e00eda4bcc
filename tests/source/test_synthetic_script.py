"""Scripts by name, seed and spec: what they hold, and what is refused with which words."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import SettingsError
from ironcliw.source import open_source
from ironcliw.source.synthetic import (
    KINDS,
    NAMES,
    Look,
    Moment,
    Script,
    SyntheticSource,
    from_spec,
    id_of,
    name_of,
    truth,
)
from ironcliw.source.synthetic.action import (
    Dissolve,
    Fade,
    Hide,
    Move,
    Play,
    Print,
    SetProgress,
    SetText,
    Show,
    ShowToast,
    Type,
)
from ironcliw.source.synthetic.words import NEVER, TOASTS, Dice


def of_type(script: Script, kind: type) -> list[Any]:
    return [moment for moment in script.moments() if isinstance(moment.action, kind)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63 - 1), st.sampled_from(NAMES), st.integers(1, 900))
def test_moments_come_in_order_and_in_time(seed: int, name: str, duration_s: int) -> None:
    times = [moment.at_ms for moment in Script.named(name, seed, duration_s).moments()]
    assert times == sorted(times)
    assert all(0 <= at_ms < duration_s * 1000 for at_ms in times)


@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_the_same_each_time(name: str) -> None:
    script = Script.named(name, 12)
    assert list(script.moments()) == list(script.moments()) == list(Script.named(name, 12).moments())
    assert script == Script.named(name, 12)


def test_days_of_it_begin_at_once() -> None:
    script = Script.named("office", 1, 7 * 24 * 3600)
    assert len(list(islice(script.moments(), 50))) == 50


def test_a_longer_script_begins_like_a_shorter_one() -> None:
    short, long = list(Script.named("office", 3, 300).moments()), list(Script.named("office", 3, 3000).moments())
    assert long[:20] == short[:20]


def test_the_mix_holds_what_desktops_do() -> None:
    script = Script.named("office", 2, 3600)
    kinds = {type(moment.action) for moment in script.moments()}
    assert kinds >= {Dissolve, Fade, Hide, Move, Play, Print, SetProgress, SetText, Show, ShowToast, Type}


def test_forty_lines_in_a_burst() -> None:
    for seed in range(12):
        times = [moment.at_ms for moment in of_type(Script.named("burst", seed), Print)]
        assert len(times) == 40
        assert times[-1] - times[0] <= 500


def test_progress_dwells_at_99_before_100() -> None:
    steps = [(moment.at_ms, moment.action.percent) for moment in of_type(Script.named("progress", 3), SetProgress)]
    percents = [percent for _, percent in steps]
    assert percents[:-1] == sorted(set(percents[:-1]))
    assert percents[-3:] == [99, 100, None]
    assert steps[-2][0] - steps[-3][0] >= 1_000


@pytest.mark.parametrize("seed", range(5))
def test_dissolves_take_25_to_40_frames(seed: int) -> None:
    steps = of_type(Script.named("dissolve", seed), Dissolve)
    ends = [index for index, moment in enumerate(steps) if moment.action.share is None]
    assert all(25 <= count <= 40 for count in (ends[0], ends[1] - ends[0] - 1))
    shares = [moment.action.share for moment in steps[: ends[0]]]
    assert shares == sorted(shares)
    assert all(0 < share < 256 for share in shares)


def test_toasts_last_from_half_a_second_to_forty() -> None:
    told = truth(Script.random(1, 3600, ["toasts"]), Look())["events"]
    lengths = {round(event["end"] - event["t"], 3) for event in told}
    assert lengths == {0.5, 2.0, 5.0, 10.0, 40.0}
    fades = [event["t"] - event["from"] for event in told if "from" in event]
    assert 0.3 < len(fades) / len(told) < 0.7
    assert all(0.19 < fade < 0.3 for fade in fades)


def test_no_two_toasts_say_the_same_at_once() -> None:
    told = truth(Script.random(3, 3600, ["toasts"]), Look())["events"]
    for _, text in TOASTS:
        shown = [event for event in told if text in event["words"]]
        assert all(before["end"] + 1 < after["t"] for before, after in pairwise(shown))


def test_short_and_long_toasts() -> None:
    for name, length_s in (("toast_short", 0.5), ("toast_long", 40.0)):
        (event,) = truth(Script.named(name, 9), Look())["events"]
        assert round(event["end"] - event["t"], 3) == length_s


def test_expectations_include_one_that_is_never_met() -> None:
    for name in NAMES:
        rules = truth(Script.named(name, 1), Look())["rule_expectations"]
        assert {"rule": f"text matches /{NEVER}/", "fires": [], "tolerance_s": 0} in rules
        assert len({rule["rule"] for rule in rules}) == len(rules)


def test_dice_are_the_same_everywhere() -> None:
    dice = Dice(1, "golden")
    assert [dice.whole(0, 99) for _ in range(6)] == GOLDEN_ROLLS
    assert {dice.whole(1, 3) for _ in range(99)} == {1, 2, 3}


GOLDEN_ROLLS = [8, 99, 42, 76, 33, 34]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("synthetic:offise", "script: expected one of office, terminal, .*, got 'offise'"),
        ("synthetic:", "script: expected one of .*, got ''"),
        ("synthetic:office?seed=-1", "seed: expected a whole number from 0 to 9223372036854775807, got -1"),
        ("synthetic:log_line?seed=9223372036854775808", "seed: expected a whole number"),
        ("synthetic:office?seed=one", "expected a number for seed, got 'one'"),
        ("synthetic:office?seed=1.5", "expected a number for seed, got '1.5'"),
        ("synthetic:office?seed=", "expected a number for seed, got ''"),
        ("synthetic:office?seed=\u0663", "synthetic: expected a number for seed, got '\u0663'"),
        ("synthetic:office?seed=1_0", "expected a number for seed, got '1_0'"),
        ("synthetic:office?hours=0", "duration: expected 1 to 604800 seconds, got 0"),
        ("synthetic:office?hours=-2", "duration: expected 1 to 604800 seconds, got -7200"),
        ("synthetic:office?hours=nan", "duration: .* got nan"),
        ("synthetic:restless?hours=inf", "duration: .* got inf"),
        ("synthetic:dialog?hours=169", "duration: .* got 608400"),
        ("synthetic:office?hours=1&minutes=2", "expected one duration, got minutes and hours"),
        ("synthetic:office?scale=0.5", r"scale: expected 1.0 to 2.0, got 0.5"),
        ("synthetic:office?scale=nan", r"scale: expected 1.0 to 2.0, got nan"),
        ("synthetic:office?scale=3", "scale: expected"),
        ("synthetic:office?size=0x0", "size: expected 800x500 to 32768x32768 pixels at scale 1, got 0x0"),
        ("synthetic:office?size=800x500&scale=1.5", "size: expected 1200x750 to .* at scale 1.5, got 800x500"),
        ("synthetic:office?size=40000x600", "size: expected"),
        ("synthetic:office?size=32768x32768", "size: expected at most 67108864 pixels in all, got 32768x32768"),
        ("synthetic:office?size=big", "expected size=WIDTHxHEIGHT, got 'big'"),
        ("synthetic:office?size=-800x600", "expected size=WIDTHxHEIGHT, got '-800x600'"),
        ("synthetic:office?theme=pink", "theme: expected one of dark, light, low-contrast, got 'pink'"),
        ("synthetic:office?font=wingdings", "font: expected one of auto, builtin, .*, got 'wingdings'"),
        ("synthetic:office?sede=1", "expected some of seed, seconds, .*, got 'sede'"),
        ("synthetic:office?seed=1&seed=2", "seed is given twice"),
        ("synthetic:office?seed", r"expected NAME\?key=value&key=value, got 'seed'"),
        ("synthetic:office?seed=1&&scale=1", r"expected NAME\?key=value&key=value"),
    ],
)
def test_specs_that_are_refused_in_one_line(spec: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        open_source(spec)
    assert "\n" not in str(caught.value)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.integers(0, 2**63 - 1),
    st.one_of(st.none(), st.integers(1_000, 604_800_000)),
    st.sampled_from([1.0, 1.1, 1.5, 2.0]),
    st.sampled_from([None, (1_999, 1_111)]),
    st.sampled_from(["dark", "light", "low-contrast"]),
)
def test_a_spec_gives_back_what_it_was_made_of(
    name: str, seed: int, duration_ms: int | None, scale: float, size: tuple[int, int] | None, theme: str
) -> None:
    script = Script.named(name, seed, None if duration_ms is None else duration_ms / 1000)
    look = Look(scale=scale, size=size, theme=theme)
    again, look_again = from_spec(name_of(script, look))
    assert (again.name, again.seed, again.duration_ms, look_again) == (name, seed, script.duration_ms, look)
    assert all(character.isalnum() or character in "._-" for character in id_of(script, look))


@pytest.mark.parametrize(
    ("query", "seconds"), [("seconds=90", 90), ("minutes=1.5", 90), ("hours=8", 28_800), ("seconds=1.25", 1.25)]
)
def test_durations_in_any_unit(query: str, seconds: float) -> None:
    script, _ = from_spec(f"synthetic:office?{query}")
    assert script.duration_ms == seconds * 1000


def test_a_spec_opens_a_source() -> None:
    source = open_source("synthetic:office?seed=3&scale=1.5&hours=8&theme=light")
    assert isinstance(source, SyntheticSource)
    assert source.name == "synthetic:office?seed=3&seconds=28800&scale=1.5&theme=light"


@pytest.mark.parametrize("kinds", [[], ["terminal", "films"], ["x"]])
def test_kinds_that_are_refused(kinds: list[str]) -> None:
    with pytest.raises(SettingsError, match=f"kinds: expected some of {', '.join(KINDS)}, got (none|films|x)"):
        Script.random(1, 60, kinds)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Print("printer", "x"), "'printer': no such TextPane on this desktop; there are terminal"),
        (SetText("queue dot", "x"), "'queue dot': no such Label on this desktop; there are cache label, .*"),
        (Hide("nothing"), "'nothing': no such Widget"),
        (Play("clock", 3), "'clock': no such Widget"),
        (Play("video", 100), "'video' at 100 fps: expected a video or spinner at 0 to 60"),
        (Play("notes", 10), "'notes' at 10 fps: expected a video or spinner"),
        (SetProgress("progress", "x", 101), "percent: expected 0 to 100, got 101"),
    ],
)
def test_actions_on_what_is_not_there(action: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        truth(Script.of([Moment(100, action)], 2), Look())


def test_moments_before_the_start_are_refused() -> None:
    with pytest.raises(SettingsError, match="moments: expected times from 0 ms on, got -5"):
        Script.of([Moment(-5, Hide("notes"))], 2)
    with pytest.raises(SettingsError, match="duration"):
        Script.of([], 0.5)
