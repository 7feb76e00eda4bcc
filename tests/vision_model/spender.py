"""Processes that ask, and ask, until they are killed: their screen flashes, so that every question is another one.

python spender.py FOLDER URL CALLS_PER_HOUR: for each line on stdin, a child that begins anew; says its pid, then how it
ended: ``spent`` where the budget was used up, ``killed`` otherwise. The SDK is imported once, by their parent.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from asking_setup import WIDE, asker_of, request

from ironcliw.vision_model import Budget, Deadline, ModelChoice, open_model


def spend(folder: Path, choice: ModelChoice, budget: Budget) -> None:
    asker = asker_of(choice, folder, budget)
    for at in itertools.count():
        outcome = asker.judge(request(f"flash {os.getpid()} {at}?", seed=at), Deadline.after(30))
        if outcome.how == "none":
            os._exit(0)


def main() -> None:
    folder, url, calls = sys.argv[1:]
    choice = ModelChoice(provider="openai", model="test-1", base_url=url)
    budget = Budget(*[None] * 2, int(calls), *[None] * 6)
    open_model(choice).warm()
    assert WIDE.calls_per_hour is None
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                spend(Path(folder), choice, budget)
            finally:
                os._exit(1)
        print(child, flush=True)
        print("spent" if os.waitpid(child, 0)[1] == 0 else "killed", flush=True)


main()
