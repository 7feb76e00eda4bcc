"""What tokens cost, where the settings do not say: list prices in US dollars for a million tokens, as of 2026.

They are for the budget, not for the books: a provider may charge otherwise, and model.price_in and price_out beat them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ironcliw.vision_model.choice import ModelChoice
from ironcliw.vision_model.protocol import Usage

_CLAUDE = {"haiku": (1.0, 5.0), "sonnet": (3.0, 15.0), "opus": (5.0, 25.0)}
_UNKNOWN = (5.0, 25.0)
"""For a model we know no price of: as dear as the dearest that is usual, so that the budget holds."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens in and out."""

    token_in: float
    token_out: float

    def micros(self, usage: Usage) -> int:
        """What this costs, in millionths of a dollar, rounded up."""
        return math.ceil(usage.input_tokens * self.token_in + usage.output_tokens * self.token_out)


def price_of(choice: ModelChoice) -> Price:
    """As the settings say; else nothing on this machine, and the list price elsewhere."""
    if choice.provider == "none" or choice.local:
        usual = (0.0, 0.0)
    elif choice.provider == "claude":
        usual = next((price for name, price in _CLAUDE.items() if name in choice.known_model), _UNKNOWN)
    else:
        usual = _UNKNOWN
    token_in = usual[0] if choice.price_in is None else choice.price_in
    token_out = usual[1] if choice.price_out is None else choice.price_out
    return Price(token_in, token_out)
