"""Whatever a page sends, it harms nobody but itself."""

import asyncio
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiortc import RTCDtlsParameters
from aiortc.rtp import RTCP_PSFB_PLI, RtcpPsfbPacket, RtcpSenderInfo, RtcpSrPacket
from hypothesis import example, given, settings
from hypothesis import strategies as st

from media.relay.leg import MOST_INFLOWS, MOST_SPEAKERS
from media.relay.offers import BadOffer, read_offer
from showroom.words import Side
from tests.media.relay.camera import is_key, publishing
from tests.media.relay.peers import PUBLISHES, WATCHES, Floor, Peer, rtp, until
from tests.media.relay.test_room import PICTURE, SOUND, advisor, assert_whole, viewer

PICTURE_SSRC, SOUND_SSRC = PUBLISHES[1].ssrc, PUBLISHES[0].ssrc
JUNK = 10_000


async def more_frames(peer: Peer, many: int = 10) -> None:
    start = peer.frames()
    await until(lambda: peer.frames() >= start + many)


@pytest.mark.parametrize("number", [97, 102, 111, 0])
async def test_a_codec_that_was_not_agreed_goes_to_nobody_and_sound_goes_on(
    floor: Floor, number: int
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher, payload_type=number):
        await until(lambda: len(customer.packets[SOUND]) > 30)
    assert customer.packets[PICTURE] == []
    assert floor.leg(publisher).refused > 30


async def test_ten_thousand_packets_of_junk_are_no_frame_and_end_no_call(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    chance, leg = random.Random(1), floor.leg(publisher)
    async with publishing(publisher) as camera:
        await more_frames(customer)
        for sent in range(1, JUNK + 1):
            body = chance.randbytes(chance.randrange(20, 1300))
            ssrc = PICTURE_SSRC if sent % 2 else chance.getrandbits(32)
            junk = rtp(ssrc, camera.number + sent, body)
            if sent % 3 == 0:
                junk = bytes([0x80, 200 + sent % 7]) + body
            await publisher.lane._send(junk)
            if sent % 50 == 0:
                # What the system drops before the relay reads it would prove nothing.
                await until(lambda: leg.refused == sent)  # noqa: B023
        await more_frames(customer)
        assert leg.refused == JUNK
        assert leg.up
    assert_whole(customer)


async def test_without_any_keyframe_viewers_wait_requests_are_few_and_sound_goes_on(
    floor: Floor,
) -> None:
    publisher = await advisor(floor)
    viewers = [await viewer(floor, f"friend {index}", Side.COMPANION) for index in range(3)]
    pli = [bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, 1, one.ssrc(PICTURE))) for one in viewers]
    async with publishing(publisher, willing=False, key=False) as camera:
        for _ in range(30):
            for one, message in zip(viewers, pli, strict=True):
                await one.send(message)
            start = camera.frames
            await until(lambda: camera.frames > start + 1)  # noqa: B023
        shot = camera.frames
        await until(lambda: all(len(one.packets[SOUND]) > 30 for one in viewers))
        (inflow,) = [
            one for one in floor.leg(publisher).inflows.values() if one.ssrc == PICTURE_SSRC
        ]
        # One in 0.4 s at most, and 60 pictures take more than a second.
        assert 1 <= inflow.keyframes_asked <= 2 + shot
        assert camera.asked < 30
        assert all(one.packets[PICTURE] == [] for one in viewers)
        # When the keyframe comes after all, so does the picture.
        camera.willing = camera.key = True
        await until(lambda: all(one.frames() > 3 for one in viewers))
    assert all(is_key(one.packets[PICTURE][0].payload) for one in viewers)


async def test_a_foreign_fingerprint_is_never_connected(floor: Floor) -> None:
    publisher, thief = await advisor(floor), Peer("thief", Side.COMPANION, WATCHES)
    thief.fingerprint = floor.room._ground.certificate.getFingerprints()[0]
    connection, answer = await thief.call(floor)
    leg = floor.leg(thief)
    await thief.lane.go_over(connection)
    assert answer.media[0].dtls
    thief.dtls._set_role("client")
    async with publishing(publisher):
        await thief.dtls.start(RTCDtlsParameters(answer.media[0].dtls.fingerprints))
        await until(lambda: leg.over)
    assert not leg.up
    assert leg.outlets == []
    assert not thief.packets
    assert thief.member.id not in {
        one.member.id for one in floor.room.participants.values() if one.legs
    }


async def test_a_description_of_a_megabyte_takes_no_port_and_no_place(floor: Floor) -> None:
    with pytest.raises(BadOffer):
        await floor.room.offer(
            Peer("x", Side.COMPANION, WATCHES).member, 1, read_offer("v=0\r\n" * 200_000)
        )
    assert floor.room.participants == {}


async def test_a_page_whose_numbers_fit_into_no_header_breaks_nobodys_picture(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    odd = Peer("odd", Side.COMPANION, WATCHES)
    monkeypatch.setattr("tests.media.relay.peers.SEND_TIME_ID", 200)
    await odd.join(floor)
    async with publishing(publisher):
        await more_frames(customer)
        await more_frames(odd)
    assert_whole(customer)


async def test_thousands_of_streams_of_one_publisher_take_bounded_memory(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    leg = floor.leg(publisher)
    async with publishing(publisher):
        await more_frames(customer)
        for ssrc in range(1_000, 4_000):
            await publisher.send(rtp(ssrc, 1, b"\x10\x00" + bytes(20)))
            await publisher.send(bytes(RtcpSrPacket(ssrc, RtcpSenderInfo(1, 2, 3, 4))))
            if ssrc % 50 == 0:
                await asyncio.sleep(0)
        await more_frames(customer)
        assert len(leg.inflows) <= MOST_INFLOWS
        # libsrtp keeps something for each SSRC that it has opened a packet of.
        assert len(leg.speakers) <= MOST_SPEAKERS
        assert leg.refused > 2_000


async def test_a_viewer_that_never_reads_costs_the_relay_nothing_and_nobody_waits(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    deaf = await Peer("deaf", Side.COMPANION, WATCHES).join(floor)
    async with publishing(publisher):
        await until(lambda: deaf.frames() > 3)
        with not_reading(deaf):
            silent = len(deaf.packets[PICTURE])
            (outlet,) = [one for one in floor.leg(deaf).outlets if one.kind == "video"]
            sent = outlet.counts()[0]
            await more_frames(customer, 100)
            assert outlet.counts()[0] > sent + 250  # nothing waits for them, in memory or time
            # What was read already may still be on its way to the count.
            assert len(deaf.packets[PICTURE]) < silent + 100
        await until(lambda: len(deaf.packets[PICTURE]) > silent + 100)
    assert_whole(customer)


@contextmanager
def not_reading(peer: Peer) -> Iterator[None]:
    """Let a peer's system take no datagram out of its sockets."""
    loop: Any = asyncio.get_running_loop()
    assert peer.lane.connection
    transports = [one.transport for one in peer.lane.connection._protocols]
    for transport in transports:
        loop._remove_reader(transport.get_extra_info("socket").fileno())
    yield
    for transport in transports:
        ready = transport._read_ready  # type: ignore[attr-defined]
        loop._add_reader(transport.get_extra_info("socket").fileno(), ready)


words = st.integers(0, 12) | st.just(0xFFFF)
kinds = st.sampled_from([*range(200, 208), *range(192, 224)])
counts = st.integers(0, 63).map(lambda count: 0x80 | count)
reports = st.builds(
    lambda count, kind, words, body: struct.pack("!BBH", count, kind, words) + body,
    counts,
    kinds,
    words,
    st.binary(min_size=4, max_size=48),
)
compounds = st.lists(reports, min_size=1, max_size=4).map(b"".join)


async def test_no_report_of_a_page_makes_the_relay_stumble(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher):
        await more_frames(customer)
    leg, about = floor.leg(customer), customer.ssrc(PICTURE)
    inbox = leg._benches.inbox

    @settings(max_examples=300)
    @given(compounds, st.sampled_from([0, 1, about, 0xFFFFFFFF]))
    @example(b"\x81\xcd\x00\x03" + bytes(12), about)
    def hears(compound: bytes, named: int) -> None:
        # It speaks as itself, and of a stream that there is: protected as the page would.
        plain = compound[:4] + struct.pack("!LL", 1, named) + compound[12:]
        protected = customer.dtls._tx_srtp.protect_rtcp(plain)
        inbox.bytes[: len(protected)] = protected
        leg._take(len(protected))

    hears()
    assert leg.up
    async with publishing(publisher):
        await more_frames(customer)


async def test_no_packet_of_a_publisher_makes_the_relay_stumble(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    chance = random.Random(3)
    for index in range(3_000):
        data = bytearray(rtp(PICTURE_SSRC, 0, chance.randbytes(chance.randrange(60))))
        data[0] = 0x80 | chance.randrange(64)  # whatever a header may promise
        data[1] = chance.choice([96, 96 | 0x80, 111, 102])
        data[2:4] = chance.randbytes(2)
        data[8:12] = struct.pack("!L", chance.choice([PICTURE_SSRC, SOUND_SSRC, 0xC0]))
        await publisher.lane._send(_protected(publisher, bytes(data)))
        if index % 20 == 0:
            await asyncio.sleep(0)
    leg = floor.leg(publisher)
    await until(lambda: leg.refused > 100 and len(leg.inflows) > 1)
    assert leg.up
    assert floor.leg(customer).up


def _protected(peer: Peer, plain: bytes) -> bytes:
    try:
        return peer.dtls._tx_srtp.protect(plain)
    except Exception:  # noqa: BLE001 - libsrtp itself may refuse to write such nonsense
        return plain + bytes(16)
