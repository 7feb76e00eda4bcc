"""One question at a time to one model: what it costs is reserved before, what went out is noted, what came is judged.

    asker = Asker(model, ledger, egress, price)
    asker.judge(request, Deadline.after(20)).judgement.verdict      # "yes", "no" or "unknown", always by the deadline

What is known is not asked again; who asks what is being asked waits for that answer. Whatever goes wrong is "unknown"
with a reason: nothing is raised.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ironcliw import clock
from ironcliw.errors import IroncliwError
from ironcliw.vision_model.breaker import Breaker, backoff_s
from ironcliw.vision_model.calling import Caller
from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.egress import EgressLog
from ironcliw.vision_model.ledger import BudgetLedger
from ironcliw.vision_model.none import WHY_NOT
from ironcliw.vision_model.prices import Price
from ironcliw.vision_model.protocol import Fault, Judgement, Reply, Request, Usage, VisionModel
from ironcliw.vision_model.purse import Purse
from ironcliw.vision_model.schema import ReplyError, judged
from ironcliw.vision_model.verdicts import VerdictCache, verdict_key

log = logging.getLogger("ironcliw.vision_model")

TRIES_MAX = 3

How = Literal["model", "known", "none"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question.

    how: ``model`` asked now, ``known`` from an earlier or simultaneous question, ``none`` where nobody answered
    usage, micros: what it cost, in tokens and millionths of a dollar; nothing where it was known
    attempts: requests that went out
    """

    judgement: Judgement
    how: How
    usage: Usage = field(default_factory=Usage)
    micros: int = 0
    attempts: int = 0


@dataclass
class Counts:
    """What an asker did: questions by how they were answered, requests, tokens, money, faults by kind."""

    answers: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    requests: int = 0
    tokens: int = 0
    micros: int = 0


class _Flight:
    """A question that is being asked."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.outcome: Outcome | None = None


class Asker:
    """Safe for use from several threads; one request is on its way at a time."""

    def __init__(
        self,
        model: VisionModel,
        ledger: BudgetLedger | None,
        egress: EgressLog | None,
        price: Price,
        *,
        to: str = "",
        tries: int = TRIES_MAX,
        tell: Callable[[str], None] = log.warning,
        chance: random.Random | None = None,
    ) -> None:
        """``to``: the endpoint's name in the egress log. ``tell``: is told once what keeps it from asking."""
        self.model, self.counts = model, Counts()
        self.breaker = Breaker()
        self.purse = Purse(ledger, egress, price, model.name, to, tell)
        self.tries = max(1, min(tries, TRIES_MAX))
        self.chance = chance or random.Random()
        self._cache = VerdictCache()
        self._flights: dict[bytes, _Flight] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self.caller = Caller(model)

    def judge(self, request: Request, deadline: Deadline) -> Outcome:
        """The judgement of ``request``, at the deadline and half a second at the latest."""
        key = verdict_key(self.model.name, request)
        known = self._cache.get(key)
        if known is not None:
            return self._counted(Outcome(known, "known"))
        with self._lock:
            flight = self._flights.get(key)
            mine = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if not mine:
            flight.landed.wait(deadline.left_s)
            outcome = flight.outcome or _unknown("no reply in time")
            return self._counted(Outcome(outcome.judgement, "known" if outcome.how == "model" else outcome.how))
        try:
            flight.outcome = outcome = self._asked(request, deadline)
            if outcome.how == "model":
                self._cache.put(key, outcome.judgement)
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()
        return self._counted(outcome)

    def close(self) -> None:
        """Give the model's connections back."""
        self.caller.close()

    def _counted(self, outcome: Outcome) -> Outcome:
        with self._lock:
            self.counts.answers[outcome.how] += 1
            self.counts.requests += outcome.attempts
            self.counts.tokens += outcome.usage.tokens
            self.counts.micros += outcome.micros
        return outcome

    def _asked(self, request: Request, deadline: Deadline) -> Outcome:
        if not self.model.available:
            return _unknown(WHY_NOT)
        if not self._turn.acquire(timeout=max(deadline.left_s, 0.001)):
            return _unknown("no reply in time: others are being asked")
        try:
            return _Asking(self, request, deadline).run()
        except IroncliwError as error:  # a missing extra, an unusable key: said once, and never a reason to stop
            self.purse.say_once(f"error:{type(error).__name__}", str(error).splitlines()[0])
            return _unknown(str(error).splitlines()[0])
        finally:
            self._turn.release()


class _Asking:
    """The tries of one question."""

    def __init__(self, asker: Asker, request: Request, deadline: Deadline) -> None:
        self._asker, self._request, self._deadline = asker, request, deadline
        self._repair: str | None = None
        self._attempts, self._usage, self._micros = 0, Usage(), 0

    def run(self) -> Outcome:
        while True:
            try:
                reply = self._try()
            except Fault as fault:
                if not self._again_after(fault):
                    return self._ended(f"{self._asker.model.name}: {fault.message}")
                continue
            try:
                judgement = judged(reply.text, sent=f"{self._request.text}\n{self._request.difference or ''}")
            except ReplyError as error:
                if self._repair is not None or self._attempts >= self._asker.tries or self._deadline.left_s <= 0:
                    return self._ended(f"{self._asker.model.name}: its reply was refused: {error}")
                self._repair = str(error)
                continue
            return Outcome(judgement, "model", self._usage, self._micros, self._attempts)

    def _try(self) -> Reply:
        """One request. Fault."""
        asker = self._asker
        wait_s = asker.breaker.wait_s(_now_s())
        if wait_s > 0:
            raise Fault("absent", f"it is left alone for {wait_s:.0f} s")
        estimate = asker.model.estimate(self._request)
        ticket = asker.purse.reserve(self._request.rule or "look", estimate)
        try:
            asker.purse.note(self._request, self._attempts + 1)
        except Fault:
            asker.purse.settle(ticket, Usage())
            raise
        self._attempts += 1
        try:
            reply = asker.caller.call(self._request, self._deadline, self._repair)
        except Fault as fault:
            self._pay(ticket, Usage(estimate.input_tokens, 0, known=False) if fault.billed else Usage())
            asker.counts.faults[fault.kind] += 1
            if fault.kind != "cancelled":
                asker.breaker.failed(_now_s(), fault.retry_after_s)
            raise
        except BaseException:
            self._pay(ticket, Usage())
            raise
        self._pay(ticket, reply.usage)
        asker.breaker.worked()
        return reply

    def _pay(self, ticket: str, usage: Usage) -> None:
        self._micros += self._asker.purse.settle(ticket, usage)
        before = self._usage
        self._usage = Usage(
            before.input_tokens + usage.input_tokens, before.output_tokens + usage.output_tokens, known=usage.known
        )

    def _again_after(self, fault: Fault) -> bool:
        """Whether to try once more, after a pause; the endpoint may ask for a longer one than there is time for."""
        asker = self._asker
        if not fault.passing or self._attempts >= asker.tries or asker.breaker.probing:
            return False
        pause_s = max(backoff_s(self._attempts, asker.chance), asker.breaker.wait_s(_now_s()))
        if pause_s >= self._deadline.left_s:
            return False
        return not self._deadline.cancelled.wait(pause_s)

    def _ended(self, why: str) -> Outcome:
        return Outcome(_unknown(why).judgement, "none", self._usage, self._micros, self._attempts)


def _unknown(why: str) -> Outcome:
    return Outcome(Judgement("unknown", 0.0, why[:240]), "none")


def _now_s() -> float:
    return clock.monotonic_ns() / clock.SECOND
