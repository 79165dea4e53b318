"""Microphones and cameras: asked for with a reason, mended when they fail, never in the way."""

import pytest
from playwright.async_api import expect

from tests.browser import eyes
from tests.browser.cast import DESKTOP, Cast
from tests.browser.pages import talk
from tests.browser.props import (
    IN_USE,
    LINE,
    LONG_QUESTION,
    SECOND_CAMERA,
    SOUND,
    becomes_true,
    equip,
    go,
    reload,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.windowed]

LOSE_CAMERA = """(video) => {
  const track = video.srcObject.getVideoTracks()[0];
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


async def test_the_microphone_is_asked_for_on_its_tap_and_then_heard(cast: Cast) -> None:
    customer = await cast.customer(permissions=["microphone"])
    advisor = await cast.advisor()
    await talk(customer, advisor)
    assert await eyes.asked_for(customer.page) == []
    await customer.tap("Turn microphone on")
    await eyes.hears(advisor.page)
    assert await eyes.asked_for(customer.page) == ["audio"]
    await advisor.reads("Microphone on")
    await customer.tap("Turn microphone off")
    await advisor.reads("Watching only")
    await eyes.falls_silent(advisor.page)
    await customer.tap("Turn microphone on")
    await eyes.hears(advisor.page)


async def test_a_denied_microphone_leaves_the_call_to_watch_and_says_how_to_mend_it(
    cast: Cast,
) -> None:
    customer, advisor = await cast.customer(permissions=[]), await cast.advisor()
    await talk(customer, advisor)
    await customer.tap("Turn microphone on")
    await expect(customer.page.get_by_role("alert").filter(visible=True)).to_contain_text(
        "Access was refused. Tap the lock"
    )
    await expect(customer.button("Turn microphone on")).to_be_visible()
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)
    # Somebody who comes back is told before they speak into it.
    await reload(customer.page)
    await customer.reads("Your browser blocks the microphone on this page.")


async def test_each_failure_of_a_device_has_its_own_remedy(cast: Cast) -> None:
    customer, advisor = await cast.customer(), await cast.advisor()
    await equip(customer.page, IN_USE)
    await talk(customer, advisor)
    remedies = {
        "NotFoundError": "No such device was found",
        "NotReadableError": "Another app is using the device",
        "AbortError": "The device did not start",
    }
    for error, remedy in remedies.items():
        await customer.page.evaluate("(name) => (failing.video = name)", error)
        await customer.tap("Turn camera on")
        await customer.reads(remedy)


async def test_devices_that_fail_while_it_rings_are_named_to_both_sides_until_they_run(
    cast: Cast,
) -> None:
    customer = await cast.customer()
    advisor = await cast.advisor(viewport=DESKTOP)
    await equip(advisor.page, IN_USE)
    await customer.call()
    await advisor.accepts()
    await advisor.reads("Without camera: the customer does not see you.")
    await advisor.reads("Without microphone: the customer does not hear you.")
    await advisor.reads("Another app is using the device.")
    await advisor.reads("The customer neither sees nor hears you.")
    await customer.reads("No picture and no sound")

    await advisor.page.evaluate("failing.audio = failing.video = ''")
    await advisor.tap("Try again")
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)
    for words in ("Without camera", "The customer neither sees nor hears you."):
        await expect(advisor.words(words)).to_be_hidden()

    await advisor.tap("Turn microphone off")
    await advisor.reads("The customer sees you, but does not hear you.")
    await customer.reads("Your advisor’s microphone is off")
    await advisor.tap("Turn camera off")
    await advisor.reads("The customer neither sees nor hears you.")
    await customer.reads("No picture and no sound")
    await advisor.tap("Turn microphone on")
    await advisor.reads("The customer hears you, but does not see you.")
    await customer.reads("Sound only")


async def test_the_customers_camera_moves_on_the_advisors_screen_once_it_is_on(
    cast: Cast,
) -> None:
    customer = await cast.customer(permissions=["camera"])
    advisor = await cast.advisor()
    await talk(customer, advisor)
    await customer.tap("Turn camera on")
    await eyes.moves(advisor.customer_view)
    await eyes.moves(customer.page.get_by_label("Your own picture"))
    assert await eyes.asked_for(customer.page) == ["video"]
    await customer.tap("Turn camera off")
    await advisor.reads("Watching only")
    await expect(advisor.customer_view).to_be_hidden()


async def test_the_advisor_switches_the_camera_and_a_broken_one_gives_the_old_one_back(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await advisor.page.add_init_script(SECOND_CAMERA)
    await reload(advisor.page)
    await talk(customer, advisor)
    await advisor.tap("Switch camera")
    await eyes.turns(customer.live_view, eyes.magenta)
    await advisor.tap("Switch camera")
    await eyes.turns(customer.live_view, eyes.natural)
    await advisor.page.evaluate("window.brokenCamera = true")
    await advisor.tap("Switch camera")
    await advisor.reads("The other camera did not start; this one goes on.")
    await eyes.moves(customer.live_view)
    assert eyes.natural(await eyes.colour(customer.live_view))


async def test_a_camera_that_was_switched_to_and_is_gone_gives_way_to_any_other(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await advisor.page.add_init_script(SECOND_CAMERA)
    await reload(advisor.page)
    await talk(customer, advisor)
    await advisor.tap("Switch camera")
    await eyes.turns(customer.live_view, eyes.magenta)
    await advisor.page.evaluate("window.unplugged = true")
    await advisor.own_view.evaluate(LOSE_CAMERA)
    await eyes.turns(customer.live_view, eyes.natural)


async def test_a_camera_that_another_app_took_is_taken_again(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.own_view.evaluate(LOSE_CAMERA)
    await customer.reads("Your advisor is paused")
    await eyes.moves(customer.live_view)
    await expect(customer.words("Your advisor is paused")).to_be_hidden()


async def test_advisors_see_themselves_before_a_customer_does(cast: Cast) -> None:
    advisor = await cast.advisor()
    page = advisor.page
    await eyes.moves(page.get_by_label("Preview", exact=True))
    meter = page.get_by_role("meter", name="Sound")
    await expect(meter).not_to_have_attribute("aria-valuenow", "0")

    # Whoever goes home needs no check, and another tab has no use for this one's camera.
    await equip(page, LINE)
    await expect(advisor.available).to_have_attribute("aria-checked", "true")
    await advisor.goes_off_duty()
    assert await eyes.asked_for(page) == []
    await advisor.goes_on_duty()
    await eyes.moves(page.get_by_label("Preview", exact=True))
    other = await cast.another_tab(page)
    await go(other, "/advisor")
    await advisor.reads("You are at work in another tab")
    await becomes_true(page, "line.tracks.every((one) => one.readyState === 'ended')")


async def test_a_ring_during_the_question_for_the_devices_ends_the_check_for_good(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await equip(advisor.page, LONG_QUESTION, SOUND)
    await advisor.tap("Check camera and microphone")
    await customer.call()
    await advisor.rings()
    await advisor.page.evaluate("window.answer()")
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    # The ring's tone, which the first tap unlocked.
    assert await advisor.page.evaluate("window.listening()") == 1
