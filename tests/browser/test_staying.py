"""Reloads, holes in the line, second tabs and dying nodes: the call goes on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.tables import metadata
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import Browsers
from tests.browser.pages import CustomerPage, talk
from tests.browser.props import SHY, equip, go, reload
from tests.browser.road import LINE_GONE, Road, open_road
from tests.houses import furnish
from tests.nodes import free_port, node_process, until_healthy

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOON = 5.0
HEARD = "(video) => !video.muted && !video.paused && video.volume > 0"
HOLE_SECONDS = 20


async def test_a_customer_who_reloads_is_back_in_the_same_call_within_five_seconds(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.write("Still there?")
    # Whether a browser lets a reloaded page sound is its own affair: this one wants a tap first.
    await equip(customer.page, SHY)
    await eyes.moves(customer.live_view, within=SOON)
    await customer.open_chat()
    await expect(customer.conversation()).to_contain_text("Still there?")
    assert await customer.live_view.evaluate(HEARD) is False
    await customer.tap("Tap for sound")
    await expect(customer.button("Tap for sound")).to_be_hidden()
    assert await customer.live_view.evaluate(HEARD) is True
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)
    await expect(advisor.button("End call")).to_be_visible()


async def test_an_advisor_who_reloads_is_back_in_the_same_call_within_five_seconds(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await reload(advisor.page)
    await expect(advisor.button("End call")).to_be_visible(timeout=SOON * 1000)
    await eyes.moves(advisor.own_view, within=SOON)
    await eyes.moves(customer.live_view, within=SOON)
    await eyes.hears(customer.page)


async def test_a_second_tab_takes_the_call_and_the_first_can_take_it_back(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    second = CustomerPage(await cast.another_tab(customer.page))
    await go(second.page, "/s/paris")
    await eyes.moves(second.live_view)
    await customer.reads("Your call goes on in another tab")
    await customer.tap("Continue here")
    await eyes.moves(customer.live_view)
    await second.reads("Your call goes on in another tab")


@pytest_asyncio.fixture(loop_scope="session")
async def roads(settings: Settings) -> AsyncIterator[tuple[Road, Road]]:
    """A road for the customer and one for the advisor, both to the node of `settings`."""
    async with open_road(settings.port) as one, open_road(settings.port) as other:
        yield one, other


async def test_a_call_survives_a_socket_that_is_gone_for_twenty_seconds(
    settings: Settings, browsers: Browsers, roads: tuple[Road, Road], tmp_path: Path
) -> None:
    origins = tuple(road.url for road in roads)
    changed = settings.model_copy(update={"extra_origins": origins})
    async with Database.open(settings.database_url) as database:
        await furnish(database)
    with node_process(changed, tmp_path / "node.log") as node:
        await until_healthy(node.url)
        async with Cast(browsers, roads[0].url) as near, Cast(browsers, roads[1].url) as far:
            for cast in (near, far):
                cast.forgive(LINE_GONE)
            customer, advisor = await near.customer(), await far.advisor()
            await talk(customer, advisor)
            for road in roads:
                road.cut()
            await customer.reads("Your line to the showroom is coming back; the call goes on")
            hole = asyncio.create_task(asyncio.sleep(HOLE_SECONDS))
            while not hole.done():
                await eyes.moves(customer.live_view, within=SOON)
                await asyncio.sleep(1)
            for road in roads:
                road.mend()
            await customer.write("Did you hear me?")
            await advisor.open_chat()
            await expect(advisor.conversation()).to_contain_text("Did you hear me?")
            await eyes.moves(customer.live_view, within=SOON)
            await eyes.hears(customer.page)
            await advisor.close_chat()
            await advisor.tap("End call")
            await customer.reads("Thank you for your visit")


async def test_the_picture_moves_on_while_the_customers_node_dies_and_another_takes_over(
    settings: Settings, browsers: Browsers, tmp_path: Path, postgresql_url: str
) -> None:
    async with Database.open(postgresql_url) as database:
        async with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(sa.delete(table))
        await furnish(database)
    ports = free_port(), free_port()
    async with open_road(ports[0]) as near_road, open_road(ports[1]) as far_road:
        common = {"database_url": postgresql_url, "extra_origins": (near_road.url, far_road.url)}
        one = settings.model_copy(update={**common, "port": ports[0]})
        other = settings.model_copy(update={**common, "port": ports[1]})
        with (
            node_process(one, tmp_path / "one.log") as dying,
            node_process(other, tmp_path / "other.log") as staying,
        ):
            await asyncio.gather(until_healthy(dying.url), until_healthy(staying.url))
            async with Cast(browsers, near_road.url) as near, Cast(browsers, far_road.url) as far:
                near.forgive(LINE_GONE)
                customer, advisor = await near.customer(), await far.advisor()
                await talk(customer, advisor)
                near_road.to = ports[1]
                dying.kill()
                await eyes.moves(customer.live_view, within=SOON)
                await customer.write("Which node are you on?")
                await advisor.open_chat()
                await expect(advisor.conversation()).to_contain_text("Which node are you on?")
                await advisor.write("The other one.")
                await expect(customer.conversation()).to_contain_text("The other one.")
                await eyes.moves(customer.live_view, within=SOON)
                await eyes.hears(customer.page)
