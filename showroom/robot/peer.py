"""The robot's end of one link: an aiortc peer connection that answers the customer's offer."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaBlackhole
from aiortc.sdp import candidate_from_sdp

log = structlog.get_logger()

# A candidate that is no relay's: it would show an address that the policy hides.
DIRECT = re.compile(r"^a=candidate:(?!.* typ relay).*\r?\n", re.MULTILINE)
CONNECTION = re.compile(r"^c=IN IP[46] \S+", re.MULTILINE)
UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
Up = Callable[[], Awaitable[None]]


def relayed(sdp: str) -> str:
    """Return a description that tells no address but a relay's.

    aiortc has no policy of its own; what the other side is not told of, it can't reach: its relay
    lets only addresses in that it was told.
    """
    return CONNECTION.sub("c=IN IP4 0.0.0.0", DIRECT.sub("", sdp))


class RobotPeer:
    """One link. Its senders stay silent until `release`, as the protocol demands.

    `up` is called when it carries media.
    """

    def __init__(self, link: int, ice: dict[str, Any], send: Send, up: Up) -> None:
        self.link = link
        self._send = send
        self._up = up
        self._relay_only = ice["policy"] == "relay"
        self._pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[RTCIceServer(**_known(s)) for s in ice["servers"]])
        )
        # What the customer sends is received and dropped: an unread track would pile up.
        self._ear = MediaBlackhole()
        self._tracks: dict[str, MediaStreamTrack] = {}
        # The credentials of the offer that was answered; empty before.
        self._answered = ""
        self._turn = asyncio.Lock()
        self._pc.on("track", self._listen)
        self._pc.on("connectionstatechange", self._changed)

    async def _listen(self, track: MediaStreamTrack) -> None:
        self._ear.addTrack(track)
        await self._ear.start()

    async def _changed(self) -> None:
        if self._pc.connectionState == "connected":
            await self._send("connected", {"link": self.link})
            await self._up()

    @property
    def connected(self) -> bool:
        """Whether media can flow."""
        return self._pc.connectionState == "connected"

    async def signal(self, message: dict[str, Any]) -> None:
        """Take the customer's description or candidate."""
        async with self._turn:
            if description := message.get("description"):
                if description["type"] == "offer":
                    await self._take_offer(description["sdp"])
            elif (candidate := message.get("candidate")) and candidate["candidate"]:
                await self._add(candidate)

    async def _take_offer(self, sdp: str) -> None:
        """Answer. The same offer again gets the same answer: the first one was perhaps lost.

        aiortc knows no ICE restart, so an offer with new credentials gets a new link.
        """
        found = UFRAG.search(sdp)
        credentials = found[1] if found else ""
        if not self._answered:
            self._answered = credentials
            await self._answer(sdp)
        elif credentials == self._answered:
            await self._send_answer()
        else:
            await self._send("relink", {"link": self.link})

    async def _answer(self, sdp: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for transceiver in self._pc.getTransceivers():
            transceiver.direction = "sendrecv"
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        await self._send_answer()
        self._put_tracks()

    async def _send_answer(self) -> None:
        sdp = self._pc.localDescription.sdp
        answer = {"type": "answer", "sdp": relayed(sdp) if self._relay_only else sdp}
        await self._send("signal", {"link": self.link, "description": answer})

    async def _add(self, message: dict[str, Any]) -> None:
        try:
            candidate = candidate_from_sdp(message["candidate"].partition(":")[2])
        except (ValueError, AssertionError, IndexError):
            return  # a kind of candidate that aiortc does not know
        candidate.sdpMid = message.get("sdpMid")
        candidate.sdpMLineIndex = message.get("sdpMLineIndex")
        await self._pc.addIceCandidate(candidate)

    def release(self, tracks: dict[str, MediaStreamTrack]) -> None:
        """Send these from now on: one `video`, one `audio`."""
        self._tracks = tracks
        self._put_tracks()

    def silence(self) -> None:
        """Send nothing."""
        for transceiver in self._pc.getTransceivers():
            transceiver.sender.replaceTrack(None)

    def _put_tracks(self) -> None:
        for transceiver in self._pc.getTransceivers():
            track = self._tracks.get(transceiver.kind)
            if track is not None and transceiver.sender.track is not track:
                transceiver.sender.replaceTrack(track)

    async def close(self) -> None:
        """End the link."""
        await self._ear.stop()
        # The sender would stop its track, and the next link of the call still needs it.
        self.silence()
        await self._pc.close()


def _known(server: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in server.items() if value is not None}
