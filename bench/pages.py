"""How soon a manager has a page: the server's answer, and the first view in a browser."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Browser, StorageState, ViewportSize, async_playwright

from bench.couple import FLAGS
from bench.machine import CHROMIUM
from bench.node import serving
from showroom.clock import system_clock
from showroom.database import Database
from showroom.staff import Staff
from showroom.words import Role

EMAIL, PASSWORD = "manager@orvanne.example", "not a secret: it lives for a minute"
DESK: ViewportSize = {"width": 1280, "height": 800}
# Since the browser set out for the page, until the frame with the chart in it is on the screen.
DRAWN = """
const watch = new MutationObserver(() => {
  if (!document.querySelector('#chart canvas')) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.drawnAt = performance.now(); }));
});
watch.observe(document, { childList: true, subtree: true });
"""


@dataclass(frozen=True)
class Desk:
    """A browser, and the cookies of a manager who has signed in at a node."""

    node: str
    browser: Browser
    state: StorageState

    async def answers(self, page: str, times: int) -> list[float]:
        """Return how long the node took for all of a page, in milliseconds, after a first one."""
        cookies = {one["name"]: one["value"] for one in self.state["cookies"]}
        took = []
        async with ClientSession(self.node, cookies=cookies) as client:
            for _ in range(times + 1):
                began = time.perf_counter()
                async with client.get(page, allow_redirects=False) as answer:
                    await answer.read()
                    assert answer.status == HTTPStatus.OK, page
                took.append((time.perf_counter() - began) * 1000)
        return took[1:]

    async def first_view(self, page: str) -> float:
        """Open a page with a chart in a browser without a cache; return when that was seen."""
        async with await self.browser.new_context(
            locale="en", viewport=DESK, storage_state=self.state
        ) as context:
            opened = await context.new_page()
            await opened.add_init_script(DRAWN)
            await opened.goto(self.node + page)
            drawn = await opened.wait_for_function("window.drawnAt")
            return float(await drawn.json_value())


@asynccontextmanager
async def at_desk(database: Database, url: str, showroom: str) -> AsyncIterator[Desk]:
    """Start a node on the database at `url` (it is this one), and sign a new manager in.

    `showroom`: the slug of the one that they lead.
    """
    manager = {showroom: Role.MANAGER}
    await Staff(database, system_clock).add(EMAIL, "Nadia Roy", PASSWORD, manager, ("en",))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(Path(folder), database_url=url) as (node, _),
            async_playwright() as playwright,
            await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS]) as browser,
        ):
            async with await browser.new_context(locale="en", viewport=DESK) as context:
                page = await context.new_page()
                await page.goto(f"{node}/staff/login")
                await page.get_by_label("E-mail").fill(EMAIL)
                await page.get_by_label("Password").fill(PASSWORD)
                await page.get_by_role("button", name="Sign in").click()
                await page.wait_for_url("**/manager**")
                state = await context.storage_state()
            yield Desk(node, browser, state)
