"""Ten thousand customers look at one node's page at the same time."""

import asyncio
import json
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
from showroom.process import allow_many_sockets
from showroom.robot.wire import Wire

HOW = """One node (embedded Redis, SQLite) and 10,000 raw WebSockets from one other process on the
same machine. *Connects*: from the first until all have their full state (`showroom_state` and
`no_call`), 200 at a time. *Memory*: the node's resident set, after all have answered a ping, less
that before the first. *Elsewhere* for connects is python-socketio as it comes, with the same client
in the same run: it confirms the connect, and that is all. *Refresh*: an advisor's socket sends
`set_available`; until the last customer has the new `showroom_state`; the slowest of six."""
VISITORS = 10_000
# All have answered one ping by then.
IDLE_SECONDS = 20
REFRESHES = 6


async def measure(visitors: int = VISITORS, idle: float = IDLE_SECONDS) -> list[Line]:
    allow_many_sockets()
    with tempfile.TemporaryDirectory() as name:
        async with (
            running_node(Path(name), max_sockets_per_address=str(2 * visitors)) as node,
            _crowd(node.url) as crowd,
        ):
            before = node.memory()
            connects = await _ask(crowd, f'connect {visitors} ["no_call"')
            await asyncio.sleep(idle)
            each = (node.memory() - before) / visitors / 1000
            refreshes = await _refresh(node, crowd)
            lost = (await _ask(crowd, "dropped"))["dropped"]
    rate = visitors / (connects["ended"] - connects["began"])
    bare = await _bare_rate(visitors)
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
            f"python-socketio alone: {bare:,.0f}/s",
        ),
        Line(
            f"{count}: state refresh to all",
            "≤ 2 s",
            f"{max(refreshes):.2f} s",
            max(refreshes) <= 2,
        ),
    ]


@asynccontextmanager
async def _crowd(url: str) -> AsyncIterator[Process]:
    address = urlsplit(url)
    command = [sys.executable, "-m", "bench.crowd", str(address.hostname), str(address.port), SLUG]
    process = await asyncio.create_subprocess_exec(*leashed(command), stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def _bare_rate(visitors: int) -> float:
    """Return how many connects a second python-socketio takes as it comes."""
    command = leashed([sys.executable, "-m", "bench.bare"])
    server = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        assert server.stdout
        port = int(await server.stdout.readline())
        async with _crowd(f"http://127.0.0.1:{port}") as crowd:
            connects = await _ask(crowd, f"connect {visitors} 40/customer")
    finally:
        server.terminate()
        await server.wait()
    return visitors / float(connects["ended"] - connects["began"])


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
