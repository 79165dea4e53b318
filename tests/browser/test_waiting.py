"""The queue: where one stands, who is rung, and every way out of it."""

import asyncio

import pytest
from playwright.async_api import Request, expect

from showroom.showrooms import Policy
from showroom.valkey import connect
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.conftest import OpenHouse

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+33 1 42 68 53 00"


async def test_an_unanswered_ring_goes_to_the_second_advisor_and_the_first_is_told(
    open_house: OpenHouse,
) -> None:
    cast = await open_house(policy=Policy(ring_seconds=3))
    alice = await cast.advisor()
    bruno = await cast.advisor("bruno@example.com")
    customer = await cast.customer()
    await customer.call()
    await alice.rings()
    await bruno.accepts()
    await eyes.moves(customer.live_view)
    await customer.reads("Bruno Keller")
    await alice.reads("You missed a ring, so you are away now.")
    await alice.reads("1 missed ring today")
    await expect(alice.available).to_have_attribute("aria-checked", "false")


async def test_a_declined_call_goes_to_the_next_advisor(cast: Cast) -> None:
    alice = await cast.advisor()
    bruno = await cast.advisor("bruno@example.com")
    customer = await cast.customer()
    await customer.call()
    await alice.rings()
    await alice.tap("Decline")
    await expect(alice.available).to_be_visible()
    await bruno.accepts()
    await eyes.moves(customer.live_view)


async def test_the_queue_says_where_one_stands_and_moves_up_when_somebody_leaves(
    cast: Cast,
) -> None:
    first, second = await cast.customer(), await cast.customer()
    await first.call()
    await first.reads("You are next")
    await second.call()
    await second.reads("You are number 2")
    await second.reads("1 person is ahead of you.")
    await first.tap("Leave the queue")
    await first.reads("You left the queue")
    await second.reads("You are next")


async def test_a_refusal_is_read_where_it_happens_and_the_same_button_works_again(
    cast: Cast, redis_url: str
) -> None:
    customer, advisor = await cast.couple()
    await customer.call()
    await advisor.rings()
    for side in (customer, advisor):
        await eyes.connected(side.page)
    redis = await connect(redis_url)
    await redis.client_pause(timeout=60_000, all=False)
    try:
        await asyncio.gather(customer.tap("Leave the queue"), advisor.tap("Accept"))
        for side in (customer, advisor):
            await side.reads("A part of our service does not answer right now.")
    finally:
        await redis.client_unpause()
        await redis.aclose()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await advisor.tap("End call")
    await advisor.saves("Interested")
    await advisor.goes_off_duty()
    await customer.tap("Back to the showroom")
    await customer.call()
    await expect(customer.button("Leave the queue")).to_be_enabled()
    await expect(customer.words("A part of our service")).to_be_hidden()


async def test_whoever_leaves_a_ring_stops_it(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await customer.call()
    await advisor.rings()
    await customer.tap("Leave the queue")
    await expect(advisor.button("Accept")).to_be_hidden()
    await expect(advisor.available).to_have_attribute("aria-checked", "true")
    await customer.page.reload()
    await customer.reads("You left the queue")


async def test_after_a_while_the_queue_offers_a_call_back_and_keeps_the_place(
    open_house: OpenHouse,
) -> None:
    cast = await open_house(policy=Policy(offer_call_back_seconds=1))
    customer = await cast.customer()
    await customer.call()
    await customer.reads("Don’t want to wait?")
    await customer.ask_to_be_called("Jo Morel", NUMBER)
    await customer.reads("Thank you, Jo Morel. An advisor will call you back.")
    await customer.waits()
    advisor = await cast.advisor()
    await advisor.accepts()
    await eyes.moves(customer.live_view)


async def test_a_call_back_reaches_every_advisor_and_only_one_can_take_it(cast: Cast) -> None:
    alice = await cast.advisor()
    bruno = await cast.advisor("bruno@example.com")
    customer = await cast.customer()
    await customer.ask_to_be_called("<b>Jo</b> Morel", NUMBER)
    for advisor in (alice, bruno):
        await advisor.reads("<b>Jo</b> Morel")
        link = advisor.page.get_by_role("link", name="+33142685300")
        await expect(link).to_have_attribute("href", "tel:+33142685300")
    await alice.tap("Take")
    await bruno.reads("Alice Martin takes care")
    await bruno.reads("••• 00")
    assert "3142685300" not in await bruno.page.content()
    await expect(bruno.button("Done")).to_be_hidden()
    await expect(alice.button("Done")).to_be_focused()
    # Two who tap together: the second one's page had not heard yet that it is taken.
    cast.forgive("another host: tel:")
    dialled: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith("tel:"):  # the page asks for other things now and then
            dialled.append(request.url)

    bruno.page.on("request", note)
    await bruno.page.locator("a[href^=tel]").evaluate("(link) => link.click()")
    await bruno.reads("A colleague takes care of this one.")
    await alice.tap("Done")
    for advisor in (alice, bruno):
        await advisor.reads("Nobody waits for a call.")
    await customer.page.reload()
    await customer.ask_to_be_called("Jo Morel", NUMBER)
    link = bruno.page.get_by_role("link", name="+33142685300")
    await expect(link).to_be_visible()
    assert dialled == []
    async with bruno.page.expect_request(lambda request: request.url == "tel:+33142685300"):
        await link.click()
    await alice.reads("Bruno Keller takes care")
