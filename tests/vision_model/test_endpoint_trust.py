"""Who is talked to: certificates, redirects, proxies; and a live model, where a key is set."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

import pytest
from asking_setup import asker_of, choice_of, request
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from model_server import ModelServer, head

from ironcliw.vision_model import Budget, Deadline, ModelChoice, open_asker


def certificate(folder: Path, host: str, days: int = 2) -> tuple[Path, ssl.SSLContext]:
    """A certificate of its own for a host, which is trusted by whoever is given its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / "private.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context


@pytest.mark.parametrize(
    ("host", "days", "trusted", "works"),
    [
        ("127.0.0.1", 2, True, True),
        ("127.0.0.1", 2, False, False),
        ("model.example", 2, True, False),
        ("127.0.0.1", -1, True, False),
    ],
)
def test_certificates_are_verified(host: str, days: int, trusted: bool, works: bool, tmp_path: Path) -> None:
    path, context = certificate(tmp_path, host, days)
    with ModelServer(context=context) as server:
        choice = choice_of(
            server, "claude", base_url=server.url("claude", "https"), ca_file=str(path) if trusted else None
        )
        asker = asker_of(choice, tmp_path)
        outcome = asker.judge(request(), Deadline.after(20))
        asker.close()
        assert (outcome.judgement.verdict == "yes") == works, outcome
        assert works or not server.requests
        assert works or "certificate" in outcome.judgement.reason


def test_https_to_who_speaks_none(tmp_path: Path) -> None:
    with ModelServer() as server:
        asker = asker_of(choice_of(server, "openai", base_url=server.url("openai", "https")), tmp_path)
        assert asker.judge(request(), Deadline.after(1.5)).judgement.verdict == "unknown"
        asker.close()
        assert not server.requests


def test_no_redirect_is_followed_and_no_key_goes_there(tmp_path: Path) -> None:
    with ModelServer() as other:

        def elsewhere(peer: object) -> None:
            headers = {"location": other.url("claude") + "/v1/messages", "content-length": "0"}
            peer.send(head(307, headers))  # type: ignore[attr-defined]

        with ModelServer(elsewhere) as server:
            asker = asker_of(choice_of(server, "claude"), tmp_path)
            outcome = asker.judge(request(), Deadline.after(5))
            asker.close()
        assert outcome.attempts == 1
        assert not other.connections
    assert "not followed" in outcome.judgement.reason


def test_a_proxy_is_used_where_it_is_set_and_only_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as proxy, ModelServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url("claude"))
        asker = asker_of(choice_of(server, "claude"), tmp_path / "a")
        assert asker.judge(request(), Deadline.after(20)).judgement.verdict == "yes"
        asker.close()
        assert not proxy.connections
        asker = asker_of(choice_of(server, "claude", proxy=proxy.url("claude")), tmp_path / "b")
        assert asker.judge(request(), Deadline.after(20)).judgement.verdict == "yes"
        asker.close()
        assert len(proxy.requests) == 1
        assert len(server.requests) == 1


@pytest.mark.skipif("IRONCLIW_LIVE_MODEL" not in os.environ, reason="asks a real model: IRONCLIW_LIVE_MODEL=claude")
def test_a_live_model(tmp_path: Path) -> None:
    """With ANTHROPIC_API_KEY or OPENAI_API_KEY (and IRONCLIW_LIVE_NAME) set: one question, a few hundred tokens."""
    choice = ModelChoice(provider=os.environ["IRONCLIW_LIVE_MODEL"], model=os.environ.get("IRONCLIW_LIVE_NAME"))  # type: ignore[arg-type]
    asker = open_asker(choice, Budget(tokens_per_hour=5_000), tmp_path)
    outcome = asker.judge(request("does it say BUILD OK?", text="BUILD OK"), Deadline.after(60))
    asker.close()
    assert outcome.judgement.verdict == "yes", outcome
