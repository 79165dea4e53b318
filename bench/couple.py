"""A customer and an advisor in two Chromium of their own, and the calls between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from bench.machine import CHROMIUM
from bench.node import Node
from showroom.demo.seed import SLUG

Prepare = Callable[[Page], Awaitable[None]]
MARKS = Path(__file__).with_name("marks.js")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
SCREEN: ViewportSize = {"width": 390, "height": 844}
# How long a call rings before it is accepted: about as long as a person takes to reach a phone.
RING_SECONDS = 3.0


@dataclass(frozen=True)
class Seat:
    """Where a browser runs: the program that starts it, and what it is started with besides."""

    program: str = CHROMIUM
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timings:
    """One call in milliseconds. `size` is the first picture's."""

    tap_to_ring: float
    accept_to_frame: float
    size: str


@dataclass(frozen=True)
class Couple:
    """The advisor's page, and the browser that each new customer opens a page in."""

    node: Node
    advisor: Page
    home: Browser
    scripts: Sequence[Path]

    async def call(self) -> Timings:
        """Have one call, from a new customer's tap to the advisor's outcome."""
        async with self.talk() as customer:
            frame = await customer.evaluate("firstFrame")
            called = await customer.evaluate("marks.call")
            told = await self.advisor.evaluate("marks")
        size = f"{frame['width']}×{frame['height']}"
        return Timings(told["ring"] - called, frame["at"] - told["accept"], size)

    @asynccontextmanager
    async def talk(
        self, prepare: Prepare | None = None, ring_seconds: float = RING_SECONDS
    ) -> AsyncIterator[Page]:
        """Yield a customer's page whose call has just been accepted; then end it properly.

        `prepare` makes the page ready for the tap; without it, it is simply opened.
        """
        async with await _context(self.home, self.scripts) as context:
            page = await context.new_page()
            await (prepare or self.open_page)(page)
            await self.advisor.evaluate("marks = {}")
            await page.get_by_role("button", name="Call an advisor now").click()
            accept = self.advisor.get_by_role("button", name="Accept")
            await accept.wait_for()
            await asyncio.sleep(ring_seconds)
            await accept.click()
            yield page
            await page.get_by_role("button", name="Hang up").click()
            await self.advisor.get_by_label("Outcome").select_option("interested")
            await self.advisor.get_by_role("button", name="Save outcome").click()
            await self.advisor.get_by_role("switch", name="Available").wait_for()

    async def open_page(self, page: Page) -> None:
        """Open the showroom's page, and wait until all of it is there."""
        await page.goto(f"{self.node.url}/s/{SLUG}")
        await page.wait_for_load_state("networkidle")


@asynccontextmanager
async def couple(
    node: Node,
    camera: Path,
    customer: Seat = Seat(),
    advisor: Seat = Seat(),
    scripts: Sequence[Path] = (),
) -> AsyncIterator[Couple]:
    """Open two browsers, the advisor signed in and available; `scripts` go into every page."""
    scripts = (MARKS, *scripts)
    async with async_playwright() as playwright:
        home, work = [
            await playwright.chromium.launch(
                executable_path=seat.program,
                args=[*FLAGS, f"--use-file-for-fake-video-capture={camera}", *seat.flags],
            )
            for seat in (customer, advisor)
        ]
        async with home, work, await _context(work, scripts) as context:
            page = await context.new_page()
            await _sign_in(page, node)
            yield Couple(node, page, home, scripts)


async def _context(browser: Browser, scripts: Sequence[Path]) -> BrowserContext:
    """Return a visitor without cookies and without a cache, on a phone's screen."""
    context = await browser.new_context(locale="en", viewport=SCREEN)
    for script in scripts:
        await context.add_init_script(path=script)
    return context


async def _sign_in(page: Page, node: Node) -> None:
    who = node.advisor()
    await page.goto(f"{node.url}/staff/login")
    await page.get_by_label("E-mail").fill(who.email)
    await page.get_by_label("Password").fill(who.password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/advisor**")
    await page.get_by_role("switch", name="Available").click()
    await page.get_by_role("switch", name="Available", checked=True).wait_for()
