"""What a model is asked, what it answers, and what can go wrong between the two.

    reply = model.ask(request, Deadline.after(20.0))      # Reply, or Fault

A request holds what leaves this machine and nothing else: the text in it has been through ``redaction.Gate``, secrets
in its pictures are black. A model gets no tools, and its reply is a verdict of a closed schema.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from ironcliw.rule.question import Verdict
from ironcliw.vision_model.deadline import Deadline

FaultKind = Literal["timeout", "connection", "limited", "server", "refused", "reply", "cancelled", "budget", "absent"]


@dataclass(frozen=True)
class Picture:
    """A picture exactly as it is sent, and kept: PNG bytes of a ``width`` x ``height`` crop, secrets blacked out.

    label: what it is, in the prompt: ``now`` or ``before``
    """

    png: bytes
    width: int
    height: int
    label: str = "now"

    @cached_property
    def sha256(self) -> str:
        """Of the PNG's bytes, in hexadecimal: what the egress log names it by."""
        return hashlib.sha256(self.png).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """One question and what is needed to answer it.

    words: the question, in the user's words
    text: lines of the region, redacted; untrusted
    difference: how they differ from the lines before, ``+ line`` and ``- line``; None where there was no before
    pictures: at most two, ``before`` first
    notes: what else is known of the region: objects in it and where; untrusted, since windows have titles
    rule: who asks; reason: why a request was needed; both only for the egress log
    """

    words: str
    text: str = ""
    difference: str | None = None
    pictures: tuple[Picture, ...] = ()
    notes: str = ""
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counted them; ``known`` False where it did not say and they are our estimate."""

    input_tokens: int = 0
    output_tokens: int = 0
    known: bool = True

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reply says, checked against the closed schema.

    confidence: 0 to 1; reason: one line, at most 240 characters, no control characters; untrusted
    quote: words of the screen that settle it; None where there are none, or where they are not in what was sent
    """

    verdict: Verdict
    confidence: float
    reason: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's text, not looked at yet, and what it cost."""

    text: str
    usage: Usage = field(default_factory=Usage)


class Fault(Exception):  # noqa: N818 - always caught within this room, and told as a reason
    """A request that brought no reply.

    kind: what went wrong; ``message`` names no key and nothing of the screen
    retry_after_s: how long the endpoint wants to be left alone; None where it did not say
    billed: whether the endpoint may have worked on it, so that it may cost
    """

    def __init__(
        self, kind: FaultKind, message: str, *, retry_after_s: float | None = None, billed: bool = False
    ) -> None:
        super().__init__(message)
        self.kind: FaultKind = kind
        self.message = message
        self.retry_after_s = retry_after_s
        self.billed = billed

    @property
    def passing(self) -> bool:
        """Whether another try may go better."""
        return self.kind in ("timeout", "connection", "limited", "server")


class VisionModel(Protocol):
    """Someone who can be asked. Safe for use from one thread at a time."""

    @property
    def name(self) -> str:
        """Provider and model, as in ``claude/claude-haiku-5-5``: part of what a verdict is known by."""
        ...

    @property
    def available(self) -> bool:
        """Whether asking makes sense at all."""
        ...

    def warm(self) -> None:
        """Load what asking needs, before capturing begins. VisionModelError, MissingExtraError."""
        ...

    def ask(self, request: Request, deadline: Deadline, *, repair: str | None = None) -> Reply:
        """The model's reply. ``repair``: what was wrong with its last one. Raises Fault, always by the deadline."""
        ...

    def estimate(self, request: Request) -> Usage:
        """At most what a request costs, for the reservation before it is sent."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
