"""Asking a model about the screen: rarely, with little, within a budget, and never trusting what it says.

    asker = open_asker(ModelChoice(provider="claude"), Budget())
    asker.judge(request_of("is the build green?", evidence), Deadline.after(20)).judgement.verdict

Claude, any OpenAI-compatible server, or none: everything else works without one.
"""

from ironcliw.vision_model.asker import Asker, Counts, Outcome
from ironcliw.vision_model.choice import ModelChoice
from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.egress import EgressLog
from ironcliw.vision_model.evidence import Evidence, difference, evidence_of, request_of
from ironcliw.vision_model.ledger import Budget, BudgetLedger, OverBudget, Spent
from ironcliw.vision_model.none import WHY_NOT
from ironcliw.vision_model.opening import nobody, open_asker, open_model, spend_folder
from ironcliw.vision_model.picture import area_averaged, picture_of
from ironcliw.vision_model.prices import Price, price_of
from ironcliw.vision_model.protocol import Fault, Judgement, Picture, Reply, Request, Usage, VisionModel
from ironcliw.vision_model.schema import ReplyError, judged

__all__ = [
    "WHY_NOT",
    "Asker",
    "Budget",
    "BudgetLedger",
    "Counts",
    "Deadline",
    "EgressLog",
    "Evidence",
    "Fault",
    "Judgement",
    "ModelChoice",
    "Outcome",
    "OverBudget",
    "Picture",
    "Price",
    "Reply",
    "ReplyError",
    "Request",
    "Spent",
    "Usage",
    "VisionModel",
    "area_averaged",
    "difference",
    "evidence_of",
    "judged",
    "nobody",
    "open_asker",
    "open_model",
    "picture_of",
    "price_of",
    "request_of",
    "spend_folder",
]
