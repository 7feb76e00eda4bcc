"""Pictures of alerts: of what was there, bounded, without secrets, and never of more than was asked for."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ironcliw.errors import IpcError
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.history import Archive
from ironcliw.ipc import Request
from ironcliw.monitor.evidence import HIGHEST_PX, MOST_ALERTS, WIDEST_PX, Evidence
from ironcliw.text.screen import Line


class Shown:
    """An engine that shows noise, or what it is given."""

    def __init__(self, width: int = 1920, height: int = 1080, lines: tuple[Line, ...] = ()) -> None:
        self.pixels = np.random.default_rng(1).integers(1, 255, (height, width, 4), np.uint8)
        self.lines = lines

    def snapshot(self) -> np.ndarray:
        return self.pixels.copy()


def alert(number: int, *regions: Rect) -> Event:
    return Event(id=f"r-{number}", type="alert", time=2.0, wall="", source="s", regions=regions, rule="text:x")


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


def test_the_picture_is_what_was_there_when_the_alert_was_told() -> None:
    evidence, engine, told = Evidence(), Shown(), list[Event]()
    tell = evidence.taking(told.append, lambda: engine)
    before = engine.pixels.copy()
    tell(alert(1, Rect(100, 200, 50, 20)))
    engine.pixels[:] = 0
    (picture,) = evidence.pictures("r-1")
    assert (picture.when, picture.box) == ("after", Rect(76, 176, 98, 68))
    np.testing.assert_array_equal(decoded(picture.png), before[176:244, 76:174, 2::-1])
    assert [event.id for event in told] == ["r-1"]
    assert evidence.pictures("r-2") == []


def test_secrets_are_blacked_out_unless_they_may_be_shown() -> None:
    secret, open_line = Rect(100, 100, 160, 16), Rect(400, 130, 160, 16)
    engine = Shown(lines=(Line(1, "ghp_" + "a1B2" * 9, secret, 1, 0), Line(2, "BUILD FAILED", open_line, 1, 0)))
    evidence = Evidence()
    evidence.add(alert(1, secret, open_line), engine)
    (redacted,) = evidence.pictures("r-1")
    (whole,) = evidence.pictures("r-1", redact=False)
    at = secret.moved(-redacted.box.x, -redacted.box.y)
    assert not decoded(redacted.png)[at.y : at.bottom, at.x : at.right].any()
    assert decoded(whole.png)[at.y : at.bottom, at.x : at.right].all()
    at = open_line.moved(-redacted.box.x, -redacted.box.y)
    assert decoded(redacted.png)[at.y : at.bottom, at.x : at.right].all()


def test_what_cannot_be_looked_through_is_black(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(lines: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("ironcliw.redaction.gate.places_in_lines", broken)
    evidence = Evidence()
    evidence.add(alert(1, Rect(0, 0, 600, 300)), Shown(lines=(Line(1, "x", Rect(0, 0, 9, 9), 1, 0),)))
    (picture,) = evidence.pictures("r-1")
    assert not decoded(picture.png).any()


@pytest.mark.parametrize(
    "region", [Rect(0, 0, 3840, 2160), Rect(0, 0, 3840, 10), Rect(3830, 0, 10, 2160), Rect(1, 1, 1, 1)]
)
def test_pictures_are_small_and_few(region: Rect) -> None:
    evidence, engine = Evidence(), Shown(3840, 2160)
    for number in range(MOST_ALERTS + 5):
        evidence.add(alert(number, region), engine)
    assert evidence.pictures("r-4") == []
    for number in range(5, MOST_ALERTS + 5):
        (picture,) = evidence.pictures(f"r-{number}", redact=False)
        height, width = decoded(picture.png).shape[:2]
        assert 0 < width <= WIDEST_PX
        assert 0 < height <= HIGHEST_PX


def test_a_larger_picture_is_the_mean_of_its_pixels() -> None:
    """Every second pixel white on black is grey: what only sampling would show does not come to light."""
    engine = Shown(1300, 820)
    engine.pixels[:] = 0
    engine.pixels[:, ::2] = 255
    evidence = Evidence()
    evidence.add(alert(1, Rect(0, 0, 1280, 800)), engine)
    (picture,) = evidence.pictures("r-1", redact=False)
    assert set(np.unique(decoded(picture.png)).tolist()) <= {85, 127, 128, 170}


def test_before_comes_from_the_archive_and_never_where_secrets_are_taken_out() -> None:
    archive, engine = Archive(64 << 20), Shown(640, 360)
    for number, value in enumerate((10, 200)):
        pixels = np.full((360, 640, 4), value, np.uint8)
        archive.add(pixels, (1 + number) * 1_000_000_000, 0)
    evidence = Evidence(lambda: archive)
    evidence.add(alert(1, Rect(100, 100, 50, 20)), engine)
    before, after = evidence.pictures("r-1", redact=False)
    assert (before.when, after.when) == ("before", "after")
    assert set(np.unique(decoded(before.png)).tolist()) == {10}
    assert [picture.when for picture in evidence.pictures("r-1")] == ["after"]
    archive.close()


def test_an_alert_without_a_place_has_no_picture() -> None:
    evidence = Evidence()
    evidence.taking(lambda event: None, Shown)(alert(1))
    assert evidence.pictures("r-1") == []


def test_it_answers_over_a_socket_with_what_is_asked_for() -> None:
    evidence = Evidence()
    evidence.add(alert(1, Rect(5, 5, 5, 5)), Shown())
    reply = evidence.handler(Request("pictures", {"id": "r-1"}, 1, 1))
    assert reply.data["pictures"][0]["bytes"] == len(bytes(reply.payload))
    assert evidence.handler(Request("pictures", {"id": "r-9"}, 1, 1)).data == {"pictures": []}
    for wrong in ({}, {"id": 3}, {"id": None}):
        with pytest.raises(IpcError, match="expected id"):
            evidence.handler(Request("pictures", wrong, 1, 1))
