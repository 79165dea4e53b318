"""What people do while they talk: write, show, point, pause, hand over."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser import eyes
from tests.browser.cast import DESKTOP, PHONE, Cast
from tests.browser.pages import AdvisorPage, talk
from tests.browser.props import IN_USE, equip, go, reload

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


async def takes_down(advisor: AdvisorPage, notes: str) -> None:
    """Write private notes, and wait until they are saved."""
    await advisor.open_tools("Notes")
    await advisor.page.get_by_label("Private notes").fill(notes)
    await advisor.reads("Saved")


async def hands_on(advisor: AdvisorPage, to: AdvisorPage, name: str) -> None:
    """Transfer the call, and wait until it rings there."""
    await advisor.tap("Transfer")
    await advisor.tap(name)
    await to.rings()


def notes_at_the_end(advisor: AdvisorPage) -> Locator:
    return advisor.page.get_by_role("textbox", name="Notes", exact=True)


async def test_chat_goes_both_ways_and_a_script_in_it_stays_text(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await customer.write(f"Is it quiet? {SCRIPT}")
    await advisor.open_chat()
    await expect(advisor.conversation()).to_contain_text(f"Is it quiet? {SCRIPT}")
    await advisor.write(f"Very. {SCRIPT}")
    await expect(customer.conversation()).to_contain_text(f"Very. {SCRIPT}")
    await expect(customer.conversation()).to_contain_text(f"Is it quiet? {SCRIPT}")
    for side in (customer, advisor):
        assert "owned" not in await side.page.title()
        assert await side.conversation().locator("script, img").count() == 0


async def test_a_car_that_the_advisor_shows_is_on_the_customers_screen(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await advisor.shows("Crête")
    card = customer.page.get_by_role("heading", name="Crête").filter(visible=True)
    await expect(card).to_be_visible()
    await customer.reads("€41,900")
    await customer.tap("Close the card")
    await expect(card).to_be_hidden()
    await customer.hangs_up()
    await customer.reads("Cars you have seen")
    await customer.reads("Crête")


async def test_a_second_call_on_the_same_page_begins_without_what_the_first_one_left(
    cast: Cast,
) -> None:
    customer, advisor = await cast.customer(), await cast.advisor()
    await equip(customer.page, IN_USE)
    await talk(customer, advisor)
    await expect(advisor.page.get_by_role("heading", name="Live call")).to_be_focused()
    await customer.write("So that the card of this call has a later place in its log.")
    await advisor.open_chat()
    half_typed = advisor.page.get_by_label("Message", exact=True)
    await half_typed.fill("Shall we")
    await advisor.shows("Crête")
    shown = advisor.page.get_by_role("tabpanel").get_by_role("button", name="Crête")
    await expect(shown).to_have_attribute("data-shown", "true")
    card = customer.page.get_by_role("heading", name="Crête").filter(visible=True)
    await expect(card).to_be_visible()
    await customer.tap("Turn microphone on")
    remedy = customer.page.get_by_role("alert").filter(visible=True)
    await expect(remedy).to_contain_text("Another app is using the device.")
    await customer.hangs_up()
    await advisor.saves("Interested")
    await customer.tap("Back to the showroom")
    await talk(customer, advisor)
    await expect(card).to_be_hidden()
    await expect(remedy).to_be_hidden()
    await expect(half_typed).to_have_value("")
    await expect(shown).not_to_have_attribute("data-shown", "true")
    await shown.click()
    await expect(card).to_be_visible()

    # A line that waits behind another tab is told by the button, which leads to it.
    await advisor.close_chat()
    await customer.write("Are you there?")
    await advisor.tap("Chat, cars, notes, new message")
    await expect(advisor.conversation()).to_contain_text("Are you there?")
    await expect(advisor.conversation()).to_be_visible()
    await expect(advisor.button("Chat, cars, notes")).to_be_visible()


@pytest.mark.parametrize(
    ("customers", "advisors"), [(PHONE, DESKTOP), (DESKTOP, PHONE)], ids=["phone", "desktop"]
)
async def test_a_tap_marks_the_same_part_of_the_picture_on_both_screens(
    cast: Cast, customers: dict[str, int], advisors: dict[str, int]
) -> None:
    customer = await cast.customer(viewport=customers)
    advisor = await cast.advisor(viewport=advisors)
    await talk(customer, advisor)
    for side, spot in ((customer, (0.4, 0.3)), (advisor, (0.6, 0.7))):
        await expect(customer.page.locator(".mark")).to_have_count(0)
        await expect(advisor.page.locator(".mark")).to_have_count(0)
        await side.points_at(*spot)
        for screen in (customer, advisor):
            assert await screen.mark() == pytest.approx(spot, abs=0.02)


async def test_on_hold_the_customer_sees_one_moment_and_nobody_hears_anybody(cast: Cast) -> None:
    customer = await cast.customer(permissions=["microphone"])
    advisor = await cast.advisor()
    await talk(customer, advisor)
    await customer.tap("Turn microphone on")
    await eyes.hears(advisor.page)
    await advisor.tap("Hold")
    await customer.reads("One moment")
    await expect(advisor.button("Resume")).to_be_visible()
    await eyes.falls_silent(customer.page)
    await eyes.falls_silent(advisor.page)
    before = await eyes.traffic(customer.page)
    await eyes.stands_still(customer.live_view)
    await eyes.hears_nothing(customer.page)
    await eyes.hears_nothing(advisor.page)
    after = await eyes.traffic(customer.page)
    assert after.packets_received == before.packets_received
    assert after.packets_sent == before.packets_sent
    await advisor.tap("Resume")
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)
    await eyes.hears(advisor.page)


async def test_a_call_is_handed_to_a_colleague_whose_picture_follows(cast: Cast) -> None:
    customer, alice = await cast.customer(), await cast.advisor()
    await talk(customer, alice)
    bruno = await cast.advisor("bruno@example.com")
    await alice.tap("Transfer")
    await alice.tap("Bruno Keller")
    await customer.reads("Another advisor is being called")
    await bruno.reads("Alice Martin hands you a call")
    await eyes.moves(customer.live_view)
    await bruno.accepts()
    await customer.reads("Bruno Keller")
    await expect(alice.button("End call")).to_be_hidden()
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)


async def test_a_call_that_comes_back_brings_the_notes_of_the_colleague_who_had_it(
    cast: Cast,
) -> None:
    customer, alice = await cast.customer(), await cast.advisor()
    await talk(customer, alice)
    bruno = await cast.advisor("bruno@example.com")
    await takes_down(alice, "Asked for the boot.")
    await alice.close_chat()
    await hands_on(alice, bruno, "Bruno Keller")
    await bruno.tap("Decline")
    await alice.reads("Bruno Keller did not take the call.")
    await hands_on(alice, bruno, "Bruno Keller")
    await bruno.accepts()
    await expect(alice.available).to_be_visible()
    await takes_down(bruno, "Asked for the boot. Has a dog.")
    await bruno.close_chat()
    await hands_on(bruno, alice, "Alice Martin")
    await alice.accepts()
    await alice.open_tools("Notes")
    notes = alice.page.get_by_label("Private notes")
    await expect(notes).to_have_value("Asked for the boot. Has a dog.")
    await alice.tap("End call")
    await expect(notes_at_the_end(alice)).to_have_value("Asked for the boot. Has a dog.")


async def test_private_notes_reach_the_wrap_up_and_never_the_customer(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    await takes_down(advisor, "Trades in an old estate.")
    await reload(advisor.page)
    await eyes.moves(advisor.own_view)
    await advisor.tap("End call")
    notes = notes_at_the_end(advisor)
    await expect(notes).to_have_value("Trades in an old estate.")
    assert "Trades in" not in await customer.page.content()

    # The next call runs in another tab; what the first one knows stays with its own call.
    await advisor.saves("Interested")
    other = AdvisorPage(await cast.another_tab(advisor.page))
    await go(other.page, "/advisor")
    await customer.tap("Back to the showroom")
    await customer.call()
    await other.accepts()
    await other.tap("End call")
    await other.reads("How did it end?")
    await advisor.tap("Continue here")
    await advisor.reads("How did it end?")
    await expect(notes).to_have_value("")
