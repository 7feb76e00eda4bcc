"""The thin line: a process writes a ring, another attaches and sees its frames."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ring_writer import writing

import ironcliw
from ironcliw.errors import NoWatcherError


def test_another_processs_frame_is_seen_without_a_copy(tmp_path: Path) -> None:
    with writing(tmp_path, frames=3) as writer, ironcliw.attach(path=writer.path) as ring:
        with ring.latest() as frame:
            assert frame.sequence == 2
            assert not frame.pixels.flags.owndata
            assert not frame.pixels.flags.writeable
            assert frame.pixels.shape == (48, 100, 4)
            assert writer.is_frame(2, frame.copy())
            writer.write()
            seen = ring.wait(5)
            assert seen is not None
            assert seen.sequence == 3
            assert frame.is_current


def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoWatcherError, match="no watcher is running"):
        ironcliw.attach(path=tmp_path / "watch.sock")
