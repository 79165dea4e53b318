"""The manager's pages of the cars: listed, changed one by one, withdrawn and brought back."""

import re
from html import unescape

import pytest

from showroom.audit import AuditLog, Deed, Entry, Subject
from showroom.ids import VehicleId
from showroom.vehicles import Vehicle, Vehicles
from tests.houses import House
from tests.people import Person
from tests.visits import staff_id
from tests.web.agendas import post

PAGE = "/manager/vehicles"
CRETE = f"{PAGE}/cars/crete"


async def read(who: Person, path: str = PAGE, query: str = "") -> str:
    async with who.http.get(f"{who.url}{path}?showroom=paris{query}") as response:
        assert response.status == 200
        return unescape(await response.text())


async def send(who: Person, path: str, /, **fields: str) -> tuple[int, str]:
    """Send a form; return the status, and the page or where it leads."""
    form = {"csrf": await who.csrf(PAGE), **fields}
    url = f"{who.url}{path}?showroom=paris"
    async with who.http.post(url, data=form, allow_redirects=False) as response:
        there = response.headers.get("Location") or unescape(await response.text())
        return response.status, there


def fields_of(page: str) -> dict[str, str]:
    """Return what the form of a car holds; its pictures have forms of their own."""
    page = page.partition('id="gallery"')[0]
    inputs = re.findall(r'<input[^>]* name="([\w.]+)"[^>]* value="([^"]*)"', page)
    areas = re.findall(r'<textarea[^>]* name="([\w.]+)"[^>]*>([^<]*)</textarea>', page)
    chosen = re.findall(r'<select[^>]* name="(stock)".*?<option value="([^"]*)" selected', page)
    found = {**dict(inputs), **dict(areas), **dict(chosen)}
    return {name: text for name, text in found.items() if name != "csrf"}


async def car(house: House, slug: str = "crete") -> Vehicle:
    return await Vehicles(house.node.shared.database).get(house.paris, VehicleId(slug))


async def log_of(house: House) -> list[Entry]:
    page = await AuditLog(house.node.shared.database).page(house.paris)
    return [entry for _, entry in reversed(page)]


async def test_the_list_is_searched_and_tells_who_is_withdrawn(house: House, boss: Person) -> None:
    page = await read(boss)
    assert "Crête" in page
    assert "€41,900.00" in page
    assert "1 of 1 are on show." in page
    assert "Crête" in await read(boss, query="&q=CRÊTE+hybr")
    assert "No vehicle fits" in await read(boss, query="&q=brise")
    assert "No vehicle fits" in await read(boss, query="&state=withdrawn")
    for wrong in ("&state=other", "&done=many", f"&q={'x' * 101}"):
        async with boss.http.get(f"{boss.url}{PAGE}?showroom=paris{wrong}") as response:
            assert response.status == 400


async def test_a_withdrawn_car_is_offered_to_nobody_and_keeps_its_name(
    house: House, boss: Person
) -> None:
    assert (await send(boss, f"{CRETE}/withdraw"))[0] == 303
    assert "0 of 1 are on show." in await read(boss)
    async with house.customer() as customer:
        assert "Crête" not in await read(customer, "/s/paris")
        assert "Crête" not in await read(customer, "/s/paris/book")
        status, _ = await post(customer, "/s/paris/calls", {"language": "en", "vehicle": "crete"})
        assert status == 404
    assert '"crete":"Crête"' in await read(boss, "/manager/leads")
    assert '"on_show":[]' in await read(boss, "/manager/leads")
    assert (await send(boss, f"{CRETE}/bring-back"))[0] == 303
    async with house.customer() as customer:
        assert "Crête" in await read(customer, "/s/paris")
    withdrawn, back = await log_of(house)
    who = await staff_id(house.node.shared.database, "boss@example.com")
    assert (withdrawn.who, withdrawn.subject, withdrawn.subject_id) == (
        who, Subject.VEHICLE, "crete",
    )  # fmt: skip
    assert (withdrawn.after, back.after) == ({"withdrawn": True}, {"withdrawn": False})
    assert (await send(boss, f"{PAGE}/cars/brise/withdraw"))[0] == 404


async def test_saving_a_form_as_it_came_changes_nothing(house: House, boss: Person) -> None:
    before = await car(house)
    fields = fields_of(await read(boss, CRETE))
    assert fields["price"] == "41900.00"
    assert fields["paints.fr"] == "dune #c8b494 Dune"
    assert (await send(boss, CRETE, **fields))[0] == 303
    assert await car(house) == before
    assert await log_of(house) == []


async def test_a_car_is_changed_field_by_field_and_noted(house: House, boss: Person) -> None:
    fields = fields_of(await read(boss, CRETE))
    status, there = await send(
        boss,
        CRETE,
        **{
            **fields,
            "name": "=Crête  II",
            "price": "43 500,50",
            "range_km": "",
            "tagline.fr": "",
            "equipment.en": "Tow bar\r\n\r\nRoof rails\r\n",
            "paints.en": "dune #c8b494 Dune\nnoir #111111 Black",
            "paints.fr": "dune #c8b494 Dune\nnoir #111111 Noir",
        },
    )
    assert (status, there) == (303, f"{CRETE}?showroom=paris&saved=1")
    assert "Saved." in await read(boss, CRETE, "&saved=1")
    now = await car(house)
    assert (now.name, now.price, now.range_km) == ("=Crête II", 4_350_050, None)
    assert now.tagline == {"en": "Up there."}
    assert now.equipment["en"] == ("Tow bar", "Roof rails")
    assert [one.name for one in now.paints] == [
        {"en": "Dune", "fr": "Dune"},
        {"en": "Black", "fr": "Noir"},
    ]
    (entry,) = await log_of(house)
    assert entry.before["price"] == "41900.00"
    assert entry.after["price"] == "43500.50"
    assert "=Crête II" in await read(boss)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", " ", "This is missing."),
        ("name", "x" * 201, "Write at most 200 characters"),
        ("price", "41.900", "Write an amount like 41900"),
        ("price", "-1", "Write an amount like 41900"),
        ("price", "", "This is missing."),
        ("currency", "euro", "Write the three letters of a currency"),
        ("stock", "perhaps", "Write in stock or to order"),
        ("seats", "0", "a whole number from 1 to 100"),
        ("seats", "five", "a whole number from 1 to 100"),
        ("equipment.en", "x" * 401, "each of at most 400 characters"),
        ("paints.en", "dune", "like: dune #c8b494 Dune"),
        ("paints.en", "dune #000000 Dune", "a paint has the same colour"),
        ("pictures", "side dune ../../etc/passwd", "Write each with its side"),
        ("pictures", "side dune https://elsewhere.example/x.jpg", "Write each with its side"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(
    house: House, boss: Person, field: str, text: str, said: str
) -> None:
    before = await car(house)
    fields = fields_of(await read(boss, CRETE))
    status, page = await send(boss, CRETE, **{**fields, "version": "Typed", field: text})
    assert status == 400
    assert "Nothing was saved yet" in page
    problem = re.search(rf'id="{field}-problem">([^<]*)<', page)
    assert problem is not None
    assert said in problem[1]
    # What was typed is not lost.
    assert 'value="Typed"' in page
    assert await car(house) == before


async def test_two_managers_at_once_lose_nothing(house: House, boss: Person) -> None:
    fields = fields_of(await read(boss, CRETE))
    await send(boss, CRETE, **{**fields, "version": "Theirs"})
    status, page = await send(boss, CRETE, **{**fields, "price": "1"})
    assert status == 412
    assert "Somebody changed this vehicle meanwhile" in page
    assert "Saved: Theirs. Yours: Hybride 200." in page
    assert (await car(house)).version == "Theirs"
    # Who has read that and saves again keeps their own.
    again = fields_of(page)
    assert again["price"] == "1"
    assert (await send(boss, CRETE, **again))[0] == 303
    now = await car(house)
    assert (now.version, now.price) == ("Hybride 200", 100)


async def test_a_car_is_added_once(house: House, boss: Person) -> None:
    fields = fields_of(await read(boss, f"{PAGE}/new"))
    assert fields["currency"] == "EUR"
    status, page = await send(boss, f"{PAGE}/new", **fields)
    assert status == 400
    # A slug, a name, a price, a power, a boot and a length.
    assert page.count("This is missing.") == 6
    whole = {
        **fields,
        "slug": "brise",
        "name": "Brise",
        "price": "25900",
        "power_kw": "85",
        "boot_litres": "310",
        "length_mm": "3 990",
    }
    status, there = await send(boss, f"{PAGE}/new", **whole)
    assert (status, there) == (303, f"{PAGE}/cars/brise?showroom=paris&saved=1")
    brise = await car(house, "brise")
    assert (brise.length_mm, brise.position, brise.withdrawn) == (3_990, 1, False)
    assert [one.deed for one in await log_of(house)] == [Deed.ADDED]
    status, page = await send(boss, f"{PAGE}/new", **{**whole, "name": "Other"})
    assert (status, "with this short name already" in page) == (400, True)
    assert (await car(house, "brise")).name == "Brise"
    # A car without a picture shows one of none, to customers too.
    async with house.customer() as customer:
        assert "/static/icons/no-picture.svg" in await read(customer, "/s/paris")


async def test_a_car_that_is_not_there_has_no_form(house: House, boss: Person) -> None:
    for way in (boss.http.get, boss.http.post):
        form = {"csrf": await boss.csrf(PAGE)}
        async with way(f"{boss.url}{PAGE}/cars/none?showroom=paris", data=form) as response:
            assert response.status == 404


async def test_an_advisor_has_no_such_page(house: House, alice: Person) -> None:
    async with alice.http.get(f"{alice.url}{PAGE}") as response:
        assert response.status == 403
