"""What the tools answer: short JSON, in which all that was read off the screen stands in one field that says so.

told({"cursor": "4f1c.12"}, [...])        # '{"cursor":"4f1c.12","untrusted_screen_content":[...]}'
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ironcliw.event import Event
from ironcliw.mcp.cleaning import Cleaner
from ironcliw.service.client import Changes, ScreenText

FIELD = "untrusted_screen_content"
MOST_CHARACTERS = 20_000
MOST_LINES = 400
LINE_CHARACTERS, EVENT_CHARACTERS = 1_000, 300


def told(facts: dict[str, Any], content: Any = None) -> str:
    """One JSON object; ``content``: what was read off the screen."""
    fields = facts if content is None else {**facts, FIELD: content}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def screen(shown: ScreenText, cleaner: Cleaner, *, boxes: bool, state: str) -> str:
    """The lines of the screen, as many as an answer holds; with their boxes where they are wanted."""
    lines = cleaner.lines(shown.lines)
    content: list[Any] = []
    used = 0
    for line in lines[:MOST_LINES]:
        text = line.text[:LINE_CHARACTERS]
        used += len(text) + (60 if boxes else 3)
        if used > MOST_CHARACTERS:
            break
        place = {"text": text, "box": list(line.box), "confidence": line.confidence}
        content.append(place if boxes else text)
    facts: dict[str, Any] = {"state": state, "lines": len(content)}
    left_out = shown.left_out + len(lines) - len(content)
    return told({**facts, "left_out": left_out} if left_out else facts, content)


def events(changes: Changes, cleaner: Cleaner) -> str:
    """What happened, and where to go on."""
    facts: dict[str, Any] = {"state": changes.state, "cursor": changes.cursor}
    if changes.lost != 0:
        facts["lost"] = changes.lost
    if changes.more:
        facts["more"] = True
    return told(facts, [happened(event, cleaner) for event in changes.events])


def happened(event: Event, cleaner: Cleaner) -> dict[str, Any]:
    """One event, in few words."""
    short: dict[str, Any] = {"at": event.wall[:19] + "Z", "type": event.type}
    if event.rule is not None:
        short["rule"] = cleaner.text(event.rule, EVENT_CHARACTERS)
    for name in ("kind", "state", "reason"):
        if isinstance(value := event.data.get(name), str):
            short[name] = cleaner.text(value, 40)
    if event.text is not None:
        short["text"] = cleaner.text(event.text, EVENT_CHARACTERS)
    return short


def rules(listed: Sequence[dict[str, Any]], cleaner: Cleaner) -> str:
    """The conditions that are watched for; they are the user's and agents' words, but treated like all others."""
    content = [{**rule, "rule": cleaner.text(str(rule["rule"]), EVENT_CHARACTERS)} for rule in listed[:100]]
    facts = {"rules": len(listed)}
    return told(facts, content)
