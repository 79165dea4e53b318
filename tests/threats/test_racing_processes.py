"""Two processes race over one floor and one is killed: nobody is paired twice, no call is lost.

Some calls are booked: while one is kept for its host, it rings nobody else.
"""

import asyncio
import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from showroom.children import leashed
from signaling.pairing import prefix
from tests.threats.conftest import Report
from tests.threats.racer import room

CALLS = 750
SURVIVOR, VICTIM = 1, 2


def racer(url: str, seed: int, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.threats.racer", url, "race", str(seed), str(CALLS)]
    with out.open("wb") as log:
        return subprocess.Popen(leashed(command), stdout=log)


async def test_two_processes_pair_1500_calls_and_one_is_killed_in_the_middle(
    redis: Redis, redis_url: str, tmp_path: Path, figure: Report
) -> None:
    start = prefix(room("race").id)
    outs = {seed: tmp_path / str(seed) for seed in (SURVIVOR, VICTIM)}
    processes = {seed: racer(redis_url, seed, out) for seed, out in outs.items()}
    try:
        async with asyncio.timeout(90):
            while outs[VICTIM].read_bytes().count(b"\n") < CALLS // 2:
                await asyncio.sleep(0.02)
            processes[VICTIM].kill()
            while True:
                asked = [line for out in outs.values() for line in out.read_text().split()]
                waiting = await redis.zcard(f"{start}:q:en")
                all_in = len(outs[SURVIVOR].read_text().split()) == CALLS
                if all_in and not waiting and not await _rings(redis, start):
                    break
                await asyncio.sleep(0.1)
    finally:
        for process in processes.values():
            process.kill()
            process.wait(10)
    lost = [call for call in asked if not await redis.exists(f"{start}:call:{call}")]
    accepted, doubles = await _replay(redis, start)
    assert lost == []
    assert doubles == []
    assert accepted > 1_000
    figure(f"{len(asked)} calls, {accepted} pairings, one process killed: 0 double, 0 lost")


async def _rings(redis: Redis, start: str) -> int:
    members = await redis.zrange(f"{start}:due", 0, -1)
    return sum(str(member).startswith("ring:") for member in members)


async def _replay(redis: Redis, start: str) -> tuple[int, list[str]]:
    """Go through all logs again, by their own rules; return the accepts and what broke a rule."""
    broken: list[str] = []
    held: dict[str, list[tuple[int, float]]] = {}
    accepted = 0
    async for key in redis.scan_iter(f"{start}:log:*", count=1000):
        lines = [json.loads(row) for row in await redis.lrange(key, 0, -1)]
        accepted += sum(line["kind"] == "accept" for line in lines)
        _follow(str(key), lines, held, broken)
        booked: Any = await redis.hmget(key.replace(":log:", ":call:"), ["host", "kept_until"])
        host, until = booked
        if host and (stolen := _stolen(lines, host, int(until))):
            broken.append(f"{key} rang {stolen} while it was kept for {host}")
    for advisor, spans in held.items():
        for (_, end), (begin, _) in pairwise(sorted(spans)):
            if begin < end:
                broken.append(f"{advisor} has two customers at {begin}")
    return accepted, broken


def _stolen(lines: list[dict[str, Any]], host: str, until: int) -> str | None:
    """Return whom else a call rang while it was kept for its host."""
    for line in lines:
        who = (line.get("data") or {}).get("advisor", "")
        if line["kind"] in ("decline", "miss") and who == host:
            return None
        if line["kind"] == "ring" and who != host and line["at"] < until:
            return str(who)
    return None


def _follow(
    call: str,
    lines: list[dict[str, Any]],
    held: dict[str, list[tuple[int, float]]],
    broken: list[str],
) -> None:
    """Follow one call; note in `held` from when to when it had which advisor."""
    advisor, since = "", 0
    for line in lines:
        who = (line.get("data") or {}).get("advisor", "")
        if line["kind"] == "ring":
            if advisor:
                broken.append(f"{call} rings {who} while {advisor} has it")
            advisor, since = who, line["at"]
        elif line["kind"] == "accept" and who != advisor:
            broken.append(f"{call} accepted by {who}, rang {advisor}")
        elif line["kind"] in ("decline", "miss", "leave", "close") and advisor:
            held.setdefault(advisor, []).append((since, line["at"]))
            advisor = ""
    if advisor:
        held.setdefault(advisor, []).append((since, math.inf))
