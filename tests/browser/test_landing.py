"""The landing page: light, honest about who is there, in the visitor's language."""

import pytest
from playwright.async_api import Response, expect

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.props import speaks

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAVIEST = 200_000


async def test_the_landing_page_weighs_less_than_200_kilobytes_without_pictures(
    cast: Cast,
) -> None:
    visitor = await cast.visitor()
    answers: list[Response] = []
    visitor.page.on("response", lambda answer: answers.append(answer))
    await visitor.page.goto("/s/paris", wait_until="networkidle")
    weights = {
        answer.url: (await answer.request.sizes())["responseBodySize"]
        for answer in answers
        if answer.request.resource_type not in {"image", "websocket"}
    }
    assert len(weights) > 10
    assert sum(weights.values()) < HEAVIEST, weights


async def test_who_is_free_is_shown_without_a_reload(cast: Cast) -> None:
    customer = await cast.customer()
    await customer.reads("Open now, but no advisor is at the desk.")
    advisor = await cast.advisor()
    await customer.reads("1 advisor is free: answered in seconds")
    await advisor.available.click()
    await expect(customer.words("1 advisor is free")).to_be_hidden()


async def test_the_chosen_car_is_on_the_advisors_ring_and_in_the_queue(cast: Cast) -> None:
    customer = await cast.customer()
    await customer.page.get_by_role("button", name="Crête").click()
    await customer.reads("We will have the Crête ready for you.")
    await customer.call()
    await customer.reads("Crête Hybride 200")
    advisor = await cast.advisor()
    await advisor.rings()
    await advisor.reads("Crête")
    await advisor.reads("English")
    await advisor.reads("First")


async def test_a_wrong_number_is_said_so_and_a_missing_consent_too(cast: Cast) -> None:
    customer = await cast.customer()
    cast.forgive("400")
    await customer.ask_to_be_called("Jo Morel", "12345")
    await customer.reads("We can’t call this number.")
    await customer.page.get_by_role("checkbox").uncheck()
    await customer.tap("Call me back")
    await customer.reads("We may only call you if you agree to it.")
    await customer.ask_to_be_called("Jo Morel", "01 42 68 53 00")
    await customer.reads("Thank you, Jo Morel.")


async def test_a_french_browser_gets_french_and_the_switch_is_remembered(cast: Cast) -> None:
    visitor = await cast.customer(locale="fr-FR")
    html = visitor.page.locator("html")
    await expect(html).to_have_attribute("lang", "fr")
    await expect(visitor.button("Appeler un conseiller")).to_be_visible()
    await speaks(visitor.page, "English")
    await expect(visitor.button("Call an advisor now")).to_be_visible()
    await visitor.page.goto("/s/paris")
    await expect(html).to_have_attribute("lang", "en")


async def test_a_call_in_french_is_french_for_the_customer_and_says_so_to_the_advisor(
    cast: Cast,
) -> None:
    customer = await cast.customer(locale="fr-FR")
    advisor = await cast.advisor()
    await customer.button("Appeler un conseiller").click()
    await advisor.rings()
    await advisor.reads("French")
    await advisor.accepts()
    await expect(customer.button("Raccrocher")).to_be_visible()
    await eyes.moves(customer.page.locator("video#live-video"))
