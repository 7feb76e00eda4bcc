"""Actions in words, as they stand behind ``then`` in rules and settings.

parse_action("webhook:https://hooks.example.org/x")    # ActionSpec('webhook', 'https://hooks.example.org/x')
make_action(parse_action("notify"), ActionOptions())   # a Notifier, or ActionError where it cannot notify here
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ironcliw.action.pictures import Picture
from ironcliw.action.printable import printable
from ironcliw.action.protocol import Action
from ironcliw.errors import ActionError
from ironcliw.event import Event

KINDS: dict[str, tuple[bool | None, str]] = {
    "notify": (False, "notify"),
    "terminal": (False, "terminal"),
    "sound": (None, "sound or sound:FILE"),
    "webhook": (True, "webhook:https://HOST/PATH"),
    "exec": (True, "exec:COMMAND"),
    "jsonl": (True, "jsonl:PATH"),
    "apprise": (True, "apprise:URL"),
}
"""Whether each takes something behind its colon (None: it may), and how it is written."""

_LONGEST = 4_000

Pictures = Callable[[Event], "tuple[Picture, ...]"]
"""What the screen showed where the alert was: none, after, or before and after. May ask another process."""
Answered = Callable[[str, str], None]
"""Somebody pressed a button: the event's id, and ``useful``, ``not-useful``, ``later`` or ``mute``."""


def _no_pictures(event: Event) -> tuple[Picture, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action as it was written. ``argument``: what stands behind the colon; may hold a secret, so never logged."""

    kind: str
    argument: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ActionOptions:
    """What actions are told once.

    redact: secrets are taken out of what leaves the machine or is written to a file
    notify_text, notify_picture: a notification shows what was read, and how that looked
    webhook_picture: a webhook is sent how it looked
    webhook_secret: signs what webhooks are sent; None leaves it unsigned
    allow_private: hosts (or ``host:port``) that may have a private address, and may be spoken to without TLS
    proxy: ``http://host:port`` through which webhooks go; those in the environment are not looked at
    stdout_to_stderr: what commands print goes to our error output
    pictures: where pictures are had
    answered: whom the buttons of notifications tell; without it they have none
    """

    redact: bool = True
    notify_text: bool = False
    notify_picture: bool = False
    webhook_picture: bool = False
    webhook_secret: bytes | None = field(default=None, repr=False)
    allow_private: tuple[str, ...] = ()
    proxy: str | None = None
    stdout_to_stderr: bool = False
    pictures: Pictures = _no_pictures
    answered: Answered | None = None


def parse_action(text: str) -> ActionSpec:
    """The action that ``text`` names. ActionError, on one line, where there is none; whether it works is not tried."""
    kind, colon, argument = text.strip().partition(":")
    kind, argument = kind.strip(), argument.strip()
    if kind not in KINDS:
        ways = ", ".join(way for _, way in KINDS.values())
        raise ActionError(f"{printable(kind)[:40]!r} is no action; there are {ways}")
    takes, way = KINDS[kind]
    if takes and not argument:
        raise ActionError(f"the action {kind!r} lacks what stands behind its colon: {way}")
    if takes is False and colon:
        raise ActionError(f"the action {kind!r} takes nothing behind a colon")
    if takes is None and colon and not argument:
        raise ActionError(f"the action {kind!r} lacks what stands behind its colon: {way}")
    if len(argument) > _LONGEST or any(ord(each) < 0x20 or ord(each) == 0x7F for each in argument):
        raise ActionError(f"the action {kind!r}: at most {_LONGEST} characters, and no control characters, are taken")
    if kind == "webhook":
        from ironcliw.action.target import parse_target  # noqa: PLC0415 - only who has one needs it

        parse_target(argument)
    return ActionSpec(kind, argument)


def make_action(spec: ActionSpec, options: ActionOptions) -> Action:
    """The action itself, checked to work here as far as that can be known. ActionError, MissingExtraError."""
    return _MAKERS[spec.kind](spec.argument, options)


# Each is imported where it is made: most watches need none, and the largest take ten MB.


def _notify(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.notify import Notifier  # noqa: PLC0415

    return Notifier(
        show_text=options.notify_text,
        pictures=options.pictures if options.notify_picture else None,
        answered=options.answered,
        redact=options.redact,
    )


def _terminal(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.terminal import Terminal  # noqa: PLC0415

    return Terminal()


def _sound(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.sound import Sound  # noqa: PLC0415

    return Sound(argument or None)


def _webhook(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.webhook import Webhook  # noqa: PLC0415

    return Webhook(
        argument,
        secret=options.webhook_secret,
        allow_private=options.allow_private,
        proxy=options.proxy,
        redact=options.redact,
        pictures=options.pictures if options.webhook_picture else None,
    )


def _exec(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.exec import Exec  # noqa: PLC0415

    return Exec(argument, stdout_to_stderr=options.stdout_to_stderr)


def _jsonl(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.jsonl import JsonLines  # noqa: PLC0415

    return JsonLines(argument, redact=options.redact)


def _apprise(argument: str, options: ActionOptions) -> Action:
    from ironcliw.action.apprise import ThroughApprise  # noqa: PLC0415

    return ThroughApprise(argument, redact=options.redact)


_MAKERS: dict[str, Callable[[str, ActionOptions], Action]] = {
    "notify": _notify,
    "terminal": _terminal,
    "sound": _sound,
    "webhook": _webhook,
    "exec": _exec,
    "jsonl": _jsonl,
    "apprise": _apprise,
}
