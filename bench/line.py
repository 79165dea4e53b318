"""A network with long lines, on one machine: hosts in namespaces of their own, and a router.

The kernel of a small machine often lacks netem, so the router is a process: each host sends its
packets into a TUN device (tun(4)), and the router hands them to the other host's device after the
delay of both lines. Needs root and iproute2.
"""

import asyncio
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from showroom.children import leashed

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1500
BURST = 64
SUBNET = "10.213.77"


@dataclass(frozen=True)
class Host:
    """One host of the network. `inside` is the command that runs a program there."""

    name: str
    address: str

    @property
    def space(self) -> str:
        return f"showroom-{self.name}"

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.space]

    def wrapper(self, folder: Path, program: str) -> str:
        """Return a program that runs `program` on this host, for whoever takes only a path."""
        made = folder / f"{Path(program).name}-{self.name}"
        made.write_text(f'#!/bin/sh\nexec {" ".join(self.inside)} {program} "$@"\n')
        made.chmod(0o755)
        return str(made)


@asynccontextmanager
async def network(names: list[str], round_trip_ms: float) -> AsyncIterator[list[Host]]:
    """Run a network in which a round trip between any two hosts takes `round_trip_ms`."""
    hosts = [Host(name, f"{SUBNET}.{number}") for number, name in enumerate(names, 1)]
    async with AsyncExitStack() as stack:
        for host in hosts:
            stack.enter_context(_space(host))
        # A packet passes two lines on its way, and so does the answer.
        command = [sys.executable, "-m", "bench.line", str(round_trip_ms / 4)]
        command += [f"{host.space}={host.address}" for host in hosts]
        router = await asyncio.create_subprocess_exec(*leashed(command), stdout=PIPE)
        stack.push_async_callback(router.wait)
        stack.callback(router.kill)
        if not router.stdout or not await router.stdout.readline():
            raise RuntimeError(
                "The router did not start: it needs root, iproute2 and /dev/net/tun."
            )
        yield hosts


@contextmanager
def _space(host: Host) -> Iterator[None]:
    # What a run that was killed has left behind is in the way.
    subprocess.run(["ip", "netns", "delete", host.space], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["ip", "netns", "add", host.space], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", host.space], check=True)


def _open_device(space: str, address: str) -> int:
    """Put a TUN device into a namespace; return the descriptor of its other end."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"line-{address.rpartition('.')[2]}"
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "netns", space], check=True)
    for words in (
        "link set lo up",
        f"addr add {address}/24 dev {name}",
        f"link set {name} mtu {MTU} up",
        # Without a default route a browser believes that it is offline.
        f"route add default dev {name}",
    ):
        subprocess.run(["ip", "-netns", space, *words.split()], check=True)
    return device


def route(delay_s: float, devices: dict[bytes, int]) -> None:
    """Hand packets on between devices, each `2 * delay_s` after it came, until killed.

    `devices`: by IPv4 address, 4 bytes (RFC 791 §3.1: the destination stands at byte 16).
    """
    waiting: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for device in select.select(list(devices.values()), [], [], patience)[0]:
            now = time.monotonic()
            for packet in _read(device):
                target = devices.get(packet[16:20]) if packet[0] >> 4 == 4 else None
                if target is not None and target != device:
                    count += 1
                    heapq.heappush(waiting, (now + 2 * delay_s, count, target, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(waiting)
            os.write(target, packet)


def _read(device: int) -> Iterator[bytes]:
    for _ in range(BURST):
        try:
            yield os.read(device, MTU + 64)
        except BlockingIOError:
            return


def main() -> None:
    delay_ms, *hosts = sys.argv[1:]
    devices = {}
    for host in hosts:
        space, address = host.split("=")
        devices[bytes(map(int, address.split(".")))] = _open_device(space, address)
    print("ready", flush=True)
    route(float(delay_ms) / 1000, devices)


if __name__ == "__main__":
    main()
