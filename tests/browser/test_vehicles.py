"""A manager brings in cars and pictures, changes one, withdraws it; and uploads a logo."""

import os
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import Cast
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits
from tests.browser.test_showroom_settings import opened
from tests.media.test_pictures import a_cutout
from tests.stills import a_photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOSS = "boss@example.com"
PAGE = "/manager/vehicles?showroom=paris"
LONG = "Brise Sept avec un nom qui ne finit presque pas, et une finition de plus"
FILE = f"""slug;name;version;body;energy;price;currency;stock;power_kw;seats;boot_litres;length_mm
brise;{LONG};Sept;city;electric;25 900,00 €;EUR;to order;85;4;310;3 990
crete;Crête;Hybride 200;SUV;hybrid;39900;EUR;in stock;147;5;540;4510
neuf;Neuf;;city;petrol;41.900;EUR;in stock;85;0;310;3990
"""


def given(name: str, data: bytes, kind: str = "image/png") -> Any:
    return {"name": name, "mimeType": kind, "buffer": data}


async def pictures(page: Page, name: str) -> None:
    """Keep pictures for whoever looks at them."""
    if folder := os.environ.get("PICTURES"):
        for width, scheme in ((390, "light"), (1280, "dark"), (1920, "light")):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


async def test_cars_come_in_by_a_file_with_their_pictures(cast: Cast) -> None:
    cast.forgive("400|415")
    page = await cast.staff(BOSS, PAGE)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Vehicles")
    nav = page.get_by_role("navigation", name="The manager’s pages")
    await expect(nav.get_by_role("link", name="Vehicles")).to_have_attribute("aria-current", "page")
    await page.get_by_label("CSV or JSON file").set_input_files(given("x.csv", b"slug,colour\n"))
    await page.get_by_role("button", name="Show what changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("there is no column called colour")
    await page.get_by_label("CSV or JSON file").set_input_files(
        given("cars.csv", FILE.encode("cp1252"), "text/csv")
    )
    await page.get_by_label("Pictures, if you like").set_input_files(
        [
            given("brise.jpg", a_photo(900, 450), "image/jpeg"),
            given("brise-side.png", a_cutout(size=(900, 450))),
            given("holiday-with-a-rather-long-name.jpg", a_photo(90, 45), "image/jpeg"),
        ]
    )
    await page.get_by_role("button", name="Show what changes").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("What changes")
    await expect(page.get_by_role("region", name="New: 1")).to_contain_text(LONG)
    await expect(page.get_by_role("region", name="Changed: 1")).to_contain_text("41900.00")
    await expect(page.get_by_role("region", name="Refused: 1")).to_contain_text("Line 4")
    await expect(page.get_by_text("read as Western European text")).to_be_visible()
    await pictures(page, "vehicles-preview-en")
    await flawless(page, "what a file changes")
    await fits(page, "what a file changes")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("status")).to_have_text("Vehicles kept: 2")
    await expect(page.get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="Withdraw Crête").click()
    await expect(page.get_by_role("button", name="Bring back Crête")).to_be_visible()
    for language in ("fr", "en"):
        await page.goto(f"{PAGE}&lang={language}")
        await pictures(page, f"vehicles-{language}")
    await flawless(page, "vehicles")
    await fits(page, "vehicles")
    customer = await cast.customer()
    await expect(customer.page.get_by_role("button", name=LONG)).to_be_visible()
    await expect(customer.page.get_by_role("button", name="Crête")).to_have_count(0)
    shown = customer.page.locator("#hero-picture")
    assert "/pictures/" in (await shown.get_attribute("src") or "")
    assert await shown.evaluate("(picture) => picture.complete && picture.naturalWidth") == 900


async def test_one_car_is_changed_by_its_form_and_gets_a_picture(cast: Cast) -> None:
    cast.forgive("400|415")
    page = await cast.staff(BOSS, PAGE)
    await page.get_by_role("link", name="Crête").click()
    price = page.get_by_label("Price")
    await price.fill("41.900")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    await expect(price).to_have_accessible_description("Write an amount like 41900 or 41900.50.")
    await flawless(page, "a car with something wrong")
    await price.fill("42 500")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved.")
    await expect(price).to_have_value("42500.00")
    await page.get_by_label("Picture", exact=True).set_input_files(
        given("x.png", b"<svg/>", "image/svg+xml")
    )
    await page.get_by_role("button", name="Add this picture").click()
    await expect(page.get_by_role("alert")).to_contain_text("An SVG can hold programs")
    await page.get_by_label("What it shows").select_option("Rear")
    await page.get_by_label("Picture", exact=True).set_input_files(given("x.png", a_cutout()))
    await page.get_by_role("button", name="Add this picture").click()
    await expect(page.get_by_role("img", name="Crête: Rear, dune")).to_be_visible()
    await page.get_by_role("button", name="Remove the picture: Front, dune").click()
    await expect(page.get_by_role("img", name="Crête: Front, dune")).to_have_count(0)
    for language in ("fr", "en"):
        await page.goto(f"/manager/vehicles/cars/crete?showroom=paris&lang={language}")
        await pictures(page, f"vehicle-{language}")
    await flawless(page, "a car")
    await fits(page, "a car")
    await page.get_by_role("link", name="All vehicles").click()
    await page.get_by_role("link", name="Add a vehicle").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Add a vehicle")
    await fits(page, "a new car")


async def test_a_logo_is_uploaded_judged_and_saved(cast: Cast) -> None:
    cast.forgive("415")
    page = await opened(cast)
    brand = page.get_by_role("region", name="Brand")
    file = brand.get_by_label("Upload a logo")
    await file.set_input_files(given("x.svg", b"<svg/>", "image/svg+xml"))
    await expect(brand.get_by_role("alert").first).to_contain_text("An SVG can hold programs")
    await file.set_input_files(given("logo.png", a_cutout(size=(400, 100), colour=(20, 24, 60))))
    await expect(brand.get_by_text("This is the new logo.")).to_be_visible()
    preview = brand.get_by_role("group", name="Preview")
    await expect(preview.locator("img")).to_have_count(2)
    # Dark blue: well on light, hardly on dark.
    await expect(preview.get_by_role("status")).to_contain_text("On the dark ground")
    await pictures(page, "logo-en")
    await flawless(page, "a logo")
    await fits(page, "a logo")
    await brand.get_by_role("button", name="Save: Brand").click()
    await expect(brand.get_by_text("Saved.")).to_be_visible()
    customer = await cast.customer()
    shown = customer.page.get_by_role("img", name="Orvanne")
    await expect(shown).to_be_visible()
    await brand.get_by_role("button", name="Remove the logo").click()
    await expect(preview.locator("img").first).to_be_hidden()
    await brand.get_by_role("button", name="Save: Brand").click()
    await expect(brand.get_by_text("Saved.")).to_be_visible()
    await customer.page.reload()
    await expect(shown).to_have_count(0)
