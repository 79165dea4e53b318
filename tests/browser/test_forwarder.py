"""Real browsers publish to the core of the relay, and watch what comes out of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.web import Application, AppRunner, Request, Response, TCPSite, get, post, static
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, pack_remb_fci
from playwright.async_api import Browser, Page, async_playwright

import web
from media import guard
from media.relay.inflow import Inflow
from media.relay.offers import read_offer
from media.relay.source import Source
from media.relay.wiring import Member, ParticipantId
from showroom.words import Side
from tests.browser.chromium import FLAGS, WINDOWLESS
from tests.media.relay.peers import WATCHES, Floor, Peer, open_floor
from tests.nodes import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = Path(__file__).with_name("forwarder.html")
STATIC = Path(web.__file__).with_name("static")
PATIENCE = 150.0


@dataclass
class Screen:
    """A page on a connection to the relay."""

    page: Page
    who: str
    side: Side
    rank: int = 1

    async def join(self, publishes: str, codec: str = "VP8") -> None:
        arguments = [self.who, self.side.value, self.rank, publishes, codec]
        await self.page.evaluate("(given) => join(...given)", arguments)

    async def restart(self) -> None:
        arguments = [self.who, self.side.value, self.rank]
        await self.page.evaluate("(given) => restart(...given)", arguments)

    async def reload(self, codec: str = "VP8") -> None:
        """Load the page anew, and publish again: as somebody newer."""
        await self.page.reload()
        self.rank += 1
        await self.join("all", codec)

    async def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate("seen()")
        return found


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await fact():
            await asyncio.sleep(0.1)


async def plays(screen: Screen, more: int = 20) -> None:
    """Wait until so many more pictures were decoded, and some more sound came."""
    before = await screen.seen()

    async def goes_on() -> bool:
        now = await screen.seen()
        return bool(now["frames"] >= before["frames"] + more and now["sound"] > before["sound"])

    await until(goes_on)


class House:
    """A room of the relay, and pages for it."""

    def __init__(self, floor: Floor, browser: Browser) -> None:
        self.floor = floor
        self.url = ""
        self._browser = browser

    async def page_of(self, who: str, side: Side) -> Screen:
        page = await self._browser.new_page()
        await page.goto(self.url)
        return Screen(page, who, side)

    def lateness(self, screen: Screen, playing: list[dict[str, float]]) -> dict[str, float]:
        """Return how long after it was made each kind is played, in seconds, from anywhere."""
        (leg,) = self.floor.room.participants[ParticipantId(screen.who)].legs
        late = {}
        for one in playing:
            outlet = next(outlet for outlet in leg.outlets if outlet.ssrc == one["ssrc"])
            source = outlet.source
            if not isinstance(source, Source) or not isinstance(source.stream, Inflow):
                continue
            if (report := source.stream.sender_report) is None:
                continue
            then = source.timestamp_of(report.timestamp) + outlet.time_shift
            ticks = (one["rtp"] - then + (1 << 31)) % (1 << 32) - (1 << 31)
            made = report.ntp / (1 << 32) + ticks / source.clock_rate
            late[outlet.kind] = one["at"] / 1000 - made
        return late

    async def offer(self, request: Request) -> Response:
        given = await request.json()
        member = Member(ParticipantId(given["who"]), Side(given["side"]))
        text = await self.floor.room.offer(member, given["rank"], read_offer(given["sdp"]))
        return Response(text=text)

    async def page(self, _: Request) -> Response:
        return Response(text=PAGE.read_text(), content_type="text/html")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium with the camera that it brings: it has 720 lines, unlike the others' clips."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=WINDOWLESS.program,
            args=[*FLAGS, *WINDOWLESS.flags, "--autoplay-policy=no-user-gesture-required"],
        )
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser) -> AsyncIterator[House]:
    """A room, and a server that only hands offers on to it."""
    guard.install()
    async with open_floor() as floor:
        opened = House(floor, browser)
        application = Application()
        application.add_routes(
            [get("/", opened.page), post("/offer", opened.offer), static("/static", STATIC)]
        )
        runner = AppRunner(application)
        await runner.setup()
        port = free_port()
        await TCPSite(runner, "127.0.0.1", port).start()
        opened.url = f"http://127.0.0.1:{port}/"
        yield opened
        for context in browser.contexts:
            await context.close()
        await runner.cleanup()


async def advisor(house: House, codec: str = "VP8") -> Screen:
    screen = await house.page_of("advisor", Side.ADVISOR)
    await screen.join("all", codec)
    return screen


async def viewer(
    house: House, who: str = "customer", codec: str = "VP8", publishes: str = "nothing"
) -> Screen:
    side = Side.CUSTOMER if who == "customer" else Side.COMPANION
    screen = await house.page_of(who, side)
    await screen.join(publishes, codec)
    return screen


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_picture_and_sound_of_one_browser_reach_two_others(house: House, codec: str) -> None:
    await advisor(house, codec)
    customer = await viewer(house, codec=codec)
    await plays(customer)
    friend = await viewer(house, "friend", codec)
    await plays(friend)
    await plays(customer)
    assert (await friend.seen())["codec"] == f"video/{codec}"


async def test_a_publisher_on_a_free_line_comes_to_720p(house: House) -> None:
    publisher = await advisor(house)
    customer = await viewer(house)

    async def is_sharp() -> bool:
        sent, shown = await publisher.seen(), await customer.seen()
        return bool(sent["width"] == shown["width"] == 1280)

    await until(is_sharp)
    await plays(customer)


async def test_when_the_publishers_page_is_loaded_anew_those_who_watch_see_on(house: House) -> None:
    publisher, customer = await advisor(house), await viewer(house)
    await plays(customer)
    await publisher.reload()
    await plays(customer)
    assert house.floor.room.participants[ParticipantId("advisor")].leg is not None


async def test_a_browser_makes_its_paths_anew_in_mid_call(house: House) -> None:
    publisher, customer = await advisor(house), await viewer(house)
    await plays(customer)
    for screen in (publisher, customer):
        before = (await screen.seen())["pair"]
        await screen.restart()

        async def has_moved(screen: Screen = screen, before: str = before) -> bool:
            return bool((await screen.seen())["pair"] != before)

        await until(has_moved)
        await plays(customer)
    legs = [one.legs for one in house.floor.room.participants.values()]
    assert [len(one) for one in legs] == [1, 1]


async def test_a_browser_plays_sound_and_picture_of_one_moment_together(house: House) -> None:
    await advisor(house)
    customer = await viewer(house, publishes="sound")
    await plays(customer)
    apart: list[float] = []

    async def in_step() -> bool:
        late = house.lateness(customer, await customer.page.evaluate("playing()"))
        if len(late) == 2:
            apart.append(abs(late["audio"] - late["video"]))
        # On a machine that is busy one look may fall into a pause: of the last ones most count.
        return sum(one < 0.04 for one in apart[-9:]) >= 5

    await until(in_step)


@asynccontextmanager
async def line_that_carries(bitrate: int, friend: Peer) -> AsyncIterator[None]:
    """Have a subscriber say again and again what its line carries (bit/s), as browsers do."""

    async def say() -> None:
        while True:
            fci = pack_remb_fci(bitrate, list(friend.mids))
            await friend.send(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, fci)))
            await asyncio.sleep(0.5)

    saying = asyncio.create_task(say())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.wait([saying])


async def test_the_picture_is_as_large_as_the_lines_of_those_who_watch_bear(house: House) -> None:
    publisher = await advisor(house)
    friend = await Peer("friend", Side.COMPANION, WATCHES).join(house.floor)
    await publisher.page.evaluate("climb()")

    async def is_on(*rungs: str) -> bool:
        return await publisher.page.evaluate("ladder.rung.name") in rungs

    # The publisher's own line is free: only what the relay tells of the others is narrow.
    async with line_that_carries(200_000, friend):
        await until(lambda: is_on("middle"))
        assert await publisher.page.evaluate("ladder.why") == "line"

        async def is_small() -> bool:
            return bool(0 < (await publisher.seen())["height"] <= 360)

        await until(is_small)
    async with line_that_carries(5_000_000, friend):
        await until(lambda: is_on("large", "full"))


async def test_who_prefers_stills_gets_large_frames_one_by_one_through_the_relay(
    house: House,
) -> None:
    publisher = await advisor(house)
    friend = await Peer("friend", Side.COMPANION, WATCHES).join(house.floor)
    await publisher.page.evaluate("climb()")
    await publisher.page.evaluate("ladder.heed({ saver: 'stills' })")

    async def sends_stills() -> bool:
        sent = await publisher.seen()
        rung = await publisher.page.evaluate("ladder.rung.name")
        return bool(rung == "stills" and sent["width"] == 640)

    async def come_one_by_one() -> bool:
        began, before = time.monotonic(), friend.frames()
        await until(lambda: has_come(friend, before + 4))
        # A moving picture has eight frames a second at least.
        return time.monotonic() - began > 2

    async with line_that_carries(60_000, friend):
        await until(sends_stills)
        # What still moved is under way for a while.
        await until(come_one_by_one)


async def has_come(friend: Peer, frames: int) -> bool:
    return friend.frames() >= frames
