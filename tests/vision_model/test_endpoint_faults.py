"""Whatever an endpoint does, an answer is there by the deadline, after three tries at most, and costs what it may."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from asking_setup import WIDE, asker_of, choice_of, request
from endpoint_faults import EARLY, FAULTS, WORKS
from model_server import ModelServer, Peer, head

from ironcliw.vision_model import BudgetLedger, Deadline
from rounds import rounds

DEADLINE_S = rounds(250, 1500) / 1000
WORKING_S = 20.0
LATE_S = 5.0  # beyond the deadline: a machine under load is slow, a hang takes for ever
KINDS = [*FAULTS, *EARLY]
WIRES = ("claude", "openai")
ALL = [(kind, wire) for at, kind in enumerate(KINDS) for wire in (WIRES if rounds(1, 2) == 2 else (WIRES[at % 2],))]


def test_there_are_sixty_kinds() -> None:
    assert len(KINDS) >= 60


@pytest.mark.parametrize(("kind", "wire"), ALL)
def test_an_answer_is_there_whatever_the_endpoint_does(kind: str, wire: str, tmp_path: Path) -> None:
    server = ModelServer(early=EARLY.get(kind)) if kind in EARLY else ModelServer(FAULTS[kind])
    with server:
        asker = asker_of(choice_of(server, wire), tmp_path)
        asker.model.warm()
        started = time.monotonic()
        deadline_s = WORKING_S if kind in WORKS else DEADLINE_S
        outcome = asker.judge(request(), Deadline.after(deadline_s))
        passed = time.monotonic() - started
        asker.close()
        assert outcome.attempts <= 3
        assert server.connections <= 3
        assert passed < deadline_s + LATE_S
        assert (outcome.judgement.verdict == "yes") == (kind in WORKS), outcome
        assert "\x1b" not in outcome.judgement.reason
        assert len(list(asker.purse.egress.lines())) == outcome.attempts
        assert_nothing_is_left_reserved(tmp_path)


def assert_nothing_is_left_reserved(folder: Path) -> None:
    assert '"pending":{}' in (folder / "spend.json").read_text()


@pytest.mark.parametrize("wire", WIRES)
def test_nothing_listens(wire: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ModelServer() as server:
        asker = asker_of(choice_of(server, wire, base_url=f"http://127.0.0.1:{port}/v1"), tmp_path)
        outcome = asker.judge(request(), Deadline.after(3))
        asker.close()
    assert outcome.judgement.verdict == "unknown"
    assert "nothing listens there" in outcome.judgement.reason
    assert outcome.attempts == 3


@pytest.mark.parametrize("hangs", [False, True])
def test_a_name_that_nobody_knows(hangs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released, usual = [], socket.getaddrinfo

    def look_up(host: str, *given: Any, **named: Any) -> Any:
        if host != "model.invalid":
            return usual(host, *given, **named)
        while hangs and not released:
            time.sleep(0.02)
        raise socket.gaierror(-2, "Name or service not known")

    key = tmp_path / "key"
    key.write_text("k")
    key.chmod(0o600)
    with ModelServer() as server:
        choice = choice_of(server, "claude", base_url="https://model.invalid", key_file=str(key))
        asker = asker_of(choice, tmp_path)
        asker.model.warm()
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        outcome = asker.judge(request(), Deadline.after(DEADLINE_S))
        again = asker.judge(request("and now?"), Deadline.after(DEADLINE_S))
        released.append(True)
        asker.close()
    assert outcome.judgement.verdict == again.judgement.verdict == "unknown"
    assert ("no reply in time" if hangs else "no such host") in outcome.judgement.reason


def test_a_timeout_for_each_read_alone_would_not_do(tmp_path: Path) -> None:
    """The control: what the SDKs do by themselves waits for as long as bytes come."""
    import anthropic
    import httpx2

    def slowly(peer: Peer) -> None:
        body = peer.body("{}")
        peer.send(head(200, {"content-type": "text/event-stream", "content-length": str(len(body))}))
        for at in range(40):
            peer.send(body[at : at + 1])
            peer.pause(0.1)

    with ModelServer(slowly) as server:
        client = anthropic.Anthropic(api_key="k", base_url=server.url("claude"), max_retries=0, timeout=1.5)
        started = time.monotonic()
        message = [{"role": "user", "content": "?"}]
        with pytest.raises((anthropic.AnthropicError, httpx2.HTTPError)), client:
            list(client.messages.create(model="m", max_tokens=9, messages=message, stream=True))
        assert time.monotonic() - started > 3.0


def test_after_five_faults_the_endpoint_is_left_alone_but_for_one_probe(tmp_path: Path) -> None:
    with ModelServer(FAULTS["500"]) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        for at in range(6):
            asker.judge(request(f"question {at}?"), Deadline.after(3))
        assert len(server.requests) == 5
        assert asker.breaker.opened == 1
        asker.breaker._until_s = 0.0
        asker.judge(request("a probe?"), Deadline.after(3))
        assert len(server.requests) == 6
        asker.breaker._until_s = 0.0
        server.scenario = FAULTS["first 529, then a verdict"]
        assert asker.judge(request("well again?"), Deadline.after(3)).judgement.verdict == "yes"
        assert asker.breaker.wait_s(0) == 0
        asker.close()


def test_what_was_asked_for_by_retry_after_is_kept(tmp_path: Path) -> None:
    with ModelServer(FAULTS["429, Retry-After 86400"]) as server:
        asker = asker_of(choice_of(server, "openai"), tmp_path)
        for at in range(3):
            outcome = asker.judge(request(f"{at}?"), Deadline.after(3))
        asker.close()
        assert len(server.requests) == 1
        assert "left alone" in outcome.judgement.reason


def test_a_cancelled_question_ends_at_once(tmp_path: Path) -> None:
    import threading

    with ModelServer(FAULTS["hang after request"]) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        asker.model.warm()
        deadline = Deadline.after(600)
        outcomes = []
        asking = threading.Thread(target=lambda: outcomes.append(asker.judge(request(), deadline)))
        asking.start()
        while not server.requests:
            time.sleep(0.01)
        time.sleep(0.05)
        deadline.cancel()
        asking.join(20)
        assert not asking.is_alive()
        assert outcomes[0].judgement.verdict == "unknown"
        asker.close()


def test_a_killed_request_stays_counted(tmp_path: Path) -> None:
    ledger = BudgetLedger(tmp_path / "spend.json", WIDE)
    ledger.reserve("deploy", tokens=500, micros=900)
    assert BudgetLedger(tmp_path / "spend.json", WIDE).spent(3600).tokens == 500
