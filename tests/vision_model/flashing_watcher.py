"""Processes that watch a screen that flashes, each going on where the one before it was killed.

python flashing_watcher.py URL: for each line on stdin, which is FOLDER TOKENS_PER_HOUR UNTIL_S PLANTED, a child, of
which it says the pid, and then how it ended: ``through`` where the screen's time came to UNTIL_S, else ``killed``. Time
is that of a ``SharedMachine`` in FOLDER/clocks. PLANTED: ``wall``, a ledger that believes the clock on the wall;
``after``, one that only notes what came back; else none. Whatever is loaded late is loaded once, by their parent.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from asking_setup import WIDE, asker_of
from machine_clock import SharedMachine
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw.monitor.watching import Watch, WatchOptions
from ironcliw.rule import parse
from ironcliw.vision_model import BudgetLedger, ModelChoice, open_model
from ironcliw.vision_model import ledger as ledger_module
from ironcliw.vision_model.spent_time import Moment

STEP_S = 0.5
RULES = tuple(f'says("the {each} is on fire")' for each in ("server", "build", "queue", "deploy"))


class AfterLedger(BudgetLedger):
    """The planted fault: nothing is set aside, and what was never answered never counted."""

    def reserve(self, rule: str, *, tokens: int, micros: int, calls: int = 1) -> str:
        ticket = super().reserve(rule, tokens=tokens, micros=micros, calls=calls)
        super().settle(ticket, tokens=0, micros=0)
        return ticket

    def settle(self, ticket: str, *, tokens: int, micros: int) -> None:
        super().settle(super().reserve("came back", tokens=tokens, micros=micros), tokens=tokens, micros=micros)


def flashing(machine: SharedMachine, until_s: float) -> Iterator[NDArray[np.uint8]]:
    """Still for four seconds, then another screen every half a second for six, and so on: what only flashes is soon
    known never to rest. Its time is the machine's, which a killed watch leaves behind.
    """
    begun_s, chance = machine.passed_s, random.Random(os.getpid())
    shown = _screen(chance)
    for at in range(int((until_s - begun_s) / STEP_S)):
        machine.passes(begun_s + at * STEP_S)
        yield shown
        if at % 20 >= 8:
            shown = _screen(chance)
    machine.passes(until_s)


def _screen(chance: random.Random) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (320, 120), tuple(chance.choices(range(256), k=3)))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(20)
    for at, what in enumerate(("server", "build", "queue", "deploy")):
        word = "".join(chance.choices("aeimorstu", k=6))
        draw.text((10, 5 + 28 * at), f"{what} {word}", fill=chance.choice(("white", "black")), font=font)
    return np.asarray(picture)


def watch(folder: Path, choice: ModelChoice, tokens: int, until_s: float, planted: str) -> None:
    machine = SharedMachine(folder / "clocks")
    kind = AfterLedger if planted == "after" else BudgetLedger
    ledger = kind(folder / "spend.json", replace(WIDE, tokens_per_hour=tokens), machine)
    if planted == "wall":
        ledger_module.advanced = lambda moment, now: Moment(now.wall_s, now)
    asker = asker_of(choice, folder)
    asker.purse.ledger = ledger
    options = WatchOptions(when=RULES, pace="max", interval_s=STEP_S, text=False, asker=asker, ask_s=60, threads=1)
    with Watch(flashing(machine, until_s), options) as running:
        for _ in running:
            pass


def main() -> None:
    choice = ModelChoice(provider="openai", model="test-1", base_url=sys.argv[1])
    open_model(choice).warm()
    for each in RULES:
        parse(each)
    for line in sys.stdin:
        folder, tokens, until_s, planted = line.split()
        child = os.fork()
        if child == 0:
            try:
                watch(Path(folder), choice, int(tokens), float(until_s), planted)
                os._exit(0)
            finally:
                os._exit(1)
        print(child, flush=True)
        print("through" if os.waitpid(child, 0)[1] == 0 else "killed", flush=True)


if __name__ == "__main__":
    main()
