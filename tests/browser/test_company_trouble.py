"""What goes wrong, or twice, with others in the call: refusals, dead lines, taps, keyboards."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from showroom.relaying import media_workers
from showroom.settings import Settings
from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import CustomerPage, talk
from tests.browser.props import (
    ASKING,
    BELL,
    FAILING,
    REFUSING,
    becomes_true,
    equip,
    hand,
    reload,
)
from tests.browser.test_company import companion, link_of, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def worker(settings: Settings) -> AsyncIterator[None]:
    """A media worker for the house."""
    async with media_workers(settings, settings.redis_url, 1):
        yield


async def test_why_somebody_can_not_be_admitted_stays_on_the_screen(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await equip(advisor.page, REFUSING)
    await expect(advisor.available).to_be_checked()
    await talk(customer, advisor)
    await companion(cast, await link_of(customer), "Maria")
    await advisor.page.evaluate("refusing.admit = 'too_many'")
    await advisor.tap("Admit")
    await advisor.reads("Five people are in already.")
    await advisor.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await advisor.page.evaluate("delete refusing.admit")
    await advisor.tap("Admit")
    await advisor.page.locator("#company-count").click()
    await expect(advisor.page.get_by_text("Five people are in already.")).to_be_hidden()


async def test_the_keyboard_goes_on_where_somebody_at_the_door_has_gone(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    link = await link_of(customer)
    for name in ("Maria", "Nino"):
        await companion(cast, link, name)
    door = advisor.page.locator("#door")
    await door.get_by_role("button", name="Admit").first.press("Enter")
    await expect(door.get_by_role("button", name="Admit")).to_have_count(1)
    await expect(door.get_by_role("button", name="Admit")).to_be_focused()
    await advisor.page.keyboard.press("Enter")
    count = advisor.page.locator("#company-count")
    await expect(count).to_be_focused()
    await advisor.page.keyboard.press("Enter")
    sheet = advisor.page.get_by_role("dialog")
    for left in (1, 0):  # one by one: a key on a row that is just going away goes nowhere
        await sheet.get_by_role("button", name="Send away").first.press("Enter")
        await expect(sheet.get_by_role("button", name="Send away")).to_have_count(left)
    await expect(sheet.get_by_role("button", name="Close")).to_be_focused()


async def test_after_a_reload_the_customer_ends_the_link_that_only_the_server_knows(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    link = await link_of(customer)
    await reload(customer.page)
    await customer.tap("Invite someone")
    await customer.reads("If you share another one, the first one ends.")
    await customer.tap("End the link")
    await customer.reads("Nobody else can come by this link now.")
    await expect(customer.button("End the link")).to_be_hidden()
    await customer.reads("Up to five people can watch with you")
    cast.forgive("404")
    answer = await (await cast.visitor()).page.goto(link)
    assert answer
    assert answer.status == 404


async def test_a_double_tap_shares_one_link_and_it_works(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    sent: list[str | bytes] = []
    customer.page.on(
        "websocket", lambda line: line.on("framesent", lambda frame: sent.append(frame))
    )
    await talk(customer, advisor)
    await customer.tap("Invite someone")
    # Both taps come before any answer.
    await customer.button("Share a link").evaluate(
        "(button) => { button.click(); button.click(); }"
    )
    field = customer.page.get_by_label("The link", exact=True)
    await expect(field).to_be_visible()
    copied = await field.input_value()
    await companion(cast, copied, "Maria")
    await expect(field).to_have_value(copied)
    assert len([frame for frame in sent if '["invite"' in str(frame)]) == 1


async def test_who_declines_the_microphone_is_asked_once_and_has_a_button(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    await hand(friend.page, FAILING)
    await friend.page.evaluate("failing.audio = 'NotAllowedError'")
    await lets_speak(customer)
    await friend.page.locator("#remedy-text").filter(visible=True).wait_for()
    await friend.page.locator("#close-remedy").click()
    # More states come.
    await advisor.page.locator("#hold").click()
    await friend.reads("A moment’s pause")
    await advisor.page.locator("#hold").click()
    await expect(friend.words("A moment’s pause")).to_be_hidden()
    await expect(friend.page.locator("#remedy")).to_be_hidden()
    await friend.page.evaluate("failing.audio = ''")
    await friend.page.locator("#microphone").click()
    await expect(friend.page.locator("#microphone")).to_have_attribute("data-on", "true")


async def lets_speak(customer: CustomerPage) -> None:
    await customer.page.locator("#company-count").click()
    await customer.tap("Let speak")
    await customer.page.get_by_role("dialog").get_by_role("button", name="Close").click()


async def test_who_leaves_by_a_dead_line_is_heard_no_more(cast: Cast) -> None:
    customer, advisor = await cast.couple()
    friend = await watched(customer, advisor, cast)
    await hand(friend.page, ASKING, REFUSING)
    await lets_speak(customer)
    await becomes_true(friend.page, "questions.length === 1")
    await friend.page.evaluate("questions.shift()()")
    await expect(friend.page.locator("#microphone")).to_have_attribute("data-on", "true")
    # The tap itself says so: nothing waits for an answer that never comes.
    states = await friend.page.evaluate(
        """() => {
          refusing.leave_call = '';
          document.querySelector('#leave').click();
          return opened.map((track) => track.readyState);
        }"""
    )
    assert states == ["ended"]
    await friend.reads("You have left")


async def test_the_volume_is_that_of_everybody_who_speaks_also_of_who_comes_later(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await customer.page.evaluate(
        """() => {
          const Native = window.Audio;
          window.players = [];
          window.Audio = function () {
            players.push(new Native());
            return players.at(-1);
          };
        }"""
    )
    volume = "[...new Set(players.map((one) => one.volume))].join()"
    await talk(customer, advisor)
    slider = customer.page.get_by_label("Volume")
    await slider.fill("0.25")
    friend = await companion(cast, await link_of(customer), "Maria")
    await advisor.tap("Admit")
    await eyes.moves(friend.live_view)
    await becomes_true(customer.page, "players.length > 0")
    assert await customer.page.evaluate(volume) == "0.25"
    await slider.fill("0.5")
    assert await customer.page.evaluate(volume) == "0.5"


async def test_somebody_at_the_door_is_heard_although_a_phone_call_had_taken_the_sound(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    contexts = """
    window.contexts = [];
    const Native = AudioContext;
    window.AudioContext = class extends Native {
      constructor() { super(); contexts.push(this); }
    };
    """
    await equip(customer.page, contexts, BELL)
    await talk(customer, advisor)
    link = await link_of(customer)
    await companion(cast, link, "Maria")
    await becomes_true(customer.page, "bell.notes >= 2")
    await customer.page.evaluate("Promise.all(contexts.map((one) => one.suspend()))")
    await customer.page.evaluate("bell.notes = 0")
    await companion(cast, link, "Nino")
    await becomes_true(customer.page, "bell.notes >= 2")


async def test_a_manager_who_is_announced_as_speaking_is_heard_however_long_the_browser_asks(
    cast: Cast,
) -> None:
    customer, advisor = await cast.couple()
    await talk(customer, advisor)
    boss = await cast.manager()
    await equip(boss.page, ASKING, REFUSING)
    await boss.tap("Listen: Alice Martin")
    await eyes.moves(boss.page.get_by_label("The advisor’s picture", exact=True))
    # Refused: nobody listens to the room of somebody who is not in the talk.
    await boss.page.evaluate("refusing.supervise = 'try_again'")
    await boss.tap("Barge in")
    await becomes_true(boss.page, "questions.length === 1")
    await boss.page.evaluate("questions.shift()()")
    await becomes_true(boss.page, "opened[0]?.readyState === 'ended'")
    await boss.page.evaluate("delete refusing.supervise")
    # A state comes while the browser asks: it is older than the tap.
    await boss.tap("Barge in")
    await becomes_true(boss.page, "questions.length === 1")
    await advisor.page.locator("#hold").click()
    await boss.reads("The call is on hold")
    await advisor.page.locator("#hold").click()
    await expect(boss.words("The call is on hold")).to_be_hidden()
    await boss.page.evaluate("questions.shift()()")
    await customer.reads("has joined the call")
    await expect(boss.button("Barge in")).to_have_attribute("aria-pressed", "true")
    assert await boss.page.evaluate("opened.map((one) => one.readyState)") == ["ended", "live"]
    await boss.button("Listen").last.click()
    await becomes_true(boss.page, "opened[1].readyState === 'ended'")
