"""The robot advisor at work: through the wire, with a customer who really watches and listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from showroom.errors import StartupError
from showroom.robot.peer import relayed
from showroom.robot.run import Robot
from showroom.showrooms import Policy, Showrooms
from showroom.words import Role
from signaling.live import LiveState
from tests.houses import House
from tests.people import PATIENCE, Customer, Payload
from tests.samples import PASSWORD, staff_of
from tests.stills import opened
from tests.virtual_clock import VirtualClock
from tests.visits import staff_id
from tests.web.agendas import post

ROBOT = "robot@example.com"


@pytest.fixture
async def robot(house: House) -> AsyncIterator[Robot]:
    """A robot that is available."""
    staff = staff_of(house.node.shared.database, VirtualClock())
    await staff.add(ROBOT, "Robo", PASSWORD, {"paris": Role.ADVISOR}, ["en", "fr"], robot=True)
    worker = Robot(house.url, "paris", clip=None, still=False)
    await worker.wire.sign_in(ROBOT, PASSWORD)
    await worker.wire.connect()
    yield worker
    await worker.close()


class Viewer:
    """A customer's end of a link, with aiortc in the browser's place."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.pc = RTCPeerConnection()
        self.tracks: dict[str, MediaStreamTrack] = {}
        self.pc.on("track", lambda track: self.tracks.update({track.kind: track}))

    async def connect(self, link: int) -> None:
        for kind in ("audio", "video"):
            self.pc.addTransceiver(kind, direction="sendrecv")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        await self.offer(link)
        answer = await self.customer.until("signal", lambda s: s["link"] == link)
        await self.pc.setRemoteDescription(RTCSessionDescription(**answer["description"]))

    async def offer(self, link: int) -> None:
        description = {"type": "offer", "sdp": self.pc.localDescription.sdp}
        assert (await self.customer.send("signal", link=link, description=description))["ok"]

    async def picture(self) -> np.ndarray:
        async with asyncio.timeout(10):
            frame = await self.tracks["video"].recv()
        picture: np.ndarray = frame.to_ndarray(format="gray")  # type: ignore[union-attr]
        return picture.astype(int)


@asynccontextmanager
async def visit(house: House, page: str = "page-1") -> AsyncIterator[tuple[Customer, Viewer]]:
    async with house.customer(page) as customer:
        viewer = Viewer(customer)
        try:
            yield customer, viewer
        finally:
            await viewer.pc.close()


async def test_the_robot_answers_by_itself_and_its_picture_moves(
    house: House, robot: Robot
) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call(vehicle="crete")
        ringing = await customer.until_call("ringing")
        await viewer.connect(ringing["link"])
        await customer.until("call_state", lambda c: c["state"] in ("connecting", "live"))
        first = await viewer.picture()
        assert first.std() > 10, "the picture shows nothing"
        for _ in range(10):
            later = await viewer.picture()
        assert np.abs(later - first).mean() > 0.3, "the picture stands still"
        sound = await viewer.tracks["audio"].recv()
        assert sound.sample_rate == 48_000  # type: ignore[union-attr]


async def test_the_robot_greets_shows_the_chosen_car_and_answers(
    house: House, robot: Robot
) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call(vehicle="crete")
        await viewer.connect((await customer.until_call("ringing"))["link"])
        await customer.until_call("live")
        card = await customer.until("logged", lambda m: m["entry"]["kind"] == "vehicle")
        assert card["entry"]["vehicle"]["id"] == "crete"
        await customer.send("chat", id="q", text="What does it cost?")

        def is_the_price(message: Payload) -> bool:
            entry = message["entry"]
            return entry["by"] == "advisor" and "€41,900" in entry["text"]

        await customer.until("logged", is_the_price)


async def test_the_robot_sends_the_photo_that_is_asked_for(house: House, robot: Robot) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call(vehicle="crete")
        await viewer.connect((await customer.until_call("ringing"))["link"])
        await customer.until_call("live")
        assert (await customer.send("ask_photo"))["ok"]
        photo = (await customer.until("logged", lambda m: bool(m["entry"]["photo"])))["entry"]
        async with customer.http.get(house.url + photo["photo"]["picture"]) as response:
            assert opened(await response.read()).size == (1920, 1080)


async def test_the_robot_agrees_to_be_recorded(house: House, robot: Robot) -> None:
    showrooms = Showrooms(house.node.shared.database)
    paris = await showrooms.by_slug("paris")
    await showrooms.save(replace(paris, policy=Policy(recording=True)))
    async with visit(house) as (customer, viewer):
        await customer.call(vehicle="crete")
        await viewer.connect((await customer.until_call("ringing"))["link"])
        await customer.until_call("live")
        async with asyncio.timeout(PATIENCE):  # nodes read showrooms every two seconds
            while not (await customer.send("record"))["ok"]:
                await asyncio.sleep(0.1)
        await customer.until("call_state", lambda call: call["recording"]["state"] == "on")


async def test_the_robot_leaves_calls_to_humans_who_are_available(
    house: House, robot: Robot
) -> None:
    async with (
        house.employee() as alice,
        house.customer() as customer,
        house.customer("page-2") as onlooker,
    ):
        await onlooker.connect()
        await onlooker.until("showroom_state", lambda s: s["languages"]["en"]["free"] == 1)
        await alice.work("alice@example.com", PASSWORD)
        await onlooker.until("showroom_state", lambda s: s["languages"]["en"]["free"] == 2)
        await customer.call()
        assert (await alice.until_call("ringing"))["call"]
        await alice.accept()
        assert (await customer.until_call("connecting"))["advisor"]["name"] == "Alice Martin"


async def test_a_customer_who_reloads_gets_the_picture_again(house: House, robot: Robot) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call()
        await viewer.connect((await customer.until_call("ringing"))["link"])
        await customer.until_call("live")
        await viewer.picture()
        await customer.come_back(page="reloaded")
        again = Viewer(customer)
        try:
            await again.connect((await customer.until_call("live"))["link"])
            assert (await again.picture()).std() > 10
        finally:
            await again.pc.close()


async def test_an_offer_that_is_repeated_gets_the_same_answer(house: House, robot: Robot) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call()
        link = (await customer.until_call("ringing"))["link"]
        await viewer.connect(link)
        heard = [m["description"] for e, m in customer.heard if e == "signal"]
        customer.heard.clear()
        await viewer.offer(link)
        repeated = await customer.until("signal")
        assert [repeated["description"]] == heard


async def test_the_robot_closes_its_calls_and_is_available_again(
    house: House, robot: Robot
) -> None:
    async with visit(house) as (customer, viewer):
        await customer.call()
        await viewer.connect((await customer.until_call("ringing"))["link"])
        await customer.until_call("live")
        await customer.send("hang_up")
        await customer.until_call("closed")
        await customer.until("showroom_state", lambda s: s["languages"]["en"]["free"] == 1)


async def test_a_robot_that_is_signed_out_signs_in_again_and_answers(
    house: House, robot: Robot
) -> None:
    # A new password ends all sessions; this one is the old one.
    await staff_of(house.node.shared.database, VirtualClock()).set_password(ROBOT, PASSWORD)
    await asyncio.wait_for(_gone(robot), 5)
    async with visit(house) as (customer, viewer):
        await customer.call()
        ringing = await customer.until_call("ringing")
        await viewer.connect(ringing["link"])
        await customer.until("call_state", lambda c: c["state"] in ("connecting", "live"))
    assert not robot.wire.over.done()


async def test_a_robot_that_is_dismissed_gives_up_and_says_why(house: House, robot: Robot) -> None:
    await staff_of(house.node.shared.database, VirtualClock()).disable(ROBOT)
    with pytest.raises(StartupError, match="can't sign in"):
        await asyncio.wait_for(robot.wire.over, 10)


async def test_a_robot_whose_seat_is_taken_leaves_it_to_the_other(
    house: House, robot: Robot
) -> None:
    async with house.employee() as somebody:
        await somebody.work(ROBOT, PASSWORD)
        await asyncio.wait_for(robot.wire.over, 5)
        await asyncio.sleep(1.5)  # a client that reconnects would be back in 0.75 s at most
        assert "replaced" not in [event for event, _ in somebody.heard]


async def _gone(robot: Robot) -> None:
    while robot.wire._socket.connected:
        await asyncio.sleep(0.02)


async def test_a_customer_who_leaves_does_not_cost_the_next_one_the_robot(
    house: House, robot: Robot
) -> None:
    async with visit(house) as (first, _), visit(house, "page-2") as (second, viewer):
        await first.call()
        await first.until_call("ringing")
        await second.call()
        await second.until_call("waiting")
        # The robot's answer to the first is on its way; in the same moment it rings for the second.
        assert (await first.send("leave_queue"))["ok"]
        ringing = await second.until_call("ringing")
        await viewer.connect(ringing["link"])
        await second.until("call_state", lambda c: c["state"] in ("connecting", "live"))
        await viewer.picture()


def test_under_a_relay_policy_no_address_but_a_relays_is_told() -> None:
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=audio 41001 UDP/TLS/RTP/SAVPF 96\r\n"
        "c=IN IP4 192.0.2.7\r\na=candidate:1 1 udp 2130706431 192.0.2.7 41001 typ host\r\n"
        "a=candidate:2 1 udp 1694498815 198.51.100.2 41001 typ srflx raddr 192.0.2.7 rport 9\r\n"
        "a=candidate:3 1 udp 16777215 203.0.113.9 50000 typ relay raddr 0.0.0.0 rport 0\r\n"
        "a=end-of-candidates\r\n"
    )
    told = relayed(sdp)
    assert "203.0.113.9" in told
    assert "192.0.2.7" not in told
    assert "198.51.100.2" not in told
    assert told.count("\r\n") == sdp.count("\r\n") - 2


async def test_a_still_robot_has_whole_calls_and_sends_no_media(house: House) -> None:
    staff = staff_of(house.node.shared.database, VirtualClock())
    await staff.add(ROBOT, "Load", PASSWORD, {"paris": Role.ADVISOR}, ["en"], robot=True)
    worker = Robot(house.url, "paris", clip=None, still=True)
    await worker.wire.sign_in(ROBOT, PASSWORD)
    await worker.wire.connect()
    try:
        async with visit(house) as (customer, viewer):
            await customer.call()
            ringing = await customer.until_call("ringing")
            await viewer.connect(ringing["link"])
            live = await customer.until_call("live")
            assert not live["advisor"]["camera"]
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(viewer.tracks["video"].recv(), 1)
            assert (await customer.send("hang_up"))["ok"]
            await customer.until_call("closed")
    finally:
        await worker.close()


async def test_the_robot_comes_back_from_anything_but_a_manager_s_word(
    robot: Robot, house: House
) -> None:
    shared = house.node.shared
    who, live = await staff_id(shared.database, ROBOT), LiveState(shared.redis)
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        async with asyncio.timeout(PATIENCE):
            while (known := await live.advisor(house.paris, who)) is None or known.state == "away":
                await asyncio.sleep(0.02)
        path = f"/manager/floor/advisors/{who}?showroom=paris"
        assert (await post(boss, path, {"away": True}))[0] == 200
    # What it sends is acknowledged before this returns.
    for reason, state in (("by_manager", "away"), ("missed_ring", "available")):
        await robot._on_state({"state": "away", "away_reason": reason})
        known = await live.advisor(house.paris, who)
        assert known
        assert known.state == state
