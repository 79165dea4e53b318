"""Whose a practice call is, how it ends, and when it goes."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from booking.privacy.purging import Purging
from media.photos import Photos
from media.practice import KEPT_MS
from media.quality import QualityLog
from media.recording.book import Recordings
from media.relay.worker import Worker
from showroom.files import FolderFiles
from showroom.ids import CallId
from showroom.retention import Retention
from showroom.showrooms import Showrooms
from tests.houses import House
from tests.people import Person
from tests.recordings import a_kept_recording
from tests.relays import an_offer, worker_here
from tests.samples import PASSWORD
from tests.stills import a_sheet
from tests.virtual_clock import VirtualClock

PATH = "/advisor/practice"


@pytest.fixture
async def worker(house: House) -> AsyncIterator[Worker]:
    async with worker_here(house.node.shared.redis, "w1") as worker:
        yield worker


@pytest.fixture
def book(house: House) -> Recordings:
    shared = house.node.shared
    files = FolderFiles(shared.settings.data_dir / "files")
    return Recordings(shared.database, files, shared.settings.require_secret_key(), shared.clock)


@pytest.fixture
async def bruno(house: House) -> AsyncIterator[Person]:
    """A colleague."""
    async with house.employee() as person:
        assert await person.sign_in("bruno@example.com", PASSWORD) == 303
        yield person


async def state_of(who: Person, practice: str) -> str:
    status, answer = await told(who, practice)
    assert status == 200
    return str(json.loads(answer)["state"])


async def asked(
    who: Person, path: str = "", payload: object = None, page: str = PATH
) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await who.csrf(page)}
    url = f"{who.url}{PATH}{path}?showroom=paris"
    async with who.http.post(url, json=payload or {}, headers=headers) as answer:
        return answer.status, await answer.json()


async def told(who: Person, practice: str, path: str = "") -> tuple[int, bytes]:
    url = f"{who.url}{PATH}/{practice}{path}?showroom=paris"
    async with who.http.get(url, allow_redirects=False) as answer:
        return answer.status, await answer.read()


async def begun(who: Person) -> str:
    status, answer = await asked(who)
    assert status == 200, answer
    return str(answer["practice"])


async def test_without_a_worker_a_practice_is_put_off(alice: Person) -> None:
    status, answer = await asked(alice)
    assert (status, answer["code"]) == (503, "try_again")


async def test_a_practice_connects_to_the_relay_alone_and_ends(
    worker: Worker, alice: Person
) -> None:
    practice = await begun(alice)
    offer = {"turn": 1, "sdp": await an_offer(), "rank": None}
    for rank in (1, 2):
        status, answer = await asked(alice, f"/{practice}/offer", offer)
        assert (status, answer["rank"]) == (200, rank)
        assert answer["sdp"].startswith("v=0")
    assert list(worker.rooms) == [practice]
    assert (await asked(alice, f"/{practice}/end"))[0] == 200
    assert not worker.rooms
    assert await state_of(alice, practice) in {"ended", "empty"}
    # What is over can't be begun again, and ending it twice does no harm.
    assert (await asked(alice, f"/{practice}/offer", offer))[0] == 404
    assert (await asked(alice, f"/{practice}/end"))[0] == 200


async def judged(who: Person, practice: str) -> tuple[int, dict[str, Any]]:
    """Send a still of a dark room."""
    headers = {"X-CSRF-Token": await who.csrf(PATH)}
    headers |= {"Content-Type": "image/jpeg", "Accept": "application/json"}
    url = f"{who.url}{PATH}/{practice}/stills?showroom=paris"
    async with who.http.post(url, data=a_sheet(), headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_still_that_is_on_its_way_while_a_practice_ends_does_no_harm(
    worker: Worker, alice: Person, bruno: Person
) -> None:
    practice = await begun(alice)
    assert await judged(alice, practice) == (200, {"ok": True, "remark": "dark"})
    assert (await judged(bruno, practice))[0] == 404
    await asked(alice, f"/{practice}/end")
    assert await judged(alice, practice) == (200, {"ok": True, "remark": None})


async def test_another_practice_ends_the_one_before(worker: Worker, alice: Person) -> None:
    first, second = await begun(alice), await begun(alice)
    assert await state_of(alice, first) in {"ended", "empty"}
    assert await state_of(alice, second) == "running"


async def test_nobody_else_sees_ends_or_deletes_a_practice(
    worker: Worker, alice: Person, bruno: Person, boss: Person
) -> None:
    practice = await begun(alice)
    offer = {"turn": 1, "sdp": await an_offer(), "rank": None}
    assert (await told(bruno, practice))[0] == 404
    assert (await told(bruno, practice, "/film"))[0] == 404
    assert (await asked(bruno, f"/{practice}/offer", offer))[0] == 404
    assert (await asked(bruno, f"/{practice}/erase"))[0] == 404
    await asked(bruno, f"/{practice}/end")
    assert await state_of(alice, practice) == "running"
    # A manager is no advisor here, and has no other way to it.
    assert (await told(boss, practice))[0] == 403
    token = await boss.csrf("/manager")
    link = f"{boss.url}/manager/recordings/{practice}/link?showroom=paris"
    async with boss.http.post(link, headers={"X-CSRF-Token": token}) as answer:
        assert answer.status == 404


async def test_a_call_s_recording_is_no_practice(
    house: House, alice: Person, book: Recordings
) -> None:
    clock = house.node.shared.clock
    kept = await a_kept_recording(book, house.paris, CallId("call"), b"x" * 100, clock)
    assert (await told(alice, kept.id))[0] == 404
    assert (await asked(alice, f"/{kept.id}/erase"))[0] == 404


@pytest.mark.parametrize("offer", [{}, {"turn": 2, "sdp": "v=0"}, {"turn": 1, "sdp": "v=0"}])
async def test_an_offer_that_makes_no_sense_is_refused(
    worker: Worker, alice: Person, offer: dict[str, object]
) -> None:
    practice = await begun(alice)
    assert (await asked(alice, f"/{practice}/offer", offer))[0] == 400


async def test_a_practice_goes_after_a_day_and_a_call_s_recording_stays(
    house: House, worker: Worker, alice: Person, book: Recordings
) -> None:
    shared = house.node.shared
    practice = await begun(alice)
    kept = await a_kept_recording(book, house.paris, CallId("call"), b"x" * 100, shared.clock)
    photos, rooms = Photos(shared.database, book.files, shared.clock), Showrooms(shared.database)
    samples = QualityLog(shared.database)
    for passed, status in ((0, 200), (KEPT_MS + 1, 404)):
        now = VirtualClock(shared.clock() + passed)
        purging = Purging(shared.database, now)
        await Retention(rooms, photos, book, samples, purging, now).purge()
        assert (await told(alice, practice))[0] == status
    assert (await book.get(house.paris, kept.id)).size == 100


async def test_a_practice_needs_the_page_s_token_and_a_session(house: House, alice: Person) -> None:
    async with alice.http.post(f"{alice.url}{PATH}?showroom=paris", json={}) as answer:
        assert answer.status == 403
    async with house.boss() as stranger:
        assert (await told(stranger, "p"))[0] in {303, 401}
        assert await stranger.sign_in("boss@example.com", PASSWORD) == 303
        assert (await told(stranger, "p"))[0] == 403
