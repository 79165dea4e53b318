"""aiortc's own `MediaRelay` as a server: it decodes once, and encodes for each viewer anew."""

import asyncio
import sys

from aiohttp import web
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay


class Rooms:
    """Publishers' tracks by room, and all connections."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: dict[str, list[MediaStreamTrack]] = {}
        self._peers: list[RTCPeerConnection] = []

    async def publish(self, request: web.Request) -> web.Response:
        tracks = self._tracks.setdefault(request.match_info["room"], [])
        peer = RTCPeerConnection()
        peer.on("track", tracks.append)
        return await self._answer(peer, request)

    async def watch(self, request: web.Request) -> web.Response:
        peer = RTCPeerConnection()
        for track in self._tracks[request.match_info["room"]]:
            peer.addTrack(self._relay.subscribe(track, buffered=False))
        return await self._answer(peer, request)

    async def _answer(self, peer: RTCPeerConnection, request: web.Request) -> web.Response:
        self._peers.append(peer)
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        return web.Response(text=peer.localDescription.sdp)


async def serve(port: int) -> None:
    """Serve on a port of loopback until killed."""
    rooms = Rooms()
    app = web.Application()
    app.router.add_post("/publish/{room}", rooms.publish)
    app.router.add_post("/watch/{room}", rooms.watch)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
