"""Where messages may go: public addresses only. What is checked is the very address connected to, each time."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
from pydantic_core import Url, ValidationError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]
PATIENCE = 1.0  # seconds for a name to resolve while somebody waits for an answer
LONGEST = 2000

# Besides what `is_global` knows: relays, benchmarks, and the clouds' own hosts at public addresses.
_NEVER_V4 = tuple(IPv4Network(each) for each in (
    "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "100.64.0.0/10", "168.63.129.16/32", "0.0.0.0/8", "240.0.0.0/4",
))  # fmt: skip
_INSIDE = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "arpa"})
_UNICAST_V6 = IPv6Network("2000::/3")
# Teredo and the other special uses below 2001::/23, 6to4, documentation: all may lead to an address inside.
_NEVER_V6 = tuple(IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


class Refused(Exception):  # noqa: N818 - as in a sentence
    """This target is none a message may go to; says why."""


def public(address: Address) -> bool:
    """Whether the address is one of the Internet at large, in none of the spellings of an internal one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return public(address.ipv4_mapped)
        return address in _UNICAST_V6 and not any(address in each for each in _NEVER_V6) and address.is_global
    return address.is_global and not address.is_multicast and not any(address in each for each in _NEVER_V4)


def inside(host: str) -> bool:
    """Whether the name is of the kind that only a local network knows, whatever it leads to today."""
    labels = host.lower().rstrip(".").split(".")
    return ":" not in host and (len(labels) == 1 or labels[-1] in _INSIDE)


async def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, as the system resolves it; old spellings of IPv4 numbers included. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(each[4][0]).partition("%")[0]) for each in found]


async def checked(host: str, port: int, *, internal: bool, resolver: Resolve = resolve) -> list[Address]:
    """The addresses of a host, all of them allowed. Raises Refused when one is not, OSError when there is none."""
    if not internal and inside(host):
        raise Refused("It names a host inside.")
    addresses = await resolver(host, port)
    if not addresses:
        raise OSError(f"{host} has no address.")
    if not internal and not all(public(each) for each in addresses):
        raise Refused("It leads to an internal address.")
    return addresses


def read(url: str, *, internal: bool) -> Url:
    """The URL as browsers read it, numbers of every spelling made plain. Raises Refused."""
    try:
        found = Url(url)
    except ValidationError:
        raise Refused("It is no URL.") from None
    if found.scheme != "https" and not (internal and found.scheme == "http"):
        raise Refused("It is not https.")
    if found.username is not None or found.password is not None or found.fragment is not None:
        raise Refused("It holds a user, a password or a fragment.")
    if not found.host or len(str(found)) > LONGEST:
        raise Refused("It has no host, or is too long.")
    return found


async def check(url: str, *, internal: bool) -> str:
    """The URL in its plain spelling. Raises Refused; a name that does not resolve now is left to the first message."""
    found = read(url, internal=internal)
    try:
        async with asyncio.timeout(PATIENCE):
            await checked((found.host or "").strip("[]"), found.port or 443, internal=internal)
    except (OSError, UnicodeError):  # a time-out is an OSError
        pass
    return str(found)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the address that was checked, so that a name cannot lead elsewhere between the two."""

    def __init__(self, *, internal: bool, resolver: Resolve = resolve) -> None:
        self.internal, self.resolver = internal, resolver
        self.inner: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        try:
            async with asyncio.timeout(timeout):
                addresses = await checked(host.strip("[]"), port, internal=self.internal, resolver=self.resolver)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} does not resolve.") from error
        failure: Exception = OSError()
        for address in addresses[:4]:
            try:
                return await self.inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise Refused("It is no Internet host.")

    async def sleep(self, seconds: float) -> None:
        await self.inner.sleep(seconds)


def pool(*, internal: bool, resolver: Resolve = resolve) -> httpcore.AsyncConnectionPool:
    """Connections to targets: no proxy, no redirect followed, certificates verified for the name."""
    return httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(),
        max_connections=50,
        max_keepalive_connections=20,
        keepalive_expiry=15,
        network_backend=CheckedBackend(internal=internal, resolver=resolver),
    )
