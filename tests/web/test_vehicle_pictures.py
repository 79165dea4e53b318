"""Pictures of cars over the web: added one by one or with a file, and shown for ever."""

import re
from html import unescape
from io import BytesIO

import aiohttp
import pytest

from showroom.vehicles import Picture
from tests.houses import House
from tests.media.test_pictures import a_cutout, moving
from tests.people import Person
from tests.stills import a_photo, opened
from tests.web.test_vehicle_files import HEAD, apply
from tests.web.test_vehicles import CRETE, PAGE, car, fields_of, log_of, read, send
from web.vehicles.matching import Shows, shows

ADD = f"{CRETE}/pictures"


async def add(who: Person, data: bytes, **fields: str) -> tuple[int, str]:
    given = {"csrf": await who.csrf(PAGE), "angle": "side", "paint": "dune", **fields}
    form = aiohttp.FormData(given)
    form.add_field("picture", BytesIO(data), filename="x.jpg", content_type="image/jpeg")
    url = f"{who.url}{ADD}?showroom=paris"
    async with who.http.post(url, data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def test_a_picture_takes_the_place_of_its_like_and_customers_see_it(
    house: House, boss: Person
) -> None:
    status, there = await add(boss, a_photo(1000, 500))
    assert (status, there) == (303, f"{CRETE}?showroom=paris&saved=1")
    first, front = (await car(house)).pictures
    assert front == Picture("front", "dune", "vehicles/crete-front-dune.svg")
    assert re.fullmatch(rf"/pictures/{house.paris}/[0-9a-f]{{32}}\.jpg", first.path)
    async with house.customer() as customer:
        page = await read(customer, "/s/paris")
        assert first.path in page
        small = first.path.replace(".", "-small.")
        assert f'src="{small}"' in page
        for path, width in ((first.path, 1000), (small, 720)):
            async with customer.http.get(house.url + path) as response:
                assert response.status == 200
                assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert "sandbox" in response.headers["Content-Security-Policy"]
                assert response.content_type == "image/jpeg"
                assert opened(await response.read()).width == width
    assert f'src="{small}"' in await read(boss)
    assert (await add(boss, a_cutout(), angle="rear"))[0] == 303
    assert [one.angle for one in (await car(house)).pictures] == ["side", "front", "rear"]
    # What was uploaded goes through the form of the car like any other path.
    before = await car(house)
    assert (await send(boss, CRETE, **fields_of(await read(boss, CRETE))))[0] == 303
    assert await car(house) == before
    entries = await log_of(house)
    assert [list(entry.after) for entry in entries] == [["pictures"], ["pictures"]]


async def test_a_picture_is_removed_and_that_of_a_path_too(house: House, boss: Person) -> None:
    for _ in range(2):
        which = {"angle": "side", "paint": "dune", "path": "vehicles/crete-side-dune.svg"}
        assert (await send(boss, f"{ADD}/remove", **which))[0] == 303
        assert [one.angle for one in (await car(house)).pictures] == ["front"]
    assert len(await log_of(house)) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "An SVG can hold programs"),
        (b"GIF89a", "A picture that moves"),
        (moving("WEBP"), "A picture that moves"),
        (b"x" * 20_000_001, "This picture is too large"),
        (b"%PDF-1.7", "no JPEG, PNG or WebP"),
        (b"", "no JPEG, PNG or WebP"),
    ],
)
async def test_what_is_not_taken_is_said_and_nothing_changes(
    house: House, boss: Person, data: bytes, said: str
) -> None:
    before = await car(house)
    status, page = await add(boss, data)
    assert (status, said in page) == (415, True)
    assert await car(house) == before


async def test_a_side_that_can_be_none_is_refused(house: House, boss: Person) -> None:
    assert (await add(boss, a_photo(), angle="../x"))[0] == 400
    assert (await add(boss, a_photo(), paint="é"))[0] == 400
    assert len((await car(house)).pictures) == 2
    assert (await boss.http.post(f"{boss.url}{PAGE}/cars/none/pictures")).status == 403


async def test_an_address_that_is_none_is_not_found(house: House) -> None:
    async with house.customer() as customer:
        name = "0" * 32
        for path in (f"{house.paris}/{name}.jpg", f"{house.paris}/x.jpg", f"%2e%2e/{name}.jpg"):
            async with customer.http.get(f"{house.url}/pictures/{path}") as response:
                assert response.status == 404, path


# ---------------------------------------------------------------- beside a file


async def bring(who: Person, file: bytes, pictures: dict[str, bytes]) -> str:
    """Send a file and pictures; return what they would change."""
    form = aiohttp.FormData({"csrf": await who.csrf(PAGE)})
    for name, data in pictures.items():
        form.add_field("pictures", data, filename=name, content_type="image/jpeg")
    form.add_field("file", file, filename="cars.csv", content_type="text/csv")
    async with who.http.post(f"{who.url}{PAGE}/import?showroom=paris", data=form) as response:
        assert response.status == 200
        return unescape(await response.text())


async def test_pictures_beside_a_file_go_where_it_names_them_or_their_names_say(
    house: House, boss: Person
) -> None:
    brise = "brise,Brise,,city,electric,25900,EUR,to order,85,4,310,3990,dune #c8b494 Dune,"
    file = f"{HEAD},paints.en,pictures\n{brise}rear dune Back.JPG\n".encode()
    page = await bring(
        boss,
        file,
        {
            "back.jpg": a_photo(200, 100),
            "Brise-three-quarter.jpg": a_photo(200, 101),
            "crete-side-dune.jpeg": a_photo(200, 102),
            "holiday.jpg": a_photo(200, 103),
            "crete-front.svg": b"<svg/>",
        },
    )
    assert "New: 1" in page
    assert "Changed: 1" in page
    assert page.count('class="range__picture"') == 3
    assert re.search(r"holiday\.jpg</dt><dd>Its name fits no vehicle", page)
    assert re.search(r"crete-front\.svg</dt><dd>An SVG can hold programs", page)
    assert len((await car(house)).pictures) == 2
    assert (await apply(boss, page))[0] == 303
    shown = (await car(house, "brise")).pictures
    assert [(one.angle, one.paint) for one in shown] == [
        ("rear", "dune"),
        ("three_quarter", "dune"),
    ]
    side, front = (await car(house)).pictures
    assert side.path.startswith("/pictures/")
    assert front.path == "vehicles/crete-front-dune.svg"
    async with boss.http.get(boss.url + side.path) as response:
        assert opened(await response.read()).size == (200, 102)


async def test_pictures_come_without_a_file_and_one_that_is_missing_is_said(
    house: House, boss: Person
) -> None:
    page = await bring(boss, b"", {"crete.png": a_cutout()})
    assert "Changed: 1" in page
    assert (await apply(boss, page))[0] == 303
    new = (await car(house)).pictures[-1]
    assert (new.angle, new.paint, new.path[-5:]) == ("three_quarter", "dune", ".webp")
    page = await bring(boss, b"slug,pictures\ncrete,side dune other.jpg\n", {})
    assert "Refused: 1" in page
    assert "The picture other.jpg was not sent along." in page


def test_a_picture_shows_the_car_that_its_name_begins_with() -> None:
    cars = ["crete", "crete-gt", "x"]
    assert shows("crete-side-dune.jpg", cars) == Shows("crete", "side", "dune")
    assert shows("CRETE-GT_rear.PNG", cars) == Shows("crete-gt", "rear", "")
    assert shows("crete.jpg", cars) == Shows("crete", "three_quarter", "")
    assert shows("crete-three-quarter-bleu nuit.jpg", cars) == Shows(
        "crete", "three_quarter", "bleu-nuit"
    )
    assert shows("cretes.jpg", cars) is None
    assert shows("other.jpg", cars) is None
    assert shows("", cars) is None
