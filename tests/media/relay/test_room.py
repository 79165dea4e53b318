"""Sound and picture go from whoever publishes to whoever is in the room, over real connections."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from media.relay import estimates
from media.relay.wiring import Member
from showroom.words import Side, Voice
from tests.media.relay.camera import PARTS, Camera, is_key, publishing, said
from tests.media.relay.peers import H264, PUBLISHES, VP8, WATCHES, Floor, Line, Peer, rtp, until

SOUND, PICTURE = "0", "1"


async def advisor(floor: Floor, rank: int = 1, codecs: Sequence[int] = (VP8, H264)) -> Peer:
    return await Peer("advisor", Side.ADVISOR, PUBLISHES, rank, codecs=codecs).join(floor)


async def viewer(
    floor: Floor, who: str = "customer", part: Side = Side.CUSTOMER, codecs: Sequence[int] = (VP8,)
) -> Peer:
    return await Peer(who, part, WATCHES, codecs=codecs).join(floor)


def assert_whole(peer: Peer) -> None:
    """Check that a picture came from a keyframe on, each part once, in order and without a hole."""
    assert is_key(peer.packets[PICTURE][0].payload)
    places = [said(text).frame * PARTS + said(text).part for text in peer.texts(PICTURE)]
    assert places == list(range(places[0], places[0] + len(places)))
    numbers = sorted({(one.sequence_number + 0x8000) & 0xFFFF for one in peer.packets[PICTURE]})
    assert len(numbers) == len(places)


async def test_sound_and_picture_arrive_whole(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher):
        await until(lambda: customer.frames() > 30 and len(customer.packets[SOUND]) > 30)
    assert_whole(customer)
    assert {one.payload_type for one in customer.packets[SOUND]} == {111}
    heard = [said(one.payload).frame for one in customer.packets[SOUND]]
    assert heard == list(range(heard[0], heard[0] + len(heard)))
    assert {one.extensions.abs_send_time for one in customer.packets[PICTURE]} == {None}


async def test_h264_goes_the_same_way_where_it_is_what_all_can_show(floor: Floor) -> None:
    publisher = await advisor(floor, codecs=(H264,))
    customer = await viewer(floor, codecs=(H264,))
    async with publishing(publisher, payload_type=H264):
        await until(lambda: customer.frames() > 10)
    assert {one.payload_type for one in customer.packets[PICTURE]} == {H264}
    assert_whole(customer)


async def test_whoever_joins_late_begins_with_a_keyframe_made_for_all_who_wait(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher) as camera:
        await until(lambda: customer.frames() > 10)
        asked = camera.asked
        friends = await asyncio.gather(
            *(viewer(floor, f"friend {index}", Side.COMPANION) for index in range(5))
        )
        await until(lambda: all(friend.frames() > 5 for friend in friends))
        assert 1 <= camera.asked - asked <= 5
    for one in (customer, *friends):
        assert_whole(one)


# ---------------------------------------------------------------- another connection


async def test_a_newer_connection_goes_on_where_the_older_was_without_a_new_subscription(
    floor: Floor,
) -> None:
    older, customer = await advisor(floor), await viewer(floor)
    async with publishing(older, name="old"):
        await until(lambda: customer.frames() > 10)
        newer = await advisor(floor, rank=2)
        async with publishing(newer, name="new", number=5, key=False) as camera:
            await until(lambda: _names(customer)[-1:] == ["new"])
            # The older one goes on sending for a while: it is heard no more.
            start = customer.frames()
            await until(lambda: customer.frames() > start + 20)
            assert camera.asked > 0
    names = _names(customer)
    assert names == sorted(names, reverse=True)  # all of the old, then all of the new
    switched = next(one for one in customer.packets[PICTURE] if said(one.payload).name == "new")
    assert is_key(switched.payload)
    assert _steps(customer.packets[PICTURE]) == {1}
    assert _steps(customer.packets[SOUND]) == {1}
    times = [one.timestamp for one in customer.packets[PICTURE]]
    assert all((later - before) & 0xFFFFFFFF < 90_000 for before, later in pairwise(times))


def _names(peer: Peer) -> list[str]:
    return [said(one.payload).name for one in peer.packets[PICTURE]]


def _steps(packets: Sequence[RtpPacket]) -> set[int]:
    numbers = [one.sequence_number for one in packets]
    return {(later - before) & 0xFFFF for before, later in pairwise(numbers)}


async def test_a_page_that_is_loaded_anew_is_seen_again_by_those_who_watched(floor: Floor) -> None:
    older, customer = await advisor(floor), await viewer(floor)
    async with publishing(older, name="old"):
        await until(lambda: customer.frames() > 10)
    await older.close()
    await until(lambda: not floor.room.participants[older.member.id].legs)
    newer = await advisor(floor, rank=2)
    async with publishing(newer, name="new"):
        await until(lambda: _names(customer)[-1] == "new")
    assert _steps(customer.packets[PICTURE]) == {1}


async def test_paths_are_made_anew_in_mid_call_on_either_side_without_a_gap(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher):
        for peer in (publisher, customer):
            before = peer.lane.connection
            start = customer.frames()
            await until(lambda: customer.frames() > start + 5)  # noqa: B023
            await peer.restart(floor)
            assert peer.lane.connection is not before
            start = customer.frames()
            await until(lambda: customer.frames() > start + 10)  # noqa: B023
            assert len(floor.room.participants[peer.member.id].legs) == 1
    assert_whole(customer)


# ---------------------------------------------------------------- in step


async def test_reports_keep_sound_and_picture_in_step_to_a_millisecond(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher) as camera:
        await until(lambda: _reported(customer, SOUND) and _reported(customer, PICTURE))
        await until(lambda: customer.frames() > 20)
        _assert_in_step(customer, camera)
        # A newer page, with clocks of its own, is no other thing.
        newer = await advisor(floor, rank=2)
        async with publishing(newer, epoch=1.5e9, name="new") as camera:
            await until(lambda: _names(customer)[-1:] == ["new"])
            customer.reports.clear()
            await until(lambda: _reported(customer, SOUND) and _reported(customer, PICTURE))
            customer.packets.clear()
            await until(lambda: customer.frames() > 5 and customer.packets[SOUND])
            _assert_in_step(customer, camera)


def _reported(peer: Peer, mid: str) -> RtcpSrPacket | None:
    reports = [one for one in peer.reports if isinstance(one, RtcpSrPacket)]
    return next((one for one in reversed(reports) if one.ssrc == peer.ssrc(mid)), None)


def _assert_in_step(customer: Peer, camera: Camera) -> None:
    """By the report's clocks, each packet was made when its publisher says that it was."""
    for mid, rate in ((SOUND, 48_000), (PICTURE, 90_000)):
        report = _reported(customer, mid)
        assert report
        for packet in customer.packets[mid]:
            one = said(packet.payload)
            if one.name != camera.name:
                continue
            info = report.sender_info
            since = camera.epoch + one.at - info.ntp_timestamp / (1 << 32)
            ticks = (packet.timestamp - info.rtp_timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
            assert abs(ticks / rate - since) < 0.001, (mid, ticks / rate, since)


# ---------------------------------------------------------------- what the relay says upwards


async def test_a_publisher_is_told_when_its_packets_came_and_what_its_viewers_can_take(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    estimate = RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, pack_remb_fci(432_000, [1]))
    async with publishing(publisher) as camera:
        messages: list[bytes] = []
        hear = publisher.dtls._handle_rtcp_data

        async def listen(data: bytes) -> None:
            messages.append(data)
            await hear(data)

        publisher.dtls._handle_rtcp_data = listen  # type: ignore[method-assign]
        await customer.send(bytes(estimate))
        await until(lambda: _limits(publisher))
        await until(lambda: sum(data[:2] == b"\x8f\xcd" for data in messages) > 5)
        # Its sound comes on top, as it is learned how much it keeps for it.
        assert all(432_000 <= limit <= 432_000 + estimates.SOUND for limit in _limits(publisher))
        assert camera.missed == []


def _limits(peer: Peer) -> list[int]:
    return [
        unpack_remb_fci(one.fci)[0]
        for one in peer.reports
        if isinstance(one, RtcpPsfbPacket) and one.fmt == RTCP_PSFB_APP
    ]


# ---------------------------------------------------------------- who hears whom


async def test_a_whisper_and_a_barge_change_places_and_need_no_new_offer(floor: Floor) -> None:
    talks = (Line("audio", 0xA1), Line("audio"), Line("audio"))
    everybody = [
        await Peer("advisor", Side.ADVISOR, talks).join(floor),
        await Peer("customer", Side.CUSTOMER, talks).join(floor),
        await Peer("boss", Side.MANAGER, talks, voice=Voice.ADVISOR).join(floor),
    ]
    boss = everybody[2]

    def hearing() -> list[set[str]]:
        """Return whom each hears, by the first of what has come lately."""
        heard = []
        for peer in everybody:
            lately = [packet.payload for mid in ("1", "2") for packet in peer.packets[mid][-3:]]
            heard.append({payload.decode() for payload in lately})
            peer.packets.clear()
        return heard

    async def talk() -> None:
        for number in range(10_000):
            for peer in everybody:
                await peer.send(rtp(0xA1, number, peer.member.id.encode(), number * 960, 111))
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    a, c, b = "advisor", "customer", "boss"
    await _until_steady(hearing, [{c, b}, {a}, {a, c}])
    floor.room.set_member(Member(boss.member.id, Side.MANAGER, Voice.ALL))
    floor.room.wire()
    await _until_steady(hearing, [{c, b}, {a, b}, {a, c}])
    floor.room.held = True
    floor.room.wire()
    await _until_steady(hearing, [{b}, set(), {a}])
    await floor.room.leave(boss.member.id)
    floor.room.held = False
    floor.room.wire()
    await _until_steady(hearing, [{c}, {a}, set()])
    talking.cancel()
    await asyncio.wait([talking])


async def test_who_can_not_show_the_rooms_codec_gets_sound_and_changes_nothing_for_the_others(
    floor: Floor,
) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    async with publishing(publisher):
        await until(lambda: customer.frames() > 5)
        friend = await viewer(floor, "friend", Side.COMPANION, codecs=(H264,))
        later = await viewer(floor, "guest", Side.COMPANION)
        await until(lambda: len(friend.packets[SOUND]) > 10 and later.frames() > 5)
        assert friend.packets[PICTURE] == []
    assert_whole(customer)
    for one in (publisher, customer, later):
        await floor.room.leave(one.member.id)
    await floor.room.leave(friend.member.id)
    # The next ones agree anew.
    await advisor(floor, rank=2, codecs=(H264,))
    assert floor.room.codec == "h264"


async def _until_steady(hearing: object, expected: list[set[str]]) -> None:
    assert callable(hearing)
    hearing()
    async with asyncio.timeout(20):
        while True:
            await asyncio.sleep(0.15)
            if hearing() == expected:
                return


async def test_a_voice_comes_out_of_the_place_whose_stream_is_its_pictures(floor: Floor) -> None:
    watches = (Line("audio"), Line("audio"), Line("video"), Line("video"))
    boss = await Peer("boss", Side.MANAGER, watches).join(floor)
    _, answer = await Peer("spy", Side.MANAGER, watches).call(floor)
    streams = [str(media.msid).split()[0] for media in answer.media]
    assert streams[:2] == streams[2:]
    assert streams[0] != streams[1]
    both = (Line("audio", 0xA0), Line("video", 0xB0))
    # In whichever order they come and go.
    for first, second in ((Side.CUSTOMER, Side.ADVISOR), (Side.ADVISOR, Side.CUSTOMER)):
        people = [await Peer(side.value, side, both).join(floor) for side in (first, second)]
        outlets = floor.leg(boss).outlets
        for place, side in enumerate((Side.ADVISOR, Side.CUSTOMER)):
            members = floor.room.participants.values()
            owner = next(one for one in members if one.member.part is side)
            assert outlets[place].source is owner.sources["audio"]
            assert outlets[2 + place].source is owner.sources["video"]
        for one in people:
            await floor.room.leave(one.member.id)
        assert all(outlet.source is None for outlet in outlets)


async def test_a_wish_for_a_keyframe_that_is_lost_is_said_again(floor: Floor) -> None:
    publisher = await advisor(floor)
    async with publishing(publisher) as camera:
        await until(lambda: camera.frames > 5)
        camera.willing = False  # as if no wish arrived
        customer = await viewer(floor)
        await until(lambda: camera.asked >= 3)
        assert customer.frames() == 0
        camera.willing = True
        await until(lambda: customer.frames() > 5)
    assert_whole(customer)


async def test_whoever_is_put_out_gets_nothing_more_and_disturbs_nobody(floor: Floor) -> None:
    publisher, customer = await advisor(floor), await viewer(floor)
    friend = await viewer(floor, "friend", Side.COMPANION)
    async with publishing(publisher):
        await until(lambda: customer.frames() > 5 and friend.frames() > 5)
        leg = floor.leg(friend)
        await floor.room.leave(friend.member.id)
        assert leg.over
        start = customer.frames()
        await until(lambda: customer.frames() > start + 10)
        await until(lambda: friend.dtls.state == "closed")
    assert_whole(customer)
