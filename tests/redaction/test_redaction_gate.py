"""The gate: what it takes out, what it leaves, and that it fails closed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ironcliw.frame import Rect
from ironcliw.redaction import EVERYWHERE, Gate
from ironcliw.redaction import gate as gate_module


@dataclass(frozen=True)
class Said:
    text: str
    box: Rect


def said(text: str, x: int = 10, y: int = 10, height: int = 16) -> Said:
    return Said(text, Rect(x, y, 8 * len(text), height))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("password: hunter2", "password: [password]"),
        ("pay with 4111 1111 1111 1111 now", "pay with [card] now"),
        ("export AWS=AKIAIOSFODNN7EXAMPLE", "export AWS=[key]"),
        ("write to jo.doe+x@mail.example.org!", "write to [e-mail]!"),
        ("postgres://app:s3cr%21t@db:5432/x", "postgres://app:[password]@db:5432/x"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [iban]."),
        ("his number is 123-45-6789", "his number is [ssn]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "[private key]"),
    ],
)
def test_secrets_are_replaced_by_their_kind(text: str, redacted: str) -> None:
    assert Gate().text(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BUILD FAILED: 3 errors",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "id 7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "Password: incorrect",
        "token: invalid",
        "order 4111 1111 1111 1112",
        "2026-11-27 12:03:05.123456 [1/20] compiling src/module_1.c",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Gate().text(text).text == text


def test_found_places_are_those_of_the_original() -> None:
    (found,) = Gate().text("a jo@example.org b").found
    assert (found.kind, found.start, found.end) == ("e-mail", 2, 16)
    assert Gate().text("a@b.org c@d.org").counts == {"e-mail": 2}


def test_a_key_that_wraps_is_found_in_both_lines() -> None:
    token = "ghp_" + "a1B2c3D4e5" * 4
    lines = [said(f"$ export GITHUB={token[:24]}", y=10), said(f"{token[24:]} && make", y=30)]
    assert [each.text for each in Gate().lines(lines)] == ["$ export GITHUB=[key]", "[key] && make"]


def test_a_value_beside_its_name_is_found() -> None:
    lines = [said("Password:", x=10, y=10), said("hunter2", x=200, y=10), said("hunter2", x=200, y=200)]
    assert [each.text for each in Gate().lines(lines)] == ["Password:", "[password]", "hunter2"]


def test_boxes_cover_the_secret_and_not_the_line() -> None:
    line = said("mail jo@example.org for more about it")
    (box,) = Gate().boxes([line])
    assert box.x <= 10 + 5 * 8
    assert box.right >= 10 + 19 * 8
    assert box.right < line.box.right - 60
    assert box.y < line.box.y
    assert box.bottom > line.box.bottom


def test_an_error_inside_withholds_everything(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(text: str) -> list[object]:
        raise RuntimeError("over canary-word")

    monkeypatch.setattr(gate_module, "find", broken)
    monkeypatch.setattr(gate_module, "places_in_lines", broken)
    assert Gate().text("nothing canary-word").text == "[withheld]"
    assert [each.text for each in Gate().lines([said("canary-word")])] == ["[withheld]"]
    assert Gate().boxes([said("canary-word")]) == (EVERYWHERE,)
    assert "canary-word" not in caplog.text
    assert "withheld" in caplog.text
