"""What the gates are shown: the right frames around each label, labelled pairs, drawn pairs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from labelled_folder import fields
from PIL import Image

from ironcliw.errors import LabelError
from ironcliw.quality.comparison import (
    EVENTS,
    KINDS,
    PAIRS,
    SAME,
    STILL,
    Count,
    _still_spans,
    compare,
    labelled_pairs,
    moments,
)
from ironcliw.quality.drawn import DOT_PX, SIZES, THEMES, log_lines, status_dots
from ironcliw.quality.gates import GATES, OURS
from ironcliw.quality.recordings import Recording
from ironcliw.quality.truth import Truth
from making import cards, write_video


def recording(tmp_path: Path, times_ms: list[int], **labels) -> Recording:
    """A recording whose red tells the frame's number (20 times it), with these labels."""
    path = write_video(tmp_path / "cards.mkv", cards(len(times_ms)), times_ms)
    given = {"events": [], "still_intervals": [], "rule_expectations": [], **labels}
    return Recording(str(path), Truth.from_dict(fields(**given), "labels"))


def shown(made: Recording) -> list[tuple[str, int, int]]:
    return [(kind, int(pair.before[0, 0, 2]) // 20, int(pair.after[0, 0, 2]) // 20) for kind, pair in moments(made)]


def event(t: float, **more) -> dict:
    return {"t": t, "type": "text", "words": ["x"], **more}


def test_before_and_after_lie_outside_of_the_labels_error(tmp_path):
    made = recording(tmp_path, [0, 500, 1000, 1500], events=[event(1.0)])
    assert shown(made) == [(EVENTS, 1, 2)]


def test_a_frame_is_shown_until_the_next_one(tmp_path):
    made = recording(tmp_path, [0, 980, 3000], events=[event(1.0)])
    assert shown(made) == [(EVENTS, 0, 1)]


def test_a_still_interval_ends_with_the_recording(tmp_path):
    made = recording(tmp_path, [0, 500, 1000], duration_s=1.5, still_intervals=[[0, 600000]])
    assert _still_spans(made.truth) == [(0.0, 0.5, STILL), (0.5, 1.0, STILL), (1.0, 1.5, STILL)]
    assert [kind for kind, _, _ in shown(made)] == [STILL] * 2  # nothing is shown after the third


def test_of_a_range_the_last_moment_is_the_one_after(tmp_path):
    made = recording(tmp_path, [0, 500, 1000, 1500, 2000], events=[event(0.5, t1=1.5)])
    assert shown(made) == [(EVENTS, 0, 3)]


def test_what_was_there_from_the_start_has_no_frame_before_it(tmp_path):
    assert shown(recording(tmp_path, [0, 500], events=[event(0.1)])) == []


def test_labels_beyond_the_end_see_the_last_frame(tmp_path):
    made = recording(tmp_path, [0, 500, 1000], events=[event(1.1), event(3.0)])
    assert shown(made) == [(EVENTS, 1, 2)]


def test_still_intervals_are_looked_at_twice_a_second(tmp_path):
    made = recording(tmp_path, [*range(0, 2000, 100)], still_intervals=[[0.2, 1.3]])
    assert shown(made) == [(STILL, 2, 7), (STILL, 7, 12)]


def test_labels_at_the_same_moment_are_both_seen(tmp_path):
    made = recording(tmp_path, [0, 500, 1000], events=[event(0.5), event(0.5)])
    assert shown(made) == [(EVENTS, 0, 1)] * 2


def test_lossless_recordings_are_told_from_others(tmp_path):
    assert [pair.is_lossless for _, pair in moments(recording(tmp_path, [0, 500, 900], events=[event(0.5)]))] == [True]


def pictures(folder: Path, *pairs: dict, sizes: tuple[tuple[int, int], ...] = ((40, 30), (40, 30))) -> Path:
    place = folder / "pairs"
    place.mkdir(exist_ok=True)
    for name, size, colour in zip(("a.png", "b.png"), sizes, ("red", "blue"), strict=True):
        Image.new("RGB", size, colour).save(place / name)
    (place / "pairs_gt.json").write_text(json.dumps({"pairs": list(pairs)}))
    return folder


PAIR = {"a": "a.png", "b": "b.png"}


def test_pairs_with_news_are_told_from_those_without(tmp_path):
    labels = ["changed", "changed_colour_only", "same_text_other_font", "ignore"]
    found = list(labelled_pairs(pictures(tmp_path, *[{**PAIR, "label": label} for label in labels])))
    assert [kind for kind, _ in found] == [PAIRS, PAIRS, SAME, SAME]
    _, pair = found[0]
    assert pair.before[0, 0, :3].tolist() == [0, 0, 255]
    assert pair.after[0, 0, :3].tolist() == [255, 0, 0]
    assert pair.is_lossless


def test_a_folder_without_pairs_has_none(tmp_path):
    assert list(labelled_pairs(tmp_path)) == []


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ({"a": "a.png", "label": "changed"}, "pairs_gt.json: a pair without label, a and b"),
        ("a.png", "pairs_gt.json: a pair without label, a and b"),
        ({**PAIR, "b": "gone.png", "label": "changed"}, "gone.png: cannot be read as a picture"),
        ({**PAIR, "b": "pairs_gt.json", "label": "changed"}, "pairs_gt.json: cannot be read as a picture"),
    ],
)
def test_a_broken_pair_is_named(tmp_path, pair, said):
    with pytest.raises(LabelError) as caught:
        list(labelled_pairs(pictures(tmp_path, pair)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pictures_of_different_sizes_are_no_pair(tmp_path):
    folder = pictures(tmp_path, {**PAIR, "label": "changed"}, sizes=((40, 30), (41, 30)))
    with pytest.raises(LabelError, match=r"a\.png and b\.png are of different sizes"):
        list(labelled_pairs(folder))


@pytest.mark.parametrize(("text", "said"), [("{", "not JSON"), ("[]", "a list of pairs"), ('{"pairs": 3}', "a list")])
def test_a_broken_file_of_pairs_is_named(tmp_path, text, said):
    folder = pictures(tmp_path)
    (folder / "pairs" / "pairs_gt.json").write_text(text)
    with pytest.raises(LabelError, match=said):
        list(labelled_pairs(folder))


@pytest.mark.parametrize("draw", [log_lines, status_dots])
def test_24_pairs_are_drawn_each_with_a_small_change(draw):
    sizes = []
    for pair in draw():
        sizes.append((pair.before.shape[1], pair.before.shape[0]))
        rows, columns = np.nonzero((pair.before != pair.after).any(axis=2))
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        if draw is status_dots:
            assert (height, width) == (DOT_PX, DOT_PX)
        else:
            assert 5 < height < 50 < width
    assert len(sizes) == 24
    assert {size: sizes.count(size) for size in SIZES} == dict.fromkeys(SIZES, 24 // len(SIZES))


def test_drawn_pairs_are_the_same_every_time_and_all_different():
    pairs = [pair.before.tobytes() for pair in status_dots()]
    assert pairs == [pair.before.tobytes() for pair in status_dots()]
    assert len(set(pairs)) == len(pairs) == 24
    assert len({theme.name for theme in THEMES}) == len(THEMES)


def test_counts_go_by_kind_and_gate(tmp_path):
    made = recording(tmp_path, [0, 500, 1000, 1500], events=[event(0.5), event(1.0)])
    folder = pictures(tmp_path, {**PAIR, "label": "changed"})
    counts = compare([made], [folder])
    assert tuple(counts) == KINDS
    assert {kind: count.cases for kind, count in counts.items()} == dict(zip(KINDS, (2, 1, 24, 24, 0, 0), strict=True))
    for count in counts.values():
        assert count.noticed[OURS] == count.cases
        assert list(count.noticed) == [gate.name for gate in GATES]
        assert all(0 <= noticed <= count.cases for noticed in count.noticed.values())


def test_a_count_begins_at_nothing():
    assert Count().cases == 0
    assert set(Count().noticed.values()) == {0}
