"""Webhooks to a real server on loopback: what is sent, what fails, and whom nothing is sent to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import random
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from action_events import alert
from webhook_server import FAULTS, certificate, receiver

from ironcliw.action import Dispatcher, Picture
from ironcliw.action.target import is_public, parse_target
from ironcliw.action.webhook import Patience, Webhook
from ironcliw.errors import ActionError
from ironcliw.event import Event
from ironcliw.frame import Rect
from rounds import rounds

QUICK = Patience(give_up_s=60, try_s=20.0, tries=4, first_pause_s=0.01)
PATIENT = Patience(give_up_s=120, try_s=2.0, tries=9, first_pause_s=0.01)
HERE = ("localhost",)


def hook(url: str, **more: object) -> Webhook:
    return Webhook(url, **{"allow_private": HERE, "patience": QUICK, **more})  # type: ignore[arg-type]


def test_it_sends_the_alert_as_json_that_says_what_it_is() -> None:
    with receiver() as server:
        hook(server.url).deliver(alert(text="it FAILED"))
        ((headers, _),) = server.taken
        (said,) = server.json()
        assert server.paths == ["/hook?token=t0ken-in-the-path"]
    assert Event.from_dict(said) == alert(text="it FAILED")
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"localhost:{server.port}"
    assert "webhook-signature" not in headers


def test_secrets_are_taken_out_unless_asked_otherwise() -> None:
    event = alert(text="password: hunter2 for jo@example.org")
    with receiver() as server:
        hook(server.url).deliver(event)
        hook(server.url, redact=False).deliver(event)
        redacted, whole = server.json()
    assert redacted["text"] == "password: [password] for [e-mail]"
    assert whole["text"] == event.text


@pytest.mark.parametrize("secret", [b"plain words", b"whsec_" + base64.b64encode(b"0123456789abcdef")])
def test_the_signature_can_be_checked_by_its_receiver(secret: bytes) -> None:
    with receiver() as server:
        hook(server.url, secret=secret).deliver(alert())
        ((headers, body),) = server.taken
    key = base64.b64decode(secret[6:]) if secret.startswith(b"whsec_") else secret
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 600
    assert expected != base64.b64encode(hmac.new(key, signed + b" ", hashlib.sha256).digest()).decode()


def test_a_retry_is_the_same_message() -> None:
    with receiver(["503", "reset", "ok"]) as server:
        hook(server.url).deliver(alert(7))
        ((headers, _),) = server.taken
        assert server.seen == ["503", "reset", "ok"]
    assert headers["idempotency-key"] == headers["webhook-id"] == "ironcliw-7"


@pytest.mark.parametrize("status", ["400", "401", "404", "410", "422"])
def test_what_will_not_be_taken_later_is_not_tried_again(status: str) -> None:
    with receiver([status, "ok"]) as server:
        with pytest.raises(ActionError, match=f"localhost:{server.port}: answered {status}$"):
            hook(server.url).deliver(alert())
        assert server.seen == [status]


def test_it_is_given_up_after_so_many_tries() -> None:
    with receiver(["500"]) as server:
        with pytest.raises(ActionError, match="answered 500, 4 tries in"):
            hook(server.url).deliver(alert())
        assert server.seen == ["500"] * 4


def test_every_fault_is_outlived_and_none_is_told_with_the_path(caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(20261127)
    for _ in range(rounds(1, 10)):
        for fault in FAULTS:
            faults = [fault] * rng.randint(1, 2)
            with receiver([*faults, "ok"]) as server:
                dispatcher = Dispatcher([hook(server.url, patience=PATIENT)])
                dispatcher.submit(alert(text="canary-on-screen"))
                ((_, counts),) = dispatcher.close(timeout_s=120)
                assert counts.delivered == 1, f"{faults}: {server.seen}"
                assert len(server.taken) == 1 or fault == "slow bytes", f"{faults}: {server.seen}"
    assert "t0ken" not in caplog.text
    assert "canary" not in caplog.text


def test_without_retries_the_same_faults_lose_alerts() -> None:
    """The control: that faults are outlived is owed to trying again."""
    lost = 0
    for fault in FAULTS:
        with receiver([fault, "ok"]) as server:
            dispatcher = Dispatcher([hook(server.url, patience=Patience(tries=1, try_s=1.5))])
            dispatcher.submit(alert())
            ((_, counts),) = dispatcher.close(timeout_s=120)
            lost += counts.failed
    assert lost == len(FAULTS) - 1, "slow bytes follow headers that say 200"


def test_a_redirect_is_not_followed() -> None:
    with receiver() as elsewhere, receiver([f"redirect {elsewhere.url}"]) as server:
        with pytest.raises(ActionError, match="answered 307: redirects are not followed"):
            hook(server.url).deliver(alert())
        assert elsewhere.paths == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0",
     "[fe80::1]", "[fd00::1]", "100.64.0.1", "2130706433", "0x7f000001", "127.1", "[64:ff9b::7f00:1]", "224.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_refused_before_anything_is_sent(host: str) -> None:
    with receiver() as server:
        refused = Webhook(f"https://{host}:{server.port}/x", patience=QUICK)
        with pytest.raises(ActionError, match=r"has a private address|cannot be reached"):
            refused.deliver(alert())
        assert server.seen == []


def test_a_name_that_resolves_otherwise_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as server:
        public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", server.port))]
        private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        answers = [public, private]
        connected: list[object] = []
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.pop(0))
        monkeypatch.setattr(socket.socket, "connect", lambda self, address: connected.append(address) or refuse())

        def refuse() -> None:
            raise ConnectionRefusedError(111, "Connection refused")

        rebound = Webhook(f"https://rebind.example.org:{server.port}/", patience=Patience(tries=2, first_pause_s=0.01))
        with pytest.raises(ActionError, match=r"private address \(127.0.0.1\)"):
            rebound.deliver(alert())
        assert connected == [("93.184.216.34", server.port)]
        assert server.seen == []


def test_public_addresses_are_known_from_private_ones() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"):
        assert is_public(address), address
    for address in ("198.51.100.7", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "::", "ff02::1", "no address"):
        assert not is_public(address), address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://example.org/x", "begins with https://"),
        ("example.org/x", "begins with https://"),
        ("https:///x", "begins with https://"),
        ("https://u:p@example.org/", "user or password"),
        ("https://example.org:99999/", "host or port"),
        ("https://exa mple.org/", "printable characters"),
        ("https://example.org/" + "x" * 3000, "printable characters"),
        ("https://ex\u0430mple.org/", "printable characters"),
        ("http://example.org/", "without TLS"),
    ],
)
def test_what_is_no_address_to_send_to_is_refused_at_once(url: str, says: str) -> None:
    with pytest.raises(ActionError, match=says) as caught:
        Webhook(url)
    assert "\n" not in str(caught.value)


def test_the_target_keeps_its_path_to_itself() -> None:
    assert "s3cret" not in repr(parse_target("https://example.org/s3cret?key=s3cret"))


def test_proxies_of_the_environment_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        hook(server.url).deliver(alert())
        assert (proxy.seen, server.seen) == ([], ["ok"])


class TestTls:
    def context(self, folder: Path, host: str) -> ssl.SSLContext:
        certificate_path, key_path = certificate(folder, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_path, key_path)
        return context

    def test_a_certificate_that_is_trusted(self, tmp_path: Path) -> None:
        context = self.context(tmp_path, "localhost")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "localhost.pem"))
        with receiver(context=context) as server:
            hook(server.url, context=trusting).deliver(alert())
            assert len(server.taken) == 1

    @pytest.mark.parametrize("host", ["localhost", "other.example.org"])
    def test_a_certificate_that_is_not(self, tmp_path: Path, host: str) -> None:
        """By an authority that nobody knows, and of another host."""
        context = self.context(tmp_path, host)
        known = ssl.create_default_context() if host == "localhost" else None
        known = known or ssl.create_default_context(cafile=str(tmp_path / f"{host}.pem"))
        with receiver(context=context) as server:
            with pytest.raises(ActionError, match="its certificate cannot be trusted"):
                hook(server.url, context=known).deliver(alert())
            assert server.taken == []


def test_pictures_are_sent_where_they_are_wanted() -> None:
    picture = Picture("after", Rect(1, 2, 3, 4), b"\x89PNG")
    with receiver() as server:
        hook(server.url, pictures=lambda event: (picture,)).deliver(alert())
        (said,) = server.json()
    (sent,) = said["pictures"]
    assert (sent["when"], sent["box"], base64.b64decode(sent["data"])) == ("after", [1, 2, 3, 4], b"\x89PNG")


def test_closing_ends_a_try_and_the_wait_for_the_next() -> None:
    for answer in ("hang", "503"):
        with receiver([answer]) as server:
            slow = hook(server.url, patience=Patience(first_pause_s=60, try_s=60))
            threading.Timer(0.3, slow.close).start()
            began = time.monotonic()
            with pytest.raises(ActionError, match=r"not tried again|cannot be reached|is not HTTP"):
                slow.deliver(alert())
            assert time.monotonic() - began < 30


def test_a_dead_address_does_not_slow_who_submits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with receiver(["hang"]) as server:
        dispatcher = Dispatcher([hook(server.url, patience=Patience(try_s=60))])
        for number in range(1_000):
            dispatcher.submit(alert(number))
        assert len(server.seen) < 10  # who waited for any delivery would have seen to all of them
        ((_, counts),) = dispatcher.close(timeout_s=0.1)
    assert counts.delivered == 0
    assert counts.lost == counts.submitted == 1_000
    assert "cannot keep up" in caplog.text
    assert "before the end" in caplog.text
