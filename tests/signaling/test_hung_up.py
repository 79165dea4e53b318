"""A connection that is hung up on while it is still being seated."""

import asyncio
from typing import Any, cast

import aiohttp
from aiohttp.web import Application

from showroom.app import Door, listening
from signaling.driver import hang_up, make_server
from signaling.gateway import Gateway, Space
from tests.threats.frames import raw_socket


class SlowGateway:
    """Takes its time over a CONNECT; counts who sits."""

    def __init__(self) -> None:
        self.asked, self.may_sit = asyncio.Event(), asyncio.Event()
        self.seated: set[str] = set()
        self.left = asyncio.Event()

    async def connect(self, _space: str, sid: str, _environ: object, _auth: object) -> None:
        self.asked.set()
        await self.may_sit.wait()
        self.seated.add(sid)

    async def disconnect(self, sid: str) -> None:
        self.seated.discard(sid)
        self.left.set()


async def test_who_is_hung_up_on_during_a_connect_leaves_no_seat() -> None:
    gateway, app, server = SlowGateway(), Application(), make_server(lambda _origin: True)
    server.register_namespace(Space("/customer", cast(Gateway, gateway)))
    server.attach(app)
    async with (
        asyncio.timeout(10),
        listening(app, [Door("127.0.0.1", 0)]) as ports,
        aiohttp.ClientSession() as http,
        raw_socket(http, f"http://127.0.0.1:{ports[0]}") as socket,
    ):
        await socket.send_str("40/customer,{}")
        await gateway.asked.wait()
        [engine_id] = server.eio.sockets
        await hang_up(server, engine_id)
        gateway.may_sit.set()
        await gateway.left.wait()
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert gateway.seated == set()
    assert list(cast(Any, server.manager).get_participants("/customer", None)) == []
