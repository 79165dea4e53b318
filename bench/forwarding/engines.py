"""How one gets into the rooms of the engines that are measured."""

import asyncio
import itertools
import json
from abc import ABC, abstractmethod
from typing import Any

import aiohttp
from aioice import ice
from aiortc import RTCPeerConnection, RTCSessionDescription

from media.relay.orders import Connect, Seat
from media.relay.switch import Switch
from showroom.valkey import connect
from showroom.words import Side

PATIENCE = 20.0


def address() -> str:
    """Return an address of this machine that is not loopback, which some engines refuse."""
    found = ice.get_host_addresses(use_ipv4=True, use_ipv6=False)
    return str(found[0]) if found else "127.0.0.1"


class Engine(ABC):
    """A client's view of an engine: rooms are numbers."""

    @abstractmethod
    async def publish(self, peer: RTCPeerConnection, room: int) -> None:
        """Let a peer, whose tracks are there, publish into a room."""

    @abstractmethod
    async def watch(self, peer: RTCPeerConnection, room: int) -> None:
        """Let a peer get what a room's publisher sends."""

    @abstractmethod
    async def close(self) -> None:
        """End the connection to the engine."""


class Relay(Engine):
    """Our own media worker, by the orders that nodes give it."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._switch = Switch(redis)
        self._answers = asyncio.create_task(self._switch.run())
        self._seats: dict[int, tuple[Seat, ...]] = {}
        self._count = itertools.count(1)

    @classmethod
    async def open(cls, url: str) -> "Relay":
        return cls(await connect(url))

    async def publish(self, peer: RTCPeerConnection, room: int) -> None:
        await self._enter(peer, room, Seat(who="advisor", part=Side.ADVISOR))

    async def watch(self, peer: RTCPeerConnection, room: int) -> None:
        for kind in ("audio", "video"):
            peer.addTransceiver(kind, direction="recvonly")
        seat = Seat(who=f"v{next(self._count)}", part=Side.COMPANION)
        await self._enter(peer, room, seat)

    async def _enter(self, peer: RTCPeerConnection, room: int, seat: Seat) -> None:
        # A room's publisher and its viewers come from two processes: both name all who may be in.
        seats = self._seats.get(room, (Seat(who="advisor", part=Side.ADVISOR),))
        self._seats[room] = seats = tuple({one.who: one for one in (*seats, seat)}.values())
        await peer.setLocalDescription(await peer.createOffer())
        order = Connect(
            room=f"r{room}",
            seats=seats,
            number=len(seats),
            who=seat.who,
            rank=1,
            sdp=peer.localDescription.sdp,
        )
        answer = await self._switch.ask(await self.worker(), order)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def worker(self) -> str:
        """Wait for a worker; return its id."""
        while True:
            if workers := await self._switch.workers():
                return next(iter(workers))
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        self._answers.cancel()
        await self._redis.aclose()


class Janus(Engine):
    """Janus's video room over its WebSocket (janus.conf.meetecho.com/docs)."""

    def __init__(self, http: aiohttp.ClientSession, line: Any) -> None:
        self._http, self._line = http, line
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._session: int | None = None
        self._tasks = [asyncio.create_task(self._read())]

    @classmethod
    async def open(cls, url: str) -> "Janus":
        http = aiohttp.ClientSession()
        line = await http.ws_connect(url, protocols=("janus-protocol",), max_msg_size=0)
        client = cls(http, line)
        client._session = (await client._ask({"janus": "create"}))["data"]["id"]
        client._tasks.append(asyncio.create_task(client._stay()))
        return client

    async def publish(self, peer: RTCPeerConnection, room: int) -> None:
        await peer.setLocalDescription(await peer.createOffer())
        handle = await self._attach()
        # Keyframes at wish only: so does a relay.
        made = {"request": "create", "room": room + 1, "bitrate": 10_000_000, "fir_freq": 0}
        await self._tell(handle, {**made, "videocodec": "vp8", "audiocodec": "opus"})
        joined = {"request": "joinandconfigure", "ptype": "publisher", "room": room + 1, "id": 1}
        offer = {"type": "offer", "sdp": peer.localDescription.sdp}
        answer = (await self._tell(handle, joined, offer))["jsep"]
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))

    async def watch(self, peer: RTCPeerConnection, room: int) -> None:
        handle = await self._attach()
        joined = {"request": "join", "ptype": "subscriber", "room": room + 1}
        offer = (await self._tell(handle, {**joined, "streams": [{"feed": 1}]}))["jsep"]
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        answer = {"type": "answer", "sdp": peer.localDescription.sdp}
        await self._tell(handle, {"request": "start"}, answer)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._http.close()

    async def _attach(self) -> int:
        answer = await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return int(answer["data"]["id"])

    async def _tell(self, handle: int, body: Any, jsep: Any = None) -> dict[str, Any]:
        message = {"janus": "message", "handle_id": handle, "body": body}
        return await self._ask(message | ({"jsep": jsep} if jsep else {}))

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        name = str(next(self._numbers))
        waiting = self._waiting[name] = asyncio.get_running_loop().create_future()
        session = {} if self._session is None else {"session_id": self._session}
        await self._line.send_str(json.dumps({**message, **session, "transaction": name}))
        answer: dict[str, Any] = await asyncio.wait_for(waiting, PATIENCE)
        if answer["janus"] == "error" or "error" in answer.get("plugindata", {}).get("data", {}):
            raise RuntimeError(f"Janus refuses: {answer}")
        return answer

    async def _read(self) -> None:
        async for message in self._line:
            answer = json.loads(message.data)
            waiting = self._waiting.get(answer.get("transaction", ""))
            # An `ack` says that the answer is yet to come.
            if waiting and not waiting.done() and answer["janus"] != "ack":
                waiting.set_result(answer)

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(PATIENCE)
            await self._line.send_str(
                json.dumps({"janus": "keepalive", "session_id": self._session, "transaction": "k"})
            )


class Decoding(Engine):
    """aiortc's own `MediaRelay` (`bench.forwarding.decoding`), by HTTP."""

    def __init__(self, url: str) -> None:
        self._http, self._url = aiohttp.ClientSession(), url

    async def publish(self, peer: RTCPeerConnection, room: int) -> None:
        await self._enter(peer, f"{self._url}/publish/{room}")

    async def watch(self, peer: RTCPeerConnection, room: int) -> None:
        for kind in ("audio", "video"):
            peer.addTransceiver(kind, direction="recvonly")
        await self._enter(peer, f"{self._url}/watch/{room}")

    async def _enter(self, peer: RTCPeerConnection, url: str) -> None:
        await peer.setLocalDescription(await peer.createOffer())
        async with self._http.post(url, data=peer.localDescription.sdp) as response:
            response.raise_for_status()
            answer = await response.text()
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        await self._http.close()


async def client(where: str) -> Engine:
    """Connect to the engine at an address, as `running` gave it."""
    name, _, url = where.partition(" ")
    if name == "relay":
        return await Relay.open(url)
    return await Janus.open(url) if name == "janus" else Decoding(url)
