"""The road of one leg: ICE (RFC 8445) by aioice, and below it a socket that media goes over.

ICE binds a socket that hears everybody. Once the browser has chosen a pair, a second one is bound
to the same port and connected to the browser's address: the kernel then looks up neither route nor
address for each packet, and what arrives on it can only come from there. What comes from elsewhere
(checks of other pairs, strangers) still arrives at the first, behind the guard.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aioice import Candidate, Connection, ice
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import RTCIceParameters

from media import inside
from media.guard import LAST_STUN_BYTE

# RFC 7983 §7
_DTLS = range(20, 64)
_MEDIA = range(128, 192)
# Datagrams that are read before others have their turn.
READS = 64
# Datagrams of a handshake that may wait; it has fewer than ten.
_WAITING_DTLS = 64
_BUFFER_BYTES = 1 << 20
_TRIES_FOR_A_PORT = 50

Take = Callable[[int], None]
ANYWHERE = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - an address of NAT is bound by no other name


@dataclass(frozen=True)
class Doors:
    """Where the relay listens. `addresses`: what browsers are told; none: all of this machine.

    `ports`: UDP ports that may be used; an empty range: any.
    """

    addresses: tuple[str, ...] = ()
    ports: range = field(default=range(0))

    def announced(self) -> Sequence[str]:
        """Return the addresses that browsers are told."""
        return self.addresses or ice.get_host_addresses(True, True) or ("127.0.0.1",)

    def open(self, address: str) -> socket.socket:
        """Return a socket for an announced address. Raises `OSError` when no port is free."""
        version = ipaddress.ip_address(address).version
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            self._bind(opened, address if _is_ours(address) else ANYWHERE[version])
            # Only now: with it set before, two legs could be given the same port.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except BaseException:
            opened.close()
            raise
        return opened

    def _bind(self, opened: socket.socket, host: str) -> None:
        if not self.ports:
            opened.bind((host, 0))
            return
        for port in random.sample(self.ports, min(_TRIES_FOR_A_PORT, len(self.ports))):
            try:
                opened.bind((host, port))
            except OSError:
                continue
            return
        raise OSError("all ports of the range are taken")


def _is_ours(address: str) -> bool:
    """Say whether an address is one of this machine: one of a NAT in front of it can't be bound."""
    version = ipaddress.ip_address(address).version
    with socket.socket(
        socket.AF_INET6 if version == 6 else socket.AF_INET, socket.SOCK_DGRAM
    ) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Road:
    """What a leg's packets go over. It is the transport that a DTLS transport asks for.

    `take` is told the length of a datagram of media that lies in `inbox`.
    """

    role = "controlled"

    def __init__(self, doors: Doors, inbox: inside.Workbench, take: Take) -> None:
        self._doors = doors
        self._inbox = inbox
        self._take = take
        self._dtls: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_DTLS)
        self._connection: Paths | None = None
        self._next: Paths | None = None
        self._line: socket.socket | None = None
        self._pair: ice.CandidatePair | None = None
        self._closed = False

    async def gather(self) -> "Paths":
        """Open sockets for new paths, which the browser has to know of.

        The second time it is an ICE restart (RFC 8445 §9): what flows goes on over the old paths
        until `connect` has found a new one. Raises `OSError` when no port is free, and
        `ConnectionError` when they are not wanted any more.
        """
        before, paths = self._next, Paths(self, self._doors)
        self._next = paths
        if before is not None:
            await before.close()
        await paths.gather_candidates()
        if self._closed or self._next is not paths:
            await paths.close()
            raise ConnectionError("the road was closed, or another restart came in between")
        if not paths.local_candidates:
            raise OSError("no address to listen on")
        return paths

    async def connect(
        self, paths: "Paths", remote: RTCIceParameters, candidates: Sequence[Candidate]
    ) -> None:
        """Let the browser find a path. Raises `ConnectionError` when it finds none."""
        before = self._connection
        paths.remote_username, paths.remote_password = remote.usernameFragment, remote.password
        for candidate in candidates:
            await paths.add_remote_candidate(candidate)
        # More may come by the browser's own checks, which are all that is needed.
        try:
            await paths.connect()
            if self._next is not paths or self._closed:
                raise ConnectionError("another restart came in between")
        except BaseException:
            await paths.close()
            raise
        self._connection, self._next = paths, None
        self.follow(paths)
        if before is not None:
            await before.close()

    async def lost(self) -> None:
        """Wait until nobody answers any more (RFC 7675), or the road is closed."""
        while self._connection is not None and not self._closed:
            paths = self._connection
            await paths.gone.wait()
            if paths is self._connection:
                return

    async def close(self) -> None:
        """Close everything. It may be called twice."""
        self._closed = True
        self._hang_up()
        self._tell_dtls(None)
        for paths in (self._connection, self._next):
            if paths is not None:
                await paths.close()

    # ------------------------------------------------------------ the transport of DTLS

    async def _recv(self) -> bytes:
        datagram = await self._dtls.get()
        if datagram is None:
            self._tell_dtls(None)
            raise ConnectionError("the road is closed")
        return datagram

    async def _send(self, data: bytes) -> None:
        if self._closed:
            raise ConnectionError("the road is closed")
        self.send(memoryview(data))

    # ------------------------------------------------------------ what goes over it

    def send(self, datagram: memoryview) -> None:
        """Send a datagram now, or not at all. Raises `OSError` when the system takes none."""
        if self._line is not None:
            self._line.send(datagram)

    @property
    def sender(self) -> Callable[[memoryview], object]:
        """What sends a datagram at present, without a detour; asked for again after `moved`."""
        return self.send if self._line is None else self._line.send

    moved: Callable[[], None] | None = None

    def follow(self, paths: "Paths") -> None:
        """Send over the pair that the browser has chosen by now."""
        pair = inside.chosen_pair(paths)
        if paths is not self._connection or pair is None or pair is self._pair or self._closed:
            return
        line = _connected(pair)
        self._hang_up()
        self._line, self._pair = line, pair
        asyncio.get_running_loop().add_reader(line.fileno(), self._readable)
        if self.moved:
            self.moved()

    def _hang_up(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            self._line.close()
        self._line = self._pair = None

    def _readable(self) -> None:
        line, pair = self._line, self._pair
        if line is None or pair is None:
            return
        buffer = self._inbox.bytes
        for _ in range(READS):
            try:
                length = line.recv_into(buffer)
            except OSError:
                return  # nothing more, or the browser's port is closed: ICE finds out
            if length < 1:
                continue
            first = buffer[0]
            if first in _MEDIA:
                self._take(length)
                if line is not self._line:
                    return
            elif first <= LAST_STUN_BYTE:
                pair.protocol.datagram_received(bytes(buffer[:length]), pair.remote_addr)
            elif first in _DTLS:
                self._tell_dtls(bytes(buffer[:length]))

    def take_datagram(self, data: bytes) -> None:
        """Take a datagram that came over another pair than the chosen one, and past the guard."""
        if data[0] in _DTLS:
            self._tell_dtls(data)
        elif data[0] in _MEDIA and len(data) <= len(self._inbox.bytes):
            self._inbox.bytes[: len(data)] = data
            self._take(len(data))

    def _tell_dtls(self, datagram: bytes | None) -> None:
        if self._dtls.full():
            if datagram is not None:
                return  # DTLS asks again for what it misses (RFC 9147 §5.8)
            self._dtls.get_nowait()
        self._dtls.put_nowait(datagram)


class Paths(Connection):
    """The paths of one ICE session. A restart makes new ones."""

    def __init__(self, road: Road, doors: Doors) -> None:
        super().__init__(ice_controlling=False)
        self.gone = asyncio.Event()
        self._road = road
        self._doors = doors

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],  # noqa: ARG002
        timeout: int = 5,  # noqa: ARG002, ASYNC109
    ) -> list[Candidate]:
        """Open our own doors instead of any port of any address."""
        found: list[Candidate] = []
        loop = asyncio.get_running_loop()
        for address in self._doors.announced():
            try:
                opened = self._doors.open(address)
            except OSError:
                continue
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            _, protocol = await loop.create_datagram_endpoint(
                lambda: ice.StunProtocol(self), sock=opened
            )
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", address),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host", 65535 - len(found)),
                host=address,
                port=opened.getsockname()[1],
                type="host",
            )
            inside.add_protocol(self, protocol)
            found.append(protocol.local_candidate)
        return found

    def data_received(self, data: bytes, component: int) -> None:  # noqa: ARG002
        self._road.take_datagram(data)

    def check_complete(self, pair: ice.CandidatePair) -> None:
        super().check_complete(pair)
        self._road.follow(self)

    async def close(self) -> None:
        await super().close()
        self.gone.set()


def _connected(pair: ice.CandidatePair) -> socket.socket:
    """Return a socket of the pair's own port that is connected to its other end."""
    bound = pair.protocol.transport.get_extra_info("socket")
    line = socket.socket(bound.family, socket.SOCK_DGRAM)
    try:
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        line.bind(bound.getsockname())
        line.connect(pair.remote_addr)
        _empty(line)
    except BaseException:
        line.close()
        raise
    return line


def _empty(line: socket.socket) -> None:
    """Forget what anybody may have sent between `bind` and `connect`: it passed no guard."""
    while True:
        try:
            line.recv(1)
        except BlockingIOError:
            return
        except OSError:
            continue
