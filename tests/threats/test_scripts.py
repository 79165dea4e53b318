"""What customers write stays text, on every page that shows it, in a real browser (threat 13)."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.web import RouteDef
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from showroom.clock import system_clock
from tests.browser.chromium import WINDOWLESS
from tests.houses import House, live_call
from tests.people import Boss, Employee, Person
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
        chromium = await playwright.chromium.launch(executable_path=WINDOWLESS.program, args=FLAGS)
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
        for n, name in enumerate(names):  # two of one number would be one
            wish = {"name": name, "phone": f"061234567{n}", "consent": True, "language": "fr"}
            async with customer.http.post(
                f"{house.url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
            ) as response:
                assert response.status == 201, await response.text()


async def ask_for_an_offer(house: House, message: str) -> None:
    async with house.customer() as customer:
        token = await customer.csrf(f"/s/paris?{urlencode({'utm_source': PAYLOADS[0]})}")
        form = {"kind": "offer", "name": PAYLOADS[3], "email": "x@example.com", "language": "en"}
        consents = [{"purpose": "contact", "version": "request-1"}]
        async with customer.http.post(
            f"{house.url}/s/paris/requests",
            json=form | {"consents": consents, "message": message},
            headers={"X-CSRF-Token": token},
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
        await _opens_the_only_call(page, last)
        await page.goto(f"{house.url}/manager/calls/{call}?showroom=paris")
        await expect(page.locator("#timeline").get_by_text(last)).to_be_visible()
        await harmless(page)
        search = {"showroom": "paris", "q": PAYLOADS[0], "campaign": PAYLOADS[3]}
        await page.goto(f"{house.url}/manager/calls?{urlencode(search)}")
        await expect(page.locator("#q")).to_have_value(PAYLOADS[0])
        await harmless(page)
        await ask_for_an_offer(house, text + last)
        await page.goto(f"{house.url}/manager/leads?showroom=paris")
        await page.locator(".lead-row").filter(has_text="Offer").click()
        await expect(page.locator("#details-notes")).to_contain_text(last)
        await harmless(page)
        # The instrument itself: it sees what would be a hit.
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<base href=/x>')")
        assert await page.evaluate(INSERTED)
    foreign = [url for url in asked if not url.startswith((house.url, "data:", "blob:"))]
    assert foreign == []
    places = "names, wish, chat, notes, reason, comment, form"
    figure(f"{len(PAYLOADS)} payloads in {places}: 0 executions")


async def _opens_the_only_call(page: Page, last: str) -> None:
    """Open the timeline of the table's one call: every line of it is there, as text."""
    await expect(page.locator("#calls tr")).to_have_count(1)
    await harmless(page)
    await page.locator("#calls tr button").click()
    # Of the chat, and at the end of the comment and of the notes.
    await expect(page.locator("#timeline-events").get_by_text(last)).to_be_visible()
    await expect(page.locator("#timeline-facts").get_by_text(last)).to_have_count(2)
    await harmless(page)


async def _until_saved(boss: Person, call: str) -> None:
    async with asyncio.timeout(10):
        while True:
            async with boss.http.get(f"{boss.url}/manager/calls/{call}/timeline") as response:
                if response.status == 200 and (await response.json())["call"]["outcome"]:
                    return
            await asyncio.sleep(0.02)


def _named(part: re.Match[str]) -> str:
    """Return something for a part of an address; of what is asked for only the showroom exists."""
    return "paris" if part[1] == "showroom" else "x"


async def test_every_page_forbids_scripts_that_are_not_ours(house: House, figure: Report) -> None:
    paths = [r.path for r in routes() if isinstance(r, RouteDef) and r.method == "GET"]
    paths += ["/nowhere", "/s/nowhere", "/static/css/base.css", "/static/nowhere"]
    async with Employee(house.url) as alice, Boss(house.url) as boss:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        policies: list[Any] = []
        for path in paths:
            url = house.url + re.sub(r"\{(\w+)\}", _named, path)
            person = boss if path.startswith("/manager") else alice
            async with person.http.get(url, allow_redirects=False) as response:
                if path in ("/advisor", "/manager"):
                    assert response.status == 200, path
                policy = response.headers["Content-Security-Policy"]
                policies.append(policy)
                assert response.headers["X-Content-Type-Options"] == "nosniff", path
                html = await response.text() if response.content_type == "text/html" else ""
            assert "unsafe" not in policy, path
            own = "'none'" if response.content_type == "application/json" else "'self'"
            for part in ("default-src", "frame-ancestors", "base-uri"):
                assert f"{part} 'none'" in policy, path
            assert f"form-action {own}" in policy, path
            assert own == "'none'" or "script-src 'self';" in policy, path
            assert " onclick=" not in html, path
            assert "style=" not in html, path
    figure(f"{len(policies)} addresses: each forbids inline and foreign scripts")
