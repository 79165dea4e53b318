"""Ten thousand customers look at one node's page at the same time."""

import asyncio
import json
import resource
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.figures import Line
from bench.node import Node, running_node
from showroom.children import leashed
from showroom.demo.seed import SLUG
from showroom.robot.wire import Wire

HOW = """One node (embedded Redis, SQLite) and 10,000 raw WebSockets from one other process on the
same machine. *Connects*: from the first until all have their full state (`showroom_state` and
`no_call`), 200 at a time. *Memory*: the node's resident set, after all have answered a ping, less
that before the first. *Refresh*: an advisor's socket sends `set_available`; until the last customer
has the new `showroom_state`; the slowest of six."""
VISITORS = 10_000
# All have answered one ping by then.
IDLE_SECONDS = 20
REFRESHES = 6


async def measure(visitors: int = VISITORS, idle: float = IDLE_SECONDS) -> list[Line]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as name:
        async with (
            running_node(Path(name), max_sockets_per_address=str(2 * visitors)) as node,
            _crowd(node) as crowd,
        ):
            before = node.memory()
            connects = await _ask(crowd, f"connect {visitors}")
            await asyncio.sleep(idle)
            each = (node.memory() - before) / visitors / 1000
            refreshes = await _refresh(node, crowd)
            lost = (await _ask(crowd, "dropped"))["dropped"]
    rate = visitors / (connects["ended"] - connects["began"])
    count = f"{visitors:,} sockets"
    return [
        Line(
            f"{count}: memory each",
            "≤ 45 kB",
            f"{each:.1f} kB",
            each <= 45,
            "python-socketio: 32 kB; Node's own: 16 kB",
        ),
        Line(
            f"{count}: connects",
            "≥ 3,000/s",
            f"{rate:,.0f}/s, {lost} lost",
            rate >= 3000 and not lost,
            "prototype: 3,900/s",
        ),
        Line(
            f"{count}: state refresh to all",
            "≤ 2 s",
            f"{max(refreshes):.2f} s",
            max(refreshes) <= 2,
        ),
    ]


@asynccontextmanager
async def _crowd(node: Node) -> AsyncIterator[Process]:
    address = urlsplit(node.url)
    command = [sys.executable, "-m", "bench.crowd", str(address.hostname), str(address.port), SLUG]
    process = await asyncio.create_subprocess_exec(*leashed(command), stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def _ask(crowd: Process, line: str) -> dict[str, Any]:
    assert crowd.stdin
    crowd.stdin.write(f"{line}\n".encode())
    return await _answer(crowd)


async def _answer(crowd: Process) -> dict[str, Any]:
    assert crowd.stdout
    answer: dict[str, Any] = json.loads(await crowd.stdout.readline())
    return answer


async def _refresh(node: Node, crowd: Process) -> list[float]:
    """Return how long a change took to reach everybody, in seconds, several times."""
    alice, durations = node.advisor(), []
    wire = Wire(node.url, SLUG, {})
    try:
        await wire.sign_in(alice.email, alice.password)
        await wire.connect()
        for turn in range(REFRESHES):
            available = turn % 2 == 0
            await _ask(crowd, f'expect "free":{int(available)}')
            began = time.monotonic()
            await wire.send("set_available", {"available": available})
            durations.append((await _answer(crowd))["ended"] - began)
            # The state goes out at most four times a second: the next change is another beat's.
            await asyncio.sleep(1)
    finally:
        await wire.close()
    return durations
