"""What an asker pays with: the budget ledger, the log of what leaves, and the one line that says that it ran out."""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.errors import SpendError
from ironcliw.vision_model.egress import EgressLog
from ironcliw.vision_model.ledger import BudgetLedger, OverBudget
from ironcliw.vision_model.prices import Price
from ironcliw.vision_model.protocol import Fault, Request, Usage


class Purse:
    """Of one asker. Without a ledger or a log, as for a model that sends nothing, everything passes."""

    def __init__(
        self,
        ledger: BudgetLedger | None,
        egress: EgressLog | None,
        price: Price,
        model: str,
        to: str,
        tell: Callable[[str], None],
    ) -> None:
        self.ledger, self.egress, self.price = ledger, egress, price
        self._model, self._to, self._tell = model, to, tell
        self._told: frozenset[str] = frozenset()

    @property
    def over(self) -> str | None:
        """The cap that kept the last request from going out; None where it went."""
        return next((each.removeprefix("cap:") for each in self._told if each.startswith("cap:")), None)

    def reserve(self, rule: str, estimate: Usage) -> str:
        """A ticket for one more request, which may cost so much. Fault where it may not go."""
        if self.ledger is None:
            return ""
        try:
            ticket = self.ledger.reserve(rule, tokens=estimate.tokens, micros=self.price.micros(estimate))
        except OverBudget as error:
            what = f"the budget is used up ({error.cap})"
            self.say_once(f"cap:{error.cap}", f"{what}: nothing is asked of {self._model} until it is not")
            raise Fault("budget", what) from None
        except SpendError as error:
            self.say_once("ledger", str(error))
            raise Fault("budget", "the budget ledger cannot be used") from None
        self._told = frozenset(each for each in self._told if not each.startswith("cap:"))
        return ticket

    def settle(self, ticket: str, usage: Usage) -> int:
        """A request has cost this; in millionths of a dollar."""
        micros = self.price.micros(usage)
        if self.ledger is not None:
            try:
                self.ledger.settle(ticket, tokens=usage.tokens, micros=micros)
            except SpendError as error:
                self.say_once("ledger", str(error))
        return micros

    def note(self, request: Request, attempt: int) -> None:
        """A request is about to leave. Fault where that cannot be noted."""
        if self.egress is None:
            return
        try:
            self.egress.sent(request, to=self._to, model=self._model, attempt=attempt)
        except SpendError as error:
            self.say_once("egress", str(error))
            raise Fault("budget", "what leaves cannot be noted") from None

    def say_once(self, what: str, message: str) -> None:
        """Tell it, unless ``what`` was told already."""
        if what not in self._told:
            self._told |= {what}
            self._tell(message)
