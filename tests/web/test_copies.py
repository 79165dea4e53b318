"""Who may have an anonymised copy made, see how far it is, and play it."""

import asyncio
from typing import Any

import pytest

from media.recording.book import Deed, Recording, Recordings
from media.recording.copies import Copies
from showroom.ids import CallId
from showroom.parts import Books
from tests.houses import House
from tests.media.anonymise.films import pictures_of, small_film_of_a_face
from tests.people import Person
from tests.recordings import a_kept_recording
from tests.samples import PASSWORD
from tests.web.test_recordings import asked, change

PLACE = "?showroom=paris"
FILM, SHOWN = small_film_of_a_face(8)


@pytest.fixture
def book(house: House) -> Recordings:
    return Books.of(house.node.shared).recordings


@pytest.fixture
async def recording(house: House, book: Recordings) -> Recording:
    clock = house.node.shared.clock
    return await a_kept_recording(book, house.paris, CallId("call"), FILM, clock)


@pytest.fixture
def path(recording: Recording) -> str:
    return f"/manager/recordings/{recording.id}/copy"


async def progress(who: Person, path: str) -> Any:
    async with who.http.get(f"{who.url}{path}/progress{PLACE}") as answer:
        assert answer.status == 200
        return (await answer.json())["copy"]


async def made(who: Person, path: str) -> None:
    """Have a copy made, and wait for it."""
    status, answer = await change(who, path + PLACE)
    assert (status, answer["copy"]) == (200, {"state": "making", "percent": 0})
    async with asyncio.timeout(90):
        while (now := await progress(who, path))["state"] == "making":
            assert 0 <= now["percent"] <= 100
            await asyncio.sleep(0.1)
    assert now == {"state": "ready", "percent": 100}


async def test_a_manager_has_a_copy_made_and_plays_it_and_both_are_noted(
    house: House, boss: Person, recording: Recording, book: Recordings, path: str
) -> None:
    assert await progress(boss, path) is None
    assert (await change(boss, f"{path}/link{PLACE}"))[0] == 404
    await made(boss, path)
    address = boss.url + (await change(boss, f"{path}/link{PLACE}"))[1]["address"]
    status, headers, data = await asked(boss, address)
    assert (status, headers["Content-Type"]) == (200, "video/webm")
    assert len(pictures_of(data)) == len(SHOWN)
    assert (await asked(boss, address, Range="bytes=9-4000"))[2] == data[9:4001]
    for deed, times in ((Deed.COPY_ASKED, 1), (Deed.COPY_OPENED, 1), (Deed.OPENED, 0)):
        assert len(await book.views(house.paris, recording.id, deed)) == times
    # Whoever opened the copy has not opened the recording, nor the other way round.
    assert (await asked(boss, address.replace("/copy?", "?")))[0] == 403
    other = f"/manager/recordings/{recording.id}/link{PLACE}"
    whole = boss.url + (await change(boss, other))[1]["address"]
    assert (await asked(boss, whole))[2] == FILM
    assert (await asked(boss, whole.replace("?", "/copy?", 1)))[0] == 403
    await change(boss, f"/manager/recordings/{recording.id}/erase{PLACE}")
    assert (await asked(boss, address))[0] == 404
    assert not list((house.node.shared.settings.data_dir / "files").rglob("*.body"))


async def test_an_advisor_and_another_showroom_get_none(
    house: House, alice: Person, boss: Person, path: str, recording: Recording
) -> None:
    async with house.boss("lyon") as chief:
        assert await chief.sign_in("chief@example.com", PASSWORD) == 303
        for what in ("", "/link", "/cancel"):
            assert (await change(chief, f"{path}{what}?showroom=lyon"))[0] == 404
            assert (await change(chief, path + what + PLACE))[0] == 403
        for what in ("", "/progress"):
            assert (await asked(chief, f"{chief.url}{path}{what}?showroom=lyon"))[0] == 404
    for what in ("", "/progress"):
        assert (await asked(alice, alice.url + path + what + PLACE))[0] == 403
    token = await alice.csrf("/advisor")
    for what in ("", "/link", "/cancel"):
        sent = {"X-CSRF-Token": token}
        async with alice.http.post(alice.url + path + what + PLACE, headers=sent) as answer:
            assert answer.status == 403
        # Another site's page has no token.
        async with boss.http.post(boss.url + path + what + PLACE) as answer:
            assert answer.status == 403
    copies = Books.of(house.node.shared).copies
    assert await copies.of(house.paris, [recording.id]) == {}


async def test_one_that_is_cancelled_is_gone_and_can_be_asked_for_again(
    house: House, boss: Person, recording: Recording, path: str
) -> None:
    await change(boss, path + PLACE)
    # It stands in SQL, so each node and each page that is loaded anew knows.
    again: Copies = Books.of(house.node.shared).copies
    assert (await again.of(house.paris, [recording.id]))[recording.id].state == "making"
    assert (await change(boss, f"{path}/cancel{PLACE}"))[1]["copy"] is None
    assert await progress(boss, path) is None
    await made(boss, path)
