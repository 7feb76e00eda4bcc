"""Pictures of alerts, asked of the engine that keeps them.

pictures = pictures_at(socket_path("watch").with_suffix(".engine"), redact=True)
pictures(event)                       # (Picture('after', ...),); none where they cannot be had
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from ironcliw.action.pictures import Picture
from ironcliw.action.spec import Pictures
from ironcliw.errors import IpcError
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.ipc import Connection, Reply

_TIMEOUT_S = 3.0
_log = logging.getLogger(__name__)


def pictures_at(path: Path, *, redact: bool) -> Pictures:
    """What asks whoever answers at ``path``. ``redact``: they are blacked out where secrets stand."""

    def ask(event: Event) -> tuple[Picture, ...]:
        try:
            with Connection(path, timeout_s=_TIMEOUT_S) as engine:
                return _pictures(engine.ask("pictures", id=event.id, redact=redact))
        except (IpcError, ValueError, TypeError, KeyError) as error:
            _log.warning(
                "an alert goes without its picture: %s", error if isinstance(error, IpcError) else "it is none"
            )
            return ()

    return ask


def _pictures(reply: Reply) -> tuple[Picture, ...]:
    payload, at = bytes(reply.payload), 0
    pictures: list[Picture] = []
    told: list[dict[str, Any]] = reply.data["pictures"]
    for each in told:
        size = int(each["bytes"])
        pictures.append(Picture(str(each["when"]), Rect(*map(int, each["box"])), payload[at : at + size]))
        at += size
    return tuple(pictures)
