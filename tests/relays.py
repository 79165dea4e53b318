"""Media workers for tests, and pages that connect to them with real ICE, DTLS and packets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from redis.asyncio import Redis

from media.relay.road import Doors
from media.relay.worker import Worker
from showroom.process import end

PATIENCE = 15
# Hands an offer over; returns the relay's answer.
Ask = Callable[[str], Awaitable[str]]


@asynccontextmanager
async def worker_here(redis: Redis, name: str) -> AsyncIterator[Worker]:
    """Run a worker in this process; it has made itself known when this yields."""
    worker = Worker(redis, Doors(), name)
    task = asyncio.create_task(worker.run())
    try:
        await known(redis, name)
        yield worker
    finally:
        await end([task])


async def known(redis: Redis, *names: str, there: bool = True) -> None:
    """Wait until these workers have said that they are there; or until none of them does."""
    client: Any = redis
    async with asyncio.timeout(PATIENCE):
        for name in names:
            while bool(await client.exists(f"vs:media:worker:{name}")) is not there:
                await asyncio.sleep(0.02)


async def an_offer() -> str:
    """Return what a page offers: its voice, and places for two others'. Nobody is behind it."""
    connection = _connection()
    try:
        return await _offer_of(connection)
    finally:
        await connection.close()


def _connection() -> RTCPeerConnection:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
    for _ in range(2):
        connection.addTransceiver("audio", direction="recvonly")
    return connection


async def _offer_of(connection: RTCPeerConnection) -> str:
    await connection.setLocalDescription(await connection.createOffer())
    return str(connection.localDescription.sdp)


class RelayPage:
    """A page's connection to the relay: it sends sound, and counts what it gets in its places."""

    def __init__(self) -> None:
        self.heard = 0
        self._connection = _connection()
        self._places: list[MediaStreamTrack] = []
        self._connection.on("track", self._places.append)
        self._listening: list[asyncio.Task[None]] = []

    async def connect(self, ask: Ask) -> None:
        """Connect by handing an offer to `ask`."""
        answer = await ask(await _offer_of(self._connection))
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._listening = [asyncio.create_task(self._listen(one)) for one in self._places]
        async with asyncio.timeout(PATIENCE):
            while self._connection.connectionState != "connected":
                await asyncio.sleep(0.02)

    async def _listen(self, place: MediaStreamTrack) -> None:
        while True:
            await place.recv()
            self.heard += 1

    async def hears(self, frames: int = 5) -> None:
        """Wait until more sound has come."""
        wanted = self.heard + frames
        async with asyncio.timeout(PATIENCE):
            while self.heard < wanted:
                await asyncio.sleep(0.02)

    async def is_put_out(self) -> None:
        """Wait until the relay has ended this connection."""
        async with asyncio.timeout(PATIENCE):
            while self._connection.connectionState not in ("closed", "failed"):
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self._connection.close()


@asynccontextmanager
async def page_on_relay(ask: Ask) -> AsyncIterator[RelayPage]:
    """Yield a page that is connected to the relay."""
    page = RelayPage()
    try:
        await page.connect(ask)
        yield page
    finally:
        await page.close()
