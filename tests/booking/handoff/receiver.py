"""A store's receiver in a process of its own: `python -m tests.booking.handoff.receiver SECRET…`.

It verifies every webhook with the specification's library, and prints its port, then one line of
JSON for each request. What it answers stands in the path: `/ok`, `/status/503`, `/hang`, `/flood`…
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp.web import Application, AppRunner, Request, Response, StreamResponse, TCPSite, post
from standardwebhooks import Webhook, WebhookVerificationError

from showroom.children import leashed

HELD_SECONDS = 60
CHUNK = b"x" * 65_536
FLOOD_BYTES = 2 * 1024**3


@dataclass
class Heard:
    """What a receiver printed: every request with its headers and whether it verified."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.requests]


@asynccontextmanager
async def receiving(secrets: Sequence[str] = ()) -> AsyncIterator[Heard]:
    """Run a receiver for as long as the block, and yield what it hears."""
    process = await asyncio.create_subprocess_exec(
        *leashed([sys.executable, "-m", "tests.booking.handoff.receiver", *secrets]),
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert process.stdout
    heard = Heard(f"http://127.0.0.1:{int(await process.stdout.readline())}")

    async def listen() -> None:
        assert process.stdout
        async for line in process.stdout:
            heard.requests.append(json.loads(line))

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        process.kill()
        await process.wait()
        await task


def verified(secrets: Sequence[str], headers: dict[str, str], body: str) -> list[bool]:
    """Say for each secret whether it verifies the request."""
    found = []
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            found.append(False)
        else:
            found.append(True)
    return found


async def receive(request: Request) -> StreamResponse:
    body = (await request.read()).decode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    heard = {
        "id": headers.get("webhook-id", ""),
        "path": request.path,
        "headers": headers,
        "body": body,
        "verified": verified(sys.argv[1:], headers, body),
    }
    print(json.dumps(heard), flush=True)  # noqa: T201 - to whoever started us
    return await answer(request)


async def answer(request: Request) -> StreamResponse:
    what = request.match_info["what"]
    match what.split("/"):
        case ["status", status]:
            return Response(status=int(status), text="as you wished", headers=dict(request.query))
        case ["hang"]:
            await asyncio.sleep(HELD_SECONDS)
        case ["reset"]:
            assert request.transport
            request.transport.abort()
        case ["flood"]:
            return await flood(request)
        case ["drip"]:
            return await drip(request)
        case ["lie"]:
            assert request.transport
            request.transport.write(b"220 mail.example.com ESMTP\r\n\r\n")
            request.transport.close()
        case ["bomb"]:
            # Not what it says it is, and a decompressor would choke on it.
            return Response(body=b"\x1f\x8b\x08" + CHUNK, headers={"Content-Encoding": "gzip"})
    return Response(text="ok")


async def flood(request: Request) -> StreamResponse:
    response = StreamResponse(headers={"Content-Length": str(FLOOD_BYTES)})
    await response.prepare(request)
    sent = 0
    try:
        while sent < FLOOD_BYTES:
            await response.write(CHUNK)
            sent += len(CHUNK)
    finally:
        line = {"id": "", "path": "/flooded", "sent": sent}
        print(json.dumps(line), flush=True)  # noqa: T201
    return response


async def drip(request: Request) -> StreamResponse:
    response = StreamResponse()
    await response.prepare(request)
    for _ in range(HELD_SECONDS):
        await response.write(b".")
        await asyncio.sleep(1)
    return response


async def main() -> None:
    app = Application(client_max_size=2**24)
    app.add_routes([post("/{what:.*}", receive)])
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
