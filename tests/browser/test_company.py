"""Others in the call: companions by the customer's link, and managers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from showroom.relaying import media_workers
from showroom.settings import Settings
from tests.browser import eyes
from tests.browser.cast import PHONE, Cast
from tests.browser.pages import AdvisorPage, CustomerPage, Face, talk
from tests.browser.props import reload

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAUSES = Path(__file__).with_name("pauses.js").read_text(encoding="utf-8")
# No picture may stand still for longer while the path changes, beyond what it does anyway on a
# machine that draws with its processor (milliseconds).
LONGEST_PAUSE = 200
TRIES = 3


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def worker(settings: Settings) -> AsyncIterator[None]:
    """A media worker for the house."""
    async with media_workers(settings, settings.redis_url, 1):
        yield


@dataclass(frozen=True)
class CompanionPage(Face):
    """`/s/{showroom}/join/{link}`."""

    @property
    def live_view(self) -> Locator:
        return self.page.get_by_label("Live view of the car", exact=True)

    async def asks(self, name: str) -> None:
        await self.page.get_by_label("Your first name").fill(name)
        await self.tap("Ask to join")
        await self.reads("One moment")


async def link_of(customer: CustomerPage) -> str:
    """Return the link that the customer shares."""
    await customer.tap("Invite someone")
    await customer.tap("Share a link")
    field = customer.page.get_by_label("The link", exact=True)
    await expect(field).to_be_visible()
    link = await field.input_value()
    await customer.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    return link


async def companion(cast: Cast, link: str, name: str) -> CompanionPage:
    """Return the page of somebody who asks to be let in."""
    page = (await cast.visitor(viewport=PHONE, permissions=["microphone"])).page
    await page.goto(link)
    friend = CompanionPage(page)
    await friend.asks(name)
    return friend


async def connections(count: int, *pages: Page) -> None:
    """Wait until each page has so many connections."""
    async with asyncio.timeout(eyes.PATIENCE):
        for page in pages:
            while len(await page.evaluate("eyes.states()")) != count:
                await asyncio.sleep(eyes.LOOK_EVERY)


async def made(page: Page, count: int) -> None:
    """Wait until a page has made so many connections in all."""
    async with asyncio.timeout(eyes.PATIENCE):
        while int(await page.evaluate("eyes.made()")) < count:
            await asyncio.sleep(eyes.LOOK_EVERY)


async def watched(customer: CustomerPage, advisor: AdvisorPage, cast: Cast) -> CompanionPage:
    """Return a friend who watches a live call through the relay."""
    await talk(customer, advisor)
    friend = await companion(cast, await link_of(customer), "Maria")
    await advisor.tap("Admit")
    await eyes.moves(friend.live_view)
    await connections(1, customer.page, advisor.page)
    return friend


async def test_a_companion_is_let_in_and_nobodys_picture_pauses_for_it(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    link = await link_of(customer)
    beyond = []
    # A machine that is busy elsewhere draws late now and then; a path with a hole always does.
    for _ in range(TRIES):
        friend = await companion(cast, link, "Maria <b>")
        await customer.reads("Maria <b> would like to join")
        await customer.live_view.evaluate(PAUSES)
        await eyes.moves(customer.live_view)
        usual = await customer.live_view.evaluate(PAUSES)
        await advisor.tap("Admit")
        await eyes.moves(friend.live_view)
        await eyes.hears(friend.page)
        await connections(1, customer.page, advisor.page)
        await eyes.moves(customer.live_view)
        beyond.append(await customer.live_view.evaluate(PAUSES) - usual)
        await customer.reads("1 person watches with you")
        if beyond[-1] < LONGEST_PAUSE:
            break
        await friend.tap("Leave")
        await expect(customer.page.locator("#company-count")).to_be_hidden()
        await connections(1, customer.page, advisor.page)
    assert min(beyond) < LONGEST_PAUSE
    await eyes.hears(customer.page)


async def test_when_the_last_one_leaves_the_call_goes_from_browser_to_browser_again(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    before = int(await customer.page.evaluate("eyes.made()"))
    await friend.tap("Leave")
    await friend.reads("You have left")
    await expect(customer.words("1 person watches with you")).to_be_hidden()
    # Their connections are those that were made last: straight to one another.
    await made(customer.page, before + 1)
    await connections(1, customer.page, advisor.page)
    await eyes.moves(customer.live_view)
    await eyes.hears(customer.page)


async def test_a_companion_speaks_once_they_are_let_and_chats_under_their_name(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    await friend.tap("Ask to speak")
    await friend.reads("They see that you would like to say something")
    await customer.page.locator("#company-count").click()
    await customer.tap("Let speak")
    await expect(
        friend.button("Mute the microphone").or_(friend.page.locator("#microphone"))
    ).to_be_visible()
    await customer.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await friend.page.locator("#chat-toggle").click()
    await friend.page.get_by_label("Message", exact=True).fill("Is it blue?")
    await friend.tap("Send")
    await advisor.open_chat()
    await expect(advisor.conversation()).to_contain_text("Maria")
    await expect(advisor.conversation()).to_contain_text("Is it blue?")


async def test_whoever_is_sent_away_sees_and_hears_no_more(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    await advisor.page.locator("#company-count").click()
    await advisor.tap("Send away")
    await friend.reads("You are not in this tour")
    assert await friend.page.evaluate("eyes.states()") == []


async def test_a_link_that_was_ended_lets_nobody_in(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    link = await link_of(customer)
    page = (await cast.visitor(viewport=PHONE)).page
    await page.goto(link)
    await customer.tap("Invite someone")
    await customer.tap("End the link")
    await customer.reads("Nobody else can come by this link now.")
    late = CompanionPage(page)
    await page.get_by_label("Your first name").fill("Maria")
    cast.forgive("404")
    await late.tap("Ask to join")
    await late.reads("This link has ended")
    answer = await page.goto(link)
    assert answer
    assert answer.status == 404


async def test_a_companion_and_both_sides_come_back_after_a_reload(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    await reload(friend.page)
    await eyes.moves(friend.live_view)
    await reload(customer.page)
    await eyes.moves(customer.live_view)
    await reload(advisor.page)
    await eyes.moves(customer.live_view)
    await eyes.moves(friend.live_view)


async def test_a_manager_is_announced_on_both_sides_in_every_way_of_listening(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    boss = await cast.manager()
    await boss.tap("Listen: Alice Martin")
    await eyes.moves(boss.page.get_by_label("The advisor’s picture", exact=True))
    await eyes.hears(boss.page)
    for mode, words in (
        ("Listen", "is listening"),
        ("Whisper", "is listening and helps the advisor"),
        ("Barge in", "has joined the call"),
    ):
        await boss.page.get_by_role("dialog").get_by_role("button", name=mode, exact=True).click()
        await customer.reads(words)
        await advisor.reads(words)
    await boss.tap("Leave the call")
    await expect(customer.words("has joined the call")).to_be_hidden()


async def test_a_manager_takes_a_call_over_and_hands_nobody_back_to_the_queue(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    boss = await cast.manager()
    await boss.tap("Listen: Alice Martin")
    await eyes.moves(boss.page.get_by_label("The advisor’s picture", exact=True))
    await boss.tap("Take over")
    taken = AdvisorPage(boss.page)
    await expect(taken.button("End call")).to_be_visible()
    await eyes.moves(customer.live_view)
    await expect(advisor.available).to_be_visible()
    await asyncio.gather(taken.tap("End call"), customer.reads("Thank you"))


async def test_who_saves_data_is_sent_a_smaller_picture_through_the_relay_too(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    saver = customer.page.get_by_role("switch", name="Data saver")
    await saver.click()
    await customer.reads("Data saver: smaller picture")
    await advisor.reads("The customer saves data: smaller picture")
    await eyes.moves(customer.live_view)
    await eyes.moves(friend.live_view)
    await saver.click()
    # How large it is from then on is the line's matter, and the machine's.
    await expect(customer.page.get_by_text("Data saver:")).to_be_hidden()
    await expect(advisor.page.get_by_text("saves data")).to_be_hidden()
