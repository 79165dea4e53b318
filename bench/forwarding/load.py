"""A process of publishers, or of viewers. Commands come by standard input, answers go out as JSON.

`python -m bench.forwarding.load publish|watch WHERE ROOMS COUNT CLIP`; then `totals` and, to begin
them anew, `samples`.
"""

import asyncio
import json
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

from aioice import ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection

from bench.forwarding import clip, engines
from bench.forwarding.clip import Playing
from bench.forwarding.sink import Pump, Sink
from showroom.process import allow_many_sockets

PATIENCE = 60.0
# One viewer in so many is asked when its frames arrived.
SAMPLED = 20
AT_ONCE = 4
# A browser spreads a frame's packets: it sends at this many times its target (libwebrtc's
# `PacingController`).
PACE = 2.5


def a_peer() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


async def connected(peer: RTCPeerConnection) -> None:
    async with asyncio.timeout(PATIENCE):
        while peer.connectionState != "connected":
            if peer.connectionState in ("failed", "closed"):
                raise RuntimeError("a peer did not connect")
            await asyncio.sleep(0.02)


class Publishers:
    """One publisher a room, paced like a browser, who notes when each frame's last packet went."""

    def __init__(self, frames: Any) -> None:
        self._frames = frames
        self._sent: dict[int, list[tuple[int, int]]] = {}
        self._peers: list[RTCPeerConnection] = []

    async def open(self, engine: engines.Engine, rooms: int, _: int) -> None:
        for room in range(rooms):
            peer, picture = a_peer(), Playing(self._frames, seed=room)
            peer.addTransceiver(Playing(None, seed=room), direction="sendonly")
            video = peer.addTransceiver(picture, direction="sendonly").sender
            video._send_keyframe = picture.restart  # type: ignore[method-assign]
            await engine.publish(peer, room)
            await connected(peer)
            self._pace(room, video)
            self._peers.append(peer)

    def _pace(self, room: int, video: Any) -> None:
        sent = self._sent[room] = []
        transport, ssrc = video.transport, video._ssrc.to_bytes(4, "big")
        send, due = transport._send_rtp, 0.0

        async def paced(data: bytes) -> None:
            nonlocal due
            if data[8:12] == ssrc and not 192 <= data[1] < 224:
                now = time.monotonic()
                if due > now:
                    await asyncio.sleep(due - now)
                due = max(due, now) + len(data) * 8 / (PACE * clip.BITRATE)
                if data[1] & 0x80:
                    sent.append((int.from_bytes(data[4:8], "big"), time.time_ns()))
            await send(data)

        transport._send_rtp = paced

    def totals(self) -> Any:
        return len(self._peers)

    def samples(self) -> Any:
        found = {room: list(sent) for room, sent in self._sent.items()}
        for sent in self._sent.values():
            sent.clear()
        return found


class Viewers:
    """Viewers of all rooms in turn."""

    def __init__(self, _: Any) -> None:
        self._pump = Pump()
        self._peers: list[RTCPeerConnection] = []
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def open(self, engine: engines.Engine, rooms: int, count: int) -> None:
        self._pump.start()
        await asyncio.gather(*(self._watch(engine, number, rooms) for number in range(count)))

    async def _watch(self, engine: engines.Engine, number: int, rooms: int) -> None:
        async with self._turns:
            peer = a_peer()
            self._peers.append(peer)
            await engine.watch(peer, number % rooms)
            await connected(peer)
            self._pump.add(Sink(peer, number % rooms, number % SAMPLED == 0))

    def totals(self) -> Any:
        return self._pump.totals()

    def samples(self) -> Any:
        found = []
        for sink in self._pump.sinks:
            if sink.sampled:
                samples, sink.samples = sink.samples, []
                found.append((sink.room, samples))
        return found


async def main(role: str, where: str, rooms: int, count: int, frames: Any) -> None:
    allow_many_sockets()
    here = engines.address()
    ice.get_host_addresses = lambda use_ipv4, use_ipv6: [here]  # noqa: ARG005
    load = (Publishers if role == "publish" else Viewers)(frames)
    await load.open(await engines.client(where), rooms, count)
    print(json.dumps("ready"), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer = load.totals() if line.strip() == "totals" else load.samples()
        print(json.dumps(answer), flush=True)
    os._exit(0)  # a thread reads on


if __name__ == "__main__":
    recorded = pickle.loads(Path(sys.argv[5]).read_bytes())
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), recorded))
