"""A process that asks, and asks, until it is killed: its screen flashes, so that every question is another one.

python spender.py FOLDER URL WIRE SEED CALLS_PER_HOUR TOKENS_PER_HOUR
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from asking_setup import request

from ironcliw.vision_model import Budget, Deadline, ModelChoice, open_asker


def main() -> None:
    folder, url, wire, seed, calls, tokens = sys.argv[1:]
    choice = ModelChoice(provider="claude" if wire == "claude" else "openai", model="test-1", base_url=url)
    asker = open_asker(choice, Budget(int(tokens), None, int(calls), None, None, None, None, None, None), Path(folder))
    asker.model.warm()
    print("ready", flush=True)
    for at in itertools.count():
        outcome = asker.judge(request(f"flash {seed} {at}?", seed=at), Deadline.after(30))
        if outcome.how == "none":
            print("spent", flush=True)
            return


main()
