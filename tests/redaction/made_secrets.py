"""Secrets and what merely looks like them, drawn by lot: none was ever anybody's.

for case in made(random.Random(1), each=100):
    case.kind, case.named, case.text, case.secrets     # 'card', False, 'paid 4111 ... ok', ('4111 ...',)
for text in look_alikes(random.Random(1), 100): ...
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_WORDS = ("release", "build", "server", "staging", "mail", "invoice", "backup", "deploy", "worker", "cluster", "report")
_ALNUM = string.ascii_letters + string.digits
_URLSAFE = _ALNUM + "-_"
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Case:
    """A text with secrets of one kind in it. ``named``: whether a word beside them says what they are."""

    kind: str
    what: str
    named: bool
    text: str
    secrets: tuple[str, ...]


def some(rng: random.Random, letters: str, length: int) -> str:
    return "".join(rng.choice(letters) for _ in range(length))


# -- numbers ---------------------------------------------------------------------------------------------------


def luhn_digit(body: str) -> str:
    total = 0
    for at, each in enumerate(reversed(body)):
        value = int(each) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


_NETWORKS = [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16)]
_NETWORKS += [("3528", 16), ("62", 16), ("36", 14), ("4", 13)]


def card(rng: random.Random) -> str:
    start, length = rng.choice(_NETWORKS)
    body = start + some(rng, string.digits, length - len(start) - 1)
    number = body + luhn_digit(body)
    groups = (4, 6, 5) if length == 15 else (4, 6, 4) if length == 14 else (4,) * 4
    between = rng.choice(["", " ", "-", " "])
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return between.join(part for part in parts if part)


_ACCOUNTS = [("DE", "n18"), ("FR", "n10a11n2"), ("GB", "A4n14"), ("NL", "A4n10"), ("ES", "n20"), ("CH", "n5a12")]
_ACCOUNTS += [("AT", "n16"), ("PL", "n24"), ("NO", "n11"), ("IT", "A1n10a12")]


def iban(rng: random.Random) -> str:
    country, shape = rng.choice(_ACCOUNTS)
    body, at = "", 0
    letters = {"n": string.digits, "a": string.digits + string.ascii_uppercase, "A": string.ascii_uppercase}
    while at < len(shape):
        kind, end = shape[at], at + 1
        while end < len(shape) and shape[end].isdigit():
            end += 1
        body += some(rng, letters[kind], int(shape[at + 1 : end]))
        at = end
    number = "".join(str(int(each, 36)) for each in body + country + "00")
    whole = f"{country}{98 - int(number) % 97:02}{body}"
    return whole if rng.random() < 0.3 else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def ssn(rng: random.Random) -> str:
    area = rng.choice([each for each in range(1, 900) if each != 666])
    return f"{area:03}-{rng.randrange(1, 100):02}-{rng.randrange(1, 10_000):04}"


def e_mail(rng: random.Random) -> str:
    user = rng.choice(["{0}.{1}", "{0}", "{0}_{1}", "{0}+{1}", "{0}{2}"]).format(
        rng.choice(_WORDS), rng.choice(_WORDS), rng.randrange(100)
    )
    return f"{user}@{rng.choice(_WORDS)}.{rng.choice(['com', 'org', 'example.org', 'co.uk', 'io', 'museum', 'de'])}"


# -- keys ------------------------------------------------------------------------------------------------------

KEYS: dict[str, Callable[[random.Random], str]] = {
    "aws id": lambda r: r.choice(["AKIA", "ASIA"]) + some(r, string.ascii_uppercase + "234567", 16),
    "aws secret": lambda r: some(r, _ALNUM + "+/", 40),
    "github": lambda r: r.choice(["ghp_", "gho_", "ghs_", "ghu_"]) + some(r, _ALNUM, 36),
    "github fine": lambda r: "github_pat_" + some(r, _ALNUM, 22) + "_" + some(r, _ALNUM, 59),
    "gitlab": lambda r: "glpat-" + some(r, _URLSAFE, 20),
    "slack": lambda r: f"xoxb-{some(r, string.digits, 12)}-{some(r, string.digits, 12)}-{some(r, _ALNUM, 24)}",
    "stripe": lambda r: r.choice(["sk_live_", "rk_live_", "sk_test_"]) + some(r, _ALNUM, 24),
    "openai": lambda r: r.choice(["sk-", "sk-proj-"]) + some(r, _ALNUM, 48),
    "anthropic": lambda r: "sk-ant-api03-" + some(r, _URLSAFE, 93) + "AA",
    "google": lambda r: "AIza" + some(r, _URLSAFE, 35),
    "sendgrid": lambda r: f"SG.{some(r, _URLSAFE, 22)}.{some(r, _URLSAFE, 43)}",
    "npm": lambda r: "npm_" + some(r, _ALNUM, 36),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + some(r, _URLSAFE, 120),
    "hugging face": lambda r: "hf_" + some(r, string.ascii_letters, 34),
    "digital ocean": lambda r: "dop_v1_" + some(r, _HEX, 64),
    "telegram": lambda r: some(r, string.digits, 9) + ":AA" + some(r, _URLSAFE, 33),
    "hex 32": lambda r: some(r, _HEX, 32),
    "hex 64": lambda r: some(r, _HEX, 64),
    "uuid": lambda r: "-".join(some(r, _HEX, size) for size in (8, 4, 4, 4, 12)),
    "letters and digits 32": lambda r: some(r, _ALNUM, 32),
    "letters and digits 20": lambda r: some(r, _ALNUM, 20),
    "base64 44": lambda r: base64.b64encode(r.randbytes(32)).decode(),
}
HARMLESS_ALONE = {"hex 32", "hex 64", "uuid"}
"""Without a name beside them these cannot be told from hashes and numbers of things: no case has them bare."""


def jwt(rng: random.Random) -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head = json.dumps({"alg": rng.choice(["HS256", "RS256"]), "typ": "JWT"}).encode()
    body = json.dumps({"sub": str(rng.randrange(10**9)), "name": rng.choice(_WORDS)}).encode()
    return f"{part(head)}.{part(body)}.{part(rng.randbytes(32))}"


def private_key(rng: random.Random) -> str:
    kind = rng.choice(["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED "])
    text = base64.b64encode(rng.randbytes(rng.randrange(120, 700))).decode()
    rows = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {kind}PRIVATE KEY-----", *rows, f"-----END {kind}PRIVATE KEY-----"])


def password(rng: random.Random) -> str:
    way = rng.randrange(4)
    if way == 0:
        return rng.choice(_WORDS).capitalize() + str(rng.randrange(10, 10_000)) + rng.choice("!?#$")
    if way == 1:
        return some(rng, _ALNUM + "!#$%&*+-=?@^_~", rng.randrange(8, 24))
    if way == 2:
        return "-".join(rng.choice(_WORDS) for _ in range(4))
    return rng.choice(_WORDS) + rng.choice(_WORDS)


# -- contexts --------------------------------------------------------------------------------------------------

_KEY_NAMES = [
    "API_KEY={0}",
    "export SERVICE_TOKEN={0}",
    '"api_key": "{0}",',
    "secret: {0}",
    "client_secret = '{0}'",
    "Authorization: Bearer {0}",
    "aws_secret_access_key = {0}",
    "--token {0}",
    "X-Api-Key: {0}",
    "Your API key: {0}",
    "access token: {0}",
    "curl -H 'Authorization: token {0}' https://api.example.org",
    "AccountKey={0};",
]
_BARE = [
    "{0}",
    "$ echo {0}",
    "2026-11-27 12:00:03 INFO using {0} for upload",
    "copied {0} to the clipboard",
    "> {0} <",
    "[{0}]",
    "{0} # mine",
    "see {0}, thanks",
    "| {0} |",
]
_PASSWORD_NAMES = [
    "Password: {0}",
    "password={0}",
    '"password": "{0}"',
    "DB_PASSWORD={0}",
    "passwd = '{0}'",
    "mysql -u root -p{0} shop",
    "export PGPASSWORD={0}",
    "postgres://app:{0}@db.internal:5432/shop",
    "--password {0}",
    "password: {0}  # old",
    "Passwort: {0}",
    "<password>{0}</password>",
    "curl -u admin:{0} https://api.example.org",
    "Enter passphrase: {0}",
    "My password is {0}",
    "sshpass -p {0} ssh host",
    "wifi password: {0}",
]
_NAMED = {
    "card": ("Card number: {0}", "Visa {0}", "card={0}", "MasterCard ending: {0}", "Credit card {0} exp 12/29"),
    "iban": ("IBAN: {0}", "IBAN {0}", "iban={0}"),
    "ssn": ("SSN: {0}", "Social Security Number: {0}", "ssn={0}"),
    "e-mail": ("E-mail: {0}", "From: Jo <{0}>", "mailto:{0}"),
    "jwt": ("Authorization: Bearer {0}", "id_token={0}", "Cookie: session={0}"),
}


def made(rng: random.Random, each: int) -> Iterator[Case]:
    """``each`` cases of every kind of number and mail, bare and named, and a share of that of every sort of key."""
    for kind, draw in {"card": card, "iban": iban, "ssn": ssn, "e-mail": e_mail, "jwt": jwt}.items():
        for named, contexts in ((True, _NAMED[kind]), (False, _BARE)):
            for _ in range(each):
                yield _case(rng, kind, kind, named, rng.choice(contexts), draw(rng))
    for what, draw in KEYS.items():
        for named, contexts in ((True, _KEY_NAMES), (False, _BARE)):
            if named or what not in HARMLESS_ALONE:
                for _ in range(max(4, each // 4)):
                    yield _case(rng, "key", what, named, rng.choice(contexts), draw(rng))
    for _ in range(2 * each):
        yield _case(rng, "password", "password", True, rng.choice(_PASSWORD_NAMES), password(rng))
    for _ in range(each):
        secret = private_key(rng)
        before, after = rng.choice([("", ""), ("$ cat id\n", "\n$ "), ("key: |\n", "\nport: 22")])
        yield Case("private key", "private key", False, before + secret + after, tuple(secret.split("\n")[1:-1]))


def _case(rng: random.Random, kind: str, what: str, named: bool, context: str, secret: str) -> Case:
    return Case(kind, what, named, context.replace("{0}", secret), (secret,))


# -- what only looks like it -----------------------------------------------------------------------------------


def _no_card(rng: random.Random) -> str:
    number = "4" + some(rng, string.digits, 15)
    while luhn_digit(number[:-1]) == number[-1]:
        number = "4" + some(rng, string.digits, 15)
    return number


_LOOK_ALIKES: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"commit {some(r, _HEX, 40)}",
    lambda r: f"{some(r, _HEX, 7)} Fix the {r.choice(_WORDS)} of {r.choice(_WORDS)}",
    lambda r: f"digest: sha256:{some(r, _HEX, 64)}",
    lambda r: f"id {KEYS['uuid'](r)} created",
    lambda r: f"order {_no_card(r)} shipped",
    lambda r: f"time_ns={1_790_000_000_000_000_000 + r.randrange(10**15)}",
    lambda r: f"ISBN 978-{r.randrange(10)}-{r.randrange(100, 1000)}-{r.randrange(10_000, 100_000)}-{r.randrange(10)}",
    lambda r: f"call +1 {r.randrange(200, 999)} 555 {r.randrange(10_000):04}",
    lambda r: (
        f"2026-{r.randrange(1, 13):02}-{r.randrange(1, 29):02} 12:03:05.{r.randrange(10**6):06} w-{r.randrange(90)}"
    ),
    lambda r: f"python/ironcliw/{r.choice(_WORDS)}/{r.choice(_WORDS)}_{r.choice(_WORDS)}.py:{r.randrange(900)}",
    lambda r: f"class {''.join(r.choice(_WORDS).capitalize() for _ in range(5))}Test(Base):",
    lambda r: f"{r.choice(_WORDS)}@{r.randrange(20)}.{r.randrange(20)}.{r.randrange(20)} (latest)",
    lambda r: f"icon-{r.choice(_WORDS)}@2x.png",
    lambda r: f"user@{r.choice(_WORDS)}:~/src$ make -j{r.randrange(9)}",
    lambda r: r.choice(
        [
            "Password: required",
            "Forgot password?",
            "password must have 8 characters",
            "Wrong password.",
            "Passwords do not match",
            "password: incorrect",
            "Enter your password",
            "PIN: ****",
        ]
    ),
    lambda r: r.choice(
        [
            "token: invalid",
            "Unexpected token '<'",
            "secret: unset",
            "API key: missing",
            "auth token expired",
            "max_tokens=4096",
            "tokens: 12345",
            "signature: valid",
            "api_key: null",
        ]
    ),
    lambda r: f"{r.randrange(10**3)}-{r.randrange(100, 1000)}-{r.randrange(10**4):04} widgets",
    lambda r: f"[{r.randrange(90)}/90] compiling src/module_{r.randrange(90)}.c ({r.randrange(9000)} ms)",
    lambda r: f"0x{some(r, _HEX, 16)} <main+{r.randrange(900)}>",
    lambda r: f"{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)}:{r.randrange(1024, 65536)}",
    lambda r: f"https://example.org/{r.choice(_WORDS)}/{r.choice(_WORDS)}?page={r.randrange(99)}#{r.choice(_WORDS)}",
    lambda r: (
        f"-rw-r--r-- 1 user staff {r.randrange(10**9)} Nov 27 12:03 {r.choice(_WORDS)}-{r.randrange(10**6)}.tar.gz"
    ),
    lambda r: f"MAC {':'.join(some(r, _HEX, 2) for _ in range(6))} on eth0",
    lambda r: f'"integrity": "sha512-{base64.b64encode(r.randbytes(64)).decode()}"',
    lambda r: f"imei 35{some(r, string.digits, 13)}",
    lambda r: (
        f"{r.choice(_WORDS).upper()}_{r.choice(_WORDS).upper()}_{r.choice(_WORDS).upper()}_TIMEOUT_SECONDS_MAX=30"
    ),
)


def look_alikes(rng: random.Random, each: int) -> Iterator[str]:
    """``each`` of every sort of text that looks a little like a secret and is none."""
    for draw in _LOOK_ALIKES:
        for _ in range(each):
            yield draw(rng)


def left_of(secret: str, text: str) -> int:
    """The longest run of characters of the secret, white space aside, that ``text`` still has."""
    solid, rest = "".join(secret.split()), "".join(text.split())
    longest = 0
    for start in range(len(solid)):
        while start + longest < len(solid) and solid[start : start + longest + 1] in rest:
            longest += 1
    return longest


def is_hidden(secret: str, text: str) -> bool:
    """Whether at most four characters in a row, and no half of it, can still be read."""
    return left_of(secret, text) <= min(4, len("".join(secret.split())) // 2)
