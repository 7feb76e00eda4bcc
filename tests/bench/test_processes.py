"""What a process costs, seen from outside."""

import os
import sys
import time

import pytest

from conftest import eventually
from ironcliw.bench.processes import Program, cpu_ns, memory_mb
from ironcliw.errors import SourceError

PRINTS = "import json, sys, time\nprint(json.dumps({'type': 'ready'}), flush=True)\n"


def script(body: str) -> list[str]:
    return [sys.executable, "-c", PRINTS + body]


def test_processor_time_is_that_of_the_process():
    before_ns = cpu_ns(os.getpid())
    ours_ns = time.process_time_ns()
    while time.process_time_ns() - ours_ns < 20_000_000:
        pass
    passed_ns = cpu_ns(os.getpid()) - before_ns
    assert passed_ns >= 20_000_000
    assert passed_ns == pytest.approx(time.process_time_ns() - ours_ns, rel=0.2)


def test_a_sleeping_program_costs_nothing_and_a_busy_one_does():
    with (
        Program(script("time.sleep(60)"), os.environ) as asleep,
        Program(script("while True: pass"), os.environ) as busy,
    ):
        asleep.wait_for("ready", 30)
        busy.wait_for("ready", 30)
        before = cpu_ns(asleep.pid), cpu_ns(busy.pid)
        eventually(lambda: cpu_ns(busy.pid) - before[1] > 50_000_000, "the busy program to use the processor")
        assert cpu_ns(asleep.pid) - before[0] < 50_000_000


def test_memory_is_counted_in_millions_of_bytes():
    hold = "held = bytearray(200_000_000)\nfor at in range(0, len(held), 4096): held[at] = 1\n"
    with Program(script(hold + 'print(\'{"type": "full"}\', flush=True)\ntime.sleep(60)'), os.environ) as program:
        program.wait_for("full", 30)
        memory = memory_mb(program.pid)
        assert 200 <= memory["rss"] <= 300
        assert memory["peak"] >= memory["rss"]


def test_lines_are_counted_by_type_and_anything_else_does_not_matter():
    body = (
        "print('no json')\nprint('[1, 2]')\nprint('{\"no\": \"type\"}')\nprint('\\xff')\n"
        "for _ in range(3): print(json.dumps({'type': 'change'}))\n"
        "print(json.dumps({'type': 'summary'}), flush=True)\ntime.sleep(60)"
    )
    with Program(script(body), {**os.environ, "PYTHONIOENCODING": "latin-1"}) as program:
        program.wait_for("summary", 30)
        assert program.counts == {"ready": 1, "?": 4, "change": 3, "summary": 1}


def test_a_program_that_ends_early_is_named_with_its_last_words():
    with (
        pytest.raises(SourceError, match=r"no 'start'; it said: ValueError: not today"),
        Program(script("raise ValueError('not today')"), os.environ) as program,
    ):
        program.wait_for("start", 30)


def test_a_program_that_says_nothing_in_time_is_given_up():
    with (
        pytest.raises(SourceError, match="no 'start'"),
        Program([sys.executable, "-c", "import time; time.sleep(60)"], os.environ) as program,
    ):
        program.wait_for("start", 0.2)


def test_a_left_program_is_gone():
    with Program(script("time.sleep(60)"), os.environ) as program:
        program.wait_for("ready", 30)
        pid = program.pid
    with pytest.raises(OSError, match=r".*"):
        cpu_ns(pid)
    with pytest.raises(OSError, match=r".*"):
        memory_mb(pid)
