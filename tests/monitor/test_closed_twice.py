"""What is closed, left or entered more than once stays closed, and takes nothing else along."""

from pathlib import Path
from threading import Thread

import numpy as np
import pytest

import ironcliw
from ironcliw import clock
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Archive, Ring, ring_handlers
from ironcliw.ipc import Server
from ironcliw.monitor import SupervisedWatch
from supervising import plants  # noqa: F401 - a fixture


def test_a_ring_and_its_reader(tmp_path: Path):
    ring = Ring("test", 1 << 20, shared=True)
    ring.begin(Geometry(64, 64))
    ring.publish(0, clock.monotonic_ns(), [Rect(0, 0, 64, 64)])
    server = Server(tmp_path / "watch.sock", ring_handlers(ring))
    serving = Thread(target=server.run)
    serving.start()
    with ironcliw.attach(path=tmp_path / "watch.sock") as reader:
        with reader:
            frame = reader.latest()
            with frame, frame:
                assert frame.pixels.shape == (64, 64, 4)
            frame.close()
        reader.close()
        for call in (reader.latest, reader.frames, lambda: reader.wait(0)):
            with pytest.raises(ValueError, match="closed"):
                call()
    reader.close()
    ring.close()
    ring.close()
    server.close()
    serving.join()


def test_an_archive():
    archive = Archive(64 << 20)
    archive.add(np.zeros((64, 64, 4), np.uint8), 0, 0)
    archive.close()
    archive.close()


def test_a_supervised_watch(plants):  # noqa: F811
    plants.show("READY")
    with SupervisedWatch(f"board:{plants.board}") as running:
        with running:
            assert next(running).type == "start"
        running.close()
        running.stop()
    running.close()
    running.kill()
