"""Any server that speaks OpenAI's chat protocol: Ollama, vLLM, LM Studio, OpenAI itself (extra ``openai``)."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from ironcliw.errors import MissingExtraError
from ironcliw.vision_model.choice import OPENAI_URL, ModelChoice
from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.prompt import worded
from ironcliw.vision_model.protocol import Fault, Reply, Request, Usage
from ironcliw.vision_model.schema import REPLY_CHARACTERS, SCHEMA
from ironcliw.vision_model.tokens import image_tokens, text_tokens

_AROUND_TOKENS = 200


class OpenAICompatible:
    """One model at one endpoint."""

    available = True

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self.name = f"openai/{choice.known_model}"
        self._client: Any = None
        # OpenAI's own models refuse the old name of this limit, most other servers know only that.
        own = urlsplit(choice.url).hostname == urlsplit(OPENAI_URL).hostname
        self._limit = "max_completion_tokens" if own else "max_tokens"

    def warm(self) -> None:
        """Import the SDK and open a client, without connecting."""
        if self._client is not None:
            return
        try:
            import openai  # noqa: PLC0415 - heavy, and an extra
        except ImportError:
            raise MissingExtraError("asking an OpenAI-compatible model", "openai") from None
        from ironcliw.vision_model.connection import Endpoint, open_client  # noqa: PLC0415 - comes with the SDK

        choice, key = self._choice, self._choice.key()
        endpoint = Endpoint(choice.url, key, "authorization", choice.proxy, choice.ca_file)
        self._client = openai.OpenAI(
            api_key=key or "none", base_url=choice.url, max_retries=0, http_client=open_client(endpoint)
        )

    def ask(self, request: Request, deadline: Deadline, *, repair: str | None = None) -> Reply:
        """See VisionModel."""
        self.warm()
        from ironcliw.vision_model.faults import fault_of  # noqa: PLC0415 - comes with the SDK

        system, text = worded(request, repair)
        content = [_picture(each.png) for each in request.pictures]
        content.append({"type": "text", "text": text})
        schema = {"name": "verdict", "strict": True, "schema": SCHEMA}
        shape = {"response_format": {"type": "json_schema", "json_schema": schema}}
        with deadline.current():
            try:
                stream = self._client.chat.completions.create(
                    model=self._choice.known_model,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": content}],
                    stream=True,
                    stream_options={"include_usage": True},
                    **{self._limit: self._choice.reply_tokens},
                    **(shape if self._choice.structured else {}),
                )
                with stream:
                    return _collected(stream, self.estimate(request))
            except Exception as error:  # noqa: BLE001 - an SDK may raise anything, httpx, pydantic and json included
                raise fault_of(error, deadline) from None

    def estimate(self, request: Request) -> Usage:
        """See VisionModel."""
        system, text = worded(request)
        pictures = sum(image_tokens("openai", each.width, each.height) for each in request.pictures)
        return Usage(pictures + text_tokens(system + text) + _AROUND_TOKENS, self._choice.reply_tokens, known=False)

    def close(self) -> None:
        """See VisionModel."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _picture(png: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"}}


def _collected(stream: Any, estimate: Usage) -> Reply:
    """The reply of a stream of chunks; what is neither text nor usage is left lying."""
    text, size, usage, ended = "", 0, None, False
    for chunk in stream:
        usage = getattr(chunk, "usage", None) or usage
        choices: list[Any] = getattr(chunk, "choices", None) or []
        for choice in choices[:1]:
            piece = getattr(getattr(choice, "delta", None), "content", None) or ""
            ended = ended or bool(getattr(choice, "finish_reason", None))
            size += len(str(piece))
            if size > REPLY_CHARACTERS:
                raise Fault("reply", "its reply is longer than a verdict can be", billed=True)
            text += str(piece)
    if not ended:
        raise Fault("connection", "the connection failed (its reply broke off)", billed=True)
    given, taken = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Reply(text, Usage(given, taken) if given else estimate)


def _count(usage: Any, name: str) -> int:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and 0 <= value < 1 << 31 else 0
