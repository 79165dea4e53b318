"""Working hours and absences, and what becomes of the visits in them, on each database."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.absences import Absences
from showroom.database import Database
from showroom.errors import BadRequest, NotFound, SlotTaken
from showroom.hours import Interval, WeeklyHours
from showroom.ids import AbsenceId, StaffId, new_id
from showroom.tables import staff
from showroom.words import AppointmentEvent, AppointmentState
from tests.booking.diary import (
    MINUTE_MS,
    RULES,
    TOMORROW,
    Diary,
    at,
    bookable,
    hire,
    lend,
    local,
    open_diary,
)
from tests.virtual_clock import VirtualClock

ANNA, BRUNO, CHLOE = StaffId("anna"), StaffId("bruno"), StaffId("chloe")
MORNING = at("2025-10-10 08:00"), at("2025-10-10 12:00")
FRIDAYS = WeeklyHours(friday=(Interval.of("14:00", "20:00"),))


@pytest.fixture
def absences(diary: Diary) -> Absences:
    return Absences(diary.database, diary.showrooms, diary.roster, diary.announce, diary.clock)


async def absent(absences: Absences, diary: Diary, who: StaffId) -> None:
    await absences.add(diary.showroom, who, *MORNING, "a dentist")


# ------------------------------------------------------------------ hours


async def test_an_advisor_is_booked_in_their_hours_and_only_while_it_is_open(diary: Diary) -> None:
    await diary.roster.set_hours(diary.showroom.id, ANNA, FRIDAYS)
    assert await diary.roster.hours(diary.showroom.id, ANNA) == FRIDAYS
    week = await diary.free(advisor=ANNA, until_ms=at("2025-10-16 00:00"))
    assert (local(week[0]), local(week[-1])) == ("10-10 14:00", "10-10 17:30")
    await diary.roster.set_hours(diary.showroom.id, ANNA, None)
    assert await diary.roster.hours(diary.showroom.id, ANNA) is None
    assert TOMORROW in await diary.free(advisor=ANNA)


async def test_hours_are_those_of_one_showroom(diary: Diary, clock: VirtualClock) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"))
    await lend(diary.database, lyon.showroom, "anna")
    await diary.roster.set_hours(diary.showroom.id, ANNA, FRIDAYS)
    assert TOMORROW in await lyon.free()
    assert await lyon.roster.hours(lyon.showroom.id, ANNA) is None


async def test_a_stranger_gets_neither_hours_nor_absences(
    diary: Diary, absences: Absences, clock: VirtualClock
) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"), "lea")
    with pytest.raises(NotFound):
        await diary.roster.set_hours(diary.showroom.id, StaffId("lea"), FRIDAYS)
    with pytest.raises(NotFound):
        await absences.add(diary.showroom, StaffId("lea"), *MORNING, "")
    assert TOMORROW in await lyon.free()


# ------------------------------------------------------------------ absences


async def test_an_absence_can_be_entered_seen_and_removed(diary: Diary, absences: Absences) -> None:
    entered = await absences.add(diary.showroom, ANNA, *MORNING, "a dentist")
    assert await diary.roster.absences(diary.showroom.id, *MORNING) == [entered]
    assert await diary.roster.absences(diary.showroom.id, *MORNING, BRUNO) == []
    assert await diary.roster.absences(diary.showroom.id, MORNING[1], MORNING[1] + 1) == []
    free = await diary.free(advisor=ANNA)
    assert (TOMORROW in free, MORNING[1] in free) == (False, True)
    await diary.roster.remove_absence(diary.showroom.id, BRUNO, entered.id)
    await diary.roster.remove_absence(diary.showroom.id, ANNA, AbsenceId(new_id()))
    assert await diary.roster.absences(diary.showroom.id, *MORNING, ANNA) == [entered]
    await diary.roster.remove_absence(diary.showroom.id, ANNA, entered.id)
    assert TOMORROW in await diary.free(advisor=ANNA)


async def test_an_absence_that_ends_before_it_begins_is_refused(
    diary: Diary, absences: Absences
) -> None:
    with pytest.raises(BadRequest):
        await absences.add(diary.showroom, ANNA, MORNING[1], MORNING[0], "")


async def test_visits_in_an_absence_go_to_somebody_else_at_the_same_time(
    diary: Diary, absences: Absences
) -> None:
    booked = [
        await diary.booked(TOMORROW, advisor=ANNA),
        await diary.booked(MORNING[1], advisor=ANNA),
    ]
    await diary.booked(TOMORROW, advisor=BRUNO)
    await absent(absences, diary, ANNA)
    moved = await diary.book.by_token(booked[0].token)
    assert (moved.advisor_id, moved.starts_at) == (CHLOE, TOMORROW)
    assert moved.state is AppointmentState.BOOKED
    assert await diary.book.by_token(booked[1].token) == booked[1]
    assert diary.events[3:] == [AppointmentEvent.REASSIGNED]
    assert diary.told[-1] == moved


async def test_a_visit_for_which_nobody_is_left_is_called_off(
    diary: Diary, absences: Absences
) -> None:
    visits = [await diary.booked() for _ in range(3)]
    await absent(absences, diary, ANNA)
    lost = await diary.book.by_token(visits[0].token)
    assert (lost.state, lost.end_reason) == (AppointmentState.CANCELLED, "called_off")
    assert lost.sequence == visits[0].sequence + 1
    assert diary.events[3:] == [AppointmentEvent.CALLED_OFF]
    again = await diary.book.rebook(lost.token, MORNING[1])
    assert again.rebooked_from == lost.id


async def test_a_stand_in_speaks_the_customers_language(
    database: Database, clock: VirtualClock
) -> None:
    diary = await open_diary(database, clock, bookable(), "anna")
    await hire(database, diary.showroom, "bruno", languages=["fr"])
    absences = Absences(database, diary.showrooms, diary.roster, diary.announce, clock)
    english = await diary.booked()
    french = await diary.booked(TOMORROW + 60 * MINUTE_MS, language="fr", advisor=ANNA)
    await absent(absences, diary, ANNA)
    assert (await diary.book.by_token(english.token)).end_reason == "called_off"
    assert (await diary.book.by_token(french.token)).advisor_id == BRUNO


async def test_a_held_time_in_an_absence_gets_another_advisor_without_a_word(
    diary: Diary, absences: Absences
) -> None:
    held, named = await diary.hold(), await diary.hold(MORNING[1] - 60 * MINUTE_MS, advisor=ANNA)
    assert held.advisor_id == ANNA
    await absent(absences, diary, ANNA)
    assert (await diary.confirm(held)).advisor_id == BRUNO
    with pytest.raises(NotFound):
        await diary.confirm(named)
    assert diary.events == [AppointmentEvent.BOOKED]


async def test_an_absence_counts_in_every_showroom_of_the_advisor(
    diary: Diary, absences: Absences, clock: VirtualClock
) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"), "lea")
    await lend(diary.database, lyon.showroom, "anna")
    there = await lyon.booked(advisor=ANNA)
    await absent(absences, diary, ANNA)
    assert (await lyon.book.by_token(there.token)).advisor_id == "lea"
    assert TOMORROW not in await lyon.free(advisor=ANNA)
    assert await lyon.roster.absences(lyon.showroom.id, *MORNING) == []


async def test_nobody_is_at_two_showrooms_at_a_time(diary: Diary, clock: VirtualClock) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"))
    await lend(diary.database, lyon.showroom, "anna")
    held = await diary.hold(advisor=ANNA)
    with pytest.raises(SlotTaken) as refused:
        await lyon.hold()
    assert local(refused.value.free[0]) == "10-10 09:45"
    clock.now_ms = held.held_until or 0
    assert (await lyon.hold()).advisor_id == ANNA  # the hold there is over


async def test_visits_elsewhere_do_not_count_for_the_limit_here(
    diary: Diary, clock: VirtualClock
) -> None:
    lyon = await open_diary(
        diary.database, clock, bookable("lyon", replace(RULES, side_by_side=1)), "lea"
    )
    await lend(diary.database, lyon.showroom, "anna")
    await diary.booked(advisor=ANNA)
    assert (await lyon.booked()).advisor_id == "lea"


# ------------------------------------------------------------------ closed accounts


async def test_visits_of_a_closed_account_find_somebody_else(
    diary: Diary, absences: Absences
) -> None:
    booked = await diary.booked(advisor=ANNA)
    await absences.rehome(diary.showroom)
    assert await diary.book.by_token(booked.token) == booked
    async with diary.database.write() as connection:
        await connection.execute(sa.update(staff).where(staff.c.id == ANNA).values(disabled_at=1))
    await absences.rehome(diary.showroom)
    await absences.rehome(diary.showroom)
    assert (await diary.book.by_token(booked.token)).advisor_id == BRUNO
    assert diary.events[1:] == [AppointmentEvent.REASSIGNED]


async def test_visits_of_an_account_that_was_deleted_find_somebody_else(
    diary: Diary, absences: Absences
) -> None:
    booked = await diary.booked(advisor=ANNA)
    async with diary.database.write() as connection:
        await connection.execute(sa.delete(staff).where(staff.c.id == ANNA))
    await absences.rehome(diary.showroom)
    assert (await diary.book.by_token(booked.token)).advisor_id == BRUNO
