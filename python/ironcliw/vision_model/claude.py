"""Claude, through Anthropic's own SDK (extra ``claude``).

No tools are offered, nothing is retried by the SDK, and the reply is read as it streams, up to a verdict's length.
"""

from __future__ import annotations

import base64
from typing import Any

from ironcliw.errors import MissingExtraError
from ironcliw.vision_model.choice import ModelChoice
from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.prompt import worded
from ironcliw.vision_model.protocol import Fault, Reply, Request, Usage
from ironcliw.vision_model.schema import REPLY_CHARACTERS, SCHEMA
from ironcliw.vision_model.tokens import image_tokens, text_tokens

_AROUND_TOKENS = 300
"""What a provider adds: roles, separators, and the schema it was told."""


class Claude:
    """One model of Claude's at one endpoint."""

    available = True

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self.name = f"claude/{choice.known_model}"
        self._client: Any = None

    def warm(self) -> None:
        """Import the SDK and open a client, without connecting."""
        if self._client is not None:
            return
        try:
            import anthropic  # noqa: PLC0415 - heavy, and an extra
        except ImportError:
            raise MissingExtraError("asking Claude", "claude") from None
        from ironcliw.vision_model.connection import Endpoint, open_client  # noqa: PLC0415 - comes with the SDK

        choice, key = self._choice, self._choice.key()
        endpoint = Endpoint(choice.url, key, "x-api-key", choice.proxy, choice.ca_file)
        self._client = anthropic.Anthropic(
            api_key=key or "none", base_url=choice.url, max_retries=0, http_client=open_client(endpoint)
        )

    def ask(self, request: Request, deadline: Deadline, *, repair: str | None = None) -> Reply:
        """See VisionModel."""
        self.warm()
        from ironcliw.vision_model.faults import fault_of  # noqa: PLC0415 - comes with the SDK

        system, text = worded(request, repair)
        content: list[dict[str, Any]] = [_picture(each.png) for each in request.pictures]
        content.append({"type": "text", "text": text})
        shape = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
        with deadline.current():
            try:
                stream = self._client.messages.create(
                    model=self._choice.known_model,
                    max_tokens=self._choice.reply_tokens,
                    system=system,
                    messages=[{"role": "user", "content": content}],
                    stream=True,
                    **(shape if self._choice.structured else {}),
                )
                with stream:
                    return _collected(stream, self.estimate(request))
            except Exception as error:  # noqa: BLE001 - an SDK may raise anything, httpx, pydantic and json included
                raise fault_of(error, deadline) from None

    def estimate(self, request: Request) -> Usage:
        """See VisionModel."""
        system, text = worded(request)
        pictures = sum(image_tokens("claude", each.width, each.height) for each in request.pictures)
        return Usage(pictures + text_tokens(system + text) + _AROUND_TOKENS, self._choice.reply_tokens, known=False)

    def close(self) -> None:
        """See VisionModel."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _picture(png: bytes) -> dict[str, Any]:
    data = base64.b64encode(png).decode("ascii")
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def _collected(stream: Any, estimate: Usage) -> Reply:
    """The reply of a stream of events; what is neither text nor usage is left lying."""
    text, size, given, taken, ended = "", 0, 0, 0, False
    for event in stream:
        kind = getattr(event, "type", "")
        if kind == "message_start":
            given = _count(getattr(event.message, "usage", None), "input_tokens")
        elif kind == "content_block_delta" and getattr(event.delta, "type", "") == "text_delta":
            piece = str(event.delta.text)
            size += len(piece)
            if size > REPLY_CHARACTERS:
                raise Fault("reply", "its reply is longer than a verdict can be", billed=True)
            text += piece
        elif kind == "message_delta":
            taken = _count(getattr(event, "usage", None), "output_tokens")
        elif kind == "message_stop":
            ended = True
    if not ended:
        raise Fault("connection", "the connection failed (its reply broke off)", billed=True)
    return Reply(text, Usage(given, taken) if given else estimate)


def _count(usage: Any, name: str) -> int:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and 0 <= value < 1 << 31 else 0
