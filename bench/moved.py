"""How long the picture is away when a media worker dies."""

import asyncio
import math
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path

from bench.callers import Page, a_clip
from bench.figures import Line, percentile
from bench.node import Node, running_node
from media.relay.switch import Switch
from showroom.clock import system_clock
from showroom.database import Database
from showroom.demo.seed import SLUG
from showroom.settings import Settings
from showroom.staff import Staff
from showroom.valkey import EmbeddedServer, connect
from showroom.words import Role

HOW = """One node that starts two media workers, and 20 calls that are recorded, all through one of
them: the other one is stopped (`SIGSTOP`) until they stand, and goes on 5 s before. One process
plays all 40 pages: they follow their call's state over Socket.IO, and connect to the relay with
aiortc, again and again as our pages do; of the link between the two sides they only say that it is
up. Each advisor sends a clip of 320×240 at 15 frames a second, without sound, whose keyframes come
when the relay asks; customers don't decode. Then the worker gets `SIGKILL`. For each customer, from
the last packet of the old connection to the first packet of a keyframe on a new one. A picture is
back when that took less than 20 s and it still moves 2 s after the last one is back."""
CALLS = 20
PASSWORD = "not a secret: a minute long"
PATIENCE, SETTLE, LATEST = 60.0, 5.0, 20.0
STILL, MOVES = 2.0, 0.5


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_node(Path(folder), media_workers="2", log_level="error") as node,
            aclosing(await connect(EmbeddedServer(node.data_dir).url)) as redis,
        ):
            holes = await _holes(node, Switch(redis))
    back = sum(hole < LATEST for hole in holes)
    middle, high = percentile(holes, 0.5), percentile(holes, 0.95)
    return [
        Line(
            f"A media worker killed with {CALLS} rooms: time without a picture",
            f"p95 < 5 s, {CALLS} of {CALLS}",
            f"p50 {middle:.1f} s, p95 {high:.1f} s, longest {max(holes):.1f} s, {back} of {CALLS}",
            high < 5 and back == CALLS,
        )
    ]


async def _holes(node: Node, switch: Switch) -> list[float]:
    """Return for how many seconds each customer had no picture."""

    async def known(count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(await switch.workers()) != count:  # noqa: ASYNC110 - it looks at Redis
                await asyncio.sleep(0.05)

    await known(2)
    busy, idle = _workers(node)
    os.kill(idle, signal.SIGSTOP)
    try:
        await known(1)
        async with _calls(node) as customers:
            os.kill(idle, signal.SIGCONT)
            await known(2)
            await asyncio.sleep(SETTLE)
            rooms = sorted(facts.rooms for facts in (await switch.workers()).values())
            if rooms != [0, CALLS]:
                raise RuntimeError(f"The rooms are not all at one worker: {rooms}.")
            for one in customers:
                one.settled.clear()
            os.kill(busy, signal.SIGKILL)
            return await _watch(customers, time.monotonic())
    finally:
        os.kill(idle, signal.SIGCONT)  # it could not end


async def _watch(customers: list[Page], killed: float) -> list[float]:
    with suppress(TimeoutError):
        async with asyncio.timeout(LATEST):
            for one in customers:
                await one.settled.wait()
    await asyncio.sleep(STILL)
    moves = time.monotonic() - MOVES
    return [
        _hole(one, killed) if one.connections[-1].last > moves else math.inf for one in customers
    ]


def _hole(customer: Page, killed: float) -> float:
    last = max(one.last for one in customer.connections if one.made < killed)
    shown = [one.shown for one in customer.connections if one.made > killed and one.shown]
    return min(shown) - last if shown else math.inf


def _workers(node: Node) -> list[int]:
    """Return the media workers' processes."""
    children = Path(f"/proc/{node.pid}/task/{node.pid}/children").read_text().split()
    commands = {int(one): Path(f"/proc/{one}/cmdline").read_bytes() for one in children}
    return [pid for pid, command in commands.items() if b"\0media\0" in command]


@asynccontextmanager
async def _calls(node: Node) -> AsyncIterator[list[Page]]:
    """Have all the calls; give their customers, who see their advisors."""
    clip, customers = a_clip(), []
    async with Database.open(Settings.load(data_dir=node.data_dir).database_url) as database:
        staff = Staff(database, system_clock)
        emails = [f"advisor{number}@orvanne.example" for number in range(CALLS)]
        for email in emails:
            await staff.add(email, "An advisor", PASSWORD, {SLUG: Role.ADVISOR}, ["en"])
    async with AsyncExitStack() as stack:
        for email in emails:
            advisor, customer = Page(node.url, clip), Page(node.url)
            stack.push_async_callback(advisor.close)
            stack.push_async_callback(customer.close)
            await advisor.work(email, PASSWORD)
            await customer.call()
            customers.append(customer)
        async with asyncio.timeout(PATIENCE):
            for customer in customers:
                await customer.settled.wait()
        yield customers
