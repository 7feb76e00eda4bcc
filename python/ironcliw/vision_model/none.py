"""No model: everything else works, and it is said what cannot be answered."""

from __future__ import annotations

from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.protocol import Fault, Reply, Request, Usage

WHY_NOT = "no model is set: [model] provider in ironcliw.toml says which to ask"


class NoModel:
    """Answers nothing and sends nothing."""

    name = "none"
    available = False

    def warm(self) -> None:
        """Nothing to load."""

    def ask(self, request: Request, deadline: Deadline, *, repair: str | None = None) -> Reply:
        """Always a Fault."""
        raise Fault("absent", WHY_NOT)

    def estimate(self, request: Request) -> Usage:
        """Nothing."""
        return Usage()

    def close(self) -> None:
        """Nothing to give back."""
