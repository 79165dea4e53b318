"""What customers write stays text, on every page that shows it, in a real browser (threat 13)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.web import RouteDef
from playwright.async_api import BrowserContext, Page, async_playwright

from showroom.clock import system_clock
from tests.houses import House, live_call
from tests.people import Customer, Person
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from tests.visits import MINUTE_MS, saved_visit, staff_id
from web.routes import routes

PAYLOADS = (
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "<!--<script>window.hit=1//-->",
    "<img src=x onerror=window.hit=1>",
    '"><img src=x onerror=window.hit=1>',
    "'><svg onload=window.hit=1>",
    "<svg><animate onbegin=window.hit=1 attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<iframe src=javascript:parent.hit=1>",
    "<a href=javascript:window.hit=1>click</a>",
    "<details open ontoggle=window.hit=1>",
    "<input autofocus onfocus=window.hit=1>",
    "<video><source onerror=window.hit=1></video>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<form action=https://evil.example><button>x",
    "<style>@import 'https://evil.example/x.css'</style>",
    "javascript:window.hit=1",
    "${window.hit=1}",
    "{{constructor.constructor('window.hit=1')()}}",
    "\u2028window.hit=1\u2029",
    "\\u003cimg src=x onerror=window.hit=1\\u003e",
    "&lt;img src=x onerror=window.hit=1&gt;",
    "<math><mtext></p><img src=x onerror=window.hit=1>",
    "`-window.hit=1-`';window.hit=1;\"",
)
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
)
# Elements that no template of ours has, and attributes that run.
INSERTED = """() => [...document.querySelectorAll(
  'iframe, base, meta[http-equiv], style, math, animate, source[onerror], object, embed, ' +
  'script:not([src]):not([type="application/json"]), img[src$="/x"], a[href^="javascript"], ' +
  '[onerror], [onload], [onfocus], [ontoggle], [onbegin], form[action*="evil"]'
)].map((one) => one.outerHTML)"""
WATCH = """
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
"""


@asynccontextmanager
async def browser() -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            context = await chromium.new_context(permissions=["camera", "microphone"])
            await context.add_init_script(WATCH)
            yield context
        finally:
            await chromium.close()


async def become(context: BrowserContext, person: Person) -> None:
    """Give the browser this person's cookies."""
    await context.clear_cookies()
    await context.add_cookies(
        [{"name": c.key, "value": c.value, "url": person.url} for c in person.http.cookie_jar]
    )


async def shows(page: Page, path: str, text: str) -> None:
    """Open a page and wait until it shows `text`, as text."""
    await page.goto(path)
    await page.wait_for_function(
        "(text) => document.body.innerText.includes(text) || "
        "[...document.querySelectorAll('textarea, input')].some((e) => e.value.includes(text))",
        arg=text,
        timeout=15_000,
    )


async def harmless(page: Page) -> None:
    """Check that nothing ran on this page and nothing became markup."""
    assert await page.evaluate("window.hit") is None, page.url
    assert await page.evaluate(INSERTED) == [], page.url
    assert await page.evaluate("window.violations") == [], page.url


async def ask_call_backs(house: House, names: tuple[str, ...]) -> None:
    async with house.customer() as customer:
        token = await customer.csrf("/s/paris")
        for name in names:
            wish = {"name": name, "phone": "0612345678", "consent": True, "language": "fr"}
            async with customer.http.post(
                f"{house.url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
            ) as response:
                assert response.status == 201, await response.text()


async def test_no_text_of_a_customer_runs_or_becomes_markup_on_any_page(
    house: House, figure: Report
) -> None:
    # A visible word at the end shows that a page has them all.
    last, text = "the last of them", "\n".join(PAYLOADS)
    asked: list[str] = []
    await ask_call_backs(house, (*PAYLOADS[:8], last))
    async with browser() as context, house.boss() as boss:
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        async with live_call(house) as (customer, alice, call):
            me = await staff_id(house.node.shared.database, "alice@example.com")
            starts, guest = system_clock() + 5 * MINUTE_MS, {"name": PAYLOADS[3], "wish": text}
            await saved_visit(house.node.shared.database, house.paris, me, starts, **guest)
            for n, payload in enumerate((*PAYLOADS, last)):
                person: Person = customer if n % 2 else alice
                assert (await person.send("chat", id=f"k{n}", text=payload))["ok"]
            assert (await alice.send("save_notes", notes=text))["ok"]
            await become(context, alice)
            await shows(page, f"{house.url}/advisor?showroom=paris", last)
            await harmless(page)
            await become(context, customer)
            await shows(page, f"{house.url}/s/paris", last)
            await harmless(page)
            await alice.come_back()
            await customer.come_back()
            await customer.send("hang_up")
            assert (await customer.send("rate", stars=1, comment=text + last))["ok"]
            await alice.until_call("wrap_up")
            outcome = {"outcome": "no_fit", "reason": text, "notes": text + last}
            assert (await alice.send("save_outcome", call=call, **outcome))["ok"]
            await become(context, alice)
            await shows(page, f"{house.url}/advisor?showroom=paris", last)
            await page.wait_for_selector("#visits-today li")
            await harmless(page)
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        await _until_saved(boss, call)
        await become(context, boss)
        await page.goto(f"{house.url}/manager?showroom=paris")
        await _open_everything(page)
        await harmless(page)
        # The instrument itself: it sees what would be a hit.
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<base href=/x>')")
        assert await page.evaluate(INSERTED)
    foreign = [url for url in asked if not url.startswith((house.url, "data:", "blob:"))]
    assert foreign == []
    figure(f"{len(PAYLOADS)} payloads in names, wish, chat, notes, reason, comment: 0 executions")


async def _open_everything(page: Page) -> None:
    """Open whatever the page can unfold."""
    await page.wait_for_load_state("networkidle")
    for unfolds in await page.query_selector_all("tbody tr, tbody button, summary"):
        if await unfolds.is_visible():
            await unfolds.click()
            await page.wait_for_timeout(200)
            close = page.locator("dialog[open] button").first
            if await close.count():
                await harmless(page)
                await page.keyboard.press("Escape")


async def _until_saved(boss: Person, call: str) -> None:
    for _ in range(200):
        async with boss.http.get(f"{boss.url}/manager/calls/{call}") as response:
            if response.status == 200 and (await response.json())["call"]["outcome"]:
                return
    raise AssertionError("the call was not saved")


async def test_every_page_forbids_scripts_that_are_not_ours(house: House, figure: Report) -> None:
    paths = [r.path for r in routes() if isinstance(r, RouteDef) and r.method == "GET"]
    paths += ["/nowhere", "/s/nowhere", "/static/css/base.css", "/static/nowhere"]
    async with Customer(house.url) as customer:
        policies: list[Any] = []
        for path in paths:
            url = house.url + path.format(showroom="paris", call="x", token="x")
            async with customer.http.get(url, allow_redirects=False) as response:
                policy = response.headers["Content-Security-Policy"]
                policies.append(policy)
                assert response.headers["X-Content-Type-Options"] == "nosniff", path
                html = await response.text() if response.content_type == "text/html" else ""
            assert "unsafe" not in policy, path
            for part in (
                "default-src 'none'",
                "script-src 'self';",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self'",
            ):
                assert part in policy, path
            assert " onclick=" not in html, path
            assert "style=" not in html, path
        assert isinstance(customer.http, aiohttp.ClientSession)
    figure(f"{len(policies)} addresses: each forbids inline and foreign scripts")
