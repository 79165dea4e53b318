"""The check before the work: what is wrong with a device is said, and nobody is kept from work."""

import pytest
from playwright.async_api import expect

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import AdvisorPage
from tests.browser.props import FAILING, equip

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.windowed]

REMEDIES = {
    "NotAllowedError": "Access was refused. Tap the lock or camera sign in the address bar",
    "NotFoundError": "No such device was found.",
    "NotReadableError": "Another app is using the device.",
    "OverconstrainedError": "This device can’t deliver what is needed.",
}


async def fail(advisor: AdvisorPage, audio: str = "", video: str = "") -> None:
    """Let the devices fail like this from now on, and check them."""
    await advisor.page.evaluate(
        "(names) => Object.assign(failing, names)", {"audio": audio, "video": video}
    )
    await advisor.tap("Check camera and microphone")


async def test_the_check_says_how_to_mend_each_failure_and_shows_what_does_work(
    cast: Cast,
) -> None:
    page = await cast.staff("alice@example.com", "/advisor")
    advisor = AdvisorPage(page)
    await equip(page, FAILING)
    preview = page.get_by_label("Preview", exact=True)
    meter = page.get_by_role("meter", name="Sound")
    alert = page.get_by_role("alert").filter(visible=True)
    for error, remedy in REMEDIES.items():
        await fail(advisor, video=error)
        await expect(alert).to_contain_text(remedy)
        await expect(meter).not_to_have_attribute("aria-valuenow", "0")
        await advisor.tap("End the check")
        await fail(advisor, audio=error)
        await expect(alert).to_contain_text(remedy)
        await eyes.moves(preview)
        await advisor.tap("End the check")
    await fail(advisor, audio="NotAllowedError", video="NotAllowedError")
    await expect(alert).to_contain_text(REMEDIES["NotAllowedError"])
    # One sentence that mends both is said once.
    assert (await alert.inner_text()).count("Access was refused") == 1
    await advisor.tap("End the check")
    await fail(advisor)
    await eyes.moves(preview)
    await expect(alert).to_have_count(0)


async def test_an_advisor_without_devices_can_work_and_take_a_call_without_them(
    cast: Cast,
) -> None:
    customer = await cast.customer()
    advisor = await cast.advisor(permissions=[])
    await expect(advisor.page.get_by_role("alert").filter(visible=True)).to_contain_text(
        REMEDIES["NotAllowedError"]
    )
    await customer.reads("1 advisor is free")
    await customer.call()
    await advisor.accepts()
    await customer.reads("Alice Martin")
    await expect(advisor.button("Turn microphone on")).to_be_visible()
    await advisor.reads("Without microphone: the customer does not hear you.")
    await advisor.page.context.grant_permissions(["camera", "microphone"])
    await advisor.tap("Try again")
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)


async def test_a_browser_that_can_hold_no_call_is_told_so_and_takes_none(cast: Cast) -> None:
    page = await cast.staff("alice@example.com", "/staff/login")
    await page.add_init_script("delete window.RTCPeerConnection")
    await page.goto("/advisor")
    advisor = AdvisorPage(page)
    await advisor.reads("This browser can’t hold a live call.")
    await expect(advisor.available).to_be_disabled()
    # Nothing is on its way, so nothing says that it is; and no button leads nowhere.
    await expect(advisor.words("Connecting to the showroom…")).to_be_hidden()
    await expect(advisor.button("Check camera and microphone")).to_be_hidden()
