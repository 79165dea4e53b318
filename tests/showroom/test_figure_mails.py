"""When mails of figures are due, who gets them, and that each goes once."""

import asyncio
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from booking.delivery import Delivery
from booking.outbox import Outbox
from showroom.audit import AuditLog, Deed
from showroom.database import Database
from showroom.errors import NotFound, TooMany
from showroom.figure_mails import (
    MOST,
    FigureMail,
    FigureMails,
    Rhythm,
    days_of,
    next_time,
)
from showroom.ids import FigureMailId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import staff, staff_roles
from showroom.words import Role
from tests.booking.diary import hire
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock
from web.figures.mailing import KIND, Mailing

PARIS = "Europe/Paris"
ZOE = StaffId("zoe")
SECRET = "a secret of these tests"


def at(text: str, zone: str = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@pytest.mark.parametrize(
    ("rhythm", "after", "wanted"),
    [
        (Rhythm.DAILY, "2025-10-09T06:59", "2025-10-09T07:00"),
        (Rhythm.DAILY, "2025-10-09T07:00", "2025-10-10T07:00"),
        # Seven is seven, also after the night on which the clocks go back or forward.
        (Rhythm.DAILY, "2025-10-25T07:00", "2025-10-26T07:00"),
        (Rhythm.DAILY, "2026-03-28T07:00", "2026-03-29T07:00"),
        (Rhythm.WEEKLY, "2025-10-09T07:00", "2025-10-13T07:00"),
        (Rhythm.WEEKLY, "2025-10-13T07:00", "2025-10-20T07:00"),
        (Rhythm.WEEKLY, "2025-10-13T06:59", "2025-10-13T07:00"),
    ],
)
def test_a_mail_is_due_at_its_time_by_the_showrooms_clock(
    rhythm: Rhythm, after: str, wanted: str
) -> None:
    assert next_time(rhythm, 420, PARIS, at(after)) == at(wanted)


def test_an_hour_that_comes_twice_has_one_mail_and_one_that_is_skipped_has_one() -> None:
    first = next_time(Rhythm.DAILY, 150, PARIS, at("2025-10-25T12:00"))
    assert first == at("2025-10-26T02:30")
    assert next_time(Rhythm.DAILY, 150, PARIS, first) == at("2025-10-27T02:30")
    spring = next_time(Rhythm.DAILY, 150, PARIS, at("2026-03-28T12:00"))
    assert spring == at("2026-03-29T03:00")  # the moment of the jump
    assert next_time(Rhythm.DAILY, 150, PARIS, spring) == at("2026-03-30T02:30")


def test_a_mail_is_about_the_day_before_or_the_week_before() -> None:
    monday = at("2025-10-13T07:00")
    assert days_of(Rhythm.DAILY, PARIS, monday) == (date(2025, 10, 12), date(2025, 10, 12))
    week = date(2025, 10, 6), date(2025, 10, 12)
    assert days_of(Rhythm.WEEKLY, PARIS, monday) == week
    # Late, because no node ran: the same week.
    assert days_of(Rhythm.WEEKLY, PARIS, at("2025-10-15T11:00")) == week


class Place:
    """A showroom, its manager, and the nodes' mailing."""

    def __init__(self, database: Database, room: Showroom, clock: VirtualClock) -> None:
        self.database, self.room, self.clock = database, room, clock
        self.mails = FigureMails(database, clock, SECRET)
        self.outbox = Outbox(database, clock)

    def mailing(self) -> Mailing:
        return Mailing(self.database, self.mails, Showrooms(self.database), self.outbox)

    async def add(self, rhythm: Rhythm = Rhythm.DAILY, minute: int = 420) -> FigureMail:
        asked = "showroom=paris&device=phone"
        return await self.mails.add(self.room, ZOE, "overview", asked, "en", rhythm, minute)

    async def waiting(self) -> list[Delivery]:
        return await self.outbox.claim(KIND, 100)


@pytest.fixture
async def place(database: Database, clock: VirtualClock) -> Place:
    room = a_showroom()
    await Showrooms(database).save(room)
    await hire(database, room, "zoe", role=Role.MANAGER)
    return Place(database, room, clock)


async def test_what_is_due_goes_once_however_many_nodes_there_are(place: Place) -> None:
    mail = await place.add()
    await asyncio.gather(*(place.mailing().work() for _ in range(4)))
    assert not await place.waiting()
    for _ in range(3):
        place.clock.now_ms = (await place.mails.of(place.room.id, ZOE))[0].next_at
        await asyncio.gather(*(place.mailing().work() for _ in range(4)))
        [delivery] = await place.waiting()
        assert delivery.subject_id == mail.id
        assert delivery.payload["first"] == delivery.payload["last"]
        assert not await place.waiting()


async def test_what_was_due_while_no_node_ran_goes_once(place: Place) -> None:
    mail = await place.add()
    place.clock.now_ms = mail.next_at + 5 * 24 * 3_600_000 + 3_600_000
    await place.mailing().work()
    [delivery] = await place.waiting()
    yesterday, _ = days_of(Rhythm.DAILY, PARIS, place.clock.now_ms)
    assert delivery.payload["last"] == yesterday.isoformat()
    [known] = await place.mails.of(place.room.id, ZOE)
    assert place.clock.now_ms < known.next_at <= place.clock.now_ms + 24 * 3_600_000


async def test_a_node_that_dies_in_between_loses_and_repeats_nothing(place: Place) -> None:
    mail = await place.add()
    place.clock.now_ms = mail.next_at

    class Dies(Outbox):
        async def add(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise asyncio.CancelledError

    dying = Mailing(
        place.database, place.mails, Showrooms(place.database), Dies(place.database, place.clock)
    )
    with pytest.raises(asyncio.CancelledError):
        await dying.work()
    assert not await place.waiting()
    await place.mailing().work()
    assert len(await place.waiting()) == 1


async def test_the_same_mail_is_had_once_and_twenty_are_the_most(place: Place) -> None:
    first = await place.add()
    assert await place.add() == first
    for n in range(1, MOST):
        await place.add(minute=420 + n)
    with pytest.raises(TooMany):
        await place.add(minute=100)
    assert len(await place.mails.of(place.room.id, ZOE)) == MOST
    await place.mails.stop(place.room.id, ZOE, first.id)
    await place.add(minute=100)


async def test_two_windows_do_not_have_one_too_many(place: Place) -> None:
    for n in range(MOST - 1):
        await place.add(minute=n)
    asked = (place.add(minute=600 + n) for n in range(5))
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in ended) == 4
    assert len(await place.mails.of(place.room.id, ZOE)) == MOST


async def test_nobody_stops_the_mail_of_somebody_else(place: Place) -> None:
    mail = await place.add()
    for room, who in ((place.room.id, StaffId("alice")), (a_showroom("lyon").id, ZOE)):
        with pytest.raises(NotFound):
            await place.mails.stop(room, who, mail.id)
    for token in ("", "x", mail.id, f"{mail.id}.", f"{mail.id}.é", place.mails.token(mail.id)[:-1]):
        with pytest.raises(NotFound):
            await place.mails.stop_by(token)
    another = FigureMails(place.database, place.clock, "another secret").token(mail.id)
    with pytest.raises(NotFound):
        await place.mails.behind(another)
    assert await place.mails.get(mail.id) == mail
    await place.mails.stop_by(place.mails.token(mail.id))
    await place.mails.stop_by(place.mails.token(mail.id))
    assert await place.mails.get(mail.id) is None
    gone = FigureMailId("gone")
    await place.mails.stop(place.room.id, ZOE, gone)


async def test_who_does_not_lead_the_showroom_any_more_gets_none_for_good(place: Place) -> None:
    mail = await place.add()
    reader = await place.mails.reader(mail)
    assert reader
    assert reader.email == "zoe@orvanne.example"
    async with place.database.write() as connection:
        await connection.execute(sa.update(staff_roles).values(role=Role.ADVISOR.value))
    assert await place.mails.reader(mail) is None
    assert await place.mails.get(mail.id) is None


async def test_who_is_disabled_gets_none(place: Place) -> None:
    mail = await place.add()
    async with place.database.write() as connection:
        await connection.execute(sa.update(staff).values(disabled_at=1))
    assert await place.mails.reader(mail) is None


async def test_it_is_noted_who_asked_for_and_stopped_which_mail(place: Place) -> None:
    mail = await place.add(Rhythm.WEEKLY, 7 * 60 + 5)
    await place.mails.stop(place.room.id, ZOE, mail.id)
    entries = [entry for _, entry in await AuditLog(place.database).page(place.room.id)]
    assert [(one.deed, one.who, one.subject_id) for one in entries] == [
        (Deed.REMOVED, ZOE, mail.id),
        (Deed.ADDED, ZOE, mail.id),
    ]
    assert entries[1].after == {"page": "overview", "rhythm": "weekly", "at": "07:05"}
