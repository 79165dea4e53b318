"""Another implementation of WebRTC, with its own encoders and decoders, publishes and watches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame

from media.relay.offers import read_offer
from media.relay.wiring import Member, ParticipantId
from showroom.words import Side
from tests.media.relay.peers import Floor, until


class Pattern(VideoStreamTrack):
    """A picture whose left half is bright, and that changes."""

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        pixels = np.zeros((240, 320, 3), np.uint8)
        pixels[:, :160] = 200
        pixels[pts // 3000 % 240, :] = 120
        frame = VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


@asynccontextmanager
async def connected(
    floor: Floor, who: str, side: Side, peer: RTCPeerConnection
) -> AsyncIterator[RTCPeerConnection]:
    """Connect a peer to the room for as long as the block runs."""
    try:
        await peer.setLocalDescription(await peer.createOffer())
        member = Member(ParticipantId(who), side)
        sdp = await floor.room.offer(member, 1, read_offer(peer.localDescription.sdp))
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        await until(lambda: peer.connectionState == "connected")
        yield peer
    finally:
        await peer.close()


def a_peer() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_what_another_encoder_writes_is_what_another_decoder_shows(
    floor: Floor, codec: str
) -> None:
    publisher, viewer = a_peer(), a_peer()
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    only = [one for one in capabilities if one.mimeType == f"video/{codec}"]
    publisher.addTrack(AudioStreamTrack())
    publisher.addTransceiver(Pattern(), direction="sendonly").setCodecPreferences(only)
    viewer.addTransceiver("audio", direction="recvonly")
    viewer.addTransceiver("video", direction="recvonly").setCodecPreferences(only)
    shown: dict[str, list[object]] = {"audio": [], "video": []}
    watching: list[asyncio.Task[None]] = []

    @viewer.on("track")
    def watch(track: MediaStreamTrack) -> None:
        async def look() -> None:
            while True:
                shown[track.kind].append(await track.recv())

        watching.append(asyncio.create_task(look()))

    async with (
        connected(floor, "advisor", Side.ADVISOR, publisher),
        connected(floor, "customer", Side.CUSTOMER, viewer),
    ):
        await until(lambda: len(shown["video"]) > 10 and len(shown["audio"]) > 10)
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)
    frame = shown["video"][-1]
    assert isinstance(frame, VideoFrame)
    pixels = frame.to_ndarray(format="gray")
    assert pixels.shape == (240, 320)
    assert pixels[:, 20:140].mean() > 150 > 60 > pixels[:, 180:300].mean()
    assert floor.room.codec == codec.lower()
