"""The button on a store's own page: another host, with a style and a policy of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.web import Application, AppRunner, Request, Response, TCPSite, get
from playwright.async_api import expect

from tests.browser.cast import Cast
from tests.nodes import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Store</title>
<style>a {{ display: none !important }}</style></head>
<body><h1>The new car</h1><script async src="{house}/s/paris/widget.js?lang=fr"></script></body>"""
POLICY = "default-src 'self'; script-src {house}; style-src 'self' 'unsafe-inline'"


@pytest_asyncio.fixture(loop_scope="session")
async def store(cast: Cast) -> AsyncIterator[str]:
    """The address of a store's page that has the button."""

    async def page(_: Request) -> Response:
        answer = Response(text=PAGE.format(house=cast.url), content_type="text/html")
        answer.headers["Content-Security-Policy"] = POLICY.format(house=cast.url)
        return answer

    app, port = Application(), free_port()
    app.add_routes([get("/", page)])
    runner = AppRunner(app)
    await runner.setup()
    await TCPSite(runner, "127.0.0.2", port).start()
    yield f"http://127.0.0.2:{port}/"
    await runner.cleanup()


async def test_a_store_s_visitor_is_one_tap_from_the_showroom(cast: Cast, store: str) -> None:
    context = await cast.browsers.customer.new_context()
    page = await context.new_page()
    await page.goto(f"{store}?utm_campaign=autumn&secret=1")
    button = page.get_by_role("link", name="La voir en direct avec un conseiller")
    # The store hides all its links; not ours.
    await expect(button).to_be_visible()
    box = await button.bounding_box()
    assert box
    assert box["height"] >= 48
    async with context.expect_page() as opening:
        await button.click()
    showroom = await opening.value
    await expect(showroom).to_have_url(
        f"{cast.url}/s/paris?lang=fr&from=widget&utm_campaign=autumn"
    )
    await expect(showroom.get_by_role("heading", level=1)).to_be_visible()
    assert (
        await page.evaluate("() => Object.keys(localStorage).length + document.cookie.length") == 0
    )
    await context.close()
