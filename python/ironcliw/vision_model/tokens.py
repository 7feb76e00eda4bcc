"""How many tokens a request costs, before it is sent.

    image_tokens("claude", 1920, 1080)      # 1560: after Claude's own downscaling
    text_tokens("BUILD FAILED")             # at most

Pictures as the providers publish it (Anthropic, "Vision", and OpenAI, "Images and vision", as of 2026). Claude sees
patches of 28 x 28 pixels, one token each, of a picture that is first scaled down to at most 1,568 pixels on its long
edge and 1,568 patches. OpenAI sees tiles of 512 x 512, 170 tokens each and 85 for the whole, of a picture scaled down
to fit 2,048 x 2,048 and 768 on its short edge. Newer models of both look closer and count more; a reservation is trued
up by the usage that the reply brings.
"""

from __future__ import annotations

import math
from typing import Literal

Counting = Literal["claude", "openai"]

_PATCH_PX = 28
_LONG_EDGE_PX = 1_568
_MOST_PATCHES = 1_568

_TILE_PX = 512
_TILE_TOKENS = 170
_BASE_TOKENS = 85
_FIT_PX = 2_048
_SHORT_EDGE_PX = 768


def image_tokens(counting: Counting, width: int, height: int) -> int:
    """Tokens of a picture of so many pixels, which must be at least one."""
    return _claude(width, height) if counting == "claude" else _openai(width, height)


def text_tokens(text: str) -> int:
    """At most about so many tokens: two bytes each; real text has three to four."""
    return math.ceil(len(text.encode("utf-8", "replace")) / 2)


def _claude(width: int, height: int) -> int:
    scale = min(1.0, _LONG_EDGE_PX / max(width, height))
    while True:
        wide, high = max(1, round(width * scale)), max(1, round(height * scale))
        patches = math.ceil(wide / _PATCH_PX) * math.ceil(high / _PATCH_PX)
        if patches <= _MOST_PATCHES:
            return patches
        scale *= 0.995


def _openai(width: int, height: int) -> int:
    scale = min(1.0, _FIT_PX / max(width, height))
    scale = min(scale, _SHORT_EDGE_PX / min(width, height)) if min(width, height) * scale > _SHORT_EDGE_PX else scale
    tiles = math.ceil(width * scale / _TILE_PX) * math.ceil(height * scale / _TILE_PX)
    return _BASE_TOKENS + _TILE_TOKENS * tiles
