"""The guard in front of every request to an address that somebody entered (threat 14).

A name is resolved anew for each connection, and the connection goes to the very addresses that were
checked here: a name server that changes its answer in between gains nothing. Addresses in a URL are
read in all the spellings that a resolver takes (decimal, octal, hexadecimal, short forms).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from showroom.under_way import UnderWay

# IANA's special-purpose registries (RFC 6890), multicast, and the ways to write an IPv4 address in
# an IPv6 one (mapped, NAT64, 6to4, Teredo): whoever needs those has a plain address as well.
INSIDE = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, on an address that looks public
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
# Of all IPv6, only this was ever given out to be routed.
GLOBAL_IPV6 = ip_network("2000::/3")
# So many names may have servers that do not answer before another name waits.
LOOK_UPS = 128

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Returns the addresses of a name as text; raises `OSError` when it has none.
LookUp = Callable[[str, socket.AddressFamily], Awaitable[Sequence[str]]]


class Forbidden(OSError):
    """A URL, or what its name stands for, that we send nothing to. The text says what to do."""


def is_inside(address: Address) -> bool:
    """Say whether an address is none of a machine out on the Internet."""
    if isinstance(address, IPv6Address) and address not in GLOBAL_IPV6:
        return True
    return any(address in network for network in INSIDE)


def literal(host: str) -> Address | None:
    """Return the address that a host is, however it is spelled; None if it is a name."""
    plain = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(plain)
    except ValueError:
        pass
    try:
        # What the C library makes of it: 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1.
        return IPv4Address(socket.inet_aton(plain))
    except OSError:
        return None


class Guard:
    """Decides where we send to."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        """`allowed`: names, addresses and networks that may be inside (`handoff_hosts`)."""
        known = {entry: as_network(entry) for entry in allowed}
        self._networks = [network for network in known.values() if network]
        self._names = {_name(entry) for entry, network in known.items() if not network}

    def check(self, address: str) -> URL:
        """Return a URL that is fit to be sent to; raises `Forbidden`."""
        try:
            url = URL(address)
            host, _ = url.raw_host, url.port  # a port that is none raises here
        except ValueError:
            raise Forbidden("this is no URL; write it like https://crm.example.com/leads") from None
        if url.scheme not in {"http", "https"} or not host:
            raise Forbidden("only addresses that begin with https:// or http:// can be sent to")
        if url.raw_user is not None or url.raw_password is not None:
            raise Forbidden("an address must hold no user name and no password")
        found = literal(host)
        if found is not None:
            self.permit(host, found)
        return url

    def permit(self, host: str, address: Address) -> None:
        """Raise `Forbidden` unless we may connect to this address of a host."""
        listed = _name(host) in self._names or any(address in one for one in self._networks)
        if is_inside(address) and not listed:
            raise Forbidden(
                "the address leads inside our own network;"
                " SHOWROOM_HANDOFF_HOSTS can allow the host"
            )


def as_network(entry: str) -> Network | None:
    """Return an entry of `handoff_hosts` as a network; None if it is a name."""
    try:
        return ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return None


def _name(host: str) -> str:
    return host.rstrip(".").lower()


class GuardedResolver(AbstractResolver):
    """Resolves names for aiohttp, and returns only addresses that the guard permits."""

    def __init__(self, guard: Guard, look_up: LookUp | None = None) -> None:
        self._guard = guard
        # Threads of our own: a name server that hangs must not hold up who hashes passwords.
        self._threads = ThreadPoolExecutor(LOOK_UPS, "names")
        ask = look_up or self._ask_system
        # However many connections wait for a name that hangs, it takes one thread.
        self._found: UnderWay[tuple[str, socket.AddressFamily], Sequence[str]] = UnderWay(
            lambda asked: ask(*asked)
        )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return where to connect to; raises `Forbidden` when all of it is inside."""
        permitted, refusal = [], Forbidden("the name has no address")
        for address in await self._found.get((host, family)):
            try:
                self._guard.permit(host, ip_address(address.partition("%")[0]))
            except Forbidden as error:
                refusal = error
            else:
                permitted.append(address)
        if not permitted:
            raise refusal
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in permitted
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask_system(self, host: str, family: socket.AddressFamily) -> Sequence[str]:
        def ask() -> Sequence[str]:
            found = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(one[4][0]) for one in found))

        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
