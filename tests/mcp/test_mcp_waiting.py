"""An agent waits for a build in a real terminal on a real screen, with the official client, and hardly pays for it.

Short: the same number of calls in a tenth of the time. With IRONCLIW_FULL=1 the eight minutes are real.
"""

import asyncio
import sys
import time
from datetime import datetime

from mcp_clients import agent, content

from conftest import need
from ironcliw.service import Client
from rounds import FULL
from watcher_home import watcher_home as watcher_home

CI_S = 480 if FULL else 20
WAIT_S = 50 if FULL else 2
MOST_TOKENS = 3_000

CI = """
import random, sys, time
from pathlib import Path
said, seconds = Path(sys.argv[1]), float(sys.argv[2])
number, end = 0, time.time() + seconds
while time.time() < end:
    number += 1
    print(f"[{number}] compiling src/module_{number}.c", flush=True)
    time.sleep(max(0.01, min(seconds / 60, end - time.time())))
print("BUILD FAILED: job 53deae stopped with 1 error", flush=True)
said.write_text(repr(time.time()))
time.sleep(600)
"""
XTERM = ("xterm", "-fa", "DejaVu Sans Mono", "-fs", "12", "-geometry", "80x20+20+20", "-e")


def test_waiting_for_a_build_costs_few_tokens(watcher_home, xvfb, tmp_path, monkeypatch):
    need("xterm")
    monkeypatch.delenv("PYTHONPATH")
    display = xvfb()
    said = tmp_path / "said"
    script = tmp_path / "ci.py"
    script.write_text(CI)

    async def wait():
        async with agent(f"x11:{display.display}", "--wait", str(WAIT_S)) as asked:
            await asked.tools()
            await asked.ask("wait_for", condition="text:/BUILD (PASSED|FAILED)/", timeout=0)
            display.run(*XTERM, sys.executable, str(script), str(said), str(CI_S))
            answer = await asked.waits("text:/BUILD (PASSED|FAILED)/")
            woken_s = time.time()
            (told,) = Client().search_events("BUILD FAILED", types=["text_appeared"]).events[-1:]
            return content(answer)["text"], woken_s, asked.tokens, told

    text, woken_s, tokens, told = asyncio.run(wait())
    assert text.startswith("BUILD FAILED: job 53deae")
    after_s = woken_s - float(said.read_text())
    handed_on_s = woken_s - datetime.fromisoformat(told.wall).timestamp()
    print(f"waited {CI_S} s: {tokens:.0f} tokens (3.5 bytes each), woken {after_s:.2f} s after the line was printed,")
    print(f"{handed_on_s:.2f} s of it after it was read ({told.latency_ms:.0f} ms after it was drawn)")
    assert tokens < MOST_TOKENS
    if FULL:
        assert after_s <= 1.0
