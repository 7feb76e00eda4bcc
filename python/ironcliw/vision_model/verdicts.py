"""Verdicts that were given before: the same question about the same pixels and words costs nothing.

cache = VerdictCache()
key = verdict_key(model.name, request)
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from ironcliw.vision_model.protocol import Judgement, Request

CACHED_MAX = 512
PROMPT_VERSION = "3"
"""Changes with the prompt, the schema or how pictures are scaled: verdicts of another one are not ours."""


def verdict_key(model: str, request: Request) -> bytes:
    """By model, prompt, question, words and pixels; neither the rule nor the reason matters."""
    parts = [model, PROMPT_VERSION, request.words, request.text, request.difference or "\0", request.notes]
    digest = hashlib.blake2b(digest_size=16)
    for part in (*parts, *(f"{each.label} {each.sha256}" for each in request.pictures)):
        data = part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


class VerdictCache:
    """The last verdicts, CACHED_MAX at most. Safe for use from several threads."""

    def __init__(self, capacity: int = CACHED_MAX) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Judgement] = OrderedDict()

    def get(self, key: bytes) -> Judgement | None:
        """A verdict that was given; None where there is none."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: bytes, judgement: Judgement) -> None:
        """Remember it; the one that was longest not asked for goes."""
        with self._lock:
            self._known[key] = judgement
            self._known.move_to_end(key)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)
