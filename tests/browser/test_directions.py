"""Every page has room for a language that is longer than English, and for one from the right."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.web import RouteDef
from playwright.async_api import Page, expect

from showroom.demo.seed import SLUG
from showroom.valkey import connect
from tests.browser import eyes
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, Cast
from tests.browser.chromium import Browsers
from tests.browser.layout import faults
from tests.browser.pages import AdvisorPage
from tests.browser.town import ALICE, BOSS, NORA, Town, open_town
from tests.nodes import node_settings
from tests.pseudo import ACCENTED, ARABIC, PseudoWords
from web.routes import demo_routes, routes

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECTIONS = {ACCENTED: "ltr", ARABIC: "rtl"}
LANGUAGES = tuple(DIRECTIONS)
GUEST = ""  # nobody who has signed in
# Who looks at each page, and where it is; what stands in brackets is one of the town's places.
PAGES: dict[str, tuple[str, str]] = {
    **{one: (GUEST, one) for one in ("/", "/check", "/api/v1/docs", "/demo/mail")},
    **{one: (GUEST, one) for one in ("/s/{showroom}", "/s/{showroom}/book", "/s/{showroom}/check")},
    "/s/{showroom}/join/{link}": (GUEST, "{join}"),
    "/v/{token}": (GUEST, "/v/{visit}"),
    "/r/{token}": (GUEST, "/r/{reservation}"),
    "/r/dealer/{token}": (GUEST, "/r/dealer/{dealer}"),
    "/p/{token}": (GUEST, "/p/{recap}"),
    "/staff/login": (GUEST, "/staff/login"),
    "/staff/forgot": (GUEST, "/staff/forgot"),
    "/staff/link/{token}": (GUEST, "/staff/link/{invitation}"),
    "/staff/mails/{token}": (GUEST, "/staff/mails/{mail}"),
    "/demo/mail/{letter}": (GUEST, "/demo/mail/{letter}"),
    "/demo/store": (GUEST, "/demo/store?showroom={showroom}"),
    "/staff/second": (NORA, "/staff/second"),
    "/staff/account": (ALICE, "/staff/account"),
    "/advisor/agenda": (ALICE, "/advisor/agenda?day={day}&view=week"),
    "/manager/agenda": (BOSS, "/manager/agenda?day={day}"),
    **{f"/advisor{one}": (ALICE, f"/advisor{one}") for one in ("", "/practice", "/leads")},
    **{
        f"/manager{one}": (BOSS, f"/manager{one}")
        for one in (
            "", "/figures", "/figures/traffic", "/figures/yield", "/figures/advisors",
            "/figures/staffing", "/calls", "/calls/{call}", "/leads", "/handoff",
            "/privacy", "/privacy/erase", "/privacy/receipts/{receipt}", "/dealers",
            "/reservations", "/showroom", "/log", "/staff", "/keys", "/vehicles", "/vehicles/new",
            "/vehicles/import",
        )
    },
    "/manager/vehicles/cars/{vehicle}": (BOSS, "/manager/vehicles/cars/crete"),
}  # fmt: skip
# What opens on pages, by what is pressed for it.
DIALOGS = {
    "/s/{showroom}": ("[data-request=offer]",),
    "/v/{token}": ("#cancel",),
    "/advisor/agenda": (".slip, .row", "#roster-open", "#feed-open"),
    "/advisor/leads": (".lead-row",),
    "/manager": ("#notice-order", "#calls button"),
    "/manager/agenda": (".slip, .row",),
    "/manager/leads": (".lead-row", "#scoring-open"),
    "/manager/handoff": (
        "#endpoint-open", "[data-part=move]", "[data-part=remove]", "#deliveries button",
    ),
    "/manager/staff": (".member__acts button:nth-of-type(1)", ".member__acts button:last-of-type"),
    "/manager/keys": ("[data-part=revoke]",),
}  # fmt: skip
UNFOLD = "document.querySelectorAll('main details').forEach((one) => (one.open = true))"
# What scripts, other programs and players ask for, and files.
FILES = (".csv", ".ics", ".json", ".css", ".js")
NO_PAGES = {
    "/health", "/metrics", "/s/{showroom}/slots", "/s/{showroom}/dealers", "/s/{showroom}/store",
    "/s/{showroom}/check/down", "/s/{showroom}/photos/{photo}",
    "/s/{showroom}/photos/{photo}/small", "/v/{token}/state", "/v/{token}/slots",
    "/p/{token}/{photo}", "/staff/company", "/staff/company/back", "/advisor/checks/{code}",
    "/advisor/agenda/days", "/advisor/agenda/roster", "/advisor/agenda/effect",
    "/advisor/calls/{call}/sheet", "/advisor/practice/{practice}",
    "/advisor/practice/{practice}/film", "/advisor/leads/list", "/advisor/leads/{lead}",
    "/advisor/leads/{lead}/reservations", "/manager/today", "/manager/calls/{call}/timeline",
    "/manager/recordings/{recording}", "/manager/recordings/{recording}/copy",
    "/manager/recordings/{recording}/copy/progress", "/manager/checks/{code}", "/manager/stills",
    "/manager/agenda/days", "/manager/agenda/visits/{visit}/takers",
    "/manager/agenda/advisors/{advisor}/roster", "/manager/agenda/advisors/{advisor}/effect",
    "/manager/leads/list", "/manager/leads/{lead}", "/manager/scoring",
    "/manager/handoff/endpoints", "/manager/handoff/deliveries",
    "/manager/handoff/deliveries/{delivery}", "/manager/showroom/holidays",
    "/demo/mail/{letter}/letter", "/manager/alarms", "/pictures/{showroom}/{name}",
    "/manager/vehicles/apply", "/manager/vehicles/cars/{vehicle}/pictures",
}  # fmt: skip


async def test_every_page_has_its_case() -> None:
    known = {
        one.path
        for one in (*routes(), *demo_routes())
        if isinstance(one, RouteDef)
        and one.method == "GET"
        and not one.path.endswith(FILES)
        and not one.path.startswith(("/api/v1/showrooms/", "/static/"))
    }
    assert known == set(PAGES) | NO_PAGES
    assert not set(PAGES) & NO_PAGES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, redis_url: str
) -> AsyncIterator[Town]:
    """One house for all tests of this file, in both languages."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(migrated_sqlite, folder / "showroom.db")
    client = await connect(redis_url)
    await client.flushall()
    await client.aclose()
    settings = node_settings(folder, redis_url=redis_url)
    async with open_town(settings, PseudoWords(), (ACCENTED, ARABIC)) as opened:
        yield opened


async def settled(page: Page, path: str) -> None:
    """Open a page, and wait until what its scripts ask for is there."""
    answer = await page.goto(path, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"


async def looks(cast: Cast, town: Town, who: str, language: str, album: Album | None) -> list[str]:
    """Return what is wrong with the pages of somebody in a language."""
    if who == GUEST:
        page = (await cast.visitor(viewport=DESKTOP)).page
    else:
        page = await cast.staff(who, f"/staff/login?lang={language}", viewport=DESKTOP)
    await settled(page, f"/s/{SLUG}?lang={language}")
    found = []
    for address, (wanted, place) in PAGES.items():
        if wanted != who:
            continue
        await settled(page, place.format_map(town.places))
        assert await page.evaluate("document.dir") == DIRECTIONS[language], address
        pictures = album.folder if album else None
        await page.evaluate(UNFOLD)
        found += await faults(page, f"{language} {address}", pictures)
        for press in DIALOGS.get(address, ()):
            await page.locator(press).filter(visible=True).first.click()
            await expect(page.locator("dialog[open]")).to_be_visible()
            await page.evaluate(UNFOLD)
            found += await faults(page, f"{language} {address} {press}", pictures)
            await page.keyboard.press("Escape")
            await expect(page.locator("dialog[open]")).to_have_count(0)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_cut_off_and_nothing_lies_on_another_on_any_page(
    browsers: Browsers, town: Town, language: str, album: Album | None
) -> None:
    async with Cast(browsers, town.url, SLUG, town.passwords) as cast:
        people = (GUEST, NORA, ALICE, BOSS)
        # They wait for the server more than for the processor: side by side.
        seen = await asyncio.gather(*(looks(cast, town, who, language, album) for who in people))
    found = [one for some in seen for one in some]
    assert not found, f"{len(found)}\n" + "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_cut_off_and_nothing_lies_on_another_in_a_call(
    browsers: Browsers, town: Town, language: str, album: Album | None
) -> None:
    found: list[str] = []
    pictures = album.folder if album else None

    async def look(page: Page, view: str) -> None:
        found.extend(await faults(page, f"{language} {view}", pictures))

    async with Cast(browsers, town.url, SLUG, town.passwords) as cast:
        customer = await cast.visitor(permissions=["camera", "microphone"])
        page = customer.page
        await page.goto(f"/s/{SLUG}?lang={language}")
        await page.locator("#call").click()
        await expect(page.locator("#leave")).to_be_visible()
        await look(page, "waiting")
        staff = AdvisorPage(await cast.staff(ALICE, f"/advisor?lang={language}"))
        await staff.page.locator("#available").click()
        await expect(staff.page.locator("#accept")).to_be_visible()
        await look(staff.page, "ringing")
        await staff.page.locator("#accept").click()
        await eyes.moves(page.locator("#live-video"))
        await page.locator("#camera").click()
        await look(page, "live, the customer's")
        await look(staff.page, "live, the advisor's")
        for tab in ("chat", "cars", "notes", "lead"):
            if not await staff.page.locator(f"#tab-{tab}").is_visible():
                await staff.page.locator("#chat-toggle").click()
            await staff.page.locator(f"#tab-{tab}").click()
            if tab == "cars":
                await staff.page.locator(".show-car").first.click()
            if tab == "chat":
                await staff.page.locator("#chat-text").fill("Is there room for two bicycles?")
                await staff.page.locator("#chat-text").press("Enter")
            await look(staff.page, f"live, {tab}")
        await look(page, "live, with a card")
        await staff.page.locator("#end-call").click()
        await expect(page.locator("#view-after")).to_be_visible()
        await expect(staff.page.locator("#view-wrap")).to_be_visible()
        await look(page, "after")
        await look(staff.page, "wrap-up")
        await staff.page.locator("#outcome").select_option("interested")
        await staff.page.locator("#wrap-form .button--wide").click()
        await expect(staff.page.locator("#available")).to_be_visible()
        await staff.page.locator("#available").click()
    assert not found, f"{len(found)}\n" + "\n".join(found)


async def test_the_button_for_a_store_s_page_runs_as_its_language_does(
    browsers: Browsers, town: Town
) -> None:
    context = await browsers.customer.new_context()
    page = await context.new_page()
    for language, direction in DIRECTIONS.items():
        address = f"{town.url}/s/{SLUG}/widget.js?lang={language}"
        await page.set_content(f'<script src="{address}"></script>')
        await expect(page.locator("a")).to_have_attribute("dir", direction)
    await context.close()
