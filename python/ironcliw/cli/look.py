"""``ironcliw look``: one question about a screen as it is now, or about an image.

What leaves this machine is a small crop and the words in it, redacted; ``--picture`` saves exactly the picture that is
sent, and ``--dry-run`` sends nothing. Without a model it says what pixels and text can say by themselves.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from ironcliw import settings
from ironcliw.action import printable
from ironcliw.cli.common import log_to_stderr, parse_region
from ironcliw.cli.looked_for import locally
from ironcliw.errors import SettingsError, SourceError
from ironcliw.frame import Rect
from ironcliw.objects import Detection, ObjectDetector
from ironcliw.redaction import Gate
from ironcliw.source import Still, still
from ironcliw.text import ReadLine, open_engine
from ironcliw.vision_model import Deadline, Request, evidence_of, open_asker, request_of

YES, NO, ERROR, UNKNOWN = 0, 1, 2, 3
PICTURE_PATCHES = 400
"""One question may cost more than a rule that asks all day."""


@dataclass(frozen=True, slots=True)
class LookCommand:
    """The command line of ``look`` as it was given."""

    source: str
    question: str
    region: str | None
    picture: Path | None
    dry_run: bool
    as_json: bool
    config: Path | None


def run_look(command: LookCommand) -> int:
    """Answer; 0 yes, 1 no, 3 where that is not known. SettingsError, SourceError, ModelError."""
    if not command.question.strip():
        raise SettingsError('look needs a question, as in: ironcliw look "is the login form filled in?"')
    log_to_stderr("warning")
    loaded = settings.load(command.config)
    asker = open_asker(loaded.model.choice(), loaded.budget.budget())
    try:
        seen = still(command.source)
        lines = open_engine(loaded.text.threads, loaded.text.engine).read(seen.pixels)
        objects = ObjectDetector().find(seen.pixels)
        region = None if command.region is None else parse_region(command.region)
        request = _request(command.question, seen, lines, objects, region)
        if command.picture is not None:
            _save(request, command.picture)
        if command.dry_run or not asker.model.available:
            return _told_locally(command, request, lines, objects)
        asker.model.warm()
        outcome = asker.judge(request, Deadline.after(loaded.model.deadline_s))
    finally:
        asker.close()
    judgement = outcome.judgement
    if command.as_json:
        cost = {"tokens": outcome.usage.tokens, "usd": outcome.micros / 1e6, "requests": outcome.attempts}
        said = {"verdict": judgement.verdict, "confidence": judgement.confidence, "reason": judgement.reason}
        print(json.dumps({**said, "quote": judgement.quote, **cost}, ensure_ascii=False))
    else:
        quote = f' "{printable(judgement.quote)}"' if judgement.quote else ""
        print(f"{judgement.verdict} ({judgement.confidence:.0%}): {printable(judgement.reason)}{quote}")
        print(f"{asker.model.name}, {outcome.usage.tokens:,} tokens, {outcome.micros / 1e6:.4f} USD", file=sys.stderr)
    return {"yes": YES, "no": NO}.get(judgement.verdict, UNKNOWN)


def _request(
    question: str, seen: Still, lines: list[ReadLine], objects: list[Detection], region: Rect | None
) -> Request:
    evidence = evidence_of(
        seen.pixels, lines, Gate(), parts=[] if region is None else [region], seen=objects, patches=PICTURE_PATCHES
    )
    height, width = seen.pixels.shape[:2]
    notes = f"screen of {width}x{height}; {evidence.notes or 'no dialogs, buttons or fields found'}"
    return replace(request_of(question, evidence, rule="look", reason="look"), notes=notes)


def _save(request: Request, path: Path) -> None:
    try:
        path.write_bytes(request.pictures[-1].png)
    except OSError as error:
        raise SourceError(f"{path}: the picture cannot be written ({(error.strerror or '').lower()})") from None


def _told_locally(command: LookCommand, request: Request, lines: list[ReadLine], objects: list[Detection]) -> int:
    """What can be said without a model, and what cannot."""
    found = locally(command.question, [line.text for line in lines], [each.kind for each in objects])
    if command.as_json:
        picture = request.pictures[-1]
        would = {"width": picture.width, "height": picture.height, "bytes": len(picture.png), "sha256": picture.sha256}
        said = {"verdict": "unknown", "lines": found.lines, "objects": found.objects, "reason": found.why_not}
        print(json.dumps({**said, **({"would_send": would} if command.dry_run else {})}, ensure_ascii=False))
        return UNKNOWN
    for line in found.lines:
        print(f"reads: {printable(line)}")
    for each in found.objects:
        print(f"shows: {each}")
    if not found.lines and not found.objects:
        print("none of the question's words is on the screen")
    if command.dry_run:
        picture = request.pictures[-1]
        size = f"{picture.width}x{picture.height} pixels, {len(picture.png):,} bytes"
        print(f"would send: {size}, and {len(request.text):,} characters of text", file=sys.stderr)
    else:
        print(f"ironcliw: {found.why_not}", file=sys.stderr)
    return UNKNOWN
