"""Many cars by a file: as spreadsheets and programs write it, shown first, applied at once."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from html import unescape
from io import BytesIO

import aiohttp
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from booking.spreadsheet import as_written, csv_line
from showroom.range_editing import Table
from showroom.tables import vehicles
from showroom.vehicles import Vehicles
from tests.houses import House
from tests.people import Person
from tests.samples import a_vehicle
from tests.web.test_vehicles import PAGE, car, log_of, read
from web.vehicles.files import MOST_BYTES, MOST_ROWS, FileRefused, read_file

HEAD = "slug,name,version,body,energy,price,currency,stock,power_kw,seats,boot_litres,length_mm"
BRISE = "brise,Brise,Sept,city,electric,25900,EUR,to order,85,4,310,3990"


def tables(file: str | bytes) -> list[Table]:
    data = file.encode() if isinstance(file, str) else file
    return [row.table for row in read_file(data).rows]


def refused(file: str | bytes) -> str:
    with pytest.raises(FileRefused) as why:
        tables(file)
    return why.value.why


def test_every_way_in_which_a_spreadsheet_writes_a_table_is_understood() -> None:
    plain = "slug,name,price\ncrete,Crête,41900\n"
    right = [{"slug": "crete", "name": "Crête", "price": Decimal(41900)}]
    ways = {
        "commas": plain.encode(),
        "semicolons": plain.replace(",", ";").encode(),
        "tabs": plain.replace(",", "\t").encode(),
        "a mark": plain.encode("utf-8-sig"),
        "UTF-16": plain.replace(",", "\t").encode("utf-16"),
        "Latin-1": plain.encode("latin-1"),
        "Windows' line ends": plain.replace("\n", "\r\n").encode(),
        "an old Mac's line ends": plain.replace("\n", "\r").encode(),
        "Excel's word": f"sep=;\r\n{plain.replace(',', ';')}".encode(),
        "empty lines and columns": plain.replace("\n", ",,\n,,,,\n").encode(),
        "capital letters": plain.replace("slug,name", " SLUG , Name ").encode(),
        "quotes": plain.replace("Crête", '"Crête"').encode(),
        "no line end": plain.strip().encode(),
    }
    for way, file in ways.items():
        assert tables(file) == right, way
    assert read_file(ways["Latin-1"]).guessed
    assert not read_file(ways["UTF-16"]).guessed


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("41900", "41900"),
        ("41900.5", "41900.5"),
        ("41900,50", "41900.50"),
        ("41 900,00 €", "41900.00"),
        ("41\u202f900,00\u00a0€", "41900.00"),
        ("€41,900.00", "41900.00"),
        ("41.900,00", "41900.00"),
        ("1'234'567.00", "1234567.00"),
    ],
)
def test_a_price_is_read_as_people_write_it(text: str, price: str) -> None:
    assert tables(f'slug\tprice\nx\t"{text}"\n') == [{"slug": "x", "price": Decimal(price)}]


@pytest.mark.parametrize("text", ["41.900", "41,900", "4,19E+04", "=1+1", "-1", "1.2.3", "EUR"])
def test_a_price_that_can_mean_two_things_is_left_to_be_refused(text: str) -> None:
    assert tables(f'slug;price\nx;"{text}"\n')[0]["price"] == text


def test_a_line_is_counted_as_an_editor_counts_it() -> None:
    file = 'slug,equipment.en\n\ncrete,"Tow bar\nHeat pump | Roof rails"\nbrise,,too many\n'
    first, second = read_file(file.encode()).rows
    assert (first.number, first.table["equipment"]) == (
        3, {"en": ["Tow bar", "Heat pump", "Roof rails"]},
    )  # fmt: skip
    # Its line has more cells than there are columns.
    assert (second.number, second.table) == (5, {})


def test_json_of_the_interface_and_of_settings_are_understood() -> None:
    settings = '[{"slug": "x", "price": 41900.50, "range_km": null}]'
    right: list[Table] = [{"slug": "x", "price": Decimal("41900.50"), "range_km": ""}]
    assert tables(settings) == right
    assert tables(f'{{"vehicles": {settings}}}') == right
    told = json.dumps({"items": [{"id": "x", "price": 4190050, "range_km": None}], "next": None})
    assert tables(told) == right
    assert tables('[{"slug": "x", "price": "41900.50", "range_km": ""}]') == right


def test_what_is_no_such_file_is_refused_by_a_reason() -> None:
    assert refused(b"") == "empty"
    assert refused(" ;;\n") == "empty"
    assert refused(b"PK\x03\x04 and more") == "workbook"
    assert refused("slug,colour\n") == "column"
    assert refused("slug,name,slug\n") == "column_twice"
    assert refused("name,price\n") == "no_slug"
    assert refused('slug,name\nx,"never closed\ny,z\n') == "quotes"
    assert refused("[{]") == "json"
    assert refused("[1, 2]") == "no_list"
    assert refused('{"cars": []}') == "no_list"
    assert refused("[" * 100_000) == "no_list"
    assert refused('[{"price": NaN}]') == "no_list"
    assert refused("slug\n" + "x\n" * (MOST_ROWS + 1)) == "too_many"
    assert refused(b"x" * (MOST_BYTES + 1)) == "too_large"


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs", "Cc", "Zl"])))
def test_a_formula_comes_back_as_it_was_written(text: str) -> None:
    for cell in (f"={text}", f"@{text}", f"+1;=2;{text}"):
        (line,) = csv.reader([csv_line([cell])])
        assert not line[0].startswith(("=", "@", "+"))
        assert as_written(line[0]) == as_written(cell)


# ---------------------------------------------------------------- the pages


async def upload(who: Person, file: bytes, path: str = "import") -> tuple[int, str]:
    form = aiohttp.FormData({"csrf": await who.csrf(PAGE)})
    form.add_field("file", BytesIO(file), filename="cars.csv", content_type="text/csv")
    async with who.http.post(f"{who.url}{PAGE}/{path}?showroom=paris", data=form) as response:
        return response.status, unescape(await response.text())


def hidden(page: str, name: str) -> str:
    """Return what a page has for its own form."""
    return page.partition(f'name="{name}" value="')[2].partition('">')[0]


async def apply(who: Person, page: str, raw: str | None = None) -> tuple[int, str]:
    """Send back what the preview has; return the status, and the page or where it leads."""
    fields = {"csrf": await who.csrf(PAGE), "seen": hidden(page, "seen")}
    fields["rows"] = rows_of(page) if raw is None else raw
    form = aiohttp.FormData(fields)
    form.add_field("none", b"", filename="none")
    url = f"{who.url}{PAGE}/apply?showroom=paris"
    async with who.http.post(url, data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


def rows_of(page: str) -> str:
    start = page.index('name="rows" value="') + len('name="rows" value="')
    return json.dumps(json.JSONDecoder().raw_decode(page[start:])[0])


async def test_a_file_is_shown_applied_and_then_changes_nothing(house: House, boss: Person) -> None:
    crete = "crete,Crête,Hybride 200,SUV,hybrid,39900,EUR,in stock,147,5,540,4510"
    broken = "neuf,Neuf,,city,petrol,cheap,EUR,in stock,85,0,310,3990"
    file = "\n".join([HEAD, BRISE, crete, broken]).encode()
    status, page = await upload(boss, file)
    assert status == 200
    assert "New: 1" in page
    assert "Changed: 1" in page
    assert "Price: <del>41900.00</del>" in page
    assert "Refused: 1" in page
    assert "Line 4" in page
    assert "Price: Write an amount like 41900 or 41900.50." in page
    assert "Seats: Write a whole number from 1 to 100." in page
    # Looking keeps nothing.
    assert len(await Vehicles(house.node.shared.database).of(house.paris)) == 1
    assert await apply(boss, page) == (303, f"{PAGE}?showroom=paris&done=2")
    assert "Vehicles kept: 2" in await read(boss, query="&done=2")
    assert (await car(house)).price == 3_990_000
    assert (await car(house, "brise")).stock.value == "to order"
    # What the file does not name has stayed.
    assert (await car(house)).equipment == a_vehicle(house.paris).equipment
    assert [entry.subject_id for entry in await log_of(house)] == ["brise", "crete"]
    _, page = await upload(boss, file)
    assert "Vehicles that stay as they are: 2" in page
    assert "There is nothing to change." in page
    assert 'name="rows"' not in page


async def test_what_is_downloaded_changes_nothing_when_it_comes_back(
    house: House, boss: Person
) -> None:
    kept = Vehicles(house.node.shared.database)
    odd = replace(
        a_vehicle(house.paris, "odd", 7),
        name="=cmd|' /C calc'!A1",
        version="-1; =2",
        tagline={"en": '"quoted", with commas; and more', "it": "@lassù"},
        equipment={"en": ("+1", "'=kept", "Tow bar")},
        range_km=None,
        withdrawn=True,
    )
    await kept.save(odd)
    async with boss.http.get(f"{boss.url}{PAGE}.csv?showroom=paris") as response:
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="vehicles-paris.csv"'
        )
        file = await response.read()
    assert b"'=cmd" in file
    _, page = await upload(boss, file)
    assert "Vehicles that stay as they are: 2" in page, page
    assert "There is nothing to change." in page


async def test_somebody_who_was_faster_is_told_of_and_nothing_is_kept(
    house: House, boss: Person
) -> None:
    file = b"slug,seats\ncrete,4\n"
    _, page = await upload(boss, file)
    _, other = await upload(boss, b"slug,price\ncrete,1\n")
    assert (await apply(boss, other))[0] == 303
    status, again = await apply(boss, page)
    assert status == 412
    assert "Somebody changed one of these vehicles meanwhile" in again
    assert (await car(house)).seats == 5
    assert (await apply(boss, unescape(again)))[0] == 303
    assert ((await car(house)).seats, (await car(house)).price) == (4, 100)


async def test_a_formula_is_text_and_a_script_is_not_run(house: House, boss: Person) -> None:
    file = b"slug,version,body\ncrete,=1+1,<script>alert(1)</script>\n"
    form = aiohttp.FormData({"csrf": await boss.csrf(PAGE)})
    form.add_field("file", file, filename="cars.csv")
    async with boss.http.post(f"{boss.url}{PAGE}/import?showroom=paris", data=form) as response:
        raw = await response.text()
    assert "<script>alert" not in raw
    assert (await apply(boss, unescape(raw)))[0] == 303
    assert (await car(house)).version == "=1+1"


async def test_what_can_t_be_read_says_why_above_the_list(house: House, boss: Person) -> None:
    for file, said in {
        b"": "Choose a file first.",
        b"PK\x03\x04": "This is an Excel workbook.",
        b"slug,colour\n": "Line 1: there is no column called colour.",
        b"x" * (MOST_BYTES + 1): "A file has at most 2 MB.",
        b"[{]": "something is wrong in line 1, at letter 3",
    }.items():
        status, page = await upload(boss, file)
        assert (status, said in page) == (400, True), said
        assert "Crête" in page


async def test_what_comes_back_from_a_page_is_judged_again(house: House, boss: Person) -> None:
    _, page = await upload(boss, b"slug,seats\ncrete,4\n")
    for raw in (
        "",
        "[]",
        "{}",
        '{"rows": [[1]], "lines": true}',
        '{"rows": [["x", {}]]}',
        "[" * 50_000,
    ):
        assert (await apply(boss, page, raw))[0] == 400, raw[:40]
    forged = json.dumps({"lines": True, "rows": [[2, {"slug": "crete", "seats": 1000}]]})
    assert (await apply(boss, page, forged))[0] == 303
    assert (await car(house)).seats == 5


async def test_two_thousand_cars_go_in(house: House, boss: Person) -> None:
    lines = [BRISE.replace("brise", f"b{n}") for n in range(MOST_ROWS)]
    _, page = await upload(boss, "\n".join([HEAD, *lines]).encode())
    assert f"New: {MOST_ROWS}" in page
    assert "…and 1800 more." in page
    assert (await apply(boss, page))[1].endswith(f"done={MOST_ROWS}")
    page = await read(boss)
    assert "These are the first 200 of 2001." in page


async def test_an_import_needs_the_page_s_token_first(house: House, boss: Person) -> None:
    for path in ("import", "apply"):
        form = aiohttp.FormData({"csrf": "wrong"})
        form.add_field("file", b"slug\ncrete\n", filename="cars.csv")
        async with boss.http.post(f"{boss.url}{PAGE}/{path}", data=form) as response:
            assert response.status == 403


async def test_without_any_car_the_page_says_so_and_has_a_sample_that_goes_in(
    house: House, boss: Person
) -> None:
    async with house.node.shared.database.write() as connection:
        await connection.execute(sa.delete(vehicles))
    page = await read(boss)
    assert "There is no vehicle yet." in page
    assert "Download a sample" in page
    assert 'name="q"' not in page
    async with boss.http.get(f"{boss.url}{PAGE}.csv?showroom=paris") as response:
        sample = await response.read()
    _, preview = await upload(boss, sample)
    assert "New: 1" in preview
    assert (await apply(boss, preview))[0] == 303
    assert (await car(house)).equipment == {"en": ("Tow bar", "Sunroof")}
