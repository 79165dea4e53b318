"""A node in a process of its own, with the demo's showroom, its range and its people."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from showroom.children import leashed
from showroom.database import Database, migrate
from showroom.demo.seed import SignIn, seed
from showroom.settings import Settings

START_SECONDS = 30
# In a process of its own: the node may live in a network that this one can't reach.
PROBE = """
import socket, sys, time
while True:
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2]))).close()
        break
    except OSError:
        time.sleep(0.05)
"""
SECRET = "not a secret: this server lives for a minute"


@dataclass(frozen=True)
class Node:
    """A node that answers. `people`: the demo's sign-ins."""

    url: str
    pid: int
    data_dir: Path
    people: list[SignIn]

    def advisor(self) -> SignIn:
        return next(person for person in self.people if person.role == "advisor")

    def memory(self) -> int:
        """Return the resident memory in bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """Return a TCP port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running_node(
    data_dir: Path, host: str = "127.0.0.1", inside: Sequence[str] = (), **settings: str
) -> AsyncIterator[Node]:
    """Run `showroom serve` on fresh data in an existing folder for as long as the block runs.

    `inside`: a command that puts it into a network of its own; `settings` by field name.
    """
    url = Settings.load(data_dir=data_dir).database_url
    await migrate(url)
    async with Database.open(url) as database:
        people = await seed(database, data_dir)
    async with serving(data_dir, host, inside, **settings) as (at, pid):
        yield Node(at, pid, data_dir, people)


@asynccontextmanager
async def serving(
    data_dir: Path, host: str = "127.0.0.1", inside: Sequence[str] = (), **settings: str
) -> AsyncIterator[tuple[str, int]]:
    """Run `showroom serve` on data that is there, as above; yield its address and its process."""
    port = free_port()
    given = {
        "data_dir": str(data_dir),
        "host": host,
        "port": str(port),
        "public_url": f"http://{host}:{port}",
        "secret_key": SECRET,
        "log_level": "warning",
        **settings,
    }
    environment = {f"SHOWROOM_{name.upper()}": value for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        *leashed([*inside, sys.executable, "-m", "showroom", "serve"]),
        env={**os.environ, **environment},
    )
    try:
        await _until_listening(inside, host, port, process)
        yield given["public_url"], process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_listening(inside: Sequence[str], host: str, port: int, process: Process) -> None:
    """Wait until the node takes connections: it opens its door last."""
    probe = await asyncio.create_subprocess_exec(
        *inside, sys.executable, "-c", PROBE, host, str(port)
    )
    try:
        await asyncio.wait_for(probe.wait(), START_SECONDS)
    except TimeoutError:
        probe.kill()
    if probe.returncode or process.returncode is not None:
        raise RuntimeError("The node did not start; what it said stands above.")
