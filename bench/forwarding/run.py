"""One run: an engine, its publishers and viewers, and what it costs to forward between them."""

import asyncio
import json
import os
import pickle
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.forwarding import clip
from bench.forwarding.processes import running
from showroom.children import leashed

# The engine has the first core to itself, and what makes its load has the second.
ENGINES_CORE, LOADS_CORE = 0, 1
SETTLE, SECONDS = 4.0, 20.0
WRAP = 1 << 32


@dataclass(frozen=True)
class Cost:
    """What a run cost. Latencies in milliseconds, by frame; `cpu`: seconds of CPU a second."""

    micros_a_packet: float
    cpu: float
    p95: float
    loss: float
    packets_a_second: float
    memory: int


@asynccontextmanager
async def hall(name: str, rooms: int, viewers: int) -> AsyncIterator["Hall"]:
    """Run an engine with publishers and viewers for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "clip"
        file.write_bytes(pickle.dumps(_frames()))
        async with running(name, Path(folder)) as (where, pid):
            _pin(pid, ENGINES_CORE)
            async with (
                _load("publish", where, rooms, rooms, file) as publishers,
                _load("watch", where, rooms, viewers, file) as watching,
            ):
                yield Hall(pid, publishers, watching)


@dataclass(frozen=True)
class Hall:
    """An engine at work."""

    pid: int
    publishers: Process
    viewers: Process

    async def cost(self, seconds: float = SECONDS) -> Cost:
        """Measure for a while."""
        await asyncio.sleep(SETTLE)
        await asyncio.gather(_ask(self.publishers, "samples"), _ask(self.viewers, "samples"))
        before, cpu = await _ask(self.viewers, "totals"), self.cpu()
        await asyncio.sleep(seconds)
        after, used = await _ask(self.viewers, "totals"), self.cpu() - cpu
        came, expected = after[0] - before[0], after[1] - before[1]
        sent = await _ask(self.publishers, "samples")
        got = await _ask(self.viewers, "samples")
        late = [delay for room, frames in got for delay in delays(sent[str(room)], frames)]
        return Cost(
            micros_a_packet=used / max(came, 1) * 1e6,
            cpu=used / seconds,
            p95=percentile(late, 0.95) if late else float("inf"),
            loss=1 - came / max(expected, 1),
            packets_a_second=came / seconds,
            memory=self.memory(),
        )

    def cpu(self) -> float:
        """Return the seconds of CPU that the engine's process has used, all threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the engine's resident memory in bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def delays(sent: Sequence[Sequence[int]], got: Sequence[Sequence[int]]) -> list[float]:
    """Return how long each frame was under way, in milliseconds.

    Both are rows of an RTP time and a clock's nanoseconds. An engine shifts all times by the same:
    the steps between frames, which no other place of the clip has, say by how much.
    """
    shift = _shift([time for time, _ in sent], [time for time, _ in got])
    if shift is None:
        return []
    began = {(time + shift) % WRAP: at for time, at in sent}
    return [(at - began[time]) / 1e6 for time, at in got if time in began]


def _shift(sent: Sequence[int], got: Sequence[int]) -> int | None:
    known, middle = set(sent), len(got) // 2
    probe = got[middle : middle + 6]
    for time in sent if len(probe) > 3 else ():
        shift = probe[0] - time
        if all((one - shift) % WRAP in known for one in probe):
            return shift
    return None


_clip: list[clip.Frames] = []


def _frames() -> clip.Frames:
    if not _clip:
        _clip.append(clip.encode())
    return _clip[0]


@asynccontextmanager
async def _load(
    role: str, where: str, rooms: int, count: int, file: Path
) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "bench.forwarding.load", role, where, str(rooms), str(count)]
    process = await asyncio.create_subprocess_exec(
        *leashed([*command, str(file)]), stdin=PIPE, stdout=PIPE, limit=1 << 26
    )
    _pin(process.pid, LOADS_CORE)
    try:
        assert process.stdout
        if not await process.stdout.readline():
            raise RuntimeError("A load did not start; what it said stands above.")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ask(load: Process, word: str) -> Any:
    assert load.stdin
    assert load.stdout
    load.stdin.write(f"{word}\n".encode())
    return json.loads(await load.stdout.readline())


def _pin(pid: int, core: int) -> None:
    """Give a process, and all threads that it has and makes, one core."""
    if (os.cpu_count() or 1) > 1:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
