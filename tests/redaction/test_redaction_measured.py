"""A floor under what the gate finds, in text and in pictures; ``benches/redaction.py`` publishes figures."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from drawn_secrets import MONO, is_covered, terminal
from made_secrets import is_hidden, left_of, look_alikes, made

from ironcliw.redaction import Gate
from rounds import rounds

SEED = 20261128
FLOOR = {"card": 0.99, "iban": 0.99, "ssn": 0.99, "e-mail": 0.99, "jwt": 0.99, "private key": 0.99, "password": 0.98}
KEYS_FLOOR = 0.97
TAKEN_CEILING = 0.01


def test_most_secrets_of_every_kind_are_found() -> None:
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case in made(random.Random(SEED), rounds(80, 400)):
        asked[case.kind] += 1
        redacted = Gate().text(case.text).text
        found[case.kind] += all(is_hidden(secret, redacted) for secret in case.secrets)
    shares = {kind: found[kind] / asked[kind] for kind in asked}
    low = {kind: share for kind, share in shares.items() if share < FLOOR.get(kind, KEYS_FLOOR)}
    assert not low, f"seed {SEED}: {low}"
    assert set(shares) == {*FLOOR, "key"}


def test_what_is_no_secret_is_seldom_taken() -> None:
    texts = list(look_alikes(random.Random(SEED), rounds(40, 400)))
    taken = [text for text in texts if Gate().text(text).text != text]
    assert len(taken) / len(texts) <= TAKEN_CEILING, f"seed {SEED}: {taken[:5]}"


def test_the_measure_notices_what_is_left() -> None:
    assert left_of("4111 1111 1111 1111", "pay 41 111 with") == 5
    assert is_hidden("hunter2", "password: [password]")
    assert not is_hidden("hunter2", "password: hunter")
    assert not is_hidden("4111 1111 1111 1111", "[card] 1111 1")


@pytest.mark.skipif(not MONO.exists(), reason="DejaVu Sans Mono is not installed")
def test_secrets_read_from_pictures_are_blacked_out() -> None:
    from ironcliw.text.paddle import PaddleEngine

    rng, engine, gate = random.Random(SEED), PaddleEngine(threads=1), Gate()
    asked = covered = bare = 0
    for number in range(rounds(2, 30)):
        cases = rng.sample(list(made(rng, 4)), 10)
        drawn = terminal(rng, cases, dark=number % 2 == 0)
        boxes = gate.boxes(engine.read(drawn.pixels))
        for _, secret, middles in drawn.secrets:
            asked += 1
            covered += is_covered(secret, middles, boxes)
            bare += is_covered(secret, middles, [])
    assert covered / asked >= 0.9, f"seed {SEED}: {covered} of {asked}"
    assert bare == 0, "without boxes nothing counts as covered"
