"""WCAG 2.2 AA by axe-core: every page and every view, on a phone by day and on a desk at night."""

from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, ViewportSize, expect

from showroom.showrooms import Policy
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.props import go
from tests.browser.test_closed_doors import closed_for_days

pytestmark = pytest.mark.asyncio(loop_scope="session")

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
AXE = Axe().axe_script
RUN = "async (options) => (await axe.run(document, options)).violations"
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (
    ("light", ViewportSize(width=390, height=844)),
    ("dark", ViewportSize(width=1440, height=900)),
)


async def flawless(page: Page, view: str) -> None:
    """Assert that axe finds nothing to complain about, in either look."""
    found = []
    for scheme, viewport in LOOKS:
        await eyes.dresses(page, scheme, viewport)
        # Only once a document: reading the library takes longer than a run of it.
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE)
        violations: list[dict[str, Any]] = await page.evaluate(RUN, OPTIONS)
        found += [
            f"{view}, {scheme}: {violation['id']}: {node['html'][:120]} {node['failureSummary']}"
            for violation in violations
            for node in violation["nodes"]
        ]
    assert not found, "\n".join(found)


async def test_no_page_before_a_call_has_a_violation(cast: Cast) -> None:
    visitor = await cast.visitor()
    page = visitor.page
    cast.forgive("404|401|400")
    await page.goto("/")
    await flawless(page, "home")
    await page.goto("/s/paris")
    await flawless(page, "landing")
    await visitor.ask_to_be_called("Jo Morel", "12345")
    await visitor.reads("We can’t call this number.")
    await page.get_by_role("button", name="Crête").click()
    await flawless(page, "landing with a car, and a wrong number")
    await page.goto("/s/atlantis")
    await flawless(page, "not found")
    await page.goto("/staff/login")
    await flawless(page, "sign-in")
    await page.get_by_label("E-mail", exact=True).fill("alice@example.com")
    await page.get_by_label("Password", exact=True).fill("a wrong password")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await flawless(page, "sign-in refused")


async def test_a_closed_showroom_and_an_old_browser_have_no_violation(
    open_house: OpenHouse,
) -> None:
    cast = await open_house(exceptions=closed_for_days(2))
    closed = await cast.customer()
    await flawless(closed.page, "closed")
    await closed.page.add_init_script("delete window.RTCPeerConnection")
    await closed.page.goto("/s/lyon")
    await closed.reads("This browser can’t show live video.")
    await flawless(closed.page, "unsupported")


async def test_no_view_of_a_call_has_a_violation_on_either_side(open_house: OpenHouse) -> None:
    cast = await open_house(policy=Policy(offer_call_back_seconds=1))
    customer = await cast.customer(permissions=["camera", "microphone"])
    await customer.call()
    await customer.reads("Don’t want to wait?")
    await flawless(customer.page, "waiting")
    advisor = await cast.advisor()
    await advisor.rings()
    await flawless(customer.page, "ringing")
    await flawless(advisor.page, "ring")
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await customer.tap("Turn camera on")
    await eyes.moves(advisor.customer_view)
    await customer.write("Does it tow?")
    await advisor.shows("Crête")
    await customer.reads("€41,900")
    await flawless(customer.page, "live, with chat and card")
    await flawless(advisor.page, "live, with cars")
    await advisor.page.get_by_role("tab", name="Notes").click()
    await flawless(advisor.page, "live, with notes")
    await advisor.page.get_by_role("tab", name="Chat").click()
    await flawless(advisor.page, "live, with chat")
    await advisor.close_chat()
    await advisor.tap("Transfer")
    await advisor.reads("Nobody else is available right now.")
    await flawless(advisor.page, "transfer")
    await advisor.tap("Cancel")
    await advisor.tap("Hold")
    await customer.reads("One moment")
    await flawless(customer.page, "on hold")
    await flawless(advisor.page, "holding")
    await advisor.tap("End call")
    await customer.reads("Thank you for your visit")
    await advisor.reads("How did it end?")
    await flawless(customer.page, "after")
    await flawless(advisor.page, "wrap-up")


async def test_no_page_of_the_staff_has_a_violation(cast: Cast) -> None:
    customer = await cast.customer()
    await customer.ask_to_be_called("Jo Morel", "01 42 68 53 00")
    await customer.reads("Thank you, Jo Morel.")
    advisor = await cast.advisor()
    await advisor.reads("Jo Morel")
    await eyes.moves(advisor.page.get_by_label("Preview", exact=True))
    await flawless(advisor.page, "idle, with the check and a call-back")
    manager = await cast.manager()
    await talk(customer, advisor)
    await expect(manager.page.get_by_role("region", name="In a call")).to_contain_text("Alice")
    await customer.hangs_up()
    second = await cast.another_tab(advisor.page)
    await go(second, "/advisor")
    await advisor.reads("Continue here")
    await flawless(advisor.page, "replaced")
    await expect(manager.calls()).to_have_count(1)
    await flawless(manager.page, "manager")
    await manager.calls().first.get_by_role("button").click()
    await manager.reads("The customer asked for an advisor")
    await flawless(manager.page, "timeline")
