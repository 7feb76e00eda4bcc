"""The agent in examples/ waits for a build, as somebody would run it."""

import subprocess
import sys
from pathlib import Path

from conftest import eventually
from watcher_home import watcher_home as watcher_home

EXAMPLE = Path(__file__).parents[2] / "examples" / "wait_for_build.py"


def test_the_example_waits_for_a_build_and_says_what_happened(watcher_home):
    nobody = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, timeout=60, check=False)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert nobody.stderr.startswith("wait_for_build: no watcher called 'watch' is running")
    watcher = watcher_home.start()
    waiting = subprocess.Popen([sys.executable, str(EXAMPLE)], stdout=subprocess.PIPE, text=True)
    eventually(lambda: len(watcher.list_rules()) == 1, "it to wait")
    watcher_home.show("READY", "TESTS RUN")
    eventually(lambda: "TESTS RUN" in watcher.screen_text().text, "the line to be read")
    watcher_home.show("READY", "TESTS RUN", "BUILD FAILED")
    said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 1
    first, *others = said.splitlines()
    assert first == "met: 'BUILD FAILED'"
    assert [line.split("'")[1] for line in others if "text_appeared" in line] == ["TESTS RUN", "BUILD FAILED"]
