"""How many secrets the gate finds, and how often it takes what is none: in text, and through real OCR of terminals.

    python benches/redaction.py [--each 400] [--pictures 40] [--seed 20261127] [--out benches/results] [--misses]

Secrets are drawn by lot (``tests/redaction/made_secrets.py``). One counts as found where at most four of its characters
in a row are left; in pictures, where at most four in a row stand outside of what is blacked out.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "redaction"))

from drawn_secrets import is_covered, terminal
from made_secrets import Case, is_hidden, look_alikes, made

from ironcliw.bench.machine import in_words, load
from ironcliw.redaction import Gate
from ironcliw.text.paddle import PaddleEngine

Key = tuple[str, str, str]


class Tally:
    """How many of what were found, and what the rest was."""

    def __init__(self, misses: bool) -> None:
        self.asked: Counter[Key] = Counter()
        self.found: Counter[Key] = Counter()
        self._misses = misses

    def count(self, key: Key, found: bool, shown: str) -> None:
        self.asked[key] += 1
        self.found[key] += found
        if self._misses and not found:
            print("missed", key, shown, file=sys.stderr)

    @property
    def recall(self) -> float:
        return sum(self.found.values()) / sum(self.asked.values())

    def rows(self) -> Iterator[str]:
        for key, asked in self.asked.items():
            yield f"| {' | '.join(key)} | {self.found[key]} of {asked} | {self.found[key] / asked:.1%} |"


def in_text(rng: random.Random, gate: Gate, each: int, misses: bool) -> Tally:
    """Every case by itself."""
    tally = Tally(misses)
    for case in made(rng, each):
        redacted = gate.text(case.text).text
        hidden = all(is_hidden(secret, redacted) for secret in case.secrets)
        tally.count(_key(case), hidden, f"{case.text!r} -> {redacted!r}")
    return tally


def _key(case: Case) -> Key:
    return case.kind, case.what, "named" if case.named else "bare"


def wrongly_taken(rng: random.Random, gate: Gate, each: int, misses: bool) -> tuple[int, int]:
    """How many texts without a secret lost something, and how many there were."""
    taken = looked = 0
    for text in look_alikes(rng, each):
        redacted = gate.text(text).text
        looked += 1
        taken += redacted != text
        if misses and redacted != text:
            print("taken", repr(text), "->", repr(redacted), file=sys.stderr)
    return taken, looked


def in_pictures(rng: random.Random, gate: Gate, pictures: int, misses: bool) -> Tally:
    """Twelve cases a picture, half of the pictures dark; text as it was read, long ones broken at 80 columns."""
    engine, tally = PaddleEngine(threads=1), Tally(misses)
    for number in range(pictures):
        cases = list(made(rng, 4))
        drawn = terminal(rng, rng.sample(cases, 12), dark=number % 2 == 0)
        lines = engine.read(drawn.pixels)
        boxes = gate.boxes(lines)
        for case, secret, middles in drawn.secrets:
            key = (case.kind, "dark" if number % 2 == 0 else "light", "named" if case.named else "bare")
            said = [line.text for line in lines if any(line.box.overlaps(_around(middle)) for middle in middles)]
            tally.count(key, is_covered(secret, middles, boxes), f"{case.text!r} read as {said!r}")
    return tally


def _around(middle: tuple[int, int]):
    from ironcliw.frame import Rect

    return Rect(middle[0], middle[1], 1, 1)


def linear(gate: Gate) -> list[str]:
    """Times of one text and of the same many times over, and of what makes backtracking engines run away."""
    text = "\n".join(look_alikes(random.Random(1), 20)) + "\n"
    rows: list[str] = []
    for name, one in (("look-alikes", text), ("aaaa@", "a" * 2000 + "@"), ("digits", "4111 " * 2000)):
        took: list[float] = []
        for times in (1, 4, 16):
            began = time.process_time()
            gate.text(one * times)
            took.append(time.process_time() - began)
        rows.append(
            f"| {name}, {len(one):,} characters | " + " | ".join(f"{each * 1000:.0f} ms" for each in took) + " |"
        )
    return rows


def main() -> None:
    """Measure, print and, where told to, write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=400)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--out", type=Path, help="Also write bench-redaction.md into this folder.")
    parser.add_argument("--misses", action="store_true", help="Print what was missed: all of it is made up.")
    given = parser.parse_args()
    gate, before = Gate(), load()
    text = in_text(random.Random(given.seed), gate, given.each, given.misses)
    taken, looked = wrongly_taken(random.Random(given.seed + 1), gate, given.each, given.misses)
    pictures = in_pictures(random.Random(given.seed + 2), gate, given.pictures, given.misses)
    found = sum(text.found.values())
    report = [
        "# Secrets found",
        "",
        f"`python benches/redaction.py --each {given.each} --pictures {given.pictures} --seed {given.seed}` on"
        f" {in_words()}, load {before}. The secrets are drawn by lot, from formats that are known: what looks otherwise"
        " is not measured here.",
        "",
        f"- in text: recall {text.recall:.2%} ({found:,} of {sum(text.asked.values()):,} secrets)",
        f"- of {looked:,} lines that hold none, {taken:,} lost something ({taken / looked:.2%}); precision with as many"
        f" secrets as above {found / (found + taken):.2%}",
        f"- in pictures of terminals, through OCR: {pictures.recall:.2%}"
        f" ({sum(pictures.found.values())} of {sum(pictures.asked.values())}) were blacked out",
        "",
        "| in text | which | | found | |",
        "| --- | --- | --- | --- | --- |",
        *text.rows(),
        "",
        "| in pictures | theme | | blacked out | |",
        "| --- | --- | --- | --- | --- |",
        *sorted(pictures.rows()),
        "",
        "| processor time | once | 4 times the text | 16 times |",
        "| --- | --- | --- | --- |",
        *linear(gate),
    ]
    print("\n".join(report))
    if given.out is not None:
        (given.out / "bench-redaction.md").write_text("\n".join(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
