"""Budgets hold: whatever flashes, is killed, or sets the clock. What was spent is counted by the server alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from asking_setup import WIDE, asker_of, choice_of, request
from machine_clock import Machine
from model_server import VERDICT, ModelServer, Peer, Received, well

from ironcliw.errors import SpendError
from ironcliw.vision_model import BudgetLedger, Deadline, OverBudget
from rounds import rounds

KILLS = rounds(short=10, full=100)
PER_REQUEST = 1_000
HERE = Path(__file__).parent


def ledger(folder: Path, machine: Machine, **caps: float) -> BudgetLedger:
    return BudgetLedger(folder / "spend.json", replace(WIDE, **caps), machine)


def fill(book: BudgetLedger, tokens: int = 100) -> int:
    """How many requests fit."""
    for at in range(1_000):
        try:
            ticket = book.reserve("r", tokens=tokens, micros=tokens)
        except OverBudget:
            return at
        book.settle(ticket, tokens=tokens, micros=tokens)
    return 1_000


def test_a_cap_binds_and_its_window_moves(tmp_path: Path) -> None:
    machine = Machine()
    book = ledger(tmp_path, machine, tokens_per_hour=1_000)
    assert fill(book) == 10
    machine.passes(1_800)
    assert fill(book) == 0
    machine.passes(1_801)
    assert fill(book) == 10


@pytest.mark.parametrize("jump", [3_600, 86_400 * 400, -3_600, -86_400 * 400])
def test_a_clock_that_is_set_opens_no_window(jump: float, tmp_path: Path) -> None:
    machine = Machine()
    assert fill(ledger(tmp_path, machine, tokens_per_hour=1_000)) == 10
    machine.jumps(jump)
    assert fill(ledger(tmp_path, machine, tokens_per_hour=1_000)) == 0
    machine.jumps(-jump)
    assert fill(ledger(tmp_path, machine, tokens_per_hour=1_000)) == 0
    machine.passes(3_601)
    assert fill(ledger(tmp_path, machine, tokens_per_hour=1_000)) == 10


def test_a_window_by_the_wall_clock_would_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same jump, with a ledger that believes the wall."""
    from ironcliw.vision_model import ledger as module
    from ironcliw.vision_model.spent_time import Moment

    monkeypatch.setattr(module, "advanced", lambda moment, now: Moment(now.wall_s, now))
    machine = Machine()
    book = ledger(tmp_path, machine, tokens_per_hour=1_000)
    fill(book)
    machine.jumps(86_400)
    assert fill(book) > 0


def test_over_a_restart_of_the_machine_the_wall_counts_and_never_back(tmp_path: Path) -> None:
    machine = Machine()
    assert fill(ledger(tmp_path, machine, tokens_per_day=1_000)) == 10
    machine.boots()
    machine.jumps(-1_000_000)
    assert fill(ledger(tmp_path, machine, tokens_per_day=1_000)) == 0
    machine.boots()
    machine.jumps(3_600)
    assert fill(ledger(tmp_path, machine, tokens_per_day=1_000)) == 0


def test_every_cap_binds_by_its_name(tmp_path: Path) -> None:
    caps = {"tokens_per_hour": 1_000, "tokens_per_day": 1_000, "calls_per_hour": 10, "calls_per_day": 10}
    caps |= {"money_per_hour": 0.001, "money_per_day": 0.001, "rule_tokens_per_hour": 1_000}
    caps |= {"rule_calls_per_hour": 10, "rule_money_per_day": 0.001}
    for name, cap in caps.items():
        folder = tmp_path / name
        book = ledger(folder, Machine(), **{name: cap})
        assert fill(book) == 10, name
        with pytest.raises(OverBudget, match=name):
            book.reserve("r", tokens=100, micros=100)
        if name.startswith("rule_"):
            book.reserve("another", tokens=100, micros=100)


def test_a_reservation_counts_until_it_is_settled(tmp_path: Path) -> None:
    machine = Machine()
    book = ledger(tmp_path, machine, tokens_per_hour=1_000)
    ticket = book.reserve("r", tokens=900, micros=0)
    with pytest.raises(OverBudget):
        book.reserve("r", tokens=200, micros=0)
    book.settle(ticket, tokens=100, micros=0)
    book.settle(ticket, tokens=100, micros=0)
    assert book.spent(3_600).tokens == 100
    assert book.rules() == {"r": book.spent(3_600)}


def test_many_threads_and_ledgers_share_one_cap(tmp_path: Path) -> None:
    machine, taken = Machine(), []
    books = [ledger(tmp_path, machine, calls_per_hour=20) for _ in range(4)]

    def spend(book: BudgetLedger) -> None:
        for _ in range(10):
            try:
                taken.append(book.reserve("r", tokens=1, micros=1))
            except OverBudget:
                return

    threads = [threading.Thread(target=spend, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 20


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version":9}', b"\xff" * 50, b"[" * 100_000])
def test_a_damaged_ledger_lets_nothing_out(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "spend.json").write_bytes(damage)
    told: list[str] = []
    with ModelServer() as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path, told=told)
        assert asker.judge(request(), Deadline.after(5)).judgement.verdict == "unknown"
        asker.judge(request("again?"), Deadline.after(5))
        asker.close()
        assert not server.requests
    assert len(told) == 1
    assert "move it away" in told[0]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "spend.json").symlink_to(tmp_path / "other")
    with pytest.raises(SpendError):
        ledger(tmp_path, Machine()).reserve("r", tokens=1, micros=1)
    assert (tmp_path / "other").read_text() == "kept"


def test_where_the_log_cannot_be_written_nothing_leaves(tmp_path: Path) -> None:
    (tmp_path / "egress.jsonl").mkdir()
    with ModelServer() as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        assert asker.judge(request(), Deadline.after(5)).judgement.verdict == "unknown"
        asker.close()
        assert not server.requests
    assert asker.purse.ledger.spent(3_600).tokens == 0


def test_the_log_is_bounded_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ironcliw.vision_model import egress

    monkeypatch.setattr(egress, "LARGEST_BYTES", 4_000)
    log = egress.EgressLog(tmp_path / "egress.jsonl")
    for at in range(100):
        log.sent(request(f"secret words {at}"), to="host", model="m")
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 10_000
    assert "secret words" not in log.path.read_text()
    entries = list(log.lines())
    assert 5 < len(entries) < 40
    assert entries[-1]["pictures"][0]["width"] == 90
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_a_flashing_screen_spends_its_cap_and_no_more(tmp_path: Path) -> None:
    spent = []

    def usage(received: Received) -> tuple[int, int]:
        spent.append(PER_REQUEST)
        return PER_REQUEST - 12, 12

    budget = replace(WIDE, tokens_per_hour=20_000)
    with ModelServer(usage=usage) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path, budget)
        for at in range(60):
            asker.judge(request(f"flash {at}?", seed=at), Deadline.after(10))
        asker.close()
    assert 15_000 <= sum(spent) <= 20_000 + PER_REQUEST


def test_kills_and_restarts_spend_the_cap_and_one_request_at_most(tmp_path: Path) -> None:
    """Kill a spending process at any moment, again and again: some die with a request out that was never settled."""
    seed = int(os.environ.get("IRONCLIW_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"IRONCLIW_SEED={seed}")
    chance = random.Random(seed)
    calls = KILLS * 3

    def slowly(peer: Peer) -> None:
        peer.pause(chance.random() * 0.02)
        peer.send(peer.good)

    with ModelServer(slowly) as server:
        arguments = [str(tmp_path), server.url("openai"), str(calls)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
        with subprocess.Popen(
            [sys.executable, str(HERE / "spender.py"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        ) as nursery:
            assert nursery.stdin is not None
            assert nursery.stdout is not None
            for at in range(KILLS + 1):
                print("go", file=nursery.stdin, flush=True)
                child = int(nursery.stdout.readline())
                if at < KILLS:
                    time.sleep(chance.random() * 0.1)
                    with suppress(ProcessLookupError):  # the budget is used up, and it has ended
                        os.kill(child, signal.SIGKILL)
                ended = nursery.stdout.readline()
            assert ended == "spent\n"  # the last one took what was left
            nursery.stdin.close()
        counted = BudgetLedger(tmp_path / "spend.json", WIDE).spent(3_600).calls
        assert counted == calls
        assert calls - KILLS <= len(server.requests) <= calls + 1


def test_without_a_reservation_kills_would_be_free(tmp_path: Path) -> None:
    """The control: a ledger that only notes what came back loses what was out when its process was killed."""
    book = ledger(tmp_path, Machine(), calls_per_hour=3)
    sent = 0
    for _ in range(10):  # each of them "killed" between sending and noting
        if book.spent(3_600).calls < 3:
            sent += 1
    assert sent > 3


def test_what_is_asked_twice_is_paid_once(tmp_path: Path) -> None:
    with ModelServer() as server:
        asker = asker_of(choice_of(server, "openai"), tmp_path)
        first = asker.judge(request(), Deadline.after(20))
        again = asker.judge(replace(request(), rule="another"), Deadline.after(20))
        other = asker.judge(request(seed=2), Deadline.after(20))
        asker.close()
    assert (first.how, again.how, other.how) == ("model", "known", "model")
    assert again.judgement == first.judgement
    assert len(server.requests) == 2
    assert asker.purse.ledger.spent(3_600).tokens == 2 * 37
    assert first.micros == 25 * 3 + 12 * 15


def test_many_who_ask_the_same_at_once_are_one_request(tmp_path: Path) -> None:
    gate = threading.Event()

    def waiting(peer: Peer) -> None:
        gate.wait(20)
        well(peer)

    outcomes = []
    with ModelServer(waiting, answer=lambda received: VERDICT) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        threads = [
            threading.Thread(target=lambda: outcomes.append(asker.judge(request(), Deadline.after(30))))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        while not server.requests:
            time.sleep(0.01)
        time.sleep(0.1)
        gate.set()
        for thread in threads:
            thread.join()
        asker.close()
        assert len(server.requests) == 1
    assert sorted(outcome.how for outcome in outcomes) == ["known"] * 5 + ["model"]
