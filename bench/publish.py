"""What a browser sends through the relay on a free line."""

import asyncio
import re
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from bench.camera import write_clip
from bench.couple import couple
from bench.figures import Line
from bench.node import running_node

HOW = """Two real pages in a call, and a companion's who is let in: the call goes through the relay
from then on. 20 s after the advisor's tap on *Admit*, what the advisor's browser says that it aims
at, and the height of what it sends. The camera plays a street of 1280×720; three Chromium and their
encoder share the machine, which may hold the height down (*limited by*)."""
PUBLISHED = Path(__file__).with_name("published.js")
SECONDS = 20
WIDTH, HEIGHT = 1280, 720


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = write_clip(folder, WIDTH, HEIGHT)
        async with (
            running_node(folder) as node,
            couple(node, camera, scripts=[PUBLISHED]) as both,
            both.talk() as customer,
        ):
            await customer.evaluate("firstFrame")
            link = await _link(customer)
            async with await both.home.new_context(locale="en") as context:
                friend = await context.new_page()
                await friend.goto(link)
                await friend.get_by_label("Your first name").fill("Maria")
                await friend.get_by_role("button", name="Ask to join").click()
                await both.advisor.get_by_role("button", name="Admit").click()
                await asyncio.sleep(SECONDS)
                sent = await both.advisor.evaluate("published()")
    met = sent["target"] >= 2e6 and sent["height"] >= HEIGHT
    measured = f"{sent['target'] / 1e6:.1f} Mbit/s, {sent['height']} lines"
    measured += f" (limited by {sent['limit']})" if sent["limit"] != "none" else ""
    what = f"A browser's picture through the relay, after {SECONDS} s"
    return [Line(what, "≥ 2 Mbit/s, 720 lines", measured, met, "prototype: 2.5 Mbit/s")]


async def _link(customer: Page) -> str:
    """Return the link that the customer shares."""
    await customer.get_by_role("button", name="Invite someone").click()
    await customer.get_by_role("button", name="Share a link").click()
    field = customer.get_by_label("The link", exact=True)
    await expect(field).to_have_value(re.compile("/join/"))
    link = await field.input_value()
    await customer.get_by_role("dialog").get_by_role("button", name="Close").click()
    return link
