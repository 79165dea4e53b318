"""A client without manners: a WebSocket that sends whatever it is told to."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

SOCKET = "/socket.io/?EIO=4&transport=websocket"
HELLO = {"showroom": "paris", "page": "page-x"}


@asynccontextmanager
async def raw_socket(
    http: aiohttp.ClientSession, url: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Yield a WebSocket that has said nothing yet."""
    async with http.ws_connect(url + SOCKET, max_msg_size=0) as socket:
        assert (await socket.receive_str()).startswith("0{")
        yield socket


async def seat(socket: aiohttp.ClientWebSocketResponse, space: str = "/customer") -> None:
    """Send CONNECT and wait for the answer."""
    await socket.send_str(f"40{space},{json.dumps(HELLO)}")
    async with asyncio.timeout(10):
        while not (await socket.receive_str()).startswith(f"40{space},"):
            pass


def broken_frames() -> Iterator[str | bytes]:
    """Yield frames that break Engine.IO, Socket.IO, or the JSON within."""
    deep = 20_000
    yield from ("", "x", "0", "2", "5", "6", "7", "8", "9", "b", "b====", "\x00", "٣", "²", "é")
    yield from ("1x", "3probe", "2probe", "4", "4x", "4[", '4{"a":', "47", "48", "49", "4²")
    yield from ("1" + "[" * deep, "4" + "[" * deep, "4" + '{"a":' * deep)
    yield from ("40/customer,", "40/customer,[", "40/nowhere,{}", "40", "40/", "40,", "40/customer")
    yield from ("41/nowhere,", "41", "44/customer,{}", '45-["x"]')
    yield from ("42", "42[]", "42{}", "42null", '42"chat"', "42/customer,", "42/customer")
    yield from ("42/customer,[", "42/customer,{}", "42/customer,[]", "42/customer,1[]")
    yield from ("42/customer,1[1]", "42/customer,1[null]", '42/customer,1[{"a":1}]')
    yield from ('42/customer,1[["chat"]]', "42/customer,1[true,{}]", "42/customer,1[NaN]")
    yield from ("43/customer,1[]", "43/customer,0[]", "43/customer,99999[{}]", "43", "43[]")
    yield "42/customer," + "9" * 100 + '["chat",{}]'
    yield "42/customer," + "9" * 101 + '["chat",{}]'
    yield '42/customer,²["chat",{}]'
    yield '42/customer,1["point",{"x":' + str(10**300) + ',"y":0}]'
    yield '42/customer,1["chat",' + "9" * 10_000 + "]"
    yield '42/customer,1["chat",' + "[" * deep + "]" * deep + "]"
    yield '42/customer,1["chat",' + '{"a":' * deep + "1" + "}" * deep + "]"
    yield "42/customer,1" + "[" * deep
    yield from ('45/customer,["chat",{}]', '451-/customer,1["chat",{"_placeholder":true,"num":0}]')
    yield '4599999999999-/customer,1["chat"]'
    yield '459999999999-/customer,1["chat",{"_placeholder":true,"num":-1}]'
    yield '461-/customer,1[{"_placeholder":true,"num":"x"}]'
    yield from (b"", b"\x00", b"\x80\x04\x95", b"4", b'42/customer,["chat"]', bytes(range(256)))
    yield "4" + "2" * 60_000
    yield '42/customer,1["' + "x" * 60_000 + '"]'
    yield '42/customer,1["chat",{"id":"k","text":"' + "x" * 70_000 + '"}]'


STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**53 + 1,
    10**60,
    -(10**40),
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "😀" * 50,
    "‮gnp.exe",
    "x" * 501,
    "../../etc/passwd",
    "'; DROP TABLE calls; --",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "%00",
    "1e9",
    [],
    {},
    [[]],
    {"_placeholder": True, "num": 0},
    {"__proto__": {"admin": True}},
    {"description": {"type": "offer", "sdp": "v=0"}},
    ["a"] * 200,
    {str(n): n for n in range(200)},
)


def strange_payload(chance: random.Random, fields: dict[str, Any]) -> Any:
    """Return something like `fields`, with one thing or everything wrong about it."""
    match chance.randrange(6):
        case 0:
            return chance.choice(STRANGE)
        case 1:
            return {**fields, chance.choice(["as", "side", "call", "\x00", "__class__"]): 1}
        case 2 if fields:
            gone = chance.choice(list(fields))
            return {name: value for name, value in fields.items() if name != gone}
        case 3:
            return {name: chance.choice(STRANGE) for name in fields}
        case _ if fields:
            return {**fields, chance.choice(list(fields)): chance.choice(STRANGE)}
        case _:
            return chance.choice(STRANGE)
