"""Where a webhook goes: its address as it was written, and a connection to an address that may be spoken to.

    target = parse_target("https://hooks.example.org/build?id=7")
    with connect(target, allow_private=(), timeout_s=10) as peer: ...

The address is checked where it is connected to, after it was resolved: a name that resolves to something else the
second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from ironcliw import clock
from ironcliw.action.printable import printable
from ironcliw.errors import ActionError

_LONGEST_URL = 2_000
_DEFAULT_PORTS = {"https": 443, "http": 80}
_EMBEDDED = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of NAT64 carry one of IPv4 in their last four bytes."""


@dataclass(frozen=True, slots=True)
class Target:
    """A web address. ``path`` with its query may hold a secret and is in no message; ``host`` is."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def name(self) -> str:
        """The host, and the port where it is not the usual one; also what the ``Host`` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def is_allowed(self, allow_private: Sequence[str]) -> bool:
        """Whether the user said that this host may be a private one."""
        return bool({self.host, f"{self.host}:{self.port}", self.name} & {each.lower() for each in allow_private})


def parse_target(url: str, allow_private: Sequence[str] | None = None) -> Target:
    """The target of a URL. ActionError where it is none, or would be sent to without TLS.

    allow_private: hosts that may be spoken to without TLS; None where that is not to be checked
    """
    if len(url) > _LONGEST_URL or not url.isprintable() or not url.isascii() or " " in url or "\\" in url:
        raise ActionError(f"a web address has at most {_LONGEST_URL} printable characters of ASCII, and no spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ActionError("this is no web address: its host or port cannot be understood") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ActionError(f"a web address begins with https:// and a host, not with {printable(url[:8])!r}")
    if parts.username is not None or parts.password is not None:
        raise ActionError("a web address with a user or password in it is not taken: use a token in its path")
    host = parts.hostname.rstrip(".").lower()
    target = Target(scheme, host, port or _DEFAULT_PORTS[scheme], _path(parts))
    if scheme == "http" and allow_private is not None and not target.is_allowed(allow_private):
        raise ActionError(
            f"{target.name} would be sent to without TLS: use https://, or name it in allow_private of [action]"
        )
    return target


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; what is embedded in one of IPv6 is looked at, too."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _EMBEDDED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class PrivateAddressError(ActionError):
    """The host has no address but private ones, and nobody said that it may."""


def connect(target: Target, allow_private: Sequence[str], timeout_s: float) -> socket.socket:
    """A connection to the target. PrivateAddressError where it is refused, OSError where none can be had in time."""
    deadline_ns = clock.monotonic_ns() + round(timeout_s * clock.SECOND)
    allowed = target.is_allowed(allow_private)
    refused: str | None = None
    failed: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM):
        if not allowed and not is_public(str(address[0])):
            refused = str(address[0])
            continue
        peer = socket.socket(family, kind, protocol)
        try:
            peer.settimeout(max(0.05, (deadline_ns - clock.monotonic_ns()) / clock.SECOND))
            peer.connect(address)
        except OSError as error:
            peer.close()
            failed = error
            continue
        return peer
    if failed is None:
        raise PrivateAddressError(
            f"{target.name} has a private address ({refused}): name it in allow_private of [action] if that is meant"
        )
    raise failed
