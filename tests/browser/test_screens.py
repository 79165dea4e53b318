"""From the narrowest phone to the widest desk: nothing is cut off; quiet for who wants no motion,
and always a ring around what the keyboard is at."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.props import becomes_true

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTHS = (ViewportSize(width=360, height=740), ViewportSize(width=2560, height=1440))

# What somebody at the screen would miss: the page scrolls sideways, a thing lies outside of it, or
# a text is wider than its own box, which hides the rest. What is there for screen readers alone,
# and what scrolls in a frame of its own, is fine.
CUT_OFF = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? [`the page scrolls to ${scrollWidth}`] : [];
  const apart = (one) => one && (one.offsetWidth < 2 || one.matches('.skip') ||
    /auto|scroll/.test(getComputedStyle(one).overflowX) || apart(one.parentElement));
  const note = (how, one) => found.push(`${how}: ${one.outerHTML.slice(0, 120)}`);
  const things = 'h1, h2, h3, p, button, a, label, input, select, textarea, dd, th, td, li';
  for (const one of document.querySelectorAll(things)) {
    if (!one.checkVisibility({ visibilityProperty: true }) || apart(one)) continue;
    const box = one.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) note('outside', one);
    const { overflowX, textOverflow } = getComputedStyle(one);
    const hides = overflowX !== 'visible' && textOverflow !== 'ellipsis' && !one.matches('input');
    if (hides && one.scrollWidth > one.clientWidth + 1) note('hidden', one);
  }
  return found;
}"""

# The name of the thing that the keyboard is at, and whether there is a ring around it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const ringed = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  return [one.getAttribute('aria-label') ?? one.textContent.trim(), ringed];
}"""

MOST_STOPS = 60
RUNNING = "document.getAnimations().filter((one) => one.playState === 'running').length"


async def fits(page: Page, view: str) -> None:
    """Assert that nothing is cut off, in either width."""
    for viewport in WIDTHS:
        await eyes.dresses(page, "light", viewport)
        found: list[str] = await page.evaluate(CUT_OFF)
        assert not found, f"{view}, {viewport['width']} px: " + "\n".join(found)


async def walks(page: Page, *wanted: str) -> None:
    """Go through the page by keyboard; assert a ring everywhere, and that these were met."""
    await page.evaluate("document.activeElement?.blur()")
    met: list[tuple[str, bool]] = []
    while not all(any(one in name for name, _ in met) for one in wanted):
        assert len(met) < MOST_STOPS, f"{wanted} not among {met}"
        await page.keyboard.press("Tab")
        stop: tuple[str, bool] | None = await page.evaluate(FOCUSED)
        met.append(stop or ("", True))
    bare = [name for name, ringed in met if not ringed]
    assert not bare, f"no ring around {bare}"


async def rests(page: Page) -> None:
    """Assert that something moves only for those who did not ask for rest."""
    await page.emulate_media(reduced_motion="no-preference")
    await becomes_true(page, f"{RUNNING} > 0")
    await page.emulate_media(reduced_motion="reduce")
    await becomes_true(page, f"{RUNNING} === 0")


async def test_nothing_is_cut_off_or_restless_and_the_keyboard_is_seen_on_any_page_of_a_call(
    cast: Cast,
) -> None:
    customer, manager = await cast.customer(), await cast.manager()
    page = await cast.stranger()
    await page.goto("/staff/login")
    await fits(page, "sign-in")
    await walks(page, "Sign in")
    advisor = await cast.advisor()
    await customer.reads("1 advisor is free")
    await fits(customer.page, "landing")
    await walks(customer.page, "Call an advisor now", "Crête", "Call me back")
    await rests(customer.page)
    await fits(advisor.page, "idle")
    await walks(advisor.page, "Available", "End the check")
    await advisor.goes_off_duty()
    await customer.call()
    await customer.waits()
    await fits(customer.page, "waiting")
    await walks(customer.page, "Leave the queue")
    await rests(customer.page)
    await manager.reads("Waiting")
    await advisor.goes_on_duty()
    await fits(advisor.page, "ring")
    await walks(advisor.page, "Decline", "Accept")
    await advisor.accepts()
    await eyes.moves(customer.live_view)
    await fits(customer.page, "live, the customer's")
    await walks(customer.page, "Turn microphone on", "Hang up")
    await fits(advisor.page, "live, the advisor's")
    await walks(advisor.page, "Turn microphone off", "End call")
    await customer.hangs_up()
    await customer.reads("Thank you for your visit")
    await fits(customer.page, "after")
    await advisor.reads("How did it end?")
    await fits(advisor.page, "wrap-up")
    await expect(manager.calls()).to_have_count(1)
    await fits(manager.page, "manager")
    await walks(manager.page, "Sign out")
