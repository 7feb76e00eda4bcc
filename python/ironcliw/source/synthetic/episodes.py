"""What may happen, as short runs of moments that follow each other or go side by side.

    command(Dice(1, "x"), at_ms=3_000)    # typed, run, its output and how it ended

An episode is given dice and the time at which it begins, and answers with its moments in order; with the last one it
is over and the desktop is as it was, but for what was printed.
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.source.synthetic.action import (
    Clear,
    Dissolve,
    Enter,
    Fade,
    Hide,
    Moment,
    Move,
    Play,
    Print,
    SetDot,
    SetProgress,
    SetText,
    Show,
    ShowDialog,
    ShowToast,
    Type,
)
from ironcliw.source.synthetic.canvas import WHOLE
from ironcliw.source.synthetic.words import CAPTIONS, COMMANDS, DIALOGS, SERVICES, TOASTS, Dice, log_line, outcome

Episode = Callable[[Dice, int], list[Moment]]

FRAME_MS = 33
PROMPT = "$ "
TERMINAL = "terminal"


def typing(dice: Dice, at_ms: int) -> list[Moment]:
    """A command is typed, character by character, and not yet run."""
    text, began_ms = dice.pick(COMMANDS), at_ms
    moments: list[Moment] = []
    for length in range(1, len(text) + 1):
        whole = began_ms if length == len(text) else None
        moments.append(Moment(at_ms, Type(TERMINAL, PROMPT, text[:length], whole)))
        at_ms += dice.whole(60, 180)
    return moments


def log_one(dice: Dice, at_ms: int) -> list[Moment]:
    """One line that nobody waits for."""
    return [Moment(at_ms, Print(TERMINAL, log_line(dice, at_ms)))]


def log_some(dice: Dice, at_ms: int) -> list[Moment]:
    """Three to ten lines, each some time after the other."""
    moments: list[Moment] = []
    for _ in range(dice.whole(3, 10)):
        moments += log_one(dice, at_ms)
        at_ms += dice.whole(150, 2_500)
    return moments


def log_outcome(dice: Dice, at_ms: int) -> list[Moment]:
    """One line that somebody may wait for."""
    return [Moment(at_ms, Print(TERMINAL, outcome(dice)))]


def burst(dice: Dice, at_ms: int) -> list[Moment]:
    """Forty lines within a moment or half a second."""
    moments: list[Moment] = []
    apart_ms = dice.pick((0, 4, 12))
    for _ in range(40):
        moments += log_one(dice, at_ms)
        at_ms += apart_ms
    return moments


def command(dice: Dice, at_ms: int) -> list[Moment]:
    """A command is typed and run; a spinner turns; some output, and how it ended."""
    moments = typing(dice, at_ms)
    at_ms = moments[-1].at_ms + 250
    moments += [Moment(at_ms, Enter(TERMINAL)), Moment(at_ms, Play("spinner", 10))]
    moments += log_some(dice, at_ms + 400)
    at_ms = moments[-1].at_ms + dice.whole(300, 2_000)
    moments += log_outcome(dice, at_ms)
    return [*moments, Moment(at_ms, Play("spinner", 0))]


def clear(dice: Dice, at_ms: int) -> list[Moment]:
    """The terminal is cleared, all at once."""
    return [Moment(at_ms, Clear(TERMINAL))]


def dialog(dice: Dice, at_ms: int) -> list[Moment]:
    """A dialog opens and is answered after three to fifteen seconds."""
    title, message, buttons = dice.pick(DIALOGS)
    shown = Moment(at_ms, ShowDialog("dialog", title, message, buttons))
    return [shown, Moment(at_ms + dice.whole(3_000, 15_000), Hide("dialog"))]


def toast(dice: Dice, at_ms: int) -> list[Moment]:
    """A notification of any length, as often fading in as not."""
    lasts_ms = dice.pick((500, 1_000, 4_000, 8_000, 20_000, 40_000))
    return toast_saying(dice, at_ms, dice.pick(TOASTS), lasts_ms, fades=dice.chance(50))


def toast_short(dice: Dice, at_ms: int) -> list[Moment]:
    """A notification of half a second."""
    return toast_saying(dice, at_ms, dice.pick(TOASTS), 500, fades=False)


def toast_long(dice: Dice, at_ms: int) -> list[Moment]:
    """A notification that fades in and stays for forty seconds."""
    return toast_saying(dice, at_ms, dice.pick(TOASTS), 40_000, fades=True)


def toast_saying(
    dice: Dice, at_ms: int, words: tuple[str, str], lasts_ms: int, *, fades: bool, slot: int = 0
) -> list[Moment]:
    """Title and text, wholly seen for ``lasts_ms``; ``fades``: they take 0.2 to 0.3 s to come."""
    title, text = words
    name = f"toast {slot}"
    steps = dice.whole(6, 9) if fades else 0
    first = WHOLE // (steps + 1) if fades else WHOLE
    moments = [Moment(at_ms, ShowToast(name, title, text, slot, first))]
    for step in range(1, steps + 1):
        moments.append(Moment(at_ms + step * FRAME_MS, Fade(name, WHOLE * (step + 1) // (steps + 1))))
    return [*moments, Moment(moments[-1].at_ms + lasts_ms, Hide(name))]


def progress(dice: Dice, at_ms: int) -> list[Moment]:
    """A progress bar runs from 1 % to 100 %, dwells at 99 %, and goes."""
    caption, percent = dice.pick(CAPTIONS), 0
    moments: list[Moment] = []
    while percent < 99:
        percent = min(99, percent + dice.whole(1, 7))
        moments.append(Moment(at_ms, SetProgress("progress", caption, percent)))
        at_ms += dice.whole(80, 600)
    at_ms += dice.whole(1_000, 3_000)
    moments.append(Moment(at_ms, SetProgress("progress", caption, 100)))
    return [*moments, Moment(at_ms + dice.whole(2_000, 5_000), SetProgress("progress", caption, None))]


def back_and_forth(dice: Dice, at_ms: int) -> list[Moment]:
    """A service runs, fails, runs: the words and the dot are what they were before, and both changes count."""
    service = dice.pick(SERVICES)
    again_ms = at_ms + dice.whole(3_000, 10_000)
    return [
        Moment(at_ms, SetText(f"{service} label", f"{service}: failed")),
        Moment(at_ms, SetDot(f"{service} dot", "bad")),
        Moment(again_ms, SetText(f"{service} label", f"{service}: running")),
        Moment(again_ms, SetDot(f"{service} dot", "good")),
    ]


def dot(dice: Dice, at_ms: int) -> list[Moment]:
    """Nothing but a dot of 16 pixels changes its colour, and changes it back."""
    name = f"{dice.pick(SERVICES)} dot"
    back = Moment(at_ms + dice.whole(2_000, 8_000), SetDot(name, "good"))
    return [Moment(at_ms, SetDot(name, dice.pick(("warning", "bad")))), back]


def switch(dice: Dice, at_ms: int) -> list[Moment]:
    """Another window covers everything for some seconds."""
    return [Moment(at_ms, Show("browser")), Moment(at_ms + dice.whole(4_000, 12_000), Hide("browser"))]


def dissolve(dice: Dice, at_ms: int) -> list[Moment]:
    """The same, but each way the picture dissolves within 25 to 40 frames."""
    there = [Moment(at_ms, Show("browser")), *_dissolving(dice, at_ms)]
    at_ms = there[-1].at_ms + dice.whole(4_000, 12_000)
    return [*there, Moment(at_ms, Hide("browser")), *_dissolving(dice, at_ms)]


def _dissolving(dice: Dice, at_ms: int) -> list[Moment]:
    frames = dice.whole(25, 40)
    steps = [Moment(at_ms + step * FRAME_MS, Dissolve((step + 1) * WHOLE // (frames + 1))) for step in range(frames)]
    return [*steps, Moment(at_ms + frames * FRAME_MS, Dissolve(None, at_ms))]


def drag(dice: Dice, at_ms: int) -> list[Moment]:
    """The notes are dragged over the terminal, and some seconds later back; no word is new by that."""
    far = dice.whole(200, 400)
    there = _dragging(at_ms, 0, -far, dice.whole(20, 40))
    back = _dragging(there[-1].at_ms + dice.whole(2_000, 5_000), -far, 0, dice.whole(20, 40))
    return [Moment(at_ms, Show("notes")), *there, *back]


def _dragging(at_ms: int, start: int, end: int, steps: int) -> list[Moment]:
    moments: list[Moment] = []
    for step in range(1, steps + 1):
        dx = start + (end - start) * step // steps
        began_ms = at_ms if step == steps else None
        moments.append(Moment(at_ms + step * FRAME_MS, Move("notes", dx, -abs(dx) // 4, began_ms)))
    return moments


def clip(dice: Dice, at_ms: int) -> list[Moment]:
    """The video plays for some seconds at 10 to 30 frames a second."""
    playing = Moment(at_ms, Play("video", dice.pick((10, 15, 24, 30))))
    return [playing, Moment(at_ms + dice.whole(3_000, 12_000), Play("video", 0))]


def unrest(dice: Dice, at_ms: int) -> list[Moment]:
    """Spinner and video move from now on."""
    return [Moment(at_ms, Play("spinner", 10)), Moment(at_ms, Play("video", 10))]
