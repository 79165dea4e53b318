"""Alarms in the book: raised once, told once, seen, silenced, and over; and the letters of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa

from booking.alarms.book import Alarms
from booking.alarms.judging import Fact, Key
from booking.alarms.letters import KIND, PAUSE_MS, AlarmLetters, AlarmLetterSink
from booking.delivery import Delivered, Dropped, Result
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from booking.postman import Postman
from booking.writing import Writer
from showroom.alarms import AlarmKind, AlarmRules, ReceiverRule, WaitingRule
from showroom.audit import AuditLog, Subject
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import ShowroomId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import outbox as rows
from showroom.words import Role
from tests.samples import PASSWORD, a_showroom, staff_of
from tests.virtual_clock import START_MS, VirtualClock

BOSS, CHIEF = "boss@example.com", "chief@example.com"
OUTSIDE = "board@maker.example"
WAITING = Key(AlarmKind.WAITING)
WRONG = {WAITING: Fact(START_MS - 121_000, {"limit": 120, "waiting": 1})}
STORE = {Key(AlarmKind.RECEIVER, "e"): Fact(START_MS - 301_000, {"limit": 5}, "The store")}


class KeptMails:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def send(self, message: EmailMessage) -> str:
        self.mails.append(message)
        return "kept"


@dataclass
class Desk:
    """The alarms of one showroom, and whoever hears of them."""

    database: Database
    clock: VirtualClock
    showroom: Showroom
    outbox: Outbox
    alarms: Alarms
    sink: AlarmLetterSink
    mailer: KeptMails
    boss: StaffId

    async def settle(self, wrong: Mapping[Key, Fact]) -> bool:
        """Look once, as the watch does."""
        up, _ = await self.alarms.of(self.showroom.id)
        return await self.alarms.settle(self.showroom, up, wrong)

    async def mailed(self) -> list[Result]:
        """Send what is due by now."""
        results = []
        for delivery in await self.outbox.claim(KIND, 100):
            result = await self.sink.deliver(delivery)
            await self.outbox.settle(delivery, result)
            results.append(result)
        return results

    def subjects(self) -> list[tuple[str, str]]:
        """Return to whom letters went and what stands above them; forget them."""
        found = [(str(one["To"]), str(one["Subject"])) for one in self.mailer.mails]
        self.mailer.mails.clear()
        return found

    async def told(self) -> list[dict[str, Any]]:
        """Return what endpoints were told, first to last."""
        query = sa.select(rows.c.payload).where(rows.c.endpoint_id.is_not(None))
        async with self.database.read() as connection:
            return list((await connection.scalars(query.order_by(rows.c.number))).all())


@pytest.fixture
async def desk(database: Database, clock: VirtualClock) -> Desk:
    waiting = WaitingRule(on=True, mail=(BOSS, OUTSIDE))
    receiver = ReceiverRule(on=True)
    rules = AlarmRules(waiting=waiting, receiver=receiver)
    paris = replace(a_showroom(), alarms=rules, languages=("fr", "en"))
    showrooms = Showrooms(database)
    await showrooms.save(paris)
    await showrooms.save(a_showroom("lyon"))
    staff = staff_of(database, clock)
    boss = await staff.add(BOSS, "Camille Roux", PASSWORD, {"paris": Role.MANAGER}, ["en"])
    await staff.add(CHIEF, "Karim", PASSWORD, {"lyon": Role.MANAGER}, ["en"])
    outbox, mailer = Outbox(database, clock, chance=lambda: 0), KeptMails()
    endpoints = Endpoints(database, Guard([]), clock)
    url = "https://store.example.com/hooks"
    await endpoints.add(paris.id, EndpointKind.WEBHOOK, "Store", url, tuple(Topic))
    await endpoints.add(paris.id, EndpointKind.WEBHOOK, "Leads", url, [Topic.LEAD_QUALIFIED])
    address = "https://live.example.com"
    postman = Postman(mailer, Writer(address), "visits@live.example.com", clock)
    letters = AlarmLetters(outbox, clock)
    return Desk(
        database,
        clock,
        paris,
        outbox,
        Alarms(database, Publishing(outbox, clock).publish, letters.post, clock),
        AlarmLetterSink(postman, database, showrooms, address, clock),
        mailer,
        boss,
    )


async def test_it_is_raised_once_and_told_once_however_many_look(desk: Desk) -> None:
    looks = await asyncio.gather(*(desk.alarms.settle(desk.showroom, (), WRONG) for _ in range(5)))
    assert sorted(looks) == [False, False, False, False, True]
    assert await desk.settle(WRONG) is False
    (alarm,), _ = await desk.alarms.of(desk.showroom.id)
    (told,) = await desk.told()
    assert told["type"] == "alarm.raised"
    assert told["data"] == {
        "id": alarm.id,
        "showroom": "paris",
        "kind": "waiting",
        "endpoint": None,
        "name": None,
        "numbers": {"limit": 120, "waiting": 1},
        "since": "2025-10-09T08:51:19.000Z",
        "raised_at": "2025-10-09T08:53:20.000Z",
        "cleared_at": None,
        "lasted_s": None,
    }
    assert len(await desk.mailed()) == 2


async def test_its_end_is_told_once_with_how_long_it_lasted(desk: Desk) -> None:
    await desk.settle(WRONG)
    up, _ = await desk.alarms.of(desk.showroom.id)
    desk.clock.advance(seconds=95)
    looks = await asyncio.gather(*(desk.alarms.settle(desk.showroom, up, {}) for _ in range(3)))
    assert sorted(looks) == [False, False, True]
    raised, cleared = await desk.told()
    assert cleared["type"] == "alarm.cleared"
    assert cleared["data"]["id"] == raised["data"]["id"]
    assert cleared["data"]["cleared_at"] == "2025-10-09T08:54:55.000Z"
    assert cleared["data"]["lasted_s"] == 95
    assert (await desk.alarms.of(desk.showroom.id))[0] == []
    (past,), _ = await desk.alarms.of(desk.showroom.id, 10)
    assert (past.raised_at, past.cleared_at) == (START_MS, START_MS + 95_000)


async def test_letters_are_in_the_readers_language_and_lead_to_the_floor(desk: Desk) -> None:
    await desk.settle(WRONG)
    assert await desk.mailed() == [Delivered("kept"), Delivered("kept")]
    ours, theirs = desk.mailer.mails
    assert str(ours["Subject"]) == "Orvanne Paris: somebody has waited for 2 mins, 1 sec"
    assert str(theirs["Subject"]) == "Orvanne Paris : une personne a attendu 2\u00a0min et 1\u202fs"
    body = ours.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Camille Roux" in text
    assert "https://live.example.com/manager?showroom=paris" in text
    assert "The limit is 2 mins." in text


async def test_a_storm_is_one_letter_in_ten_minutes_that_tells_how_things_stand(
    desk: Desk,
) -> None:
    for _ in range(5):
        await desk.settle(WRONG)
        await desk.mailed()
        desk.clock.advance(seconds=10)
        await desk.settle({})
        await desk.mailed()
        desk.clock.advance(seconds=10)
    assert len(desk.subjects()) == 2  # one each, of the first
    assert len(await desk.told()) == 10  # programs hear of all of them
    desk.clock.advance(seconds=PAUSE_MS / 1000)
    await desk.mailed()
    assert {subject for _, subject in desk.subjects()} == {
        "Orvanne Paris: nobody waits for too long any more",
        "Orvanne Paris : plus personne n’attend trop longtemps",
    }
    desk.clock.advance(seconds=PAUSE_MS / 1000)
    await desk.settle(WRONG)
    assert await desk.mailed() == [Delivered("kept"), Delivered("kept")]


async def test_what_is_up_again_when_its_letter_is_due_is_told_as_up(desk: Desk) -> None:
    await desk.settle(WRONG)
    await desk.mailed()
    desk.clock.advance(seconds=60)
    await desk.settle({})
    desk.clock.advance(seconds=60)
    await desk.settle({WAITING: Fact(desk.clock() - 150_000, {"limit": 120})})
    desk.subjects()
    desk.clock.advance(seconds=PAUSE_MS / 1000)
    await desk.mailed()
    assert (BOSS in desk.subjects()[0][0]) is True
    assert await desk.mailed() == []


async def test_a_long_alarm_ends_with_a_letter_at_once(desk: Desk) -> None:
    await desk.settle(WRONG)
    await desk.mailed()
    desk.clock.advance(hours=2)
    await desk.settle({})
    desk.subjects()
    assert await desk.mailed() == [Delivered("kept"), Delivered("kept")]
    body = desk.mailer.mails[0].get_body(("plain",))
    assert body is not None
    assert "2 hrs" in body.get_content()


async def test_who_has_seen_it_stands_there_and_no_other_takes_their_place(desk: Desk) -> None:
    await desk.settle(WRONG)
    (alarm,), _ = await desk.alarms.of(desk.showroom.id)
    await desk.alarms.acknowledge(desk.showroom.id, alarm.id, desk.boss)
    desk.clock.advance(seconds=5)
    await desk.alarms.acknowledge(desk.showroom.id, alarm.id, StaffId("another"))
    (seen,), _ = await desk.alarms.of(desk.showroom.id)
    assert (seen.acknowledged_by, seen.acknowledged_at) == (desk.boss, START_MS)
    # The letters had not gone out yet: they would only say what is known.
    assert await desk.mailed() == [Dropped("somebody has seen it")] * 2
    (noted,) = await AuditLog(desk.database).page(desk.showroom.id, subject=Subject.FLOOR)
    assert noted.entry.who == desk.boss
    assert noted.entry.after == {"alarm_waiting_acknowledged": True}


async def test_an_alarm_of_another_showroom_is_not_found(desk: Desk) -> None:
    await desk.settle(WRONG)
    (alarm,), _ = await desk.alarms.of(desk.showroom.id)
    for room, which in ((ShowroomId("lyon"), alarm.id), (desk.showroom.id, "no such")):
        with pytest.raises(NotFound):
            await desk.alarms.acknowledge(room, which, desk.boss)
    assert (await desk.alarms.of(ShowroomId("lyon"), 10))[0] == []


async def test_a_silenced_kind_is_told_to_nobody_until_the_hour_is_over(desk: Desk) -> None:
    waiting = AlarmKind.WAITING
    assert await desk.alarms.silence(desk.showroom.id, waiting, True, desk.boss) is False
    await desk.settle(WRONG)
    (alarm,), silences = await desk.alarms.of(desk.showroom.id)
    assert silences == {waiting: START_MS + 3_600_000}
    assert (alarm.told_at, await desk.told(), await desk.mailed()) == (None, [], [])
    assert await desk.settle(WRONG) is False
    desk.clock.advance(hours=1)
    await desk.settle(WRONG)
    assert [one["type"] for one in await desk.told()] == ["alarm.raised"]
    assert len(await desk.mailed()) == 2
    (noted,) = await AuditLog(desk.database).page(desk.showroom.id, subject=Subject.FLOOR)
    assert noted.entry.after == {"alarm_waiting_silent_until": START_MS + 3_600_000}


async def test_what_came_and_went_in_silence_is_never_told(desk: Desk) -> None:
    await desk.alarms.silence(desk.showroom.id, AlarmKind.WAITING, True, desk.boss)
    await desk.settle(WRONG)
    await desk.settle({})
    assert await desk.alarms.silence(desk.showroom.id, AlarmKind.WAITING, False, desk.boss) is True
    await desk.settle({})
    assert (await desk.told(), await desk.mailed()) == ([], [])


async def test_a_silence_keeps_a_letter_that_was_on_its_way(desk: Desk) -> None:
    await desk.settle(WRONG)
    await desk.alarms.silence(desk.showroom.id, AlarmKind.WAITING, True, desk.boss)
    assert await desk.mailed() == [Dropped("it is silenced")] * 2


async def test_of_a_receiver_without_addresses_all_who_manage_the_showroom_hear(
    desk: Desk,
) -> None:
    await desk.settle(STORE)
    assert await desk.mailed() == [Delivered("kept")]
    ((to, subject),) = desk.subjects()
    assert BOSS in to
    assert subject == "Orvanne Paris: The store gets nothing"


async def test_who_manages_it_no_more_gets_no_letter(desk: Desk) -> None:
    await staff_of(desk.database, desk.clock).disable(BOSS)
    await desk.settle(WRONG)
    gone = Dropped("they don't manage this showroom any more")
    assert await desk.mailed() == [gone, Delivered("kept")]
    rules = replace(desk.showroom.alarms, waiting=WaitingRule(on=True, mail=(CHIEF,)))
    desk.showroom = replace(desk.showroom, alarms=rules)
    desk.clock.advance(hours=1)
    await desk.settle({})
    assert await desk.mailed() == [gone]


async def test_a_rule_without_a_webhook_tells_no_endpoint(desk: Desk) -> None:
    rules = replace(desk.showroom.alarms, waiting=WaitingRule(on=True, webhook=False))
    desk.showroom = replace(desk.showroom, alarms=rules)
    await desk.settle(WRONG)
    await desk.settle({})
    assert (await desk.told(), await desk.mailed()) == ([], [])
    assert len((await desk.alarms.of(desk.showroom.id, 10))[0]) == 1
