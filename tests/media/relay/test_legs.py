"""A connection comes and goes, and leaves nothing behind, however it ends."""

import asyncio
import gc
import socket
from pathlib import Path

import pytest
from aiortc import RTCCertificate

from media.relay import leg as legs
from media.relay.leg import Benches
from media.relay.offers import BadOffer, read_offer
from media.relay.road import Doors
from media.relay.room import Ground, Room
from showroom.words import Side
from tests.media.relay.camera import publishing
from tests.media.relay.peers import CERTIFICATE, THEIRS, WATCHES, Floor, Peer, until
from tests.media.relay.test_room import advisor, viewer


def open_sockets() -> int:
    """Return how many UDP sockets this process has."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            with socket.socket(fileno=int(entry.name)) as one:
                found += one.type == socket.SOCK_DGRAM
                one.detach()
        except OSError:
            continue
    return found


async def test_all_sockets_are_closed_when_people_have_left(floor: Floor) -> None:
    before = open_sockets()
    publisher, customer = await advisor(floor), await viewer(floor)
    await publisher.restart(floor)
    async with publishing(publisher):
        await until(lambda: customer.frames() > 3)
    assert open_sockets() > before
    for peer in (publisher, customer):
        await floor.room.leave(peer.member.id)
        await peer.close()
    await until(lambda: open_sockets() == before)
    assert floor.room.participants == {}


async def test_a_page_that_never_comes_is_given_up(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legs, "PATIENCE", 0.3)
    before = open_sockets()
    peer = Peer("gone", Side.COMPANION, WATCHES)
    await peer.call(floor)
    leg = floor.leg(peer)
    await peer.close()
    await until(lambda: leg.over)
    await until(lambda: open_sockets() == before)
    assert not floor.room.is_connected()


async def test_whoever_is_put_out_while_they_are_calling_leaves_no_socket(floor: Floor) -> None:
    before = open_sockets()
    for turns in range(6):
        peer = Peer(f"hasty {turns}", Side.COMPANION, WATCHES)
        calling = asyncio.create_task(peer.call(floor))
        await until(lambda: peer.member.id in floor.room.participants)  # noqa: B023
        for _ in range(turns):
            await asyncio.sleep(0)
        await floor.room.leave(peer.member.id)
        await asyncio.wait([calling])
        calling.exception()
        await peer.close()
    await until(lambda: open_sockets() == before, 5)


async def test_without_a_free_port_an_offer_fails_and_may_be_made_again(guarded: None) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        doors = Doors(("127.0.0.1",), range(port, port + 1))
        room = Room(Ground(doors, CERTIFICATE, Benches()))
        floor = Floor()
        floor.room = room
        peer = Peer("customer", Side.CUSTOMER, WATCHES)
        with pytest.raises(OSError, match="address"):
            await peer.call(floor)
        assert not room.is_connected()
    _, answer = await peer.call(floor)
    assert [one.port for one in answer.media[0].ice_candidates] == [port]
    await peer.close()
    await room.close()


async def test_ports_are_taken_from_the_range_only_and_each_by_one(guarded: None) -> None:
    doors = Doors(("127.0.0.1",), range(42_000, 42_020))
    opened = [doors.open("127.0.0.1") for _ in range(20)]
    ports = [one.getsockname()[1] for one in opened]
    assert sorted(ports) == list(range(42_000, 42_020))
    with pytest.raises(OSError, match="taken"):
        doors.open("127.0.0.1")
    for one in opened:
        one.close()


async def test_an_address_of_a_nat_is_told_though_it_can_not_be_bound(guarded: None) -> None:
    doors = Doors(("203.0.113.9",))
    room = Room(Ground(doors, CERTIFICATE, Benches()))
    floor = Floor()
    floor.room = room
    peer = Peer("customer", Side.CUSTOMER, WATCHES)
    _, answer = await peer.call(floor)
    assert [one.ip for one in answer.media[0].ice_candidates] == ["203.0.113.9"]
    await peer.close()
    await room.close()


async def test_a_restart_may_change_nothing_but_the_paths(floor: Floor) -> None:
    publisher = await advisor(floor)
    connection = publisher.lane.connection
    assert connection
    same = publisher.offer(connection)
    stranger = RTCCertificate.generateCertificate().getFingerprints()[0]
    for changed in (
        same.replace(THEIRS.getFingerprints()[0].value, stranger.value),
        same.replace("a=sendonly", "a=sendrecv"),
    ):
        with pytest.raises(BadOffer):
            await floor.room.offer(publisher.member, 1, read_offer(changed))
    assert floor.leg(publisher).up


async def test_an_older_connection_than_the_newest_is_refused(floor: Floor) -> None:
    publisher = await advisor(floor, rank=5)
    older = Peer("advisor", Side.ADVISOR, WATCHES, rank=4)
    with pytest.raises(BadOffer, match="newer"):
        await older.call(floor)
    assert floor.leg(publisher).up


async def test_a_restart_that_comes_twice_at_once_ends_in_one_that_works(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher):
        await until(lambda: customer.frames() > 3)
        await asyncio.gather(
            publisher.call(floor), publisher.restart(floor), return_exceptions=True
        )
        start = customer.frames()
        await until(lambda: customer.frames() > start + 5)
        await publisher.restart(floor)
        start = customer.frames()
        await until(lambda: customer.frames() > start + 5)
    assert floor.leg(publisher).up


async def test_a_page_that_says_goodbye_is_gone_at_once(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    leg = floor.leg(publisher)
    await publisher.dtls.stop()
    await until(lambda: leg.over)
    assert floor.room.participants[publisher.member.id].leg is None
    assert floor.leg(customer).up


async def test_closing_twice_is_closing_once(floor: Floor) -> None:
    customer = await viewer(floor)
    leg = floor.leg(customer)
    await asyncio.gather(leg.close(), leg.close())
    await leg.close()
    assert leg.over


async def test_what_is_over_is_forgotten_by_the_garbage_collector(floor: Floor) -> None:
    publisher = await advisor(floor)
    async with publishing(publisher):
        for index in range(3):
            guest = await viewer(floor, f"guest {index}", Side.COMPANION)
            await until(lambda: guest.frames() > 2)  # noqa: B023
            await floor.room.leave(guest.member.id)
            await guest.close()
    leg = floor.leg(publisher)
    async with asyncio.timeout(20):
        while _alive() != [leg]:
            await asyncio.sleep(0.2)


def _alive() -> list[legs.Leg]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, legs.Leg)]
