"""What 1,000 rules cost when one line of a screen changes, in processor time of the thread.

.venv/bin/python benches/rules.py --rounds 200
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rule"))

from rule_screens import ROW, Screen

from ironcliw.rule import Rule, RuleSet, parse
from ironcliw.rule.passage import Layout

RULES = 1_000
LINES = 60
WORDS = ("build", "failed", "deploy", "server", "timeout", "passed", "warning", "queue", "upload", "commit")


def _phrases() -> list[str]:
    return [f"text:{WORDS[index % 10]} number {index}." for index in range(RULES)]


def _regexes() -> list[str]:
    return [rf"text:/{WORDS[index % 10]} {index} (failed|passed|broke)/i" for index in range(RULES)]


def _expressions() -> list[str | Rule]:
    made: list[str | Rule] = []
    for index in range(RULES):
        words = f"{WORDS[index % 10]} {index}."
        when = (
            f'text:"{words}" and not text:"retrying {index}"',
            f"text:/{words} \\d+/ for 5s",
            f'text:"{words}" then text:"done {index}" within 30s',
            f'count(text:"{words}") >= 2 or gone:"{words}"',
        )[index % 4]
        made.append(Rule(f"rule {index}", parse(when), cooldown_ns=10**9))
    return made


def _standing() -> list[str]:
    return [f"text:row {index % LINES}" for index in range(RULES)]


def measure(rules: RuleSet, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each ``on_text`` after one line of a screen changed, and of arranging its lines alone."""
    rng, screen = random.Random(1), Screen()
    ids = [screen.put(f"{rng.choice(WORDS)} {rng.choice(WORDS)} in row {row}", 0, row * ROW) for row in range(LINES)]
    rules.on_text(screen.read(1_000))
    costs: list[float] = []
    layouts: list[float] = []
    for number in range(rounds):
        screen.edit(ids[rng.randrange(LINES)], f"{rng.choice(WORDS)} {number} is what this line says now")
        update = screen.read(1_000)
        started = time.thread_time()
        rules.on_text(update)
        costs.append((time.thread_time() - started) * 1e3)
        started = time.thread_time()
        layout = Layout(update.lines)
        layout.for_phrases(), layout.for_regexes()
        layouts.append((time.thread_time() - started) * 1e3)
    return costs, layouts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    print(f"{RULES:,} rules, a screen of {LINES} lines of which one changes, {rounds} times; milliseconds")
    print(f"{'rules':32} {'median':>8} {'p95':>8} {'max':>8} {'layout alone':>14}")
    kinds = {
        "phrases": _phrases(),
        "regexes": _regexes(),
        "conditions made of conditions": _expressions(),
        "phrases that all stand there": _standing(),
        "(one phrase)": ["text:build number 7."],
    }
    for name, conditions in kinds.items():
        rules = RuleSet(conditions, now=False)
        gc.collect()
        costs, layouts = measure(rules, rounds)
        p95 = statistics.quantiles(costs, n=20)[-1]
        alone = statistics.median(layouts)
        print(f"{name:32} {statistics.median(costs):8.2f} {p95:8.2f} {max(costs):8.2f} {alone:14.2f}")


if __name__ == "__main__":
    main()
