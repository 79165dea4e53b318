"""The robot's connection to the relay: here it is the robot who offers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaBlackhole

log = structlog.get_logger()

RETRY_SECONDS = 1.0

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
Up = Callable[[], Awaitable[None]]


class RobotRelay:
    """One connection, of one turn. `up` is called when it carries media."""

    def __init__(self, turn: int, ice: dict[str, Any], send: Send, up: Up) -> None:
        self.turn = turn
        self._send = send
        self._up = up
        policy = RTCIceTransportPolicy.RELAY if ice["policy"] == "relay" else None
        servers = [RTCIceServer(**_known(server)) for server in ice["servers"]]
        self._pc = RTCPeerConnection(
            RTCConfiguration(
                iceServers=servers,
                iceTransportPolicy=policy or RTCIceTransportPolicy.ALL,
            )
        )
        # What others send is received and dropped: an unread track would pile up.
        self._ear = MediaBlackhole()
        self._senders = {
            kind: self._pc.addTransceiver(kind, direction="sendonly").sender
            for kind in ("audio", "video")
        }
        for kind in ("audio", "video"):
            self._pc.addTransceiver(kind, direction="recvonly")
        self._pc.on("track", self._listen)
        self._pc.on("connectionstatechange", self._changed)
        self._offering = asyncio.create_task(self._offer())

    @property
    def connected(self) -> bool:
        """Whether media can flow."""
        return self._pc.connectionState == "connected"

    async def _listen(self, track: MediaStreamTrack) -> None:
        self._ear.addTrack(track)
        await self._ear.start()

    async def _changed(self) -> None:
        if self.connected:
            await self._up()

    async def _offer(self) -> None:
        await self._pc.setLocalDescription(await self._pc.createOffer())
        offer = {"turn": self.turn, "sdp": self._pc.localDescription.sdp}
        answer = await self._send("relay", offer)
        while answer.get("code") == "try_again":
            await asyncio.sleep(RETRY_SECONDS)
            answer = await self._send("relay", offer)
        if answer["ok"]:
            await self._pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        else:
            log.warning("the relay refused the robot", code=answer.get("code"))

    def release(self, tracks: dict[str, MediaStreamTrack]) -> None:
        """Send these from now on: one `video`, one `audio`; of none, nothing."""
        for kind, sender in self._senders.items():
            if sender.track is not tracks.get(kind):
                sender.replaceTrack(tracks.get(kind))

    async def close(self) -> None:
        """End the connection."""
        self._offering.cancel()
        await self._ear.stop()
        self.release({})
        await self._pc.close()


def _known(server: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in server.items() if value is not None}
