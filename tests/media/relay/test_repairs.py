"""What is lost on the way comes again: from the relay's history, or from whoever published it."""

import asyncio
import random

from aiortc.rtp import RTCP_RTPFB_NACK, RtcpRtpfbPacket

from media.relay.arrivals import MOST_TRIES
from media.relay.leg import MOST_RESENT
from media.relay.rtp import clock
from showroom.words import Side
from tests.media.relay.camera import publishing
from tests.media.relay.peers import PUBLISHES, WATCHES, Floor, Peer, rtp, until
from tests.media.relay.test_room import PICTURE, advisor, assert_whole, viewer

PICTURE_SSRC = PUBLISHES[1].ssrc


def missing(peer: Peer) -> list[int]:
    """Return the numbers between the first and the last that have not come."""
    came = [one.sequence_number for one in peer.packets[PICTURE]]
    first = came[0]
    ahead = {(number - first) & 0xFFFF for number in came}
    return [(first + one) & 0xFFFF for one in range(max(ahead)) if one not in ahead]


async def ask_again(peer: Peer, numbers: list[int]) -> None:
    nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, peer.ssrc(PICTURE), numbers)
    await peer.send(bytes(nack))


async def test_what_is_lost_on_the_way_to_a_viewer_comes_again_from_the_history(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    chance = random.Random(1)
    async with publishing(publisher) as camera:
        await until(lambda: customer.frames() > 5)
        customer.lane.lost = lambda _: chance.random() < 0.2
        await until(lambda: len(missing(customer)) > 20)
        customer.lane.lost = lambda _: False
        start = customer.frames()
        await until(lambda: customer.frames() > start + 2)
        lost = missing(customer)
        await ask_again(customer, lost)
        await until(lambda: not missing(customer))
        assert camera.missed == []  # the publisher's line had nothing to do with it
    assert_whole(customer)
    (outlet,) = [one for one in floor.leg(customer).outlets if one.kind == "video"]
    assert outlet.sent_again >= len(lost)


async def test_what_is_lost_on_the_way_from_the_publisher_is_asked_for(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    lost = frozenset({65_510, 65_530, 65_531, 65_535, 0, 3})  # one hole lies across the wrap
    async with publishing(publisher, number=65_500, loses=lost) as camera:
        await until(lambda: camera.number & 0xFFFF in range(20, 1000))
        await until(lambda: customer.packets[PICTURE] and not missing(customer))
        assert set(camera.missed) == lost
    assert_whole(customer)


async def test_what_a_publisher_never_sends_again_is_given_up(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    asked = 0

    loses = frozenset({65_020})
    async with publishing(publisher, loses=loses, remembers=False) as camera:
        await until(lambda: len(camera.missed) > 2)
        while asked < len(camera.missed):
            asked = len(camera.missed)
            start = customer.frames()
            await until(lambda: customer.frames() > start + 15)  # noqa: B023
        assert set(camera.missed) == {65_020}
        assert 1 < asked <= MOST_TRIES
    assert len(missing(customer)) == 1


async def test_where_padding_was_a_viewer_sees_no_hole(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher) as camera:
        await until(lambda: customer.frames() > 5)
        for _ in range(20):
            number, camera.number = camera.number, camera.number + 1
            padding = bytearray(rtp(PICTURE_SSRC, number, bytes(99) + b"\x64"))
            padding[0] |= 0x20
            await publisher.send(bytes(padding))
        start = customer.frames()
        await until(lambda: customer.frames() > start + 5)
    assert_whole(customer)


async def test_two_hundred_questions_a_second_get_bounded_answers_and_harm_nobody(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    greedy = await Peer("greedy", Side.COMPANION, WATCHES).join(floor)
    async with publishing(publisher):
        await until(lambda: greedy.frames() > 40)
        numbers = sorted({one.sequence_number for one in greedy.packets[PICTURE]})[:100]
        began, questions = clock(), 0
        while questions < 200:
            await ask_again(greedy, numbers)
            questions += 1
            await asyncio.sleep(0.005)
        start = greedy.frames()
        await until(lambda: greedy.frames() > start + 20)
        passed = clock() - began
    (outlet,) = [one for one in floor.leg(greedy).outlets if one.kind == "video"]
    # As many as a second allows at once, and then as many a second: not 20,000.
    assert len(numbers) <= outlet.sent_again <= (1 + passed) * MOST_RESENT
    assert_whole(customer)
    assert not missing(customer)
