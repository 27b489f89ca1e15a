"""The names under which a server may be called."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this computer only."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The names under which a server may be called; a page of another name is a rebinding attack."""

    names: frozenset[str]
    any_address: bool
    """Whether every plain address is accepted: such an attack needs a name."""

    def __contains__(self, name: str) -> bool:
        """Tell whether a request may come under this name, given without brackets and port."""
        return name in self.names or (self.any_address and _address(name) is not None)


def known_hosts(host: str) -> KnownHosts:
    """Return the names under which a server bound to ``host`` may be called; to all addresses, under each of them."""
    names = {"localhost", "127.0.0.1", "::1"}
    if is_loopback(host):
        return KnownHosts(frozenset(names), any_address=False)
    own = socket.gethostname().lower()
    address = _address(host)
    return KnownHosts(frozenset(names | {host, own, f"{own}.local"}), any_address=address is not None and address.is_unspecified)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
