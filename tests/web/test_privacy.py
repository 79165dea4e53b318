"""The manager's page about one person, the file that they get, and who sees how to reach whom."""

import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest

from showroom.audit import AuditLog, Deed
from showroom.clock import to_ms
from showroom.masking import mask_email, mask_phone
from showroom.personal import TABLES, Kind
from showroom.texts import LANGUAGES as SHIPPED
from showroom.texts import Words
from tests.houses import House, live_call
from tests.leads import AGREED, saved_lead
from tests.people import Person
from tests.photos import sends_photo
from tests.samples import PASSWORD
from tests.visits import saved_visit
from tests.web.agendas import get, noon, person_id, post
from tests.web.booking import send
from web.pages import environment
from web.words import LANGUAGES

EMAIL, PHONE = "jeanne@example.com", "+33612345678"
START = "/manager/privacy"


async def sends(who: Person, path: str, **form: str) -> tuple[int, bytes, str]:
    """Send a form of the page; return the status, the answer, and where it led."""
    form["csrf"] = await who.csrf("/staff/login")
    address = f"{who.url}{START}/{path}".removesuffix("/look")
    async with who.http.post(address, data=form) as answer:
        return answer.status, await answer.read(), str(answer.url)


async def test_a_manager_finds_somebody_exports_and_erases_them(house: House, boss: Person) -> None:
    database = house.node.shared.database
    await saved_lead(database, house.paris, phone=PHONE)
    await saved_visit(database, house.paris, await person_id(house, "alice"), noon())
    status, page, _ = await sends(boss, "look", email=EMAIL.upper())
    assert status == 200
    assert b"Jeanne Moreau" in page
    assert b"Erase for good" in page

    status, body, _ = await sends(boss, "export", email=EMAIL)
    assert status == 200
    data = json.loads(zipfile.ZipFile(io.BytesIO(body)).read("data.json"))
    assert [one["email"] for one in data["leads"]] == [EMAIL]
    assert [one["wish"] for one in data["visits"]] == ["The boot, and towing"]
    assert "token" not in data["visits"][0]

    status, page, where = await sends(boss, "erase", email=EMAIL, reason="asked", sure="on")
    assert status == 200
    number = re.fullmatch(r".*/receipts/([\w-]+)\?showroom=paris", where)
    assert number
    assert number[1].encode() in page
    assert b"Camille Roux" in page
    status, receipt = await get(boss, f"{START}/receipts/{number[1]}.json", showroom="paris")
    assert (status, receipt["reason"], receipt["counts"]["leads"]) == (200, "asked", 1)
    assert receipt["counts"]["visits"] == 1
    assert (await sends(boss, "look", email=EMAIL))[1].count(b"nothing of this person") == 1
    deeds = [noted.entry.deed for noted in await AuditLog(database).page(house.paris)]
    assert deeds == [Deed.ERASED, Deed.EXPORTED]

    async with house.boss("lyon") as chief:
        await chief.sign_in("chief@example.com", PASSWORD)
        status, _ = await get(chief, f"{START}/receipts/{number[1]}.json", showroom="lyon")
        assert status == 404


@pytest.mark.parametrize(
    ("path", "form", "status", "says"),
    [
        ("look", {}, 400, b"no e-mail address"),
        ("look", {"email": "jeanne"}, 400, b"no e-mail address"),
        ("look", {"phone": "12"}, 400, b"no phone number"),
        ("look", {"email": "x" * 300}, 400, b"no e-mail address"),
        ("look", {"email": "nobody@example.com"}, 200, b"nothing of this person"),
        ("erase", {"email": EMAIL, "reason": "asked"}, 400, b"Tick the box"),
        ("erase", {"email": EMAIL, "reason": "fun", "sure": "on"}, 400, b"Tick the box"),
        ("erase", {"email": "a@example.com", "reason": "asked", "sure": "on"}, 404, b"nothing of"),
    ],
)
async def test_what_can_t_be_done_is_said_on_the_page(
    house: House, boss: Person, path: str, form: dict[str, str], status: int, says: bytes
) -> None:
    await saved_lead(house.node.shared.database, house.paris)
    answered, page, _ = await sends(boss, path, **form)
    assert answered == status
    assert says in page
    assert (await get(boss, "/manager/leads/list"))[1]["found"] == 1


async def test_another_showroom_s_customers_are_not_found(house: House) -> None:
    await saved_lead(house.node.shared.database, house.paris)
    async with house.boss("lyon") as chief:
        await chief.sign_in("chief@example.com", PASSWORD)
        for path in ("look", "export", "erase"):
            _, page, _ = await sends(chief, path, email=EMAIL, reason="asked", sure="on")
            assert b"Moreau" not in page
    async with house.boss() as boss:
        await boss.sign_in("boss@example.com", PASSWORD)
        assert (await get(boss, "/manager/leads/list"))[1]["found"] == 1


async def test_a_lead_s_page_leads_to_its_person(house: House, boss: Person) -> None:
    lead = await saved_lead(house.node.shared.database, house.paris, phone=PHONE)
    async with boss.http.get(f"{boss.url}{START}?lead={lead}") as answer:
        page = await answer.text()
    assert f'value="{EMAIL}"' in page
    assert f'value="{PHONE}"' in page


async def test_the_file_has_all_that_was_said_agreed_and_shown(house: House, boss: Person) -> None:
    async with live_call(house) as (customer, alice, call):
        form = {"kind": "offer", "name": "Jeanne <b>", "email": EMAIL, "language": "fr"}
        agreed = [{"purpose": "contact", "version": "request-1"}]
        assert (await send(customer, "/s/paris/requests", **form, consents=agreed))[0] == 201
        photo = await sends_photo(alice, call)
        sheet = {"email": EMAIL, "consents": [{"purpose": "contact", "version": "sheet-contact-1"}]}
        given = {"version": 0, "sheet": sheet}
        assert (await post(alice, f"/advisor/calls/{call}/sheet/lead", given))[0] == 200
        status, body, _ = await sends(boss, "export", email=EMAIL)
    assert status == 200
    file = zipfile.ZipFile(io.BytesIO(body))
    assert set(file.namelist()) == {"data.json", "data.html", f"photos/{photo}.jpg"}
    assert file.read(f"photos/{photo}.jpg").startswith(b"\xff\xd8")
    data = json.loads(file.read("data.json"))
    # The last word about each purpose, in the language in which it was read to them.
    [consent] = data["consents"]
    assert (consent["version"], consent["language"]) == ("sheet-contact-1", "fr")
    assert consent["text"] == Words(LANGUAGES).translator("fr")(
        "lead.consent.contact", brand="Orvanne"
    )
    page = file.read("data.html").decode()
    assert "Jeanne &lt;b&gt;" in page
    assert consent["text"] in html.unescape(page)


@pytest.mark.parametrize("language", SHIPPED)
def test_what_is_personal_has_a_word_on_the_page_to_be_read(language: str) -> None:
    told = ("leads", "lead_sheets", "appointments", "follow_ups", "calls", "call_events", "photos")
    named = {
        column
        for table in told
        for column, kind in TABLES[table].personal.items()
        if kind is not Kind.ACCESS
    }
    words = Words(LANGUAGES).of(language, "privacy")
    assert {one for one in named if f"privacy.field.{one}" not in words} == set()


@pytest.mark.parametrize(("language", "photo", "call_back"), [
    ("en", "Taken", "Taken on"), ("de", "Aufgenommen", "Übernommen"),
])  # fmt: skip
def test_what_is_taken_of_a_photo_is_not_what_is_taken_of_a_call_back(
    language: str, photo: str, call_back: str
) -> None:
    words = Words(LANGUAGES)
    texts = words.of(language, "privacy.field")
    page = environment.get_template("personal_data.html").render(
        t=words.translator(language),
        language=language,
        direction="ltr",
        showroom="Paris",
        data={
            "exported_at": "10 Oct",
            "consents": [],
            "photos": [{"taken_at": "8 Oct"}],
            "call_backs": [{"taken_at": "9 Oct"}],
        },
        fields={key.removeprefix("privacy.field."): text for key, text in texts.items()},
        sections=("photos", "call_backs"),
        pictures=[],
    )
    assert f'<dt>{photo}</dt><dd dir="auto">8 Oct</dd>' in page
    assert f'<dt>{call_back}</dt><dd dir="auto">9 Oct</dd>' in page


async def test_the_page_to_be_read_has_the_clocks_of_the_showroom(
    house: House, boss: Person
) -> None:
    at_ms = to_ms(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    await saved_lead(house.node.shared.database, house.paris, created_at=at_ms)
    _, body, _ = await sends(boss, "export", email=EMAIL)
    page = zipfile.ZipFile(io.BytesIO(body)).read("data.html").decode()
    assert '<dt>Begun</dt><dd dir="auto">2 Jul 2026, 00:30:00</dd>' in page
    assert "2026-07-01T22:30:00.000Z" not in page


# ---------------------------------------------------------------- who sees what


@pytest.mark.parametrize(
    ("owner", "asks", "sees"),
    [
        (None, "alice", True),
        ("alice", "alice", True),
        ("bruno", "alice", False),
        ("bruno", "boss", True),
    ],
)
async def test_who_needs_no_address_sees_none(
    house: House, owner: str | None, asks: str, sees: bool
) -> None:
    whose = await person_id(house, owner) if owner else None
    lead = await saved_lead(
        house.node.shared.database, house.paris, phone=PHONE, owner_id=whose, details=AGREED
    )
    start = "/manager" if asks == "boss" else "/advisor"
    async with house.boss() as who:
        await who.sign_in(f"{asks}@example.com", PASSWORD)
        _, answer = await get(who, f"{start}/leads/list", showroom="paris", state="all")
        _, one = await get(who, f"{start}/leads/{lead}", showroom="paris")
    for shown in (answer["leads"][0], one["lead"]):
        assert shown["masked"] is not sees
        reach = (shown["contact"]["email"], shown["contact"]["phone"])
        assert reach == ((EMAIL, PHONE) if sees else ("j•••@example.com", "••• 78"))


async def test_a_colleague_s_address_is_changed_by_nobody_who_does_not_see_it(
    house: House, alice: Person
) -> None:
    bruno = await person_id(house, "bruno")
    lead = await saved_lead(house.node.shared.database, house.paris, owner_id=bruno)
    for fields, status in (({"email": "other@example.com"}, 409), ({"wishes": ["offer"]}, 200)):
        answered, _ = await post(
            alice, f"/advisor/leads/{lead}/fields", {"version": 1, "fields": fields}
        )
        assert answered == status


def test_a_mask_leaves_enough_to_know_somebody_again() -> None:
    assert mask_email("jeanne@example.com") == "j•••@example.com"
    assert mask_phone("+33612345678") == "••• 78"
    assert (mask_email(None), mask_phone(None), mask_email("")) == (None, None, "")
