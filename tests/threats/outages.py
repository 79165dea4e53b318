"""Parts that go away and come back: a Redis of one's own, and a wire to SQL that a test may cut."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from showroom import valkey
from showroom.children import leashed
from tests.nodes import free_port


class OwnRedis:
    """A real server whose process a test may freeze or kill; what it has acknowledged it keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        self._launch()
        async with asyncio.timeout(20):
            while True:
                client = Redis.from_url(self.url)
                try:
                    await client.ping()
                    return
                except (OSError, RedisError):
                    await asyncio.sleep(0.02)
                finally:
                    await client.aclose()

    def _launch(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        options += ["--appendonly", "yes", "--dir", str(self._folder), "--logfile", "log"]
        self._process = subprocess.Popen(leashed([valkey._binary(), *options]))

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait(10)

    def lose_everything(self) -> None:
        """End it, and with it what it kept."""
        self.kill()
        for kept in self._folder.iterdir():
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@asynccontextmanager
async def own_redis(folder: Path) -> AsyncIterator[OwnRedis]:
    """Yield a Redis of one's own, running."""
    folder.mkdir()
    server = OwnRedis(folder)
    await server.start()
    try:
        yield server
    finally:
        server.kill()


class Wire:
    """A TCP port of this machine that leads to a Unix socket, for as long as it is not cut.

    One that is held takes what comes and hands nothing on until it is mended.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._whole = True
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def hold(self) -> None:
        self._flows.clear()

    def mend(self) -> None:
        self._whole = True
        self._flows.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        inner, outer = await asyncio.open_unix_connection(self._target)
        self._ends |= {writer, outer}
        try:
            await asyncio.gather(self._pump(reader, outer), self._pump(inner, writer))
        finally:
            self._ends -= {writer, outer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # that is what a cut looks like
        finally:
            writer.close()


@asynccontextmanager
async def wire(target: str) -> AsyncIterator[Wire]:
    """Yield a whole wire to the Unix socket `target`."""
    made = Wire(target)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.mend()
        made.cut()
        server.close()
        await server.wait_closed()
