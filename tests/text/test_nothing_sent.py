"""Reading text leaves nothing behind and asks nobody: the runtime's own telemetry is off."""

import os
import subprocess
import sys

READ = """
import numpy as np, os
from ironcliw.text import open_engine
open_engine(1).read(np.zeros((40, 200, 4), np.uint8) + np.arange(200, dtype=np.uint8)[:, None])
paths = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
links = [os.readlink(path) for path in paths if os.path.lexists(path)]
print([link for link in links if link.startswith("socket:") or "onnxruntime.db" in link])
"""


def test_no_file_is_written_and_no_connection_made(tmp_path):
    places = {name: tmp_path / name.lower() for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    for place in places.values():
        place.mkdir()
    # The library keeps to itself where it believes to be tested, which is not what is to be shown here.
    ours = {
        name: value for name, value in os.environ.items() if name != "CI" and not name.startswith(("ORT_", "GITHUB_"))
    }
    environment = ours | {name: str(place) for name, place in places.items()}
    done = subprocess.run([sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
