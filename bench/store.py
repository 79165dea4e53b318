"""A store's receiver in a process of its own, which verifies each webhook and says its id.

`python -m bench.store SECRET` prints its port, and then a line for each webhook that verified.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp.web import Application, AppRunner, Request, Response, TCPSite, post
from standardwebhooks import Webhook

from showroom.children import leashed


@dataclass
class Store:
    """What a receiver got, in its order."""

    url: str
    ids: list[str] = field(default_factory=list)

    def has(self, number: int) -> Callable[[], Awaitable[bool]]:
        """Return what says whether so many have come."""

        async def come() -> bool:
            return len(self.ids) >= number

        return come


@asynccontextmanager
async def store(secret: str, port: int = 0) -> AsyncIterator[Store]:
    """Run a receiver for as long as the block; `port` 0 takes any."""
    command = leashed([sys.executable, "-m", "bench.store", secret, str(port)])
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout
    found = Store(f"http://127.0.0.1:{int(await process.stdout.readline())}/")
    reading = asyncio.create_task(_read(process, found))
    try:
        yield found
    finally:
        process.kill()
        await process.wait()
        await reading


async def _read(process: Process, found: Store) -> None:
    assert process.stdout
    async for line in process.stdout:
        found.ids.append(line.decode().strip())


async def main(secret: str, port: str) -> None:
    webhook = Webhook(secret)

    async def receive(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        webhook.verify(await request.read(), headers)
        print(headers["webhook-id"], flush=True)
        return Response(text="ok")

    app = Application()
    app.add_routes([post("/", receive)])
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", int(port)).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
