"""The manager's page: what happens now, and figures that are right to the call."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
