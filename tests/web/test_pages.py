"""What pages carry on: where a sign-in leads, what was typed, the language, the colours."""

import asyncio
import re
from dataclasses import replace
from html import unescape

import pytest

from showroom.ids import ShowroomId, new_id
from showroom.showrooms import Showrooms
from tests.houses import House
from tests.people import Employee, Person
from tests.samples import BRAND, PASSWORD

WISH = "/manager?showroom=paris&lang=fr"
SWITCH = re.compile(r'<a href="([^"]*)" lang="(\w\w)"')


async def sign_in(who: Employee, password: str, **given: str) -> tuple[int, str]:
    """Send the form as a browser does; return the status and the page, or where it leads."""
    form = {"csrf": await who.csrf("/staff/login"), "password": password, **given}
    async with who.http.post(
        f"{who.url}/staff/login", data=form, allow_redirects=False
    ) as response:
        return response.status, response.headers.get("Location") or await response.text()


def field(page: str, name: str) -> str:
    """Return what a field of the form holds."""
    found = re.search(rf'<input [^>]*name="{name}"[^>]* value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


async def switches(who: Person, path: str) -> dict[str, str]:
    """Return where a page's links to the languages lead."""
    async with who.http.get(who.url + path) as response:
        return links(await response.text())


def links(page: str) -> dict[str, str]:
    return {language: unescape(href) for href, language in SWITCH.findall(page)}


async def test_a_wrong_password_keeps_the_e_mail_and_where_to_go(house: House) -> None:
    async with house.boss() as boss:
        given = {"email": 'boss@example.com"><b>', "next": WISH}
        status, page = await sign_in(boss, "a wrong password", **given)
        assert status == 401
        assert field(page, "email") == given["email"]
        assert field(page, "next") == WISH
        assert "a wrong password" not in page
        given["email"] = "boss@example.com"
        assert await sign_in(boss, PASSWORD, **given) == (303, WISH)


async def test_another_language_keeps_where_a_sign_in_leads(house: House) -> None:
    async with house.boss() as boss:
        _, page = await sign_in(boss, "a wrong password", email="boss@example.com", next=WISH)
        for there in (links(page)["fr"], (await switches(boss, f"/manager?{WISH[9:]}"))["fr"]):
            async with boss.http.get(f"{boss.url}/staff/login{there}") as response:
                page = await response.text()
            assert '<html lang="fr" dir="ltr">' in page
            assert field(page, "next") == WISH
        _, page = await sign_in(boss, "a wrong password", next="//evil.example")
        assert links(page)["fr"] == "?lang=fr"


async def test_another_language_is_that_of_the_same_showroom(house: House) -> None:
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        assert await switches(boss, "/manager?showroom=paris&lang=en") == {
            "en": "?showroom=paris&lang=en",
            "fr": "?showroom=paris&lang=fr",
        }
        assert (await switches(boss, "/manager?x=%22%3E%26lang%3Dde"))["fr"] == (
            "?x=%22%3E%26lang%3Dde&lang=fr"
        )
        for strange in ("%ff", "%ed%a0%80", "%00"):
            assert "fr" in await switches(boss, f"/manager?x={strange}")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_too_many_requests_are_told_how_long_to_wait(house: House, language: str) -> None:
    async with house.customer() as customer:
        headers = {"X-CSRF-Token": await customer.csrf(f"/s/paris?lang={language}")}
        url = f"{house.url}/s/paris/call-backs"
        for _ in range(11):
            async with customer.http.post(url, data="x", headers=headers) as response:
                page = await response.text()
        assert response.status == 429
        seconds = int(response.headers["Retry-After"])
        assert re.search(rf"\b{seconds} s\b", page)
        assert "{" not in page.partition("<main")[2].partition("</main>")[0]


async def test_the_showrooms_colours_are_a_style_sheet_of_its_own(house: House) -> None:
    async with house.customer() as visitor:
        async with visitor.http.get(f"{house.url}/s/paris") as response:
            assert '<link rel="stylesheet" href="/s/paris/brand.css">' in await response.text()
        async with visitor.http.get(f"{house.url}/s/paris/brand.css") as response:
            assert response.content_type == "text/css"
            css = await response.text()
    colours = {
        "--brand-accent": BRAND.accent,
        "--brand-accent-ink": BRAND.accent_ink,
        "--brand-ink": BRAND.ink,
        "--brand-paper": BRAND.paper,
    }
    assert dict(re.findall(r"(--[\w-]+):([^;}]+)", css)) == colours


async def test_every_page_of_the_staff_has_one_bar_and_a_way_past_it(
    alice: Person, boss: Person
) -> None:
    own = ("", "/agenda", "/leads")
    team = ("", "/agenda", "/leads", "/dealers", "/reservations", "/keys", "/staff", "/handoff")
    for who, start, pages in ((alice, "/advisor", own), (boss, "/manager", team)):
        for page in pages:
            async with who.http.get(f"{who.url}{start}{page}") as response:
                text = await response.text()
            assert response.status == 200, page
            found = [text.count(part) for part in ('class="skip"', 'class="masthead"', 'id="main"')]
            assert found == [1, 1, 1], start + page
            assert text.index('class="skip"') < text.index('class="masthead"')


async def test_a_showroom_s_logo_stands_on_its_pages_under_its_brand_s_name(house: House) -> None:
    rooms = Showrooms(house.node.shared.database)
    paris = await rooms.by_slug("paris")
    branded = replace(paris.brand, logo="icons/favicon.svg")
    await rooms.save(replace(paris, id=ShowroomId(new_id()), slug="logo", brand=branded))
    logo = None
    async with house.customer() as customer, asyncio.timeout(15):
        while logo is None:  # a node reads its showrooms every two seconds
            async with customer.http.get(f"{house.url}/s/logo") as response:
                logo = re.search(r'<img src="(\S+)" alt="Orvanne"', await response.text())
            await asyncio.sleep(0.1)
        async with customer.http.get(house.url + logo[1]) as response:
            assert (response.status, response.content_type) == (200, "image/svg+xml")
