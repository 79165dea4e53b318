"""The roof's part of the relay: media workers as processes of their own, and what starts them.

Packets never wait for signalling, and signalling never waits for packets.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from media import guard
from media.relay.recorder import Studio
from media.relay.road import Doors
from media.relay.worker import DRAIN_SECONDS, Worker
from showroom.children import leashed
from showroom.errors import StartupError
from showroom.files import FolderFiles
from showroom.process import allow_many_sockets, stop_signal, tune_collector
from showroom.settings import Settings
from showroom.valkey import connect

log = structlog.get_logger()

# A worker that ends is started again after this pause (seconds): not in a loop that burns a core.
PAUSE = 0.3
# So long may a worker take to end, when its server ends.
STOP_SECONDS = 3.0


async def media(settings: Settings, workers: int) -> None:
    """Run media workers until told to stop: one here, or several as children.

    Raises `StartupError` without a Redis that nodes share with them.
    """
    if not settings.redis_url:
        raise StartupError(
            "SHOWROOM_REDIS_URL is empty: a media worker needs the Redis of its nodes. `serve`"
            " starts one that shares the embedded Redis."
        )
    stopped = stop_signal()
    if workers > 1:
        async with media_workers(
            settings, settings.redis_url, workers, DRAIN_SECONDS + STOP_SECONDS
        ):
            await stopped.wait()
        return
    guard.install()
    redis = await connect(settings.redis_url)
    try:
        doors = Doors(settings.media_addresses, settings.media_port_range)
        worker = Worker(redis, doors, studio=studio(settings))
        allow_many_sockets()
        tune_collector()
        log.info("relaying", worker=worker.id, addresses=worker.facts().addresses)
        await _run_until(worker, stopped)
    finally:
        await redis.aclose()


def studio(settings: Settings) -> Studio:
    """Return what a worker records with: the nodes' folder, and their secret."""
    files = FolderFiles(settings.data_dir / "files")
    return Studio(files, settings.require_secret_key())


async def _run_until(worker: Worker, stopped: asyncio.Event) -> None:
    async def drain() -> None:
        await stopped.wait()
        log.info("draining")
        worker.drain()

    waiting = asyncio.create_task(drain())
    try:
        await worker.run()
    finally:
        waiting.cancel()


@asynccontextmanager
async def media_workers(
    settings: Settings, redis_url: str, count: int, patience: float = STOP_SECONDS
) -> AsyncIterator[None]:
    """Keep `count` media workers running as children, for as long as the block runs.

    `patience`: how long they may drain in the end, in seconds. A node's own have none to spare: who
    ends a node waits for it.
    """
    keepers = [asyncio.create_task(_keep(settings, redis_url, patience)) for _ in range(count)]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(settings: Settings, redis_url: str, patience: float) -> None:
    """Run one worker, and another one when it ends, or once it can be started."""
    while True:
        try:
            process = await asyncio.create_subprocess_exec(
                *leashed([sys.executable, "-m", "showroom", "media", "--workers", "1"]),
                env={**os.environ, **_environment(settings, redis_url)},
                stdin=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            # No memory, no process, no open file left: that passes.
            log.warning("a media worker can't be started yet", why=type(error).__name__)
            await asyncio.sleep(PAUSE)
            continue
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _end(process, patience)
            raise
        log.warning("a media worker ended; it starts again", status=status)
        await asyncio.sleep(PAUSE)


def _environment(settings: Settings, redis_url: str) -> dict[str, str]:
    """What a worker needs of our settings: those of a demo stand in no environment."""
    return {
        "SHOWROOM_REDIS_URL": redis_url,
        "SHOWROOM_SECRET_KEY": settings.require_secret_key(),
        "SHOWROOM_DATA_DIR": str(settings.data_dir.resolve()),
        "SHOWROOM_MEDIA_ADDRESSES": ",".join(settings.media_addresses),
        "SHOWROOM_MEDIA_PORTS": settings.media_ports,
        "SHOWROOM_LOG_LEVEL": settings.log_level,
        "SHOWROOM_LOG_FORMAT": settings.log_format,
    }


async def _end(process: asyncio.subprocess.Process, patience: float) -> None:
    """End a worker: it moves its rooms, for as long as there is patience."""
    process.terminate()
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
