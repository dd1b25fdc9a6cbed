"""Where a text may be posted to.

A configured address is still somebody's input, and a name can be pointed elsewhere overnight. Laws:

* A name is looked up once for each connection, and the connection goes to the very addresses that were checked.
  If one address of a name is refused, all are.
* Link-local, multicast, reserved and cloud metadata addresses are refused always.
* Loopback is allowed where it stands literally in the address (127.0.0.1, [::1], localhost): the usual bridge runs
  beside relay. A name that merely resolves to loopback is refused like any private address.
* Private addresses need `allow_private`, and so does plain http to anywhere but this machine: a buyer's words do not
  cross a network in the clear unless the owner says that the network is theirs.
"""

import ipaddress
import re
import socket
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA: Final = frozenset(
    ipaddress.ip_address(each)
    for each in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")  # beside 169.254.0.0/16
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_NUMERIC_LAST_LABEL: Final = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)


class TargetError(ValueError):
    """This address cannot be posted to."""


class AddressRefusedError(OSError):
    """A name resolved to an address that is not allowed. An `OSError`, as a resolver's failures are."""


class Target:
    """A checked URL, and the resolver that keeps checking what its name resolves to."""

    __slots__ = ("_allow_private", "_loopback", "url")

    def __init__(self, url: str, allow_private: bool) -> None:
        """Raises `TargetError`."""
        self.url = _parse(url)
        host = self.url.host or ""
        literal = _literal(host)
        self._allow_private = allow_private
        self._loopback = host.rstrip(".").lower() == "localhost" or (
            literal is not None and _unwrapped(literal).is_loopback
        )
        if literal is not None and (why := self._refusal(literal)):
            raise TargetError(why)
        if self.url.scheme == "http" and not (self._loopback or allow_private):
            raise TargetError("plain http leaves this machine unencrypted; use https, or set allow_private = true")

    def resolver(self) -> AbstractResolver:
        """Made inside the running loop."""
        return _CheckedResolver(self)

    def check(self, address: str) -> None:
        """Raises `AddressRefusedError`."""
        if why := self._refusal(ipaddress.ip_address(address)):
            raise AddressRefusedError(why)

    def _refusal(self, address: Address) -> str | None:
        address = _unwrapped(address)
        if address.is_loopback:
            allowed = self._loopback or self._allow_private
            return None if allowed else f"{address} is this machine, but send_url does not say so literally"
        if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
            return f"{address} is a link-local, multicast or metadata address, which is never allowed"
        if address.is_reserved:
            return f"{address} is a reserved address, which is never allowed"
        if not address.is_global and not self._allow_private:
            return f"{address} lies in a private network; set allow_private = true if that network is yours"
        return None


class _CheckedResolver(AbstractResolver):
    def __init__(self, target: Target) -> None:
        self._target = target
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            self._target.check(each["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


def _parse(text: str) -> URL:
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        raise TargetError("is not a URL") from None
    if url.scheme not in {"http", "https"} or not url.host or port is None:
        raise TargetError("is not a complete http or https address")
    if url.user is not None or url.password is not None:
        raise TargetError("holds a user or a password; every request is signed with send_secret instead")
    return url


def _literal(host: str) -> Address | None:
    """The address that stands in the URL itself, or None for a name. Raises `TargetError` for odd spellings."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if _NUMERIC_LAST_LABEL.search(host):
            raise TargetError("spells a numeric address in an unusual way; write it as 127.0.0.1") from None
        return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
