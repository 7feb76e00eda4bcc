"""Which model is asked, as it was chosen: checked before anything is loaded or connected to.

    ModelChoice(provider="openai", base_url="http://127.0.0.1:11434/v1", model="llava").checked()

Every mistake is one SettingsError that says what to do: no key, a key file that others can read, a URL that is none.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from ironcliw.errors import SettingsError

Provider = Literal["none", "claude", "openai"]

CLAUDE_URL = "https://api.anthropic.com"
OPENAI_URL = "https://api.openai.com/v1"
CLAUDE_MODEL = "claude-haiku-4-5"
KEY_VARIABLES = {"claude": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}

_KEY_BYTES = 4_096
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """How to reach a model.

    base_url: None for the provider's own; http only to this machine
    model: None for CLAUDE_MODEL with Claude; must be named otherwise
    key_file: a file of mode 0600 that holds the key; without it, the environment's ANTHROPIC_API_KEY or OPENAI_API_KEY,
        which goes to the provider's own host or the one named here and nowhere else
    deadline_s: for one answer, tries and repair included
    attempts: requests for one answer at the most
    reply_tokens: the most a reply may be
    structured: whether the endpoint is told the reply's schema; some servers refuse that
    price_in, price_out: US dollars for a million tokens; None for what ``prices`` knows
    """

    provider: Provider = "none"
    model: str | None = None
    base_url: str | None = None
    key_file: str | None = None
    deadline_s: float = 20.0
    attempts: int = 3
    proxy: str | None = None
    ca_file: str | None = None
    reply_tokens: int = 200
    structured: bool = True
    price_in: float | None = None
    price_out: float | None = None

    @property
    def url(self) -> str:
        """Where requests go."""
        return self.base_url or (CLAUDE_URL if self.provider == "claude" else OPENAI_URL)

    @property
    def local(self) -> bool:
        """Whether it runs on this machine: nothing leaves it then, and nothing costs money."""
        return urlsplit(self.url).hostname in _LOCAL

    @property
    def known_model(self) -> str:
        """The model's name. SettingsError where none was named and none is the default."""
        if self.model:
            return self.model
        if self.provider == "claude":
            return CLAUDE_MODEL
        raise SettingsError("model.model: name the model that the endpoint is to use, such as llava or gpt-5-mini")

    def checked(self) -> ModelChoice:
        """Itself, where it can be used; SettingsError where not."""
        if self.provider == "none":
            return self
        _check_url("model.base_url", self.url, local_only_plain=True)
        if self.proxy is not None:
            _check_url("model.proxy", self.proxy, local_only_plain=False)
        if self.ca_file is not None and not Path(self.ca_file).is_file():
            raise SettingsError(f"model.ca_file: no such file: {self.ca_file}")
        _ = self.known_model
        self.key()
        return self

    def key(self) -> str:
        """The key; empty for an endpoint on this machine that has none. SettingsError where one is missing."""
        if self.key_file is not None:
            return _from_file(Path(self.key_file))
        variable = KEY_VARIABLES[self.provider]
        key = "" if self._elsewhere else os.environ.get(variable, "").strip()
        if not key and not self.local:
            named = "the file that model.key_file names"
            where = named if self._elsewhere else f"{variable} in the environment, or {named}"
            raise SettingsError(f"no key for {urlsplit(self.url).hostname}: put it into {where}")
        return _clean(key, variable)

    @property
    def _elsewhere(self) -> bool:
        """Whether it is somebody else's host: the provider's key of the environment is not meant for it."""
        usual = CLAUDE_URL if self.provider == "claude" else OPENAI_URL
        return urlsplit(self.url).hostname != urlsplit(usual).hostname


def _check_url(name: str, url: str, *, local_only_plain: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{name}: not a URL such as https://host/v1") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(f"{name}: not a URL such as https://host/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError(f"{name}: a URL without a name, password, query or fragment; keys go into model.key_file")
    if local_only_plain and parts.scheme == "http" and host not in _LOCAL:
        raise SettingsError(f"{name}: http to {host} would send the screen unencrypted: use https")


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SettingsError(f"model.key_file: {path} is no file")
            if status.st_mode & 0o077:
                raise SettingsError(f"model.key_file: others can read {path}: chmod 600 it")
            data = file.read(_KEY_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"model.key_file: {path} cannot be read ({(error.strerror or '').lower()})") from None
    try:
        key = data.decode("ascii").strip() if len(data) <= _KEY_BYTES else ""
    except UnicodeDecodeError:
        key = ""
    if not key:
        raise SettingsError(f"model.key_file: {path} holds no key")
    return _clean(key, str(path))


def _clean(key: str, where: str) -> str:
    if key and not all(33 <= ord(char) <= 126 for char in key):
        raise SettingsError(f"the key in {where} is not one word of ASCII")
    return key
