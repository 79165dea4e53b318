"""Customers and advisors without a browser, who follow their call as PROTOCOL.md tells pages to."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import aiohttp
import av
import socketio
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from bench.forwarding.clip import SECONDS, encode
from media.relay.keyframes import vp8
from showroom.demo.seed import SLUG
from showroom.process import end
from showroom.robot.wire import CSRF, Wire

WIDTH, HEIGHT, RATE, BITRATE = 320, 240, 15, 100_000
# In seconds, as in the pages (relay_link.js, relay_keeper.js).
PATIENCE, RETRY, FIRST_PAUSE = 10.0, 1.0, 0.25

Answer = dict[str, Any]


def a_clip() -> Sequence[bytes]:
    """Return the frames of a small picture, of which the first alone is a keyframe."""
    frames = encode(WIDTH, HEIGHT, RATE, BITRATE, group=RATE * SECONDS)
    return [data for data, _ in frames]


class Clip(MediaStreamTrack):
    """Plays encoded frames in real time, for ever."""

    kind = "video"

    def __init__(self, frames: Sequence[bytes]) -> None:
        super().__init__()
        self._frames, self._count, self._next = frames, 0, 0
        self._began = time.monotonic()

    def restart(self) -> None:
        """Go on with the keyframe, as a publisher who is asked for one."""
        self._next = 0

    async def recv(self) -> "av.Packet[av.stream.Stream]":
        due = self._began + self._count / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        packet = av.Packet(self._frames[self._next])
        packet.pts, packet.time_base = self._count, Fraction(1, RATE)
        self._count += 1
        self._next = (self._next + 1) % len(self._frames)
        return packet


class Connection:
    """A connection to the relay, of one who sends a clip, or of one who gets a picture.

    By `time.monotonic`: when it was `made`, when the first packet of a keyframe came (`shown`) and
    when the last packet of the picture (`last`); 0 for never.
    """

    def __init__(self, clip: Sequence[bytes]) -> None:
        self.made, self.shown, self.last = time.monotonic(), 0.0, 0.0
        self._flows = asyncio.Event()
        self._peer = RTCPeerConnection(RTCConfiguration([]))
        if clip:
            track = Clip(clip)
            sender = self._peer.addTransceiver(track, direction="sendonly").sender
            sender._send_keyframe = track.restart  # type: ignore[method-assign]
            self._peer.on("connectionstatechange", self._changed)
        else:
            receiver = self._peer.addTransceiver("video", direction="recvonly").receiver
            # In the place of what would decode it.
            receiver._handle_rtp_packet = self._see  # type: ignore[method-assign, assignment]

    def _changed(self) -> None:
        if self._peer.connectionState == "connected":
            self._flows.set()

    async def _see(self, packet: RtpPacket, **_: object) -> None:
        self.last = time.monotonic()
        if not self.shown and vp8(packet.payload):
            self.shown = self.last
            self._flows.set()

    async def open(self, ask: Callable[[str], Awaitable[Answer]]) -> None:
        """Offer until the relay answers, and wait until it brings what it should.

        Raises `ConnectionError` when the relay refuses it.
        """
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = self._peer.localDescription.sdp
        answer = await ask(offer)
        while answer.get("code") in ("try_again", "lost"):
            await asyncio.sleep(RETRY)
            answer = await ask(offer)
        if not answer["ok"]:
            raise ConnectionError(answer["code"])
        await self._peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        await self._flows.wait()

    async def close(self) -> None:
        await self._peer.close()


class Page:
    """One side of a call: an advisor, who sends a clip, or a customer, who gets it.

    `connections`: all that it made to the relay, the newest last; `settled`: it brings what it
    should.
    """

    def __init__(self, url: str, clip: Sequence[bytes] = ()) -> None:
        self.connections: list[Connection] = []
        self.settled = asyncio.Event()
        self._clip = clip
        self._line = Wire(url, SLUG, {"call_state": self._follow}) if clip else CustomerLine(url)
        self._turn = 0
        self._said: set[str] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def work(self, email: str, password: str) -> None:
        """Be an advisor to whom calls come."""
        assert isinstance(self._line, Wire)
        await self._line.sign_in(email, password)
        await self._line.connect()
        await self._say("set_available", available=True)

    async def call(self) -> None:
        """Be a customer who calls."""
        assert isinstance(self._line, CustomerLine)
        await self._line.call(self._follow)

    async def _say(self, event: str, **payload: Any) -> None:
        """Send something, once in a call."""
        if event not in self._said:
            self._said.add(event)
            answer = await self._line.send(event, payload)
            if not answer["ok"]:
                raise RuntimeError(f"{event}: {answer['code']}")

    async def _follow(self, state: dict[str, Any]) -> None:
        """Do what a state of the call asks for. The advisor wants it recorded."""
        recording = (state.get("recording") or {}).get("state")
        if state["state"] == "ringing" and self._clip:
            await self._say("accept", call=state["call"], ring=state["ring"])
        elif state["state"] == "connecting":
            await self._say("connected", link=state["link"])
        elif state["state"] == "live" and self._clip and recording == "off":
            await self._say("record")
        elif state["state"] == "live" and not self._clip and recording == "asked":
            await self._say("consent_recording", yes=True)
        if state["relay"] and state["relay"]["turn"] > self._turn:
            self._turn = state["relay"]["turn"]
            self._connecting.add(asyncio.create_task(self._connect(self._turn)))

    async def _connect(self, turn: int) -> None:
        """Connect for a turn, and leave what was before as soon as this brings what it should."""
        pause = FIRST_PAUSE
        while turn == self._turn:
            connection = Connection(self._clip)
            self.connections.append(connection)
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(PATIENCE):
                    await connection.open(partial(self._ask, turn))
                self.settled.set()
                await self._line.send("settled", {"path": "relay", "number": turn})
                break
            await asyncio.sleep(pause)
            pause *= 2
        for older in self.connections[:-1]:
            await older.close()

    async def _ask(self, turn: int, sdp: str) -> Answer:
        return await self._line.send("relay", {"turn": turn, "sdp": sdp})

    async def close(self) -> None:
        await end(self._connecting)
        for connection in self.connections:
            await connection.close()
        await self._line.close()


class CustomerLine:
    """A customer's cookies and socket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._socket = socketio.AsyncClient(http_session=self._http)

    async def call(self, follow: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Ask for a call, and have each of its states followed."""
        async with self._http.get(f"{self._url}/s/{SLUG}") as response:
            token = CSRF.search(await response.text())
        headers = {"X-CSRF-Token": token[1] if token else ""}
        wish = {"language": "en", "vehicle": None}
        async with self._http.post(
            f"{self._url}/s/{SLUG}/calls", json=wish, headers=headers
        ) as response:
            response.raise_for_status()
        self._socket.on("call_state", follow, namespace="/customer")
        auth = {"showroom": SLUG, "page": secrets.token_urlsafe(12)}
        await self._socket.connect(
            self._url, namespaces=["/customer"], transports=["websocket"], auth=auth
        )

    async def send(self, event: str, payload: dict[str, Any]) -> Answer:
        """Send a message; return its acknowledgement."""
        answer: Answer = await self._socket.call(event, payload, namespace="/customer")
        return answer

    async def close(self) -> None:
        await self._socket.shutdown()
        await self._http.close()
