"""Frames of several screens by one watcher, each read by its screen's name."""

import numpy as np
import pytest
from PIL import Image

import ironcliw
from conftest import eventually
from ironcliw import clock
from ironcliw.errors import IpcError
from watcher_home import watcher_home as watcher_home
from watcher_home import write_whole


def shown(pixels):
    return np.asarray(pixels)[:, :, :3]


def test_frames_of_each_screen_are_shared_and_kept_under_its_name(watcher_home, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("READY")
    config = tmp_path / "all.toml"
    config.write_text(
        f'[[screen]]\nname = "desk"\nsource = "{watcher_home.source}"\n'
        f'[[screen]]\nname = "lab"\nsource = "board:{other}"\n'
    )
    watcher_home.call("start", "--all", "--share", "--config", str(config))
    with ironcliw.connect(screen="lab") as lab, ironcliw.connect(screen="desk") as desk:
        eventually(lambda: lab.screen_text().text == "READY", "the text")
        with ironcliw.attach(screen="lab") as ring, ring.latest() as frame, ironcliw.attach(screen="desk") as beside:
            assert (ring.source, beside.source) == ("lab", "desk")
            first = shown(frame.pixels).copy()
        np.testing.assert_array_equal(first, shown(lab.frame().pixels))
        write_whole(other, "READY\nDONE 7")
        eventually(lambda: "DONE 7" in lab.screen_text().text, "the other text")
        newest = lab.frame()
        now, at = shown(newest.pixels), clock.rfc3339(newest.wall_ns + clock.MS)
        assert (now != first).any()
        assert not np.array_equal(now, shown(desk.frame().pixels))

        picture, video = tmp_path / "lab.png", tmp_path / "lab.mp4"
        watcher_home.call("frame", at, "--screen", "lab", "--out", str(picture))
        np.testing.assert_array_equal(np.asarray(Image.open(picture))[:, :, ::-1], now)
        assert "2 distinct frames" in watcher_home.call(
            "frames", "--since", "1h", "--screen", "lab", "--out", str(video)
        )

    with pytest.raises(IpcError, match="name one of desk, lab as screen"):
        ironcliw.attach()
    with pytest.raises(IpcError, match="name one of desk, lab as screen"), ironcliw.connect() as watcher:
        watcher.frame()
    with pytest.raises(IpcError, match="must be one of desk, lab"):
        ironcliw.attach(screen="nobody")


def test_frames_that_are_not_shared_are_refused_and_one_screen_has_no_name(watcher_home, tmp_path):
    config = tmp_path / "all.toml"
    config.write_text(f'[[screen]]\nname = "desk"\nsource = "{watcher_home.source}"\n')
    watcher_home.call("start", "--all", "--config", str(config))
    with ironcliw.connect(screen="desk") as desk:
        eventually(lambda: desk.status()["screens"]["desk"]["frames"], "a frame")
        with pytest.raises(IpcError, match="start with --all --share"):
            desk.frame()
    watcher_home.call("stop")
    watcher_home.call("start", watcher_home.source)
    with pytest.raises(IpcError, match="watches one screen"):
        ironcliw.attach(screen="desk")
