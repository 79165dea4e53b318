"""Who may play a recording, for how long, and that it is noted."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from media.recording.book import Agreed, Recording, Recordings, State
from media.recording.links import RecordingLinks
from media.recording.vault import PIECE
from showroom.files import FolderFiles
from showroom.ids import CallId, RecordingId, StaffId, new_id
from showroom.staff import Session, Staff
from showroom.tables import staff_roles, staff_sessions
from signaling.gateway import STAFF_COOKIE
from tests.houses import House
from tests.people import Person
from tests.recordings import a_kept_recording
from tests.samples import PASSWORD
from web.recordings import GULP

DATA = secrets.token_bytes(2 * PIECE + 321)
SIZE = len(DATA)


@pytest.fixture
def book(house: House) -> Recordings:
    shared = house.node.shared
    files = FolderFiles(shared.settings.data_dir / "files")
    return Recordings(shared.database, files, shared.settings.require_secret_key(), shared.clock)


@pytest.fixture
async def recording(house: House, book: Recordings) -> Recording:
    clock = house.node.shared.clock
    return await a_kept_recording(book, house.paris, CallId("call"), DATA, clock)


@pytest.fixture
async def chief(house: House) -> AsyncIterator[Person]:
    """A manager of another showroom."""
    async with house.boss("lyon") as person:
        assert await person.sign_in("chief@example.com", PASSWORD) == 303
        yield person


async def change(who: Person, path: str) -> tuple[int, dict[str, Any]]:
    token = await who.csrf("/manager")
    async with who.http.post(f"{who.url}{path}", headers={"X-CSRF-Token": token}) as answer:
        return answer.status, await answer.json() if answer.ok else {}


async def link(who: Person, recording: Recording) -> str:
    status, answer = await change(who, f"/manager/recordings/{recording.id}/link?showroom=paris")
    assert status == 200, answer
    return f"{who.url}{answer['address']}"


async def asked(who: Person, address: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with who.http.get(address, headers=sent, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_manager_plays_a_recording_over_a_link_and_it_is_noted(
    house: House, boss: Person, recording: Recording, book: Recordings
) -> None:
    status, headers, data = await asked(boss, await link(boss, recording))
    assert (status, data) == (200, DATA)
    assert headers["Content-Type"] == "video/webm"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert len(await book.views(house.paris, recording.id)) == 1


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        (f"bytes={PIECE - 2}-{PIECE + 1}", PIECE - 2, PIECE + 2),
        ("bytes=5-", 5, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        (f"bytes=10-{SIZE * 9}", 10, SIZE),
    ],
)
async def test_a_range_is_exactly_what_was_asked_for(
    boss: Person, recording: Recording, wanted: str, start: int, end: int
) -> None:
    status, headers, data = await asked(boss, await link(boss, recording), Range=wanted)
    assert (status, data) == (206, DATA[start:end])
    assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"


async def test_a_range_beyond_the_end_and_one_of_another_version(
    boss: Person, recording: Recording
) -> None:
    address = await link(boss, recording)
    status, headers, data = await asked(boss, address, Range=f"bytes={SIZE}-")
    assert (status, headers["Content-Range"], data) == (416, f"bytes */{SIZE}", b"")
    tag = (await asked(boss, address))[1]["ETag"]
    assert (await asked(boss, address, Range="bytes=0-9", If_Range=tag))[0] == 206
    assert (await asked(boss, address, Range="bytes=0-9", If_Range='"other"'))[0] == 200
    for nonsense in ("bytes=-", "bytes=9-3", "lines=1-2", "bytes=0-1,4-5"):
        assert (await asked(boss, address, Range=nonsense))[0] == 200


async def test_a_shared_link_is_refused(house: House, boss: Person, recording: Recording) -> None:
    address = await link(boss, recording)
    async with house.boss() as elsewhere:
        assert (await asked(elsewhere, address))[0] in {303, 401}
        await elsewhere.sign_in("boss@example.com", PASSWORD)
        assert (await asked(elsewhere, address))[0] == 403


async def test_a_link_that_was_not_opened_within_a_minute_is_over(
    house: House, boss: Person, recording: Recording
) -> None:
    shared = house.node.shared
    session = await _session(boss, house)
    early = RecordingLinks(
        shared.settings.require_secret_key(), shared.redis, lambda: shared.clock() - 61_000
    )
    made = early.make(recording, session.staff_id, session.digest)
    path = f"/manager/recordings/{recording.id}?showroom=paris&until={made.until}&code={made.code}"
    assert (await asked(boss, boss.url + path))[0] == 403
    # Opened in time it goes on: a player asks for ranges until the end.
    assert await early.admits(made, recording, session.staff_id, session.digest)
    assert (await asked(boss, boss.url + path, Range="bytes=0-9"))[0] == 206


async def _session(who: Person, house: House) -> Session:
    token = next(one.value for one in who.http.cookie_jar if one.key == STAFF_COOKIE)
    shared = house.node.shared
    session = await Staff(shared.database, shared.clock).session(token)
    assert session
    return session


async def test_a_forged_link_is_refused(boss: Person, recording: Recording) -> None:
    address = await link(boss, recording)
    for wrong in (address[:-1] + "x", address.replace("until=", "until=9")):
        assert (await asked(boss, wrong))[0] == 403
    for rough in (address.replace("until=", "until=é"), address.split("&until")[0]):
        assert (await asked(boss, rough))[0] == 400


async def test_an_advisor_plays_nothing(alice: Person, boss: Person, recording: Recording) -> None:
    assert (await asked(alice, await link(boss, recording)))[0] == 403


async def test_another_showroom_finds_nothing(
    chief: Person, boss: Person, recording: Recording, book: Recordings
) -> None:
    path = f"/manager/recordings/{recording.id}"
    for action in ("link", "erase"):
        assert (await change(chief, f"{path}/{action}?showroom=lyon"))[0] == 404
        assert (await change(chief, f"{path}/{action}?showroom=paris"))[0] == 403
    address = (await link(boss, recording)).replace("showroom=paris", "showroom=lyon")
    assert (await asked(chief, address))[0] == 404


async def test_a_manager_deletes_one_for_good(
    house: House, boss: Person, recording: Recording, book: Recordings
) -> None:
    address = await link(boss, recording)
    assert (await asked(boss, address.replace("?", "/erase?")))[0] == 405
    assert (await change(boss, f"/manager/recordings/{recording.id}/erase?showroom=paris"))[
        0
    ] == 200
    assert (await asked(boss, address))[0] == 404
    assert await book.of_call(house.paris, CallId("call")) == []
    assert not list((house.node.shared.settings.data_dir / "files").rglob("*.body"))


async def test_one_that_can_not_be_played_can_be_deleted(
    house: House, boss: Person, chief: Person, book: Recordings
) -> None:
    now = house.node.shared.clock()
    name = RecordingId(new_id())
    await book.begin(house.paris, name, Agreed(CallId("call"), StaffId("alice"), now, now, now))
    await book.failed(await book.one(house.paris, name))
    path = f"/manager/recordings/{name}"
    assert (await change(boss, f"{path}/link?showroom=paris"))[0] == 404
    assert (await change(chief, f"{path}/erase?showroom=lyon"))[0] == 404
    assert (await book.one(house.paris, name)).state is State.FAILED
    assert (await change(boss, f"{path}/erase?showroom=paris"))[0] == 200
    assert (await change(boss, f"{path}/erase?showroom=paris"))[0] == 404
    assert await book.of_call(house.paris, CallId("call")) == []


async def sign_out(house: House, who: Session) -> None:
    async with house.node.shared.database.write() as connection:
        mine = staff_sessions.c.staff_id == who.staff_id
        await connection.execute(sa.delete(staff_sessions).where(mine))


async def disable(house: House, who: Session) -> None:
    await Staff(house.node.shared.database, house.node.shared.clock).disable(who.email)


async def demote(house: House, who: Session) -> None:
    async with house.node.shared.database.write() as connection:
        mine = staff_roles.c.staff_id == who.staff_id
        await connection.execute(sa.delete(staff_roles).where(mine))


@pytest.mark.parametrize("end", [sign_out, disable, demote])
async def test_who_may_see_nothing_any_more_is_sent_no_more_of_a_film(
    end: Callable[[House, Session], Awaitable[None]], house: House, boss: Person, book: Recordings
) -> None:
    # More than the lines' buffers take: most of it is still to come when the manager goes.
    film = bytes(48 * GULP)
    kept = await a_kept_recording(book, house.paris, CallId("call"), film, house.node.shared.clock)
    session = await _session(boss, house)
    received = 0
    async with boss.http.get(await link(boss, kept)) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            while piece := await answer.content.read(GULP // 2):
                if not received:
                    await end(house, session)
                received += len(piece)
                # As fast as a player shows it, not as the line can carry it.
                await asyncio.sleep(0.1)
    assert 0 < received < len(film)


async def test_what_breaks_in_mid_film_ends_it_and_nothing_else_stands_in_it(
    house: House, boss: Person, book: Recordings
) -> None:
    film = secrets.token_bytes(3 * GULP)
    kept = await a_kept_recording(book, house.paris, CallId("call"), film, house.node.shared.clock)
    body = next((house.node.shared.settings.data_dir / "files").rglob("*.body"))
    sealed = bytearray(body.read_bytes())
    sealed[-1] ^= 1
    body.write_bytes(sealed)
    received = b""
    async with boss.http.get(await link(boss, kept)) as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            async for piece in answer.content.iter_any():
                received += piece
    assert received == film[: len(received)]
