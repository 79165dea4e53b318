"""The manager's page: what happens now, and figures that are right to the call."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser import eyes
from tests.browser.cast import PHONE, Cast
from tests.browser.pages import CustomerPage
from tests.browser.props import equip
from tests.browser.test_room_on_a_phone import box
from tests.browser.test_screens import fits
from tests.browser.test_the_call import AHEAD

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_floor_counts_by_the_servers_clock_whatever_the_devices_says(cast: Cast) -> None:
    manager = await cast.manager()
    await equip(manager.page, AHEAD % 600)
    advisor = await cast.advisor()
    customer = await cast.customer()
    await customer.call()
    await advisor.accepts()
    for name, what in (("Here", "Alice Martin"), ("In a call", "Alice Martin")):
        row = manager.page.get_by_role("region", name=name).get_by_role("listitem")
        ticks = re.compile(r"\D0:\d\d(Listen|Set away)$")
        await expect(row.filter(has_text=what)).to_contain_text(ticks)


async def test_the_manager_sees_the_floor_the_figures_and_the_timeline_of_each_call(
    cast: Cast,
) -> None:
    manager = await cast.manager()
    advisor = await cast.advisor()
    here, running = (manager.page.get_by_role("region", name=n) for n in ("Here", "In a call"))
    waiting = manager.page.get_by_role("region", name="Waiting")
    await expect(here).to_contain_text("Alice Martin")
    await expect(here).to_contain_text("available")

    customer = await cast.customer()
    await customer.page.get_by_role("button", name="Crête").click()
    await customer.call()
    await expect(waiting).to_contain_text("Crête")
    await advisor.accepts()
    await expect(running).to_contain_text("Alice Martin")
    await customer.write("Does it tow?")

    await expect(manager.figure("Calls")).to_have_text("1")
    await expect(manager.figure("Average talk")).to_have_text("–")
    running_call = manager.calls().filter(has_text="Alice Martin")
    await running_call.get_by_role("button").click()
    sheet = manager.page.get_by_role("dialog")
    await expect(sheet.get_by_role("listitem").filter(has_text="Connected")).to_have_count(1)
    await sheet.get_by_role("button", name="Close").click()

    # The first sample of the line comes after five seconds.
    await advisor.reads_pattern(re.compile("(good|fair|poor) line"))

    other = await cast.customer()
    await other.call()
    await other.waits()
    await other.tap("Leave the queue")
    await other.reads("You left the queue")

    await customer.hangs_up()
    await customer.page.get_by_role("radio", name="5 stars").check(force=True)
    await customer.tap("Send rating")
    await customer.reads("Your rating has arrived")
    await advisor.saves("Offer wanted")

    await expect(running).to_contain_text("No call runs.")
    figures = {"Calls": "2", "Answered": "1", "Abandoned": "1", "Missed rings": "0"}
    for name, figure in figures.items():
        await expect(manager.figure(name)).to_have_text(figure)
    await expect(manager.figure("Rating")).to_have_text("5 (1)")
    await expect(manager.figure("Average talk")).to_have_text(re.compile(r"0:\d\d"))
    await expect(manager.page.get_by_role("group", name="Outcomes")).to_contain_text("Offer wanted")

    await expect(manager.calls()).to_have_count(2)
    answered = manager.calls().filter(has_text="Alice Martin")
    for word in ("The customer hung up", "Crête", "Offer wanted", "★★★★★"):
        await expect(answered).to_contain_text(word)
    await expect(answered).to_contain_text(re.compile("good|fair|poor"))
    await expect(manager.calls().filter(has_text="Left the queue")).to_have_count(1)

    await answered.get_by_role("button").click()
    timeline = manager.page.get_by_role("dialog").get_by_role("listitem")
    for word in (
        "The customer asked for an advisor",
        "Rang at Alice Martin",
        "Alice Martin accepted",
        "Connected",
        "Customer: Does it tow?",
        "The call ended",
    ):
        await expect(timeline.filter(has_text=word)).to_have_count(1)


async def test_a_refresh_keeps_the_keyboard_where_it_is_and_no_late_answer_replaces_a_newer_one(
    cast: Cast,
) -> None:
    cast.forgive("502")
    customer = await cast.customer()
    await customer.page.get_by_role("button", name="Crête").click()
    await leaves_the_queue(customer)
    other = await cast.customer()
    await leaves_the_queue(other)
    manager = await cast.manager()
    page = manager.page
    await expect(manager.calls()).to_have_count(2)
    crete = manager.calls().filter(has_text="Crête").get_by_role("button")
    plain = manager.calls().filter(has_not_text="Crête").get_by_role("button")

    # The first answer from here on is late, and the second one is of a busy day.
    late = asyncio.Event()
    asked: list[int] = []

    async def figures(route: Route) -> None:
        response = await route.fetch()
        answer = await response.json()
        asked.append(len(asked))
        turn = len(asked)
        if turn == 1:
            await late.wait()
        answer["figures"]["calls"] = 317 if turn == 1 else 318
        await route.fulfill(response=response, json=answer)

    await page.route("**/manager/today*", figures)
    await crete.focus()
    await other.tap("Call again")
    await expect(manager.figure("Calls")).to_have_text("318")
    await manager.reads("The newest 3 of today’s 318 calls.")
    await expect(crete).to_be_focused()
    async with page.expect_response("**/manager/today*"):
        late.set()
    await page.evaluate(eyes.PAINTED)
    await expect(manager.figure("Calls")).to_have_text("318")
    await other.tap("Leave the queue")

    # A slow timeline gives way to the one that was opened after it.
    sheet = page.get_by_role("dialog")
    slow = asyncio.Event()

    async def timeline(route: Route) -> None:
        await slow.wait()
        await route.continue_()

    await page.route("**/manager/calls/*/timeline*", timeline, times=1)
    await crete.click()
    await page.keyboard.press("Escape")
    await plain.last.click()
    await expect(sheet).to_contain_text("The customer left the queue")
    async with page.expect_response("**/manager/calls/*/timeline*"):
        slow.set()
    await page.evaluate(eyes.PAINTED)
    await expect(sheet).not_to_contain_text("Crête")
    await sheet.get_by_role("button", name="Close").click()

    await page.route(
        "**/manager/calls/*/timeline*",
        lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
    )
    await crete.click()
    await expect(sheet).to_contain_text("Check your connection and try again.")
    # A question may be under way.
    await page.unroute_all(behavior="wait")


async def leaves_the_queue(customer: CustomerPage) -> None:
    """Call, and give up."""
    await customer.call()
    await customer.tap("Leave the queue")
    await customer.reads("You left the queue")


async def test_the_ways_from_the_floor_leave_a_small_screen_to_what_happens(cast: Cast) -> None:
    manager = await cast.manager(viewport=PHONE)
    page = manager.page
    here = page.get_by_role("region", name="Here")
    last = page.get_by_role("link", name="Your account")
    assert (await box(here))["y"] < PHONE["height"] / 3
    await last.focus()
    place = await box(last)
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= PHONE["width"]
    assert place["height"] >= 44
    await fits(page, "manager, the ways")
    # A tablet has no room for them beside the headline.
    await page.goto("/manager?lang=fr")
    await page.set_viewport_size({"width": 820, "height": 1180})
    headline = page.get_by_role("heading", level=1)
    assert (await box(headline))["height"] < 100


async def test_a_call_back_that_was_taken_is_given_back_with_one_tap(cast: Cast) -> None:
    manager = await cast.manager()
    asked: list[str] = []
    taken = [{"id": "f1", "name": "Zoé", "by": "Alice Martin"}]

    async def figures(route: Route) -> None:
        answer = await (await route.fetch()).json()
        await route.fulfill(json={**answer, "taken": [] if asked else taken})

    async def release(route: Route) -> None:
        asked.append(route.request.method)
        await route.fulfill(json={"ok": True})

    await manager.page.route("**/manager/today?*", figures)
    await manager.page.route("**/manager/follow-ups/f1/release?*", release)
    await cast.advisor()  # which changes the floor, so the page looks again
    part = manager.page.get_by_role("region", name="Call-backs that somebody has taken")
    await expect(part.get_by_role("listitem")).to_contain_text("Zoé")
    await part.get_by_role("button", name="Give back").click()
    await expect(part).to_be_hidden()
    # A question that is under way at the end would fail in whatever comes next.
    await manager.page.unroute_all(behavior="ignoreErrors")
    assert asked == ["POST"]
