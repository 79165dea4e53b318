"""A network with slow lines, on one machine: hosts in namespaces of their own, and a router.

The kernel of a small machine often lacks netem, so the router is a process (`bench.router`). Needs
root, iproute2 and /dev/net/tun.
"""

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.router import Shape
from showroom.children import leashed

SUBNET = "10.213.77"
PREFIX = "showroom-"


@dataclass(frozen=True)
class Host:
    """One host of the network. `inside` is the command that runs a program there."""

    name: str
    address: str

    @property
    def space(self) -> str:
        return f"{PREFIX}{os.getpid()}-{self.name}"

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.space]

    def wrapper(self, folder: Path, program: str) -> str:
        """Return a program that runs `program` on this host, for whoever takes only a path."""
        made = folder / f"{Path(program).name}-{self.name}"
        made.write_text(f'#!/bin/sh\nexec {" ".join(self.inside)} {program} "$@"\n')
        made.chmod(0o755)
        return str(made)


@dataclass(frozen=True)
class Network:
    """Some hosts, each with a line of its own to all others."""

    hosts: list[Host]
    router: Process

    async def shape(self, host: Host, up: Shape, down: Shape | None = None) -> None:
        """Make a host's line like this; both directions are alike unless `down` is given."""
        await self._order(space=host.space, up=asdict(up), down=asdict(down or up))

    async def move(self, host: Host, number: int) -> None:
        """Give a host the address with this last byte, as a phone gets one in another network."""
        await self._order(space=host.space, address=f"{SUBNET}.{number}")

    async def _order(self, **order: object) -> None:
        assert self.router.stdin
        assert self.router.stdout
        self.router.stdin.write(json.dumps(order).encode() + b"\n")
        if await self.router.stdout.readline() != b"ok\n":
            raise RuntimeError("The router has ended; what it said stands above.")


@asynccontextmanager
async def network(names: list[str], round_trip_ms: float = 0) -> AsyncIterator[Network]:
    """Run a network in which a round trip between any two hosts takes `round_trip_ms`.

    A host is given as `hosts[n]` in the order of `names`.
    """
    _sweep()
    hosts = [Host(name, f"{SUBNET}.{number}") for number, name in enumerate(names, 1)]
    async with AsyncExitStack() as stack:
        for host in hosts:
            stack.enter_context(_space(host))
        command = [sys.executable, "-m", "bench.router"]
        command += [f"{host.space}={host.address}" for host in hosts]
        router = await asyncio.create_subprocess_exec(*leashed(command), stdin=PIPE, stdout=PIPE)
        stack.push_async_callback(router.wait)
        stack.callback(_kill, router)
        if not router.stdout or not await router.stdout.readline():
            raise RuntimeError(
                "The router did not start: it needs root, iproute2 and /dev/net/tun."
            )
        made = Network(hosts, router)
        for host in hosts if round_trip_ms else []:
            # A packet passes two lines on its way, and so does the answer.
            await made.shape(host, Shape(delay_ms=round_trip_ms / 4))
        yield made


def _kill(router: Process) -> None:
    if router.returncode is None:
        router.kill()


@contextmanager
def _space(host: Host) -> Iterator[None]:
    subprocess.run(["ip", "netns", "add", host.space], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", host.space], check=True)


def _sweep() -> None:
    """Remove what runs have left behind that were killed and could not clean up."""
    for space in Path("/run/netns").glob(f"{PREFIX}*-*"):
        owner = space.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            subprocess.run(["ip", "netns", "delete", space.name], check=False)
