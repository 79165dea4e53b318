"""Photos over HTTP: who may send and see them, what is refused, and the page after the call."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from media.photos import PhotoLinks, Photos
from showroom.files import FolderFiles
from showroom.ids import CallId
from tests.houses import House, live_call
from tests.nodes import SECRET
from tests.people import Boss, Customer, Employee, Person
from tests.photos import sends_photo, sends_piece
from tests.samples import PASSWORD
from tests.stills import a_bomb, a_header, a_photo, opened, other_image

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


async def get(who: Person | aiohttp.ClientSession, url: str) -> Answer:
    http = who if isinstance(who, aiohttp.ClientSession) else who.http
    async with http.get(url, allow_redirects=False) as response:
        return Answer(response.status, response.headers, await response.read())


async def test_both_sides_and_the_showrooms_managers_see_a_photo_and_nobody_else(
    house: House,
) -> None:
    async with (
        live_call(house) as (customer, alice, call),
        house.employee("b") as bruno,
        house.boss() as boss,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
        house.customer("another") as another,
        aiohttp.ClientSession() as nobody,
    ):
        staff: list[tuple[Employee, str]] = [(bruno, "bruno"), (boss, "boss")]
        staff += [(lea, "lea"), (chief, "chief")]
        for employee, name in staff:
            assert await employee.sign_in(f"{name}@example.com", PASSWORD) == 303
        await another.call()
        photo = await sends_photo(alice, call, a_photo(1600, 1200))
        address = f"{house.url}/s/paris/photos/{photo}"
        people: tuple[Person, ...] = (customer, alice, boss)
        for person in people:
            for url, size in ((address, (1600, 1200)), (f"{address}/small", (480, 360))):
                response = await get(person, url)
                assert response.status == 200
                assert opened(response.body).size == size
        strangers: tuple[Person | aiohttp.ClientSession, ...] = (bruno, lea, chief, another, nobody)
        for stranger in strangers:
            for url in (address, f"{address}/small", address.replace("paris", "lyon")):
                assert (await get(stranger, url)).status == 404


async def test_a_photo_is_answered_as_a_picture_and_nothing_else(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        headers = (await get(customer, f"{house.url}/s/paris/photos/{photo}")).headers
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith("inline; filename=")
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"].startswith("private")


REFUSED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "SVG": (lambda: SVG, 415, "not_a_picture"),
    "HTML": (lambda: b"<!doctype html><script>alert(1)</script>", 415, "not_a_picture"),
    "PNG": (lambda: other_image("PNG"), 415, "not_a_picture"),
    "GIF": (lambda: other_image("GIF"), 415, "not_a_picture"),
    "a bomb": (a_bomb, 415, "not_a_picture"),
    "cut short": (lambda: a_photo()[:3000], 415, "not_a_picture"),
    "200 megapixels": (lambda: a_header(20_000, 10_000), 413, "too_large"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_an_upload_that_is_no_photo_is_refused_and_the_call_goes_on(
    house: House, what: str
) -> None:
    make, status, code = REFUSED[what]
    data = make()
    async with live_call(house) as (customer, alice, call):
        photo = (await alice.send("take_photo"))["photo"]
        got, answer = await sends_piece(alice, call, photo, 0, len(data), data)
        assert (got, answer["code"]) == (status, code)
        assert (await get(customer, f"{house.url}/s/paris/photos/{photo}")).status == 404
        # The next try, of the same wish, is as good as any.
        assert await sends_photo(alice, call) == photo
        assert (await customer.send("chat", id="k", text="There it is."))["ok"]


async def test_what_hung_on_a_photo_is_not_served(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call, a_photo(comment=SVG) + b"PK\x03\x04canary")
        served = (await get(customer, f"{house.url}/s/paris/photos/{photo}")).body
        assert b"svg" not in served
        assert b"canary" not in served


async def test_pieces_come_again_and_out_of_step_and_make_one_photo(house: House) -> None:
    data = a_photo()
    half = len(data) // 2
    async with live_call(house) as (customer, alice, call):
        photo = (await alice.send("take_photo"))["photo"]

        async def send(start: int, piece: bytes) -> tuple[int, dict[str, Any]]:
            return await sends_piece(alice, call, photo, start, len(data), piece)

        status, answer = await send(half, data[half:])
        assert (status, answer["code"], answer["received"]) == (409, "conflict", 0)
        for _ in range(2):
            assert await send(0, data[:half]) == (200, {"ok": True, "received": half})
        for _ in range(3):
            assert await send(half, data[half:]) == (200, {"ok": True, "received": len(data)})
        await customer.until("logged")
        await customer.come_back()
        log = (await customer.until_call("live"))["log"]
        assert [entry["id"] for entry in log if entry["kind"] == "photo"] == [photo]


async def test_only_the_calls_advisor_sends_its_photo(house: House) -> None:
    async with (
        live_call(house) as (customer, alice, call),
        house.employee("b") as bruno,
        Employee(house.url, "lyon") as lea,
    ):
        await bruno.sign_in("bruno@example.com", PASSWORD)
        await lea.sign_in("lea@example.com", PASSWORD)
        photo = (await alice.send("take_photo"))["photo"]
        for who in (bruno, lea):
            status, answer = await sends_piece(who, call, photo, 0, 10, b"0123456789")
            assert (status, answer["code"]) == (404, "not_found")
        for other in ("unknown", "x" * 64):
            status, _ = await sends_piece(alice, call, other, 0, 10, b"0123456789")
            assert status == 404
        url = f"{house.url}/advisor/calls/{call}/photos/{photo}?showroom=paris&start=0&size=1"
        async with alice.http.post(url, data=b"x") as response:
            assert response.status == 403
        async with customer.http.post(url, data=b"x") as response:
            assert response.status == 403


async def test_a_piece_without_measure_is_refused(house: House) -> None:
    async with live_call(house) as (_, alice, call):
        photo = (await alice.send("take_photo"))["photo"]
        token = {"X-CSRF-Token": await alice.csrf("/staff/login"), "Accept": "application/json"}
        url = f"{house.url}/advisor/calls/{call}/photos/{photo}"
        for query, body, status in (
            ({"start": "0", "size": "9000000"}, b"x", 413),
            ({"start": "0", "size": "300000"}, bytes(300_000), 413),
            ({"start": "0", "size": "1"}, b"xx", 413),
            ({"start": "0", "size": "5"}, b"", 400),
            ({"start": "-1", "size": "5"}, b"x", 400),
            ({"start": "x", "size": "5"}, b"x", 400),
            ({"size": "5"}, b"x", 400),
            ({"start": "0", "size": "9" * 40}, b"x", 400),
        ):
            async with alice.http.post(url, params=query, data=body, headers=token) as response:
                assert response.status == status, query


async def test_a_photo_that_was_called_off_meanwhile_is_not_kept(house: House) -> None:
    data = a_photo()
    async with live_call(house) as (_, alice, call):
        photo = (await alice.send("take_photo"))["photo"]
        await sends_piece(alice, call, photo, 0, len(data), data[:1000])
        assert (await alice.send("cancel_photo"))["ok"]
        status, _ = await sends_piece(alice, call, photo, 1000, len(data), data[1000:])
        assert status == 404
        assert files_of(house) == []


async def test_a_photo_that_was_on_its_way_when_the_call_ended_still_arrives(
    house: House,
) -> None:
    data = a_photo()
    async with live_call(house) as (customer, alice, call):
        photo = (await alice.send("take_photo"))["photo"]
        await sends_piece(alice, call, photo, 0, len(data), data[:1000])
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        status, _ = await sends_piece(alice, call, photo, 1000, len(data), data[1000:])
        assert status == 200
        state = await customer.until("call_state", lambda m: bool(m["log"]))
        assert state["log"][-1]["id"] == photo


def files_of(house: House) -> list[Path]:
    folder = house.node.shared.settings.data_dir / "files"
    return [one for one in folder.rglob("*") if one.is_file()]


@pytest.fixture
def full_disk(house: House) -> Iterator[Path]:
    """A real disk under the house's files that has room for nothing much."""
    folder = house.node.shared.settings.data_dir / "files"
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_on_a_full_disk_a_photo_is_refused_with_what_to_do_and_the_call_goes_on(
    house: House, full_disk: Path
) -> None:
    data = a_photo(2000, 1500)
    async with live_call(house) as (customer, alice, call):
        photo = (await alice.send("take_photo"))["photo"]
        status, answer = await sends_piece(alice, call, photo, 0, len(data), data)
        assert (status, answer["code"]) == (507, "storage_full")
        assert "The call goes on" in answer["message"]
        assert files_of(house) == []
        assert (await customer.send("chat", id="k", text="Go on, please."))["ok"]
        assert (await alice.send("cancel_photo"))["ok"]
        state = await customer.until("call_state", lambda m: m["photo"] is None)
        assert state["state"] == "live"


@asynccontextmanager
async def a_call_with_a_photo(house: House) -> AsyncIterator[tuple[Customer, str, str]]:
    """Yield a customer after their call, with the photo's id and the address of the page."""
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        line = {"photo": photo, "stroke": "s", "start": 0, "points": [0.25, 0.5, 0.5, 0.25]}
        assert (await customer.send("draw", **line))["ok"]
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        assert (await alice.send("save_outcome", call=call, outcome="interested"))["ok"]
        await alice.until("no_call")
        token = PhotoLinks(SECRET).token(house.paris, CallId(call))
        yield customer, photo, f"{house.url}/p/{token}"


async def test_the_page_after_the_call_shows_the_photos_with_what_was_drawn(house: House) -> None:
    async with a_call_with_a_photo(house) as (_, photo, page), aiohttp.ClientSession() as anybody:
        text = ""
        async with asyncio.timeout(10):
            while 'points="200,300 400,150 400,150"' not in text:
                await asyncio.sleep(0.1)
                response = await get(anybody, page)
                assert response.status == 200
                text = response.body.decode()
        assert f"{photo}" in text
        assert "Alice Martin" in text
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex"
        picture = await get(anybody, f"{page}/{photo}")
        assert opened(picture.body).size == (800, 600)
        french = (await get(anybody, f"{page}?lang=fr")).body.decode()
        assert "Votre photo" in french
        assert (await get(anybody, f"{page}/unknown")).status == 404
        assert (await get(anybody, f"{page}0")).status == 404


async def test_the_page_without_photos_is_not_there(house: House) -> None:
    async with live_call(house) as (_, _alice, call), aiohttp.ClientSession() as anybody:
        token = PhotoLinks(SECRET).token(house.paris, CallId(call))
        assert (await get(anybody, f"{house.url}/p/{token}")).status == 404


async def test_photos_that_were_removed_are_gone_for_all(house: House) -> None:
    async with a_call_with_a_photo(house) as (customer, photo, page):
        address = f"{house.url}/s/paris/photos/{photo}"
        assert (await get(customer, address)).status == 200
        shared = house.node.shared
        files = FolderFiles(shared.settings.data_dir / "files")
        await Photos(shared.database, files, shared.clock).purge(house.paris, shared.clock() + 1)
        for url in (address, f"{address}/small", page, f"{page}/{photo}"):
            assert (await get(customer, url)).status == 404
        assert files_of(house) == []
