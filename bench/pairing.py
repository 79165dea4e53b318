"""Two nodes pair 10,000 who wait with 500 advisors, as fast as they can."""

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.figures import Line
from bench.replay import Verdict, parse, replay
from bench.shift import Task
from showroom.children import leashed
from showroom.database import Database, migrate
from showroom.demo.seed import SLUG, seed
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.valkey import EmbeddedServer, connect
from signaling.pairing import prefix

HOW = """Two processes with 250 advisors each share one Valkey and drive `signaling.desk.Desk`
through every call: request, ring (found by its hint in the feed), accept, connected, hang up,
outcome. 10,000 wait and all 500 advisors are in a call all the time; each process has twelve
pairings under way. Of 20 rings one is declined, one's customer leaves, and one a colleague tries to
steal. Rows in SQL are written behind, and not here. The script's time is what the server counts for
FCALL; at the caller it includes the wait for the event loop and for the batch under way. Afterwards
every call's log is read again by code that shares nothing with the product."""
WAITING, ADVISORS, PAIRINGS = 10_000, 500, 50_000
NODES = 2


async def measure(pairings: int = PAIRINGS, waiting: int = WAITING) -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.load(data_dir=Path(name))
        await migrate(settings.database_url)
        async with Database.open(settings.database_url) as database:
            await seed(database, settings.data_dir)
            keys = prefix((await Showrooms(database).by_slug(SLUG)).id)
        async with EmbeddedServer(settings.data_dir) as server:
            redis: Any = await connect(server.url)
            share = (ADVISORS // NODES, (waiting + ADVISORS) // NODES, pairings // NODES)
            tasks = [
                Task(server.url, settings.database_url, f"node{n}", *share) for n in range(NODES)
            ]
            facts = await _work(tasks, redis)
            stats = await redis.info("latencystats")
            verdict = await _judge(redis, keys)
            await redis.aclose()
    return _lines(facts, stats["latency_percentiles_usec_fcall"], verdict)


def _lines(
    facts: list[dict[str, Any]], server_us: dict[str, float], verdict: Verdict
) -> list[Line]:
    seconds = max(fact["ended"] for fact in facts) - min(fact["began"] for fact in facts)
    rate = sum(fact["accepted"] for fact in facts) / seconds
    p50, p99 = (max(fact[name] for fact in facts) for name in ("p50", "p99"))
    doubles = len(verdict.doubles) + sum(fact["wrongly_accepted"] for fact in facts)
    return [
        Line(
            "Pairings, two nodes",
            "≥ 1,000/s",
            f"{rate:,.0f}/s",
            rate >= 1000,
            "prototype of the script alone: 5,000–8,000/s",
        ),
        Line(
            "Pairing script",
            "p99 ≤ 10 ms",
            f"p99 {server_us['p99'] / 1000:.2f} ms in the server;"
            f" p50 {p50:.2f} ms, p99 {p99:.2f} ms at the caller",
            server_us["p99"] <= 10_000,
            "prototype: 0.02 ms in the server",
        ),
        Line(
            "Double pairings",
            f"0 in {PAIRINGS:,}",
            f"{doubles} in {verdict.pairings:,}, {verdict.calls:,} calls read again",
            not doubles,
            "prototype: 0 in 100,000",
        ),
    ]


async def _work(tasks: list[Task], redis: Any) -> list[dict[str, Any]]:
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(_node(task)) for task in tasks]
        await asyncio.gather(*(_answer(node) for node in nodes))
        await redis.config_resetstat()
        for node in nodes:
            assert node.stdin
            node.stdin.write(b"go\n")
        facts = await asyncio.gather(*(_answer(node) for node in nodes))
    return [json.loads(fact) for fact in facts]


@asynccontextmanager
async def _node(task: Task) -> AsyncIterator[Process]:
    command = leashed([sys.executable, "-m", "bench.shift", json.dumps(asdict(task))])
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answer(node: Process) -> str:
    assert node.stdout
    line = (await node.stdout.readline()).decode()
    if not line:
        raise RuntimeError("A node ended too early; what it said stands above.")
    return line


async def _judge(redis: Any, keys: str) -> Verdict:
    names = [name async for name in redis.scan_iter(f"{keys}:log:*", count=1000)]
    logs = []
    for start in range(0, len(names), 1000):
        pipe = redis.pipeline(transaction=False)
        for name in names[start : start + 1000]:
            pipe.lrange(name, 0, -1)
        for name, rows in zip(names[start : start + 1000], await pipe.execute(), strict=True):
            logs.append((name, [parse(row) for row in rows]))
    return replay(logs)
