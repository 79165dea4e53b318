"""Private calendar feeds: whoever has the address reads, and nobody else, on each database."""

from typing import Any

import pytest
import sqlalchemy as sa
import vobject
from icalendar import Calendar

from booking.feeds import Feeds, FeedWriter
from booking.writing import Writer
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import StaffId, token_digest
from showroom.tables import calendar_feeds, staff, staff_roles
from showroom.vehicles import Vehicles
from tests.booking.diary import JEANNE, TOMORROW, Diary, at, bookable, lend, open_diary
from tests.samples import a_vehicle
from tests.virtual_clock import VirtualClock

ANNA, BRUNO = StaffId("anna"), StaffId("bruno")


@pytest.fixture
def feeds(database: Database, clock: VirtualClock) -> Feeds:
    return Feeds(database, clock)


@pytest.fixture
def files(diary: Diary, feeds: Feeds) -> FeedWriter:
    return FeedWriter(
        feeds,
        diary.book,
        diary.showrooms,
        Vehicles(diary.database),
        Writer("https://live.example"),
        "https://live.example",
        "visits@orvanne.example",
        diary.clock,
    )


async def entries(files: FeedWriter, secret: str) -> list[Any]:
    return Calendar.from_ical(await files.write(secret)).walk("VEVENT")


async def change(database: Database, statement: sa.Update | sa.Delete) -> None:
    async with database.write() as connection:
        await connection.execute(statement)


async def test_a_feed_holds_the_visits_of_its_advisor_in_its_showroom(
    files: FeedWriter, feeds: Feeds, diary: Diary, clock: VirtualClock
) -> None:
    await Vehicles(diary.database).save(a_vehicle(diary.showroom.id))
    lyon = await open_diary(diary.database, clock, bookable("lyon"))
    await lend(diary.database, lyon.showroom, "anna")
    visit = await diary.booked(advisor=ANNA)
    await diary.booked(advisor=BRUNO)
    await lyon.booked(at("2025-10-11 09:00"), advisor=ANNA)
    [event] = await entries(files, await feeds.create(diary.showroom.id, ANNA))
    assert event["UID"] == f"{visit.id}@orvanne.example"
    assert event.decoded("DTSTART").timestamp() * 1000 == TOMORROW
    assert event["SUMMARY"] == "Jeanne Moreau · Crête"
    assert event["URL"] == "https://live.example/advisor/agenda?showroom=paris"


async def test_a_second_reader_finds_the_same_visits(
    files: FeedWriter, feeds: Feeds, diary: Diary
) -> None:
    await diary.booked(advisor=ANNA)
    text = (await files.write(await feeds.create(diary.showroom.id, ANNA))).decode()
    event = vobject.readOne(text).vevent
    assert event.dtstart.value.timestamp() * 1000 == TOMORROW
    assert event.summary.value.startswith("Jeanne Moreau")


async def test_a_feed_holds_no_address_no_number_and_no_token_of_a_customer(
    files: FeedWriter, feeds: Feeds, diary: Diary
) -> None:
    visit = await diary.booked(advisor=ANNA)
    text = (await files.write(await feeds.create(diary.showroom.id, ANNA))).decode()
    unfolded = text.replace("\r\n ", "")
    for private in (JEANNE.email, JEANNE.phone, visit.token):
        assert private
        assert private not in unfolded


async def test_a_visit_that_is_cancelled_or_given_to_another_leaves_the_feed(
    files: FeedWriter, feeds: Feeds, diary: Diary
) -> None:
    secret = await feeds.create(diary.showroom.id, ANNA)
    cancelled = await diary.booked(advisor=ANNA)
    given = await diary.booked(at("2025-10-10 11:00"), advisor=ANNA)
    assert len(await entries(files, secret)) == 2
    await diary.book.cancel(cancelled.token)
    await diary.book.reassign(diary.showroom, given.id, BRUNO)
    assert await entries(files, secret) == []


async def test_a_hold_is_not_in_the_feed(files: FeedWriter, feeds: Feeds, diary: Diary) -> None:
    await diary.hold(advisor=ANNA)
    assert await entries(files, await feeds.create(diary.showroom.id, ANNA)) == []


async def test_a_new_address_ends_the_old_one(
    files: FeedWriter, feeds: Feeds, diary: Diary, clock: VirtualClock
) -> None:
    old = await feeds.create(diary.showroom.id, ANNA)
    clock.advance(days=1)
    new = await feeds.create(diary.showroom.id, ANNA)
    assert old != new
    assert await feeds.since(diary.showroom.id, ANNA) == clock.now_ms
    await files.write(new)
    with pytest.raises(NotFound):
        await files.write(old)


async def test_a_revoked_address_leads_nowhere(
    files: FeedWriter, feeds: Feeds, diary: Diary
) -> None:
    secret = await feeds.create(diary.showroom.id, ANNA)
    other = await feeds.create(diary.showroom.id, BRUNO)
    await feeds.revoke(diary.showroom.id, ANNA)
    await feeds.revoke(diary.showroom.id, ANNA)
    assert await feeds.since(diary.showroom.id, ANNA) is None
    with pytest.raises(NotFound):
        await files.write(secret)
    await files.write(other)


@pytest.mark.parametrize("secret", ["", "x", "é\ud800", "\0", "x" * 10_000])
async def test_an_unknown_address_leads_nowhere(
    files: FeedWriter, feeds: Feeds, diary: Diary, secret: str
) -> None:
    await feeds.create(diary.showroom.id, ANNA)
    with pytest.raises(NotFound):
        await files.write(secret)


async def test_only_a_digest_of_an_address_is_kept(feeds: Feeds, diary: Diary) -> None:
    secret = await feeds.create(diary.showroom.id, ANNA)
    assert len(secret) == 43  # 256 bits
    async with diary.database.read() as connection:
        [row] = (await connection.execute(sa.select(calendar_feeds))).all()
    assert row.digest == token_digest(secret)
    assert secret not in map(str, row)
    with pytest.raises(NotFound):
        await feeds.subscriber(row.digest)


async def test_whoever_has_left_has_no_feed_any_more(feeds: Feeds, diary: Diary) -> None:
    anna = await feeds.create(diary.showroom.id, ANNA)
    bruno = await feeds.create(diary.showroom.id, BRUNO)
    await change(diary.database, sa.update(staff).where(staff.c.id == ANNA).values(disabled_at=1))
    await change(diary.database, sa.delete(staff_roles).where(staff_roles.c.staff_id == BRUNO))
    for secret in (anna, bruno):
        with pytest.raises(NotFound):
            await feeds.subscriber(secret)


async def test_a_feed_is_named_in_a_language_that_its_advisor_speaks(
    files: FeedWriter, feeds: Feeds, diary: Diary
) -> None:
    title = {}
    for languages in (["fr"], ["en", "fr"], ["ja"]):
        await change(
            diary.database,
            sa.update(staff).where(staff.c.id == ANNA).values(languages=languages),
        )
        written = await files.write(await feeds.create(diary.showroom.id, ANNA))
        title[languages[0]] = str(Calendar.from_ical(written)["X-WR-CALNAME"])
    assert title["fr"] != title["en"] == title["ja"]
