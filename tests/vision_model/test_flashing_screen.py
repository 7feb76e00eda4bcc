"""An hour of a screen that flashes, watched by processes that are killed while clocks are set: the cap holds.

What is spent is counted by the server alone, as the provider counts it, in the screen's own time.
"""

from __future__ import annotations

import base64
import io
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from machine_clock import SharedMachine
from model_server import ModelServer, Peer, Received
from PIL import Image

from ironcliw.vision_model import Budget, BudgetLedger
from ironcliw.vision_model.ledger import HOUR_S
from ironcliw.vision_model.tokens import image_tokens
from rounds import rounds

HERE = Path(__file__).parent
KILLS = rounds(short=3, full=100)
UNTIL_S = rounds(short=30, full=3_600)
CAP = rounds(short=2_500, full=30_000)
REPLY_TOKENS = 12
MOST_TOKENS = 1_500
"""What a request may cost at the most, about: so much may be left that none fits in."""
LIMITLESS = Budget(*(None,) * 9)
JUMPS_S = (3_600, -3_600, 86_400, -86_400, 86_400 * 400, -86_400 * 400, 0)


@dataclass
class Till:
    """What the server was paid: when by the screen's time, and how much."""

    machine: SharedMachine
    paid: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def usage(self, received: Received) -> tuple[int, int]:
        return given_tokens(received), REPLY_TOKENS

    def take(self, peer: Peer) -> None:
        assert peer.request is not None
        self.paid.append((self.machine.passed_s, given_tokens(peer.request) + REPLY_TOKENS))
        peer.pause(0.03)
        peer.send(peer.good)

    def most_in_an_hour(self) -> int:
        return max(sum(cost for at, cost in self.paid if 0 <= at - since < HOUR_S) for since, _ in self.paid)


def given_tokens(received: Received) -> int:
    """By the provider's rule for pictures, and four characters a token."""
    sizes = [Image.open(io.BytesIO(base64.b64decode(each))).size for each in received.pictures]
    return sum(image_tokens("openai", *size) for size in sizes) + (len(received.system) + len(received.words)) // 4


@dataclass
class Nursery:
    """Starts watches, one after the other, that ask ``server``."""

    server: ModelServer
    running: subprocess.Popen[str]

    def start(self, *told: object) -> int:
        """The pid of one more."""
        assert self.running.stdin is not None
        print(*told, file=self.running.stdin, flush=True)
        return int(self.ended())

    def ended(self) -> str:
        assert self.running.stdout is not None
        return self.running.stdout.readline().strip()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
    with ModelServer() as server:
        command = [sys.executable, str(HERE / "flashing_watcher.py"), server.url("openai")]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        ) as running:
            yield Nursery(server, running)
            assert running.stdin is not None
            running.stdin.close()


@dataclass(frozen=True)
class Course:
    """How often a watch is killed, at which of its requests, the cap, and by what the wall clock is wrong in turn."""

    kills: int = KILLS
    cap: int = CAP
    jumps_s: Iterator[int] | None = None
    requests: range = range(1, 5)
    planted: str = "none"


def watched(nursery: Nursery, folder: Path, chance: random.Random, course: Course) -> tuple[Till, BudgetLedger]:
    """Let watches be killed, with a request out while there are any, and have the rest of the time watched."""
    machine = SharedMachine(folder / "clocks")
    till, jumps_s = Till(machine), course.jumps_s or (chance.choice(JUMPS_S) for _ in itertools.count())
    nursery.server.scenario, nursery.server.usage = till.take, till.usage
    for at in range(course.kills + 1):
        last = at == course.kills
        machine.set_wall(next(jumps_s))
        seen = len(till.paid)
        # One that is to be killed goes on past the end: it must not come there before it is.
        end_s = max(UNTIL_S, machine.passed_s + 1) if last else 100 * UNTIL_S
        child = nursery.start(folder, course.cap, end_s, course.planted)
        if not last:
            until_s = UNTIL_S * (at + 0.9 * chance.random()) / (course.kills + 1)
            _wait(till, until_s, seen + chance.choice(course.requests), next(jumps_s))
            time.sleep(chance.random() * 0.03)
            os.kill(child, signal.SIGKILL)
        assert nursery.ended() == ("through" if last else "killed")
    machine.passes(max(machine.passed_s, float(UNTIL_S)))
    return till, BudgetLedger(folder / "spend.json", LIMITLESS, machine)


def _wait(till: Till, until_s: float, requests: int, set_s: float) -> None:
    """Until the screen's time is this, or so many requests came; on the way the clock is set once more."""
    deadline, half_s = time.monotonic() + 60, (till.machine.passed_s + until_s) / 2
    while till.machine.passed_s < until_s and len(till.paid) < requests and time.monotonic() < deadline:
        if till.machine.passed_s > half_s:
            till.machine.set_wall(set_s)
        time.sleep(0.002)


def seeded() -> random.Random:
    seed = int(os.environ.get("IRONCLIW_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"IRONCLIW_SEED={seed}")
    return random.Random(seed)


def test_an_hour_of_kills_and_clocks_that_are_set_spends_the_cap_and_one_request_at_most(
    nursery: Nursery, tmp_path: Path
) -> None:
    till, ledger = watched(nursery, tmp_path, seeded(), Course())
    dearest = max(cost for _, cost in till.paid)
    counted = ledger.spent(HOUR_S)
    print(f"{len(till.paid)} requests, {till.most_in_an_hour()} tokens of {CAP}, {counted.tokens} counted")
    assert till.most_in_an_hour() <= CAP + dearest
    assert CAP - MOST_TOKENS <= counted.tokens <= CAP + dearest  # it was used up
    assert len(till.paid) <= counted.calls


def test_a_ledger_that_believes_the_wall_spends_more(nursery: Nursery, tmp_path: Path) -> None:
    """The control: clocks that are set open its windows."""
    course = Course(kills=4, cap=1_200, jumps_s=itertools.count(86_400, 86_400), planted="wall")
    till, _ = watched(nursery, tmp_path, random.Random(2), course)
    assert till.most_in_an_hour() > course.cap + max(cost for _, cost in till.paid)


def test_a_ledger_that_notes_what_came_back_spends_more(nursery: Nursery, tmp_path: Path) -> None:
    """The control: of what was out when its process was killed, it knows nothing."""
    course = Course(kills=4, cap=1_200, requests=range(1, 2), planted="after")
    till, _ = watched(nursery, tmp_path, random.Random(3), course)
    assert till.most_in_an_hour() > course.cap + max(cost for _, cost in till.paid)
