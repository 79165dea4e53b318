"""Appointments, on each database: holding, booking, moving, cancelling, booking again."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.appointments import Appointment
from showroom.database import Database
from showroom.errors import IllegalMove, NotFound, SlotTaken, TooLate
from showroom.ids import AppointmentId, CallId, StaffId, new_id
from showroom.tables import appointments, staff
from showroom.words import AppointmentEvent, AppointmentState, Role
from tests.booking.diary import (
    CAMPAIGN,
    CONSENTS,
    JEANNE,
    MINUTE_MS,
    RULES,
    TOMORROW,
    Diary,
    at,
    bookable,
    hire,
    local,
    open_diary,
)
from tests.virtual_clock import VirtualClock

ANNA, BRUNO, CHLOE = StaffId("anna"), StaffId("bruno"), StaffId("chloe")
HALF_HOUR = 30 * MINUTE_MS
CALL = CallId("call")


async def rows(database: Database) -> int:
    async with database.read() as connection:
        return await connection.scalar(sa.select(sa.func.count()).select_from(appointments)) or 0


async def take_all(diary: Diary, starts_at: int = TOMORROW) -> list[Appointment]:
    """Book the three advisors' time."""
    return [await diary.booked(starts_at) for _ in range(3)]


# ------------------------------------------------------------------ hold and confirm


async def test_a_slot_is_held_and_then_booked(diary: Diary) -> None:
    held = await diary.hold(vehicle="crete")
    assert held.state is AppointmentState.HELD
    assert (held.starts_at, held.ends_at) == (TOMORROW, TOMORROW + HALF_HOUR)
    assert held.held_until == diary.clock() + 5 * MINUTE_MS
    booked = await diary.confirm(held)
    assert booked.state is AppointmentState.BOOKED
    assert (booked.id, booked.token) == (held.id, held.token)
    assert (booked.name, booked.email, booked.phone) == (JEANNE.name, JEANNE.email, JEANNE.phone)
    assert (booked.consents, booked.campaign) == (CONSENTS, CAMPAIGN)
    assert diary.events == [AppointmentEvent.BOOKED]
    assert await diary.book.by_token(held.token) == booked
    assert await diary.book.get(diary.showroom.id, held.id) == booked


async def test_what_is_held_is_free_for_nobody_else(diary: Diary) -> None:
    for _ in range(3):
        assert TOMORROW in await diary.free()
        await diary.hold()
    assert TOMORROW not in await diary.free()
    with pytest.raises(SlotTaken):
        await diary.hold()


async def test_who_comes_too_late_hears_the_next_free_times(diary: Diary) -> None:
    await take_all(diary)
    with pytest.raises(SlotTaken) as refused:
        await diary.hold()
    assert [local(start) for start in refused.value.free] == [
        f"10-10 {time}" for time in ("09:45", "10:00", "10:15", "10:30", "10:45", "11:00")
    ]


async def test_after_the_last_times_the_first_ones_are_offered(diary: Diary) -> None:
    # The horizon is 12:30 of the 11th.
    await diary.change(visits=replace(RULES, horizon=49 * 60 + 37))
    last = at("2025-10-11 11:15")
    await take_all(diary, last)
    with pytest.raises(SlotTaken) as refused:
        await diary.hold(last)
    offered = [local(start) for start in refused.value.free]
    assert offered == [
        "10-11 12:00",
        *(f"10-09 {time}" for time in ("12:00", "12:15", "12:30", "12:45", "13:00")),
    ]


@pytest.mark.parametrize(
    "wrong",
    ["2025-10-10 08:45", "2025-10-10 17:45", "2025-10-10 09:05", "2025-10-09 10:45"],
    ids=["before it opens", "over its closing", "between the steps", "past"],
)
async def test_a_time_that_is_no_slot_is_refused_like_one_that_is_taken(
    diary: Diary, wrong: str
) -> None:
    with pytest.raises(SlotTaken) as refused:
        await diary.hold(at(wrong))
    assert len(refused.value.free) == 6


@pytest.mark.parametrize("odd", [TOMORROW + 1, 0, -1, -(10**15), 10**15, 10**18, 2**63, 10**30])
async def test_a_number_that_is_no_slot_and_perhaps_no_date_is_refused_alike(
    diary: Diary, odd: int
) -> None:
    booked = await diary.booked(TOMORROW + 60 * MINUTE_MS)
    with pytest.raises(SlotTaken) as refused:
        await diary.hold(odd)
    assert len(refused.value.free) == 6
    with pytest.raises(SlotTaken):
        await diary.book.reschedule(booked.token, odd)


async def test_a_hold_that_is_over_does_not_block(diary: Diary) -> None:
    lost = [await diary.hold() for _ in range(3)]
    diary.clock.advance(seconds=300)
    assert TOMORROW in await diary.free()
    taken = await diary.hold()
    assert taken.id not in {held.id for held in lost}
    with pytest.raises(NotFound):
        await diary.book.by_token(lost[0].token)


async def test_a_hold_can_be_confirmed_in_its_last_moment(diary: Diary) -> None:
    held, *_ = [await diary.hold() for _ in range(3)]
    diary.clock.advance(seconds=299.999)
    with pytest.raises(SlotTaken):
        await diary.hold()
    assert (await diary.confirm(held)).state is AppointmentState.BOOKED


async def test_a_hold_that_is_over_is_booked_if_its_time_is_free_still(diary: Diary) -> None:
    held = await diary.hold()
    diary.clock.advance(hours=2)
    booked = await diary.confirm(held)
    assert (booked.state, booked.advisor_id) == (AppointmentState.BOOKED, held.advisor_id)
    assert diary.events == [AppointmentEvent.BOOKED]


async def test_a_hold_that_is_over_gets_another_advisor_if_its_own_is_taken(diary: Diary) -> None:
    held = await diary.hold()
    diary.clock.advance(seconds=301)
    others = [await diary.booked() for _ in range(2)]
    assert held.advisor_id in {other.advisor_id for other in others}
    booked = await diary.confirm(held)
    assert {booked.advisor_id, *(other.advisor_id for other in others)} == {ANNA, BRUNO, CHLOE}


async def test_a_hold_that_is_over_and_taken_is_not_found(diary: Diary) -> None:
    held = await diary.hold()
    diary.clock.advance(seconds=301)
    await take_all(diary)
    with pytest.raises(NotFound):
        await diary.confirm(held)
    assert diary.events == [AppointmentEvent.BOOKED] * 3


async def test_a_form_that_is_sent_after_the_start_is_not_found(diary: Diary) -> None:
    held = await diary.hold()
    diary.until(TOMORROW + 1)
    with pytest.raises(NotFound):
        await diary.confirm(held)


async def test_a_form_sent_twice_books_once(diary: Diary) -> None:
    held = await diary.hold()
    answers = await asyncio.gather(*(diary.confirm(held) for _ in range(5)))
    assert {answer.booked_at for answer in answers} == {diary.clock()}
    assert all(answer == answers[0] for answer in answers)
    diary.clock.advance(seconds=60)
    assert await diary.confirm(held) == answers[0]
    assert diary.events == [AppointmentEvent.BOOKED]


async def test_a_late_form_sent_twice_at_once_books_once(diary: Diary) -> None:
    held = await diary.hold()
    diary.clock.advance(seconds=301)
    answers = await asyncio.gather(*(diary.confirm(held) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert diary.events == [AppointmentEvent.BOOKED]


async def test_a_form_in_another_language_gets_somebody_who_speaks_it(diary: Diary) -> None:
    await hire(diary.database, diary.showroom, "dora", languages=["it"])
    held = await diary.hold()
    booked = await diary.confirm(held, language="it")
    assert (booked.language, booked.advisor_id) == ("it", "dora")
    with pytest.raises(SlotTaken):
        await diary.confirm(await diary.hold(), language="de")


async def test_a_hold_that_is_given_back_is_free_at_once(diary: Diary) -> None:
    held, *_ = [await diary.hold() for _ in range(3)]
    await diary.book.release(held.token)
    await diary.book.release(held.token)
    assert TOMORROW in await diary.free()


async def test_giving_back_what_is_no_hold_changes_nothing(diary: Diary) -> None:
    booked = await diary.booked()
    await diary.book.release(booked.token)
    await diary.book.release(new_id())
    assert await diary.book.by_token(booked.token) == booked


async def test_an_announcement_that_fails_takes_the_booking_back(diary: Diary) -> None:
    held = await diary.hold()

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    diary.book._announce = fail
    with pytest.raises(ZeroDivisionError):
        await diary.confirm(held)
    assert (await diary.book.by_token(held.token)).state is AppointmentState.HELD


# ------------------------------------------------------------------ who receives


async def test_the_advisor_who_is_idle_longest_receives(diary: Diary) -> None:
    nine, ten, eleven = (at(f"2025-10-10 {hour}:00") for hour in ("09", "10", "11"))
    first = [(await diary.booked(nine)).advisor_id for _ in range(3)]
    assert first == [ANNA, BRUNO, CHLOE]  # none had a visit: by id
    assert (await diary.booked(ten)).advisor_id == ANNA
    assert [(await diary.booked(eleven)).advisor_id for _ in range(3)] == [BRUNO, CHLOE, ANNA]


async def test_a_named_advisor_receives_or_nobody(diary: Diary) -> None:
    booked = await diary.booked(advisor=CHLOE)
    assert (booked.advisor_id, booked.named) == (CHLOE, True)
    assert TOMORROW not in await diary.free(advisor=CHLOE)
    assert TOMORROW in await diary.free()
    with pytest.raises(SlotTaken) as refused:
        await diary.hold(advisor=CHLOE)
    assert local(refused.value.free[0]) == "10-10 09:45"


async def test_two_visits_of_one_advisor_are_both_buffers_apart(diary: Diary) -> None:
    await diary.change(visits=replace(RULES, before=5, after=10))
    await diary.booked(at("2025-10-10 12:00"), advisor=ANNA)
    free = [local(start) for start in await diary.free(advisor=ANNA)]
    around = [time for time in free if "10-10 11:00" <= time <= "10-10 13:00"]
    assert around == ["10-10 11:00", "10-10 11:15", "10-10 12:45", "10-10 13:00"]


async def test_visits_run_side_by_side_up_to_the_limit(diary: Diary) -> None:
    await diary.change(visits=replace(RULES, side_by_side=2))
    await diary.booked()
    await diary.booked()
    assert TOMORROW not in await diary.free()
    with pytest.raises(SlotTaken):
        await diary.hold(TOMORROW + 15 * MINUTE_MS)
    await diary.hold(TOMORROW + HALF_HOUR)


async def test_robots_managers_and_closed_accounts_are_never_booked(
    database: Database, clock: VirtualClock
) -> None:
    diary = await open_diary(database, clock, bookable(), "anna", "bruno")
    await hire(database, diary.showroom, "robo", robot=True)
    await hire(database, diary.showroom, "boss", role=Role.MANAGER)
    async with database.write() as connection:
        await connection.execute(
            sa.update(staff).where(staff.c.id == "bruno").values(disabled_at=1)
        )
    assert (await diary.booked()).advisor_id == ANNA
    with pytest.raises(SlotTaken):
        await diary.hold()


# ------------------------------------------------------------------ move and cancel


async def test_a_visit_moves_and_keeps_its_address_and_its_advisor(diary: Diary) -> None:
    await diary.booked()
    booked = await diary.booked()
    later = at("2025-10-10 15:00")
    moved = await diary.book.reschedule(booked.token, later)
    assert (moved.starts_at, moved.ends_at, moved.sequence) == (later, later + HALF_HOUR, 1)
    assert (moved.token, moved.advisor_id) == (booked.token, booked.advisor_id)
    assert diary.events[-1] is AppointmentEvent.RESCHEDULED
    assert await diary.book.by_token(booked.token) == moved
    assert (await diary.book.reschedule(booked.token, later)) == moved
    assert diary.events.count(AppointmentEvent.RESCHEDULED) == 1


async def test_a_visit_can_move_into_its_own_old_time_and_buffers(diary: Diary) -> None:
    booked = await diary.booked(advisor=ANNA)
    soon = TOMORROW + 15 * MINUTE_MS
    assert soon not in await diary.free(advisor=ANNA)
    assert soon in await diary.free(advisor=ANNA, leaving_out=booked.id)
    moved = await diary.book.reschedule(booked.token, soon)
    assert (moved.starts_at, moved.advisor_id) == (soon, ANNA)


async def test_a_visit_does_not_move_to_a_time_that_is_taken(diary: Diary) -> None:
    later = TOMORROW + 60 * MINUTE_MS
    await take_all(diary, later)
    booked = await diary.booked()
    with pytest.raises(SlotTaken) as refused:
        await diary.book.reschedule(booked.token, later)
    assert refused.value.free
    assert await diary.book.by_token(booked.token) == booked


async def test_who_asked_for_an_advisor_moves_to_a_time_of_theirs(diary: Diary) -> None:
    later = TOMORROW + 60 * MINUTE_MS
    await diary.booked(later, advisor=ANNA)
    booked = await diary.booked(advisor=ANNA)
    with pytest.raises(SlotTaken):
        await diary.book.reschedule(booked.token, later)


async def test_of_two_moves_to_one_time_one_is_refused(diary: Diary) -> None:
    later = TOMORROW + 60 * MINUTE_MS
    visits = [await diary.booked(TOMORROW, advisor=ANNA)]
    visits.append(await diary.booked(TOMORROW + 4 * HALF_HOUR + 3 * HALF_HOUR, advisor=ANNA))
    answers = await asyncio.gather(
        *(diary.book.reschedule(visit.token, later) for visit in visits), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "SlotTaken"]


async def test_a_cancelled_visit_frees_its_time_and_stays_cancelled(diary: Diary) -> None:
    booked = (await take_all(diary))[0]
    cancelled = await diary.book.cancel(booked.token)
    assert (cancelled.state, cancelled.sequence) == (AppointmentState.CANCELLED, 1)
    assert TOMORROW in await diary.free()
    diary.clock.advance(hours=1)
    assert await diary.book.cancel(booked.token) == cancelled
    assert diary.events.count(AppointmentEvent.CANCELLED) == 1
    with pytest.raises(IllegalMove):
        await diary.book.reschedule(booked.token, TOMORROW + HALF_HOUR)


async def test_the_showroom_decides_until_when_a_visit_changes(diary: Diary) -> None:
    await diary.change(visits=replace(RULES, change_until=120))
    booked = await diary.booked()
    diary.until(TOMORROW - 120 * MINUTE_MS + 1)
    with pytest.raises(TooLate):
        await diary.book.cancel(booked.token)
    with pytest.raises(TooLate):
        await diary.book.reschedule(booked.token, at("2025-10-11 09:00"))
    await diary.change(visits=replace(RULES, change_until=0))
    assert (await diary.book.cancel(booked.token)).state is AppointmentState.CANCELLED


async def test_a_hold_can_be_neither_moved_nor_cancelled(diary: Diary) -> None:
    held = await diary.hold()
    with pytest.raises(IllegalMove):
        await diary.book.cancel(held.token)
    with pytest.raises(IllegalMove):
        await diary.book.reschedule(held.token, TOMORROW + HALF_HOUR)


# ------------------------------------------------------------------ again


async def test_a_cancelled_visit_can_be_booked_again_with_what_was_told(diary: Diary) -> None:
    old = await diary.booked()
    await diary.book.cancel(old.token)
    later = TOMORROW + 60 * MINUTE_MS
    new = await diary.book.rebook(old.token, later)
    assert (new.state, new.starts_at, new.sequence) == (AppointmentState.BOOKED, later, 0)
    assert (new.name, new.email, new.consents) == (old.name, old.email, old.consents)
    assert new.rebooked_from == old.id
    assert new.token != old.token
    assert diary.events[-1] is AppointmentEvent.BOOKED
    assert await diary.book.by_token(new.token) == new


async def test_booking_again_twice_books_once(diary: Diary) -> None:
    old = await diary.booked()
    await diary.book.cancel(old.token)
    await diary.booked(advisor=ANNA)
    await diary.booked(advisor=BRUNO)
    answers = await asyncio.gather(*(diary.book.rebook(old.token, TOMORROW) for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(IllegalMove):
        await diary.book.rebook(old.token, TOMORROW + 60 * MINUTE_MS)


async def test_a_visit_that_stands_is_not_booked_again(diary: Diary) -> None:
    booked = await diary.booked()
    with pytest.raises(IllegalMove):
        await diary.book.rebook(booked.token, TOMORROW + 60 * MINUTE_MS)


# ------------------------------------------------------------------ check in


async def test_a_customer_checks_in_from_ten_minutes_before_until_the_end(diary: Diary) -> None:
    booked = await diary.booked()
    diary.until(TOMORROW - 10 * MINUTE_MS - 1)
    with pytest.raises(IllegalMove):
        await diary.book.check_in(booked.token, CALL)
    diary.until(TOMORROW - 10 * MINUTE_MS)
    here = await diary.book.check_in(booked.token, CALL)
    assert (here.state, here.call_id) == (AppointmentState.WAITING, CALL)
    assert here.arrived_at == diary.clock()
    diary.clock.advance(seconds=5)
    assert await diary.book.check_in(booked.token, CALL) == here


async def test_a_customer_on_a_new_page_has_waited_since_they_came(diary: Diary) -> None:
    booked = await diary.booked()
    diary.until(TOMORROW - 5 * MINUTE_MS)
    await diary.book.check_in(booked.token, CALL)
    diary.clock.advance(seconds=60)
    again = await diary.book.check_in(booked.token, CallId("another"))
    assert again.call_id == "another"
    assert again.arrived_at == TOMORROW - 5 * MINUTE_MS


async def test_after_its_end_a_visit_can_not_be_joined(diary: Diary) -> None:
    booked = await diary.booked()
    diary.until(TOMORROW + HALF_HOUR)
    with pytest.raises(IllegalMove):
        await diary.book.check_in(booked.token, CALL)


# ------------------------------------------------------------------ managers


async def test_a_manager_gives_a_visit_to_another_advisor(diary: Diary) -> None:
    booked = await diary.booked(advisor=ANNA)
    moved = await diary.book.reassign(diary.showroom, booked.id, BRUNO)
    assert (moved.advisor_id, moved.starts_at) == (BRUNO, booked.starts_at)
    assert diary.events[-1] is AppointmentEvent.REASSIGNED
    assert await diary.book.reassign(diary.showroom, booked.id, BRUNO) == moved
    assert TOMORROW in await diary.free(advisor=ANNA)


async def test_a_visit_does_not_go_to_an_advisor_who_is_not_free(diary: Diary) -> None:
    booked = await diary.booked(advisor=ANNA)
    await diary.booked(TOMORROW + 15 * MINUTE_MS, advisor=BRUNO)
    with pytest.raises(SlotTaken):
        await diary.book.reassign(diary.showroom, booked.id, BRUNO)
    assert (await diary.book.by_token(booked.token)).advisor_id == ANNA


async def test_a_visit_at_the_limit_side_by_side_can_still_be_given_on(diary: Diary) -> None:
    await diary.change(visits=replace(RULES, side_by_side=1, notice=0))
    booked = await diary.booked(advisor=ANNA)
    diary.until(TOMORROW - 5 * MINUTE_MS)
    moved = await diary.book.reassign(diary.showroom, booked.id, BRUNO)
    assert moved.advisor_id == BRUNO


async def test_the_agenda_shows_what_was_booked_and_no_mere_holds(diary: Diary) -> None:
    await diary.hold(advisor=CHLOE)
    visits = [await diary.booked(advisor=BRUNO), await diary.booked(TOMORROW + 60 * MINUTE_MS)]
    cancelled = await diary.book.cancel(visits[1].token)
    whole = diary.showroom.id, TOMORROW, TOMORROW + 2 * 60 * MINUTE_MS
    assert await diary.book.of(*whole) == [visits[0], cancelled]
    assert await diary.book.of(*whole, BRUNO) == [visits[0]]
    assert (
        await diary.book.of(diary.showroom.id, TOMORROW + HALF_HOUR, TOMORROW + HALF_HOUR + 1) == []
    )


# ------------------------------------------------------------------ what is not theirs (threat 10)


async def test_unknown_tokens_find_nothing_and_change_nothing(diary: Diary) -> None:
    booked = await diary.booked()
    for token in ("", "%", "' OR 1=1 --", "\0", "\ud800", booked.id, booked.token[:-1], new_id()):
        for question in (
            diary.book.by_token(token),
            diary.book.reschedule(token, TOMORROW + 60 * MINUTE_MS),
            diary.book.cancel(token),
            diary.book.rebook(token, TOMORROW + 60 * MINUTE_MS),
            diary.book.check_in(token, CALL),
            diary.confirm(replace(booked, token=token)),
        ):
            with pytest.raises(NotFound):
                await question
        await diary.book.release(token)
    assert await diary.book.by_token(booked.token) == booked


async def test_another_showrooms_appointments_are_not_found(
    diary: Diary, clock: VirtualClock
) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"), "lea")
    booked = await diary.booked()
    span = TOMORROW - 60 * MINUTE_MS, TOMORROW + 60 * MINUTE_MS
    assert await lyon.book.of(lyon.showroom.id, *span) == []
    assert await lyon.book.of(lyon.showroom.id, *span, booked.advisor_id) == []
    with pytest.raises(NotFound):
        await lyon.book.get(lyon.showroom.id, booked.id)
    with pytest.raises(NotFound):
        await lyon.book.reassign(lyon.showroom, booked.id, StaffId("lea"))
    with pytest.raises(NotFound):
        await diary.book.reassign(diary.showroom, booked.id, StaffId("lea"))
    with pytest.raises(NotFound):
        await diary.book.get(diary.showroom.id, AppointmentId(new_id()))


async def test_tokens_are_random_and_never_the_id(diary: Diary) -> None:
    held = [await diary.hold() for _ in range(3)]
    names = {name for one in held for name in (one.id, one.token)}
    assert len(names) == 6
    assert all(len(name) == 22 for name in names)
