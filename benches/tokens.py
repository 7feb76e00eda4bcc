"""What asking a model costs: hours of a desktop with 40 events, against sending the whole frame every 30 s.

    python benches/tokens.py [--hours 8] [--every 1] [--seed 1] [--out benches/results]

Both ways ask the same questions of a scripted model that answers by what it is sent, and count tokens alike: pictures
as Claude's documentation has it (patches of 28 x 28 pixels after its own downscaling; ``vision_model/tokens.py``), text
at four characters a token, 30 for a reply. The other way is given more than it could have: it sees every frame
perfectly and at once, asks all questions in one request, and its request holds nothing but the questions.

Times are of the desktop, whatever the machine: an event counts as noticed where a rule fires while it is so, or within
60 s of it; latency is from its beginning to the alert.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ironcliw.bench.machine import in_words, load
from ironcliw.clock import MS, SECOND
from ironcliw.monitor.watching import Watch, WatchOptions
from ironcliw.source.synthetic import Look, Moment, Script, SyntheticSource
from ironcliw.source.synthetic.action import Action, Hide, Print, SetDot, SetText, ShowDialog, ShowToast, Type
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.vision_model import Asker, Deadline, Price, Reply, Request, Usage
from ironcliw.vision_model.prompt import worded
from ironcliw.vision_model.tokens import image_tokens

EVENTS = 40
EVERY_S = 30
REPLY_TOKENS = 30
AROUND_S = 60
SIZE = (1280, 720)

KINDS = {
    "failed build": ('says("the newest build has failed")', "text:/BUILD \\d+ FAILED/"),
    "permission dialog": ('says("a dialog asks for permission")', "text:/wants permission to/"),
    "message from Anna": ('says("there is a message from Anna")', "text:/Anna: /"),
    "red light, no words": ('says("the light beside queue is red")', None),
}
"""What happens, the question about it, and the text that settles it where there is any."""


@dataclass(frozen=True)
class Happening:
    """One event: what, and from when to when it is so, in seconds."""

    kind: str
    start_s: float
    end_s: float


def script_of(hours: float, seed: int, events: int = EVENTS) -> tuple[Script, list[Happening]]:
    """A desktop on which now and then something happens: build lines, typing, chatter, and the events."""
    chance, moments, happenings = random.Random(seed), [], []
    total_s = hours * 3600
    each_s = total_s / events
    kinds = [list(KINDS)[at % len(KINDS)] for at in range(events)]
    chance.shuffle(kinds)

    def at(seconds: float, action: Action) -> None:
        moments.append(Moment(round(seconds * 1000), action))

    for number, kind in enumerate(kinds):
        begin_s = number * each_s + chance.uniform(0.3, 0.5) * each_s
        lasts_s = chance.uniform(20, 45)
        _happens(at, kind, begin_s, lasts_s, number, chance)
        happenings.append(Happening(kind, begin_s, begin_s + lasts_s))
    second = 20.0
    while second < total_s - 60:  # what goes on besides
        if not any(each.start_s - 5 <= second <= each.end_s + 15 for each in happenings):
            _chatter(at, second, chance)
        second += chance.uniform(60, 180)
    return Script.of(moments, total_s, name="tokens"), happenings


def _happens(at, kind: str, begin_s: float, lasts_s: float, number: int, chance: random.Random) -> None:
    end_s = begin_s + lasts_s
    if kind == "failed build":
        at(begin_s, Print("terminal", f"BUILD {number} FAILED with {chance.randrange(1, 9)} errors"))
        at(end_s, Print("terminal", f"BUILD {number} passed"))
    elif kind == "permission dialog":
        application = chance.choice(("Backup", "Meetings", "Updater"))
        at(
            begin_s,
            ShowDialog("dialog", application, f"{application} wants permission to read /home", ("Allow", "Deny")),
        )
        at(end_s, Hide("dialog"))
    elif kind == "message from Anna":
        at(begin_s, ShowToast("toast", "Chat", f"Anna: are you there {number}?"))
        at(end_s, Hide("toast"))
    else:
        at(begin_s, SetDot("queue dot", "bad"))
        at(end_s, SetDot("queue dot", "good"))


def _chatter(at, second: float, chance: random.Random) -> None:
    turn = chance.randrange(6)
    if turn < 2:
        at(second, Print("terminal", f"worker {chance.randrange(99)} took {chance.randrange(9999)} items"))
    elif turn == 2:
        at(second, Print("terminal", f"BUILD {1000 + chance.randrange(900)} passed"))
    elif turn == 3:
        text = f"git log --since={chance.randrange(30)}.days"
        for length in range(4, len(text) + 1, 4):
            at(second + length / 8, Type("terminal", "$ ", text[:length], None))
    elif turn == 4:
        at(second, ShowToast("toast", "Backup", f"Backup {chance.randrange(999)} finished"))
        at(second + 6, Hide("toast"))
    else:
        at(second, SetText("web server label", f"web server: {chance.choice(('starting', 'running', 'draining'))}"))


class Seldom(SyntheticSource):
    """The same desktop, captured every ``every_s`` seconds: hours of blinking carets take longer than they show."""

    every_s = 1.0
    near_s: float | None = None
    """What is more than this after something happened, and before the next, is skipped: only the caret blinks."""
    _acted_ns = 0

    def _next_ns(self, desktop: Desktop) -> int:
        step_ns = round(self.every_s * SECOND)
        due_ns = super()._next_ns(desktop)
        if self.near_s is not None and due_ns - self._acted_ns > self.near_s * SECOND:
            end_ns = self.script.duration_ms * MS
            due_ns = max(due_ns, end_ns if self._next is None else self._next.at_ms * MS)
        return -(-due_ns // step_ns) * step_ns

    def _act(self, desktop: Desktop, now_ns: int) -> None:
        if self._next is not None and self._next.at_ms * MS <= now_ns:
            self._acted_ns = now_ns
        super()._act(desktop, now_ns)


class ScriptedModel:
    """Answers by the words and pixels it is sent, and by nothing else."""

    name, available = "scripted", True
    trace = False

    def __init__(self) -> None:
        self.requests = 0
        self.now_s: Callable[[], float] = lambda: 0.0

    def warm(self) -> None:
        pass

    def close(self) -> None:
        pass

    def estimate(self, request: Request) -> Usage:
        return Usage(cost_of(request), REPLY_TOKENS, known=False)

    def ask(self, request: Request, deadline: Deadline, *, repair: str | None = None) -> Reply:
        self.requests += 1
        verdict, quote = _judged(request)
        if self.trace:
            size = [(each.width, each.height) for each in request.pictures]
            print(f"{self.now_s():8.1f}", request.reason, request.words, "->", verdict, cost_of(request), size,
                  request.text.splitlines()[-3:], flush=True)  # fmt: skip
        text = json.dumps({"verdict": verdict, "confidence": 0.9, "reason": "as it shows", "quote": quote})
        return Reply(text, Usage(cost_of(request), REPLY_TOKENS))


def cost_of(request: Request) -> int:
    system, text = worded(request)
    pictures = sum(image_tokens("claude", each.width, each.height) for each in request.pictures)
    return pictures + (len(system) + len(text)) // 4


def _judged(request: Request) -> tuple[str, str | None]:
    """The verdict, and the words that settle it."""
    if "newest build" in request.words:
        lines = re.findall(r"BUILD \d+ (?:FAILED|passed)", request.text)
        return ("unknown", None) if not lines else ("yes" if "FAILED" in lines[-1] else "no", lines[-1])
    if "permission" in request.words:
        return ("yes", "wants permission") if "wants permission" in request.text else ("no", None)
    if "Anna" in request.words:
        return ("yes", "Anna:") if "Anna:" in request.text else ("no", None)
    if "queue:" not in request.text or "FAILED" in request.text:
        return "unknown", None  # not in the picture, or so small in it that red words beside it are as red
    pixels = np.asarray(Image.open(io.BytesIO(request.pictures[-1].png))).astype(int)
    red = (pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 120) & (pixels[:, :, 2] < 120)
    return "yes" if red.sum() >= 8 else "no", "queue:"


@dataclass(frozen=True)
class Way:
    """What one way of noticing came to; what it missed and told too much, in words."""

    name: str
    tokens: int
    requests: int
    noticed: int
    of: int
    extra: int
    latencies: tuple[float, ...]
    missed: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()

    def row(self, against: int) -> str:
        fewer = f"{1 - self.tokens / against:.2%}" if against else "-"
        median = f"{statistics.median(self.latencies):.1f} s" if self.latencies else "-"
        worst = f"{max(self.latencies):.1f} s" if self.latencies else "-"
        cells = (self.name, f"{self.tokens:,}", f"{self.requests:,}", fewer, f"{self.noticed} of {self.of}",
                 str(self.extra), median, worst)  # fmt: skip
        return "| " + " | ".join(cells) + " |"


def polled(happenings: list[Happening], hours: float, questions: list[str]) -> Way:
    """The whole frame every 30 s, all questions in one request, answered perfectly."""
    each = image_tokens("claude", *SIZE) + sum(len(question) for question in questions) // 4 + REPLY_TOKENS
    times = [at * EVERY_S for at in range(int(hours * 3600 / EVERY_S))]
    latencies = []
    for happening in happenings:
        seen = [at for at in times if happening.start_s <= at <= happening.end_s]
        latencies += [seen[0] - happening.start_s] if seen else []
    return Way("whole frame every 30 s", each * len(times), len(times), len(latencies), len(happenings), 0,
               tuple(latencies))  # fmt: skip


def watched(name: str, script: Script, happenings: list[Happening], conditions: dict[str, str]) -> Way:
    """Our way; ``conditions`` by the kind of event they are for."""
    model = ScriptedModel()
    asker = Asker(model, None, None, Price(0, 0))
    options = WatchOptions(when=list(conditions.values()), pace="max", asker=asker, ask_s=600, threads=2)
    firings: list[tuple[str, float]] = []
    with Watch(Seldom(script, Look(size=SIZE)), options) as running:
        model.now_s = lambda: running.engine.now_ns / SECOND
        for event in running:
            if event.type == "alert" and event.data.get("state", "firing") == "firing":
                firings.append((event.rule or "", running.engine.now_ns / 1e9))
    latencies: list[float] = []
    missed: list[str] = []
    extras = list(firings)
    wanted = [happening for happening in happenings if happening.kind in conditions]
    for happening in wanted:
        right = [(rule, at) for rule, at in firings if rule == conditions[happening.kind]
                 and happening.start_s - 1 <= at <= happening.end_s + AROUND_S]  # fmt: skip
        extras = [each for each in extras if each not in right]
        latencies += [max(0.0, right[0][1] - happening.start_s)] if right else []
        missed += [] if right else [f"{happening.kind} at {happening.start_s:.0f} s"]
    told = tuple(f"{rule} at {at:.0f} s" for rule, at in extras)
    tokens, noticed = asker.counts.tokens, len(latencies)
    return Way(name, tokens, model.requests, noticed, len(wanted), len(extras), tuple(latencies), tuple(missed), told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between captures")
    parser.add_argument("--near", type=float, help="capture only this long, in seconds, after something happened")
    parser.add_argument("--only", choices=("texts", "says"), help="one of the two ways of ours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--trace", action="store_true", help="print each request that our way puts")
    given = parser.parse_args()
    ScriptedModel.trace = given.trace
    Seldom.every_s, Seldom.near_s = given.every, given.near
    script, happenings = script_of(given.hours, given.seed, given.events)
    says = {kind: question for kind, (question, _) in KINDS.items()}
    texts = {kind: text for kind, (_, text) in KINDS.items() if text is not None}
    began = time.monotonic()
    frames = polled(happenings, given.hours, list(says.values()))
    ways = [frames]
    if given.only != "says":
        ways.append(watched("rules that text settles", script, happenings, texts))
    if given.only != "texts":
        ways.append(watched("says(...) rules, all four", script, happenings, says))
    lines = [
        f"# Tokens: {given.hours:g} hours of a {SIZE[0]} x {SIZE[1]} desktop, {given.events} events, a capture every"
        f" {given.every:g} s, seed {given.seed}",
        "",
        "| way | tokens | requests | fewer | noticed | extra | latency, median | largest |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(way.row(0 if way is frames else frames.tokens) for way in ways),
        "",
        *(f"{way.name}: missed {', '.join(way.missed)}.\n" for way in ways if way.missed),
        *(f"{way.name}: extra {', '.join(way.extras)}.\n" for way in ways if way.extras),
        f"{in_words()}, load {load()}; {time.monotonic() - began:.0f} s.",
    ]
    print("\n".join(lines))
    if given.out is not None:
        (given.out / "bench-tokens.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
