"""The processes of the engines that are measured."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.forwarding.engines import PATIENCE, Relay, address
from bench.node import SECRET, free_port
from showroom.children import leashed
from showroom.valkey import EmbeddedServer

# `event_loops`: with a thread for each connection, which is its default, it needs twice as much.
JANUS = """general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  events_folder = "{library}/events"
  loggers_folder = "{library}/loggers"
  log_to_stdout = false
  debug_level = 2
  event_loops = 2
}}
media: {{ }}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
SOCKETS = """general: {{ json = "compact" ws = true ws_port = {port} ws_ip = "127.0.0.1" }}
"""


@asynccontextmanager
async def running(name: str, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Run an engine for as long as the block runs; give its address and its process's id."""
    start = {"relay": _relay, "janus": _janus, "decoding": _decoding}[name]
    async with start(folder) as (url, pid):
        yield f"{name} {url}", pid


def there(name: str) -> bool:
    """Say whether an engine is installed."""
    return name != "janus" or shutil.which("janus") is not None


@asynccontextmanager
async def _relay(folder: Path) -> AsyncIterator[tuple[str, int]]:
    async with EmbeddedServer(folder) as redis:
        url = redis.url
        environment = {
            "SHOWROOM_REDIS_URL": url,
            "SHOWROOM_MEDIA_ADDRESSES": address(),
            "SHOWROOM_DATA_DIR": str(folder),
            "SHOWROOM_SECRET_KEY": SECRET,
            "SHOWROOM_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "showroom", "media", "--workers", "1"]
        async with _process(command, environment) as process:
            engine = await Relay.open(url)
            async with asyncio.timeout(PATIENCE):
                await engine.worker()
            await engine.close()
            yield url, process.pid


@asynccontextmanager
async def _janus(folder: Path) -> AsyncIterator[tuple[str, int]]:
    port = free_port()
    _configure(folder, port)
    command = ["janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")]
    async with _process(command, {}) as process:
        await _until_open(port)
        yield f"ws://127.0.0.1:{port}", process.pid


def _configure(folder: Path, port: int) -> None:
    library = next(Path("/usr/lib").glob("*/janus"))
    (folder / "janus.jcfg").write_text(
        JANUS.format(
            folder=folder,
            library=library,
            address=address(),
            plugins=_all_but("videoroom", library / "plugins"),
            transports=_all_but("websockets", library / "transports"),
        )
    )
    (folder / "janus.transport.websockets.jcfg").write_text(SOCKETS.format(port=port))
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")


def _all_but(name: str, folder: Path) -> str:
    return ",".join(one.name for one in folder.glob("*.so") if name not in one.name)


@asynccontextmanager
async def _decoding(_: Path) -> AsyncIterator[tuple[str, int]]:
    port = free_port()
    async with _process([sys.executable, "-m", "bench.forwarding.decoding", str(port)], {}) as one:
        await _until_open(port)
        yield f"http://127.0.0.1:{port}", one.pid


@asynccontextmanager
async def _process(command: Sequence[str], environment: dict[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *leashed(list(command)),
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_open(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
