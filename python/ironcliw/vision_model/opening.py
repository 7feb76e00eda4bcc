"""The model that was chosen, ready to be asked within its budget."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from ironcliw.errors import MissingExtraError
from ironcliw.vision_model.asker import Asker
from ironcliw.vision_model.choice import ModelChoice
from ironcliw.vision_model.claude import Claude
from ironcliw.vision_model.egress import EgressLog
from ironcliw.vision_model.ledger import Budget, BudgetLedger
from ironcliw.vision_model.none import NoModel
from ironcliw.vision_model.openai_compatible import OpenAICompatible
from ironcliw.vision_model.prices import Price, price_of
from ironcliw.vision_model.protocol import VisionModel

log = logging.getLogger("ironcliw.vision_model")


def open_model(choice: ModelChoice) -> VisionModel:
    """A model by its choice, not loaded yet. SettingsError where it cannot be used as set, MissingExtraError."""
    choice.checked()
    if choice.provider == "none":
        return NoModel()
    package, extra = ("anthropic", "claude") if choice.provider == "claude" else ("openai", "openai")
    if find_spec(package) is None:
        raise MissingExtraError(f"model.provider = {choice.provider!r}", extra)
    return Claude(choice) if choice.provider == "claude" else OpenAICompatible(choice)


def open_asker(
    choice: ModelChoice, budget: Budget, folder: Path | None = None, tell: Callable[[str], None] = log.warning
) -> Asker:
    """An asker of the chosen model, with the ledger and the egress log in ``folder``. SettingsError, SpendError."""
    model = open_model(choice)
    if not model.available:
        return nobody(tell)
    folder = folder or spend_folder()
    ledger = BudgetLedger(folder / "spend.json", budget)
    egress = EgressLog(folder / "egress.jsonl")
    host = urlsplit(choice.url).hostname or ""
    return Asker(model, ledger, egress, price_of(choice), to=host, tries=choice.attempts, tell=tell)


def nobody(tell: Callable[[str], None] = log.warning) -> Asker:
    """An asker without a model: it knows nothing, and says why."""
    return Asker(NoModel(), None, None, Price(0, 0), tell=tell)


def spend_folder() -> Path:
    """Where the ledger and the egress log are: beside the event log, in ironcliw/ of the user's state folder."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return base / "ironcliw"
