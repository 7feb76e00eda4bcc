"""Askers and requests for tests, at a server on loopback."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
from model_server import ModelServer

from ironcliw.vision_model import Asker, Budget, BudgetLedger, EgressLog, ModelChoice, Price, Request, open_model
from ironcliw.vision_model.picture import picture_of

WIDE = Budget(*(None,) * 9)


def choice_of(server: ModelServer, wire: str, **given: Any) -> ModelChoice:
    url = given.pop("base_url", server.url(wire))
    return ModelChoice(provider="claude" if wire == "claude" else "openai", model="test-1", base_url=url, **given)


def asker_of(choice: ModelChoice, folder: Path, budget: Budget = WIDE, **given: Any) -> Asker:
    told = given.pop("told", None)
    model = open_model(choice)
    model.warm()  # importing an SDK may take longer than a test's deadline
    return Asker(
        model,
        BudgetLedger(folder / "spend.json", budget),
        EgressLog(folder / "egress.jsonl"),
        given.pop("price", Price(3, 15)),
        to="127.0.0.1",
        chance=random.Random(1),
        tell=(told if told is not None else []).append,
        **given,
    )


def request(words: str = "is the build green?", text: str = "BUILD OK", seed: int = 1, **given: Any) -> Request:
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 90, 4), np.uint8)
    return Request(words=words, text=text, pictures=(picture_of(pixels),), rule=given.pop("rule", "deploy"), **given)
