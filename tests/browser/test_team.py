"""The page of a showroom's staff, from an invitation to the first sign-in, in a real browser."""

import re
from dataclasses import replace

import pyotp
import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr

from showroom.database import Database
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.words import Role
from tests.browser.album import Album
from tests.browser.cast import DESKTOP, Cast
from tests.browser.conftest import OpenHouse
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock
from tests.web.test_team import letter_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
LONG = "Maximiliana-Philippa von Hohenzollern-Sigmaringen zu Bourbon-Parma, geborene Gräfin"


async def test_somebody_is_invited_accepts_signs_in_and_is_shut_out(
    cast: Cast, settings: Settings
) -> None:
    page = await cast.staff("boss@example.com", "/manager?showroom=paris", viewport=DESKTOP)
    await page.get_by_role("link", name="Staff").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Staff")
    await page.get_by_role("button", name="Send invitation").click()
    await expect(page.get_by_label("Name")).to_be_focused()
    await expect(page.get_by_text("Tick at least one role.")).to_be_visible()
    await flawless(page, "an empty invitation")
    await page.get_by_label("Name").fill(LONG)
    await page.get_by_label("E-mail").fill("alice@example.com")
    form = page.get_by_role("region", name="Invite somebody")
    await form.get_by_label("Advisor").check()
    await form.get_by_label("French").check()
    cast.forgive("409")
    await page.get_by_role("button", name="Send invitation").click()
    await expect(form.get_by_role("alert")).to_contain_text("on the staff here already")
    await page.get_by_label("E-mail").fill("nora@example.com")
    await page.get_by_role("button", name="Send invitation").click()
    await expect(page.get_by_role("status")).to_contain_text("on its way")
    row = page.get_by_role("listitem").filter(has_text="nora@example.com")
    await expect(row).to_contain_text("Invited")
    await everywhere(page, "staff")

    nora = await accepts(cast, settings)
    await page.reload()
    await expect(row).to_contain_text("Active")
    await row.get_by_role("button", name=re.compile("^Change")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Manager").check()
    await dialog.get_by_label("English").check()
    await everywhere(page, "change")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Advisor, Manager")
    await expect(row).to_contain_text("English")
    await row.get_by_role("button", name=re.compile("^Disable")).click()
    await expect(dialog).to_contain_text("signed out everywhere at once")
    await flawless(page, "sure?")
    await dialog.get_by_role("button", name="Disable").click()
    await expect(row).to_contain_text("Disabled")
    # Her page hears of it without a click, and leads to the sign-in.
    await expect(nora).to_have_url(re.compile("/staff/login"))
    await row.get_by_role("button", name=re.compile("^Enable")).click()
    await expect(page.get_by_role("status")).to_contain_text("can sign in again")


async def accepts(cast: Cast, settings: Settings) -> Page:
    """Open the invitation's link as its owner, and go to work."""
    page = await cast.stranger()
    _, path = await letter_in(settings.data_dir, "nora@example.com")
    await page.goto(path)
    await expect(page.get_by_label("French")).to_be_checked()
    await everywhere(page, "invitation")
    await page.get_by_label("New password").fill("a password of hers")
    await page.get_by_label("The same again").fill("another of hers")
    cast.forgive("400")
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("not the same")
    await flawless(page, "passwords that differ")
    await page.get_by_label("New password").fill("a password of hers")
    await page.get_by_label("The same again").fill("a password of hers")
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is set")
    await page.get_by_label("E-mail").fill("nora@example.com")
    await page.get_by_label("Password").fill("a password of hers")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile("/advisor"))
    return page


async def test_a_forgotten_password_is_asked_for_from_the_sign_in(cast: Cast) -> None:
    page = await cast.stranger()
    await page.goto("/staff/login")
    await page.get_by_role("link", name="Forgot your password?").click()
    await everywhere(page, "forgot")
    await page.get_by_label("E-mail").fill("nobody@example.com")
    await page.get_by_role("button", name="Send the link").click()
    await expect(page.get_by_role("status")).to_contain_text("on its way")
    await flawless(page, "a letter on its way")


async def test_a_team_of_many_reads_well_at_every_width(cast: Cast, settings: Settings) -> None:
    async with Database.open(settings.database_url) as database:
        staff = staff_of(database, VirtualClock())
        await staff.add("x" * 60 + "@example.com", LONG, "p" * 12, {"paris": Role.ADVISOR}, ["fr"])
        await staff.grant("boss@example.com", "paris", Role.ADMINISTRATOR)
        await staff.grant("boss@example.com", "lyon", Role.MANAGER)
        await staff.grant("alice@example.com", "lyon", Role.ADVISOR)
    page = await cast.staff("boss@example.com", "/manager/staff?showroom=paris&lang=fr")
    await expect(page.get_by_role("listitem").filter(has_text="alice@")).to_contain_text("Lyon")
    await everywhere(page, "équipe")


async def test_a_second_factor_is_set_up_with_a_picture_and_asked_for(cast: Cast) -> None:
    page = await cast.staff("alice@example.com", "/advisor")
    await page.get_by_role("link", name="Your account").click()
    await everywhere(page, "account")
    await page.get_by_role("button", name="Set it up").click()
    picture = page.get_by_role("img", name="QR code")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("one => one.naturalWidth") > 100
    await everywhere(page, "a secret to scan")
    secret = (await page.locator(".account__secret").inner_text()).replace(" ", "")
    await page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.get_by_role("status")).to_have_text("The second factor is on.")
    await expect(page.get_by_role("listitem")).to_have_count(10)
    await everywhere(page, "recovery codes")
    paper = await page.get_by_role("listitem").first.inner_text()
    await page.get_by_role("link", name="I have kept them").click()
    await everywhere(page, "a second factor that is on")

    phone = await cast.stranger()
    await phone.goto("/staff/login")
    await phone.get_by_label("E-mail").fill("alice@example.com")
    await phone.get_by_label("Password").fill(PASSWORD)
    await phone.get_by_role("button", name="Sign in").click()
    await expect(phone.get_by_label("Code", exact=True)).to_be_focused()
    await phone.get_by_label("Code", exact=True).fill("000000")
    cast.forgive("401")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("alert")).to_contain_text("not right")
    await everywhere(phone, "second step")
    await phone.get_by_label("Code", exact=True).fill(paper)
    await phone.keyboard.press("Enter")
    await expect(phone).to_have_url(re.compile("/advisor"))


async def test_a_manager_demands_second_factors_and_a_colleague_is_led_to_set_one_up(
    cast: Cast, settings: Settings, album: Album | None
) -> None:
    boss = await cast.staff("boss@example.com", "/manager/showroom?showroom=paris")
    calls = boss.get_by_role("region", name="Calls and data")
    demand = calls.get_by_label("Managers need a second factor")
    await demand.check()
    cast.forgive("403")
    await calls.get_by_role("button", name="Save: Calls and data").click()
    await expect(calls.get_by_role("alert")).to_contain_text("Set yours up")
    await everywhere(boss, "no factor of one's own")
    if album:
        await album.take(boss, "demand-refused", whole=True)
    # As a settings file would: whoever is inside already is led there, too.
    floor = await cast.staff("boss@example.com", "/manager?showroom=paris")
    async with Database.open(settings.database_url) as database:
        showrooms = Showrooms(database)
        room = await showrooms.by_slug("paris")
        await showrooms.save(replace(room, policy=replace(room.policy, require_factor=True)))
    await expect(floor.get_by_text("asks for a second factor")).to_be_visible()
    await expect(floor.get_by_role("link", name="To the floor")).to_have_count(0)
    await everywhere(floor, "a factor that is demanded")
    if album:
        await album.take(floor, "demanded")
    await floor.goto("/manager/calls?showroom=paris")
    await floor.get_by_role("button", name="Set it up").click()
    if album:
        await album.take(floor, "demanded-secret", whole=True)
    secret = (await floor.locator(".account__secret").inner_text()).replace(" ", "")
    await floor.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    await floor.get_by_role("button", name="Turn it on").click()
    await floor.get_by_role("link", name="I have kept them").click()
    await expect(floor).to_have_url(re.compile(r"/manager/calls\?showroom=paris$"))
    await floor.goto("/staff/account?lang=fr")
    await expect(floor.get_by_text("l’exige")).to_be_visible()
    await everywhere(floor, "a factor that is demanded and on")
    if album:
        await album.take(floor, "demanded-on-fr")


async def test_a_company_account_is_offered_where_there_is_one(open_house: OpenHouse) -> None:
    provider = {
        "oidc_issuer": "https://login.example.com",
        "oidc_client_id": "showroom",
        "oidc_client_secret": SecretStr("secret"),
    }
    page = await (await open_house(provider)).stranger()
    await page.goto("/staff/login?next=/advisor/leads&lang=fr")
    way = page.get_by_role("link", name="Se connecter avec un compte d’entreprise")
    await expect(way).to_have_attribute("href", "/staff/company?next=%2Fadvisor%2Fleads")
    await everywhere(page, "sign-in")


async def everywhere(page: Page, name: str) -> None:
    """Assert that a view is flawless by day and at night, and fits a phone and a desk."""
    await flawless(page, name)
    await fits(page, name)
