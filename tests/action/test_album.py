"""The annotated GIF: a page for each moment, and never half a file."""

import resource
from pathlib import Path

import numpy as np
import pytest
from action_events import alert
from PIL import Image

from ironcliw.action import Album
from ironcliw.errors import ActionError

FRAME = np.full((120, 200, 4), 60, np.uint8)


def filled(path) -> Album:
    album = Album(path)
    for time_s in (1.0, 2.0, 2.1):
        album.add(FRAME, alert(time=time_s))
    return album


@pytest.mark.parametrize("name", ["seen.gif", "seen", "seen.png", "seen.mp4"])
def test_it_is_a_gif_whatever_its_name(tmp_path, name):
    said = filled(tmp_path / name).save()
    assert "2 pictures" in said
    with Image.open(tmp_path / name) as picture:
        assert (picture.format, picture.n_frames) == ("GIF", 2)


def test_nothing_noticed_is_nothing_written(tmp_path):
    assert "nothing was noticed" in Album(tmp_path / "seen.gif").save()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused_at_once(tmp_path):
    with pytest.raises(ActionError, match="it is a folder"):
        Album(tmp_path)


def test_a_full_disk_is_an_error_that_names_it():
    with pytest.raises(ActionError, match="cannot save /dev/full: no space left"):
        filled(Path("/dev/full")).save()


def test_what_was_half_written_is_removed(tmp_path, monkeypatch):
    path = tmp_path / "seen.gif"
    album = filled(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(ActionError, match="file too large"):
            album.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()
