"""Dealers on the wire: the nearest for anybody, the directory for managers."""

import asyncio
from io import BytesIO

import aiohttp
import pytest

from booking.dealers.dealer_csv import MOST_BYTES
from booking.dealers.directory import Dealers
from tests.dealers import LILLE, LYON, NICE, a_dealer
from tests.houses import House
from tests.people import Person
from tests.virtual_clock import VirtualClock
from tests.web.agendas import get
from web.limits import DEALERS as ALLOWED

PAGE = "/manager/dealers"
HEAD = "code,name,street,postcode,city,latitude,longitude\n"
GOOD = "69-1,Étoile,1 rue,69003,Lyon,45.7,4.8\n"
BROKEN = "59-1,Beffroi,2 rue,59000,Lille,95,3.0\n"


@pytest.fixture
async def dealers(house: House) -> Dealers:
    """The directory of Paris, with four dealers."""
    kept = Dealers(house.node.shared.database, VirtualClock())
    places = {"75-1": {}, "69-1": LYON, "59-1": LILLE, "06-1": NICE}
    many = [a_dealer(house.paris, code, name=code, **place) for code, place in places.items()]
    await kept.upsert(house.paris, many)
    return kept


async def upload(who: Person, file: bytes, **fields: str) -> tuple[int, str]:
    """Send the form with a file; return the status and the page."""
    form = aiohttp.FormData({"csrf": await who.csrf(PAGE), **fields})
    form.add_field("file", BytesIO(file), filename="dealers.csv", content_type="text/csv")
    async with who.http.post(f"{who.url}{PAGE}?showroom=paris", data=form) as response:
        return response.status, await response.text()


async def act(who: Person, what: str, code: str) -> int:
    form = {"csrf": await who.csrf(PAGE), "code": code}
    url = f"{who.url}{PAGE}/{what}?showroom=paris"
    async with who.http.post(url, data=form, allow_redirects=False) as response:
        return response.status


async def read(who: Person, query: str = "") -> str:
    async with who.http.get(f"{who.url}{PAGE}{query}") as response:
        assert response.status == 200
        return await response.text()


async def test_the_nearest_dealers_come_with_their_distance(house: House, dealers: Dealers) -> None:
    async with house.customer() as anybody:
        _, answer = await get(anybody, "/s/paris/dealers", postcode="13 001")
    assert answer["found"] is True
    assert [one["code"] for one in answer["dealers"]] == ["06-1", "69-1", "75-1", "59-1"]
    assert answer["dealers"][0]["km"] == pytest.approx(160, abs=5)
    # What is for the showroom stays there.
    assert "email" not in answer["dealers"][0]


async def test_an_unknown_postcode_says_so_and_offers_the_list(
    house: House, dealers: Dealers
) -> None:
    await dealers.close(house.paris, "06-1")
    async with house.customer() as anybody:
        for query in ({"postcode": "00000"}, {}):
            _, answer = await get(anybody, "/s/paris/dealers", **query)
            assert answer["found"] is False
            assert [one["code"] for one in answer["dealers"]] == ["59-1", "69-1", "75-1"]
        _, answer = await get(anybody, "/s/paris/dealers", q="lil")
        assert [one["code"] for one in answer["dealers"]] == ["59-1"]
        status, answer = await get(anybody, "/s/paris/dealers", postcode="7" * 17)
        assert (status, answer["code"]) == (400, "bad_request")


async def test_asking_for_dealers_has_a_limit(house: House) -> None:
    async with house.customer() as anybody:
        asked = [get(anybody, "/s/paris/dealers") for _ in range(int(ALLOWED.burst) + 10)]
        assert 429 in {status for status, _ in await asyncio.gather(*asked)}


async def test_a_manager_finds_closes_and_reopens_a_dealer(
    house: House, dealers: Dealers, boss: Person
) -> None:
    assert "69-1" in await read(boss)
    page = await read(boss, "?q=lille")
    assert "59-1" in page
    assert "69-1" not in page
    assert await act(boss, "close", "59-1") == 303
    fresh = Dealers(house.node.shared.database, VirtualClock())
    assert (await fresh.get(house.paris, "59-1")).closed_at is not None
    assert await act(boss, "reopen", "59-1") == 303
    assert await act(boss, "close", "no such") == 404


async def test_a_file_goes_in_whole_or_its_good_lines(house: House, boss: Person) -> None:
    status, page = await upload(boss, (HEAD + GOOD + BROKEN).encode())
    assert status == 400
    assert "Nothing was kept" in page
    assert "Line 3" in page
    assert "latitude: write degrees from -90 to 90" in page
    assert "Étoile" not in page
    status, page = await upload(boss, (HEAD + GOOD + BROKEN).encode(), good_lines="on")
    assert status == 200
    assert "Dealers kept: 1" in page
    assert "Étoile" in page


async def test_a_large_file_goes_in_and_a_too_large_one_is_refused(
    house: House, boss: Person
) -> None:
    lines = "".join(f"d{n},Name {n},1 rue,69003,Lyon,45.7,4.8\n" for n in range(5_000))
    status, page = await upload(boss, (HEAD + lines).encode())
    assert (status, "Dealers kept: 5000" in page) == (200, True)
    status, _ = await upload(boss, b"x" * (MOST_BYTES + 1))
    assert status == 413
    status, _ = await upload(boss, b"x" * (2 * MOST_BYTES))
    assert status == 413


async def test_what_is_no_file_of_dealers_is_refused_with_a_word(
    house: House, boss: Person
) -> None:
    status, page = await upload(boss, b"\xff\xfe\x00")
    assert (status, "not UTF-8" in page) == (400, True)
    status, page = await upload(boss, b"")
    assert (status, "Choose a CSV file" in page) == (400, True)


async def test_a_name_with_a_script_is_shown_and_not_run(house: House, boss: Person) -> None:
    line = "x,<script>alert(1)</script>,1 rue,69003,Lyon,45.7,4.8\n"
    _, page = await upload(boss, (HEAD + line).encode())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_an_import_needs_the_page_s_token(house: House, boss: Person) -> None:
    form = aiohttp.FormData({"csrf": "wrong"})
    form.add_field("file", (HEAD + GOOD).encode(), filename="dealers.csv")
    async with boss.http.post(f"{boss.url}{PAGE}", data=form) as response:
        assert response.status == 403


async def test_an_advisor_has_no_directory(house: House, alice: Person) -> None:
    async with alice.http.get(f"{alice.url}{PAGE}") as response:
        assert response.status == 403
