"""The router of a network of `bench.line`: a process that hands packets on as slow lines would.

Each host has a line with two directions. A packet waits in the queue of its sender's `up`, is sent
at that line's rate, takes the line's delay, then the same in its receiver's `down`. A line keeps
the order of its packets, as real ones nearly always do.

It is told what to do by JSON on its standard input, one order a line, and answers each with `ok`:
`{"space", "up": {...}, "down": {...}}` shapes a host's line (the fields of `Shape`), and
`{"space", "address"}` gives the host another address. Without input it ends.
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1500
BURST = 64
TCP, UDP = 6, 17


@dataclass(frozen=True)
class Shape:
    """One direction of a line. `rate`: bit/s, 0 for no limit. `loss`: a share of all packets.

    `shut`: a TCP port that a firewall closes, 0 for none.
    """

    rate: float = 0
    delay_ms: float = 0
    jitter_ms: float = 0
    loss: float = 0
    queue_ms: float = 400
    udp: bool = True
    shut: int = 0


@dataclass
class Direction:
    """What a direction holds of its past. All times are seconds of one clock."""

    shape: Shape = Shape()
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    free_at: float = 0
    last_out: float = 0

    def leaves(self, packet: bytes, now: float) -> float | None:
        """Return when a packet that comes now is at the other end, or None if it is dropped."""
        shape = self.shape
        if not shape.udp and packet[9] == UDP:
            return None
        if shape.shut and packet[9] == TCP and shape.shut in _ports(packet):
            return None
        if shape.loss and self.chance.random() < shape.loss:
            return None
        sent = now
        if shape.rate:
            begins = max(self.free_at, now)
            if (begins - now) * 1000 > shape.queue_ms:
                return None
            sent = self.free_at = begins + len(packet) * 8 / shape.rate
        late = shape.delay_ms + shape.jitter_ms * self.chance.random()
        self.last_out = max(self.last_out, sent + late / 1000)
        return self.last_out


@dataclass
class Port:
    """A host as the router sees it: the other end of its device, and its line."""

    space: str
    device: int
    name: str
    address: bytes
    up: Direction = field(default_factory=Direction)
    down: Direction = field(default_factory=Direction)


class Router:
    """Hands packets on between hosts until its standard input ends."""

    def __init__(self, ports: list[Port]) -> None:
        self._ports = {port.device: port for port in ports}
        self._waiting: list[tuple[float, int, Port, bytes, bool]] = []
        self._count = 0
        self._said = b""

    def run(self) -> None:
        while True:
            patience = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            for ready in select.select([0, *self._ports], [], [], patience)[0]:
                if ready:
                    for packet in _read(ready):
                        self._take(self._ports[ready], packet)
                elif not self._listen():
                    return
            self._hand_on()

    def _take(self, sender: Port, packet: bytes) -> None:
        # RFC 791 §3.1: the version stands in the first byte, the source at byte 12. No network lets
        # through what comes from an address that is another's (RFC 2827).
        if packet[0] >> 4 != 4 or packet[12:16] != sender.address:
            return
        for port in self._ports.values():
            if port.address == packet[16:20] and port is not sender:
                now = time.monotonic()
                self._wait(sender.up.leaves(packet, now), port, packet, arrived=False)

    def _wait(self, until: float | None, to: Port, packet: bytes, *, arrived: bool) -> None:
        if until is not None:
            self._count += 1
            heapq.heappush(self._waiting, (until, self._count, to, packet, arrived))

    def _hand_on(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            at, _, to, packet, arrived = heapq.heappop(self._waiting)
            if arrived:
                os.write(to.device, packet)
            else:
                self._wait(to.down.leaves(packet, at), to, packet, arrived=True)

    def _listen(self) -> bool:
        """Take what was said; return whether there may be more."""
        heard = os.read(0, 65_536)
        *orders, self._said = (self._said + heard).split(b"\n")
        for order in orders:
            self._obey(json.loads(order))
            print("ok", flush=True)
        return bool(heard)

    def _obey(self, order: dict[str, Any]) -> None:
        port = next(one for one in self._ports.values() if one.space == order["space"])
        if address := order.get("address"):
            move(port, address)
            return
        port.up.shape, port.down.shape = Shape(**order["up"]), Shape(**order["down"])


def open_port(space: str, address: str) -> Port:
    """Put a TUN device (tun(4)) into a namespace."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    # The kernel puts the next free number into the name: two networks may begin at once.
    wish = struct.pack("16sH14x", b"line%d", IFF_TUN | IFF_NO_PI)
    name = fcntl.ioctl(device, TUNSETIFF, wish)[:16].rstrip(b"\0").decode()
    subprocess.run(["ip", "link", "set", name, "netns", space], check=True)
    _ip(space, "link set lo up")
    port = Port(space, device, name, b"")
    move(port, address)
    return port


def move(port: Port, address: str) -> None:
    """Give a host this address instead of the one it has, as a phone that leaves a network does."""
    if port.address:
        before = ".".join(map(str, port.address))
        _ip(port.space, f"link set {port.name} down")
        _ip(port.space, f"addr del {before}/24 dev {port.name}")
    _ip(port.space, f"addr add {address}/24 dev {port.name}")
    _ip(port.space, f"link set {port.name} mtu {MTU} up")
    # Without a default route a browser believes that it is offline.
    _ip(port.space, f"route replace default dev {port.name}")
    port.address = bytes(map(int, address.split(".")))


def _ports(packet: bytes) -> tuple[int, int]:
    """Return where a TCP packet comes from and goes to (RFC 791 §3.1, RFC 9293 §3.1)."""
    start = (packet[0] & 0x0F) * 4
    source, destination = struct.unpack_from("!HH", packet, start)
    return source, destination


def _ip(space: str, words: str) -> None:
    subprocess.run(["ip", "-netns", space, *words.split()], check=True)


def _read(device: int) -> Iterator[bytes]:
    for _ in range(BURST):
        try:
            yield os.read(device, MTU + 64)
        except BlockingIOError:
            return


def main() -> None:
    router = Router([open_port(*host.split("=")) for host in sys.argv[1:]])
    print("ready", flush=True)
    router.run()


if __name__ == "__main__":
    main()
