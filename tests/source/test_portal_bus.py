"""D-Bus as the portal source speaks it, against the reader and writer of another implementation."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant

from ironcliw.source.portal_bus import Reader, Writer, split

VALUES: list[tuple[str, Any, Any]] = [
    ("s", "a text", "a text"),
    ("as", ["", "b", "four"], ["", "b", "four"]),
    ("ybnqiuxtd", [1, True, -2, 3, -4, 5, -6, 7, 0.5], None),
    ("a{sv}", {"a": Variant("u", 7), "bc": Variant("(ii)", [1, -2])}, {"a": 7, "bc": (1, -2)}),
    ("a(ua{sv})", [[44, {"position": Variant("(ii)", [3, 4])}]], [(44, {"position": (3, 4)})]),
    ("v", Variant("as", ["x"]), ["x"]),
]


def body(signature: str, values: list[Any]) -> bytes:
    """What the other implementation writes."""
    message = Message(
        message_type=MessageType.SIGNAL, path="/a", interface="a.b", member="C", signature=signature, body=values
    )
    written = bytes(message._marshall(False))  # pyright: ignore[reportPrivateUsage]
    length = struct.unpack_from("<I", written, 4)[0]
    return written[len(written) - length :]


@pytest.mark.parametrize(("signature", "value", "expected"), VALUES)
def test_what_another_writes_is_read(signature: str, value: Any, expected: Any) -> None:
    several = len(split(signature)) > 1
    reader = Reader(body(signature, value if several else [value]), "<", 0)
    read = [reader.read(kind) for kind in split(signature)]
    assert read == (value if several else [expected])


def test_what_is_written_is_what_another_writes() -> None:
    writer = Writer()
    writer.write("o", "/a/b")
    writer.write("a{sv}", {"types": ("u", 1), "multiple": ("b", False), "token": ("s", "x")})
    theirs = {"types": Variant("u", 1), "multiple": Variant("b", False), "token": Variant("s", "x")}
    assert bytes(writer.data) == body("oa{sv}", ["/a/b", theirs])


def test_damaged_messages_are_refused_and_nothing_else() -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    whole = body("a(ua{sv})", [[[44, {"position": Variant("(ii)", [3, 4])}]]])
    for _ in range(2_000):
        damaged = bytearray(whole[: rng.randrange(len(whole) + 1)])
        for _ in range(rng.randrange(4)):
            if damaged:
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            Reader(bytes(damaged), "<", 0).read("a(ua{sv})")
        except (struct.error, IndexError, KeyError, ValueError, RecursionError):
            continue
