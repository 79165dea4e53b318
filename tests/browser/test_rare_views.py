"""WCAG 2.2 AA by axe-core on what people see seldom: refusals, second tabs, remedies, the tap for
sound. The usual pages and views are in test_accessibility.py."""

import asyncio

import pytest
from playwright.async_api import expect

from showroom.throttle import ACCOUNT
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import CustomerPage, talk
from tests.browser.props import SHY, go
from tests.browser.test_accessibility import flawless
from tests.people import CSRF

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.windowed
async def test_no_remedy_no_tap_for_sound_and_no_second_tab_has_a_violation(cast: Cast) -> None:
    customer = await cast.customer(permissions=[])
    advisor = await cast.advisor()
    await talk(customer, advisor)
    await customer.tap("Turn microphone on")
    await customer.reads("Access was refused.")
    await flawless(customer.page, "remedy")
    second = CustomerPage(await cast.another_tab(customer.page))
    await second.page.add_init_script(f"{{{SHY}}}")
    await go(second.page, "/s/paris")
    await eyes.moves(second.live_view)
    await expect(second.button("Tap for sound")).to_be_visible()
    await flawless(second.page, "tap for sound")
    await customer.reads("Your call goes on in another tab")
    await flawless(customer.page, "replaced, the customer's")
    await second.hangs_up()
    await second.reads("Thank you for your visit")
    await customer.tap("Continue here")
    await customer.tap("Back to the showroom")
    await advisor.saves("Test drive")
    await advisor.goes_off_duty()
    await customer.call()
    await customer.tap("Leave the queue")
    await customer.reads("You left the queue")
    await flawless(customer.page, "after, without a call")


async def test_no_refusal_of_a_page_has_a_violation(cast: Cast) -> None:
    cast.forgive("401|403|404|429")
    page = await cast.staff("alice@example.com", "/advisor")
    for path, status, words in (
        ("/manager", 403, "This is not open to you"),
        ("/nothing/here", 404, "There is nothing parked here"),
    ):
        answer = await page.goto(path)
        assert answer
        assert answer.status == status
        await expect(page.get_by_role("heading", name=words)).to_be_visible()
        await flawless(page, str(status))
    await page.add_init_script("delete window.RTCPeerConnection")
    await page.goto("/advisor")
    await expect(page.get_by_text("This browser can’t hold a live call.")).to_be_visible()
    await flawless(page, "unsupported, the advisor's")

    guesser = await cast.stranger()
    await guesser.goto("/staff/login")
    token = CSRF.search(await guesser.content())
    assert token
    form = {"email": "bruno@example.com", "password": "a guess", "csrf": token[1]}
    http = guesser.context.request
    await asyncio.gather(
        *(
            http.post("/staff/login", form=form, headers={"Origin": cast.url})
            for _ in range(ACCOUNT.most)
        )
    )
    # Each guess doubles the pause, so that even a slow machine comes too early at last.
    status = 401
    while status == 401:
        await guesser.get_by_label("E-mail", exact=True).fill("bruno@example.com")
        await guesser.get_by_label("Password", exact=True).fill("a guess")
        async with guesser.expect_response("**/staff/login") as answered:
            await guesser.get_by_role("button", name="Sign in", exact=True).click()
        status = (await answered.value).status
    assert status == 429
    await expect(guesser.get_by_role("alert")).to_be_visible()
    await flawless(guesser, "429")
