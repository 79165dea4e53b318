"""Strangers' datagrams end no call of the relay, and keep none from coming up (threats 1 and 2)."""

import asyncio
import random
import socket
from collections.abc import Callable

import pytest
from aiortc.sdp import SessionDescription

from media import guard
from showroom.words import Side
from tests.media.relay.camera import publishing
from tests.media.relay.peers import WATCHES, Floor, Peer, until
from tests.media.relay.test_room import advisor, assert_whole, viewer
from tests.media.test_guard import DATAGRAMS, NULL_HELLO, datagrams, strangers

SET_UPS, AT_ONCE = 50, 10
Address = tuple[str, int]


def doors(answer: SessionDescription) -> list[Address]:
    """Return where the relay listens for a page."""
    return [(one.ip, one.port) for one in answer.media[0].ice_candidates]


async def test_a_thousand_strange_datagrams_end_no_call_and_lose_no_picture(
    floor: Floor,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    publisher, kinds = await advisor(floor), datagrams(random.Random(1))
    viewers = [await viewer(floor, f"friend {index}", Side.COMPANION) for index in range(3)]
    addresses = [
        (one.host, one.port)
        for peer in (publisher, *viewers)
        for one in floor.leg(peer)._road._connection.local_candidates  # type: ignore[union-attr]
    ]
    assert len(addresses) >= 4
    async with publishing(publisher):
        await until(lambda: all(one.frames() > 3 for one in viewers))
        with strangers() as sockets:
            for sent in range(DATAGRAMS):
                for address in addresses:
                    sockets[sent % len(sockets)].sendto(next(kinds), address)
                if sent % 20 == 0:
                    await asyncio.sleep(0.005)
        start = min(one.frames() for one in viewers)
        await until(lambda: all(one.frames() > start + 20 for one in viewers))
    for one in viewers:
        assert_whole(one)
        assert floor.leg(one).up
    assert guard.dropped["empty"] > 50
    assert guard.dropped["stranger"] > 500
    assert guard.dropped["malformed"] > 50
    assert "Traceback" not in caplog.text
    # Nothing of it came as far as a leg.
    assert floor.leg(publisher).refused == 0
    record_property("figure", f"{DATAGRAMS} datagrams at each of {len(addresses)} legs: 0 lost")


async def test_a_spray_of_hellos_keeps_none_of_fifty_pages_from_connecting(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    targets: set[Address] = set()

    async def spray(sockets: list[socket.socket]) -> None:
        kinds = datagrams(random.Random(2))
        while True:
            for address in list(targets):
                for stranger in sockets:
                    stranger.sendto(NULL_HELLO, address)
                    stranger.sendto(next(kinds), address)
            await asyncio.sleep(0.005)

    async def one(index: int) -> bool:
        peer = Peer(f"page {index}", Side.COMPANION, WATCHES)
        connection, answer = await peer.call(floor)
        targets.update(doors(answer))
        await peer.enter(floor, connection, answer)
        targets.difference_update(doors(answer))
        return floor.leg(peer).up

    connected = 0
    with strangers() as sockets:
        spraying = asyncio.create_task(spray(sockets))
        for first in range(0, SET_UPS, AT_ONCE):
            batch = (one(index) for index in range(first, first + AT_ONCE))
            connected += sum(await asyncio.gather(*batch))
        spraying.cancel()
        await asyncio.wait([spraying])
    assert connected == SET_UPS
    assert guard.dropped["stranger"] > SET_UPS
    assert "Traceback" not in caplog.text


async def test_what_a_stranger_sends_while_a_line_is_laid_never_reaches_a_leg(
    floor: Floor,
) -> None:
    # Between its binding and its connecting, a socket hears everybody.
    customer = Peer("customer", Side.CUSTOMER, WATCHES)
    connection, answer = await customer.call(floor)
    leg = floor.leg(customer)
    with strangers() as sockets:
        for address in doors(answer):
            for _ in range(50):
                sockets[0].sendto(bytes([0x80, 96]) + bytes(40), address)
        await customer.enter(floor, connection, answer)
        for address in doors(answer):
            for _ in range(50):
                sockets[0].sendto(bytes([0x80, 96]) + bytes(40), address)
        await until(lambda: guard.dropped["stranger"] >= 50)
    assert leg.refused == 0
    assert leg.up
