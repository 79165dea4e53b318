"""Letters: who hears of what and when, and what is overtaken is not said."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.letters import KIND, Letters, Topic, still_true
from booking.outbox import Outbox
from showroom.database import Database
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import outbox as rows
from showroom.words import AppointmentEvent, AppointmentState
from tests.booking.visits import DAY_MS, HOUR_MS, MINUTE_MS, VISIT_AT, AVisit
from tests.samples import a_showroom
from tests.virtual_clock import START_MS, VirtualClock


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = a_showroom()
    await Showrooms(database).save(showroom)
    return showroom


class Told:
    """What the outbox holds after each announcement."""

    def __init__(self, database: Database, clock: VirtualClock, showroom: Showroom) -> None:
        self.database, self.showroom = database, showroom
        self.outbox = Outbox(database, clock)
        self.letters = Letters(self.outbox, clock)

    async def tell(self, visit: AVisit, event: AppointmentEvent) -> None:
        async with self.database.write() as connection:
            await self.letters.announce(connection, self.showroom, visit, event)

    async def open(self) -> list[tuple[str, int, int | None]]:
        """Return topic, due time and expiry of what is still to be sent."""
        query = sa.select(rows).where(rows.c.finished_at.is_(None)).order_by(rows.c.number)
        async with self.database.read() as connection:
            found = (await connection.execute(query)).all()
        return [(row.topic, row.next_try_at, row.expires_at) for row in found]

    async def topics(self) -> list[str]:
        return [topic for topic, _, _ in await self.open()]


@pytest.fixture
def told(database: Database, clock: VirtualClock, paris: Showroom) -> Told:
    return Told(database, clock, paris)


async def test_a_booking_is_confirmed_at_once_and_reminded_of_three_times(told: Told) -> None:
    visit = AVisit(told.showroom.id)
    await told.tell(visit, AppointmentEvent.BOOKED)
    assert await told.open() == [
        ("booked", START_MS, visit.ends_at),
        ("reminder_day", VISIT_AT - DAY_MS, VISIT_AT - HOUR_MS),
        ("reminder_hour", VISIT_AT - HOUR_MS, VISIT_AT - 10 * MINUTE_MS),
        ("reminder_soon", VISIT_AT - 10 * MINUTE_MS, VISIT_AT),
    ]


@pytest.mark.parametrize(
    ("ahead_ms", "reminders"),
    [
        (DAY_MS, ["reminder_hour", "reminder_soon"]),
        (2 * HOUR_MS, ["reminder_hour", "reminder_soon"]),
        (HOUR_MS, ["reminder_soon"]),
        (10 * MINUTE_MS, []),
    ],
)
async def test_only_reminders_that_lie_ahead_are_written(
    told: Told, clock: VirtualClock, ahead_ms: int, reminders: list[str]
) -> None:
    visit = replace(
        AVisit(told.showroom.id),
        starts_at=clock.now_ms + ahead_ms,
        ends_at=clock.now_ms + ahead_ms + 30 * MINUTE_MS,
    )
    await told.tell(visit, AppointmentEvent.BOOKED)
    assert await told.topics() == ["booked", *reminders]


async def test_who_gave_only_a_number_gets_no_letter(told: Told) -> None:
    visit = AVisit(told.showroom.id, email=None)
    for event in AppointmentEvent:
        await told.tell(visit, event)
    assert await told.open() == []


async def test_a_new_time_replaces_the_reminders_and_a_confirmation_not_yet_sent(
    told: Told,
) -> None:
    visit = AVisit(told.showroom.id)
    await told.tell(visit, AppointmentEvent.BOOKED)
    later = replace(visit, starts_at=VISIT_AT + DAY_MS, ends_at=visit.ends_at + DAY_MS, sequence=1)
    await told.tell(later, AppointmentEvent.RESCHEDULED)
    assert [(topic, at) for topic, at, _ in await told.open()] == [
        ("rescheduled", START_MS),
        ("reminder_day", VISIT_AT),
        ("reminder_hour", VISIT_AT + DAY_MS - HOUR_MS),
        ("reminder_soon", VISIT_AT + DAY_MS - 10 * MINUTE_MS),
    ]


@pytest.mark.parametrize(
    "event", [AppointmentEvent.CANCELLED, AppointmentEvent.CALLED_OFF, AppointmentEvent.NO_SHOW]
)
async def test_after_the_end_nobody_is_reminded(told: Told, event: AppointmentEvent) -> None:
    visit = AVisit(told.showroom.id)
    await told.tell(visit, AppointmentEvent.BOOKED)
    await told.tell(visit, event)
    assert await told.topics() == [event.value]


async def test_an_apology_is_due_however_late(told: Told) -> None:
    await told.tell(AVisit(told.showroom.id), AppointmentEvent.CALLED_OFF)
    assert await told.open() == [("called_off", START_MS, None)]


async def test_a_colleague_in_place_is_told_only_to_who_had_chosen_and_reminders_stay(
    told: Told,
) -> None:
    chosen = AVisit(told.showroom.id, named=True)
    anybody = AVisit(told.showroom.id)
    for visit in (chosen, anybody):
        await told.tell(visit, AppointmentEvent.BOOKED)
        await told.tell(visit, AppointmentEvent.REASSIGNED)
        await told.tell(visit, AppointmentEvent.REASSIGNED)
    topics = await told.topics()
    assert topics.count("reassigned") == 1
    assert topics.count("reminder_day") == topics.count("booked") == 2


async def test_a_transaction_that_fails_announces_nothing(told: Told) -> None:
    with pytest.raises(ZeroDivisionError):
        async with told.database.write() as connection:
            visit = AVisit(told.showroom.id)
            await told.letters.announce(connection, told.showroom, visit, AppointmentEvent.BOOKED)
            raise ZeroDivisionError
    assert await told.open() == []


async def test_a_letter_holds_nothing_personal_while_it_waits(told: Told) -> None:
    await told.tell(AVisit(told.showroom.id), AppointmentEvent.BOOKED)
    for delivery in await told.outbox.claim(KIND, 10):
        assert delivery.payload == {"sequence": 0}


@pytest.mark.parametrize("topic", Topic)
def test_a_letter_is_true_only_of_the_version_that_it_was_written_for(topic: Topic) -> None:
    visit = AVisit(a_showroom().id, sequence=1)
    states = {
        state
        for state in AppointmentState
        if still_true(topic, replace(visit, state=state), {"sequence": 1})
    }
    assert states
    for state in states:
        assert not still_true(topic, replace(visit, state=state, sequence=2), {"sequence": 1})
    assert not states & {AppointmentState.HELD, AppointmentState.LAPSED, AppointmentState.DONE}


@pytest.mark.parametrize("topic", [Topic.REMINDER_DAY, Topic.REMINDER_HOUR, Topic.REMINDER_SOON])
@pytest.mark.parametrize(
    "state", [state for state in AppointmentState if state is not AppointmentState.BOOKED]
)
def test_who_is_here_or_does_not_come_needs_no_reminder(
    topic: Topic, state: AppointmentState
) -> None:
    visit = AVisit(a_showroom().id, state=state)
    assert not still_true(topic, visit, {"sequence": 0})
