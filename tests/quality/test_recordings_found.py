"""Which recordings are found, and what is said where none can be used."""

from __future__ import annotations

import json

import numpy as np
import pytest
from labelled_folder import fields, write_labelled

from ironcliw.errors import LabelError, SourceError
from ironcliw.quality.recordings import find_recordings, play
from making import cards, write_gif, write_video


def names(*data: str, only: tuple[str, ...] = ()) -> list[str]:
    return [recording.truth.name for recording in find_recordings([str(place) for place in data], only)]


def labels(folder, *ids: str):
    """Labels with empty media: finding does not open them."""
    for name in ids:
        (folder / f"{name}.gt.json").write_text(json.dumps(fields(name)))
        (folder / f"{name}.mkv").touch()
    return folder


def test_recordings_come_in_the_order_of_their_numbers(tmp_path):
    assert names(labels(tmp_path, "d10_x", "d1_b", "d2_c")) == ["d1_b", "d2_c", "d10_x"]


def test_a_folder_of_recordings_is_looked_for_first(tmp_path):
    labels(tmp_path, "outside")
    (tmp_path / "recordings").mkdir()
    labels(tmp_path / "recordings", "inside")
    assert names(tmp_path) == ["inside"]


def test_only_some_by_their_id_or_its_first_part(tmp_path):
    folder = labels(tmp_path, "d1_b", "d10_x", "d2_c")
    assert names(folder, only=("d1",)) == ["d1_b"]
    assert names(folder, only=("d2_c", "d10")) == ["d2_c", "d10_x"]


def test_an_id_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(LabelError, match="no recording d3, d1_c; there are d1_b, d2_c"):
        names(labels(tmp_path, "d1_b", "d2_c"), only=("d1", "d3", "d1_c"))


def test_two_places_may_not_share_an_id(tmp_path):
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        labels(tmp_path / place, "d1_b")
    with pytest.raises(LabelError, match="two recordings of the id d1_b"):
        names(tmp_path / "one", tmp_path / "two")


def test_labels_may_name_a_source_instead_of_media(tmp_path):
    spec = "synthetic:office?seed=4"
    (tmp_path / "x.gt.json").write_text(json.dumps(fields(media=spec)))
    (recording,) = find_recordings([str(tmp_path)])
    assert recording.spec == spec


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"media": "gone.mkv"}, "x.gt.json: its media, gone.mkv, is not beside it"),
        ({"media": None}, "x.gt.json: media is None, not the name of a file beside it"),
        ({"media": "../x.mkv"}, "media is '../x.mkv', not the name of a file beside it"),
        ({"media": ""}, "x.gt.json: its media"),
        ({"media": "synthetic:nope"}, "x.gt.json: media is 'synthetic:nope': script: expected one of"),
        ({"duration_s": -1}, "x.gt.json: duration_s is -1"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path, given, said):
    (tmp_path / "x.gt.json").write_text(json.dumps({**fields(), **given}))
    with pytest.raises(LabelError) as caught:
        names(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b'{"id": ', "not JSON"), (b"\xff\xfe", "not JSON"), (b"[" * 100_000, "nested too deeply"), (b"", "not JSON")],
)
def test_broken_json_names_the_file(tmp_path, content, said):
    (tmp_path / "x.gt.json").write_bytes(content)
    with pytest.raises(LabelError, match=rf"x\.gt\.json: {said}"):
        names(tmp_path)


def test_labels_that_cannot_be_opened_are_named(tmp_path):
    (tmp_path / "x.gt.json").mkdir()
    with pytest.raises(LabelError, match=r"x\.gt\.json: cannot be read \(Is a directory\)"):
        names(tmp_path)


def test_a_folder_that_is_not_there_or_has_no_labels(tmp_path):
    with pytest.raises(LabelError, match="no such folder of labelled recordings"):
        names(tmp_path / "nowhere")
    with pytest.raises(LabelError, match=r"no labels found; expected recordings/\*\.gt\.json"):
        names(tmp_path)


def test_frames_are_played_with_their_times(tmp_path):
    path = write_video(tmp_path / "cards.mkv", cards(3), [0, 250, 1000])
    played = [(frame.time_s, int(frame.pixels[0, 0, 2]), frame.is_lossless) for frame in play(str(path))]
    assert played == [(0.0, 0, True), (0.25, 20, True), (1.0, 40, True)]


def test_a_gif_is_lossy(tmp_path):
    assert {frame.is_lossless for frame in play(str(write_gif(tmp_path / "a.gif", [10, 20])))} == {False}


def test_playing_may_end_early(tmp_path):
    path = write_video(tmp_path / "cards.mkv", cards(3))
    frames = play(str(path))
    assert np.array_equal(next(frames).pixels.shape, (51, 77, 4))
    frames.close()


def test_media_that_cannot_be_played_is_named(tmp_path):
    (tmp_path / "x.mkv").write_text("these are only words")
    with pytest.raises(SourceError, match=r"x\.mkv"):
        list(play(str(tmp_path / "x.mkv")))
    # A folder of labels is found all the same: media is opened when it is watched.
    (tmp_path / "x.gt.json").write_text(json.dumps(fields(media="x.mkv")))
    assert names(tmp_path) == ["a_build"]


def test_the_made_folder_is_one_that_is_found(tmp_path):
    assert names(write_labelled(tmp_path)) == ["a_build"]
