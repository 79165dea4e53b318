"""What agendas show of the advisors' time, and who could take a visit on, on each database."""

from datetime import date

import pytest

from booking.absences import Absences
from booking.plan import Obstacle, Plan, Shift
from showroom.errors import IllegalMove, NotFound, SlotTaken
from showroom.hours import DateException, Interval, WeeklyHours
from showroom.ids import AppointmentId, StaffId
from tests.booking.diary import TOMORROW, Diary, at, bookable, hire, lend, open_diary
from tests.virtual_clock import VirtualClock

ANNA, BRUNO, CHLOE = StaffId("anna"), StaffId("bruno"), StaffId("chloe")
DAY = at("2025-10-10 00:00"), at("2025-10-11 00:00")
MORNINGS = WeeklyHours(friday=(Interval.of("08:00", "12:00"),))


@pytest.fixture
def plan(diary: Diary) -> Plan:
    return Plan(diary.database, diary.roster, diary.clock)


async def shift_of(plan: Plan, diary: Diary, who: StaffId) -> Shift:
    return next(one for one in await plan.shifts(diary.showroom, *DAY) if one.id == who)


async def obstacles(plan: Plan, diary: Diary, visit: AppointmentId) -> dict[str, Obstacle | None]:
    return {one.id: one.obstacle for one in await plan.takers(diary.showroom, visit)}


async def test_an_agenda_is_open_where_the_hours_of_both_are(plan: Plan, diary: Diary) -> None:
    await diary.roster.set_hours(diary.showroom.id, ANNA, MORNINGS)
    both = (at("2025-10-10 09:00"), at("2025-10-10 12:00"))
    assert (await shift_of(plan, diary, ANNA)).working == (both,)
    whole = (at("2025-10-10 09:00"), at("2025-10-10 18:00"))
    assert whole in (await shift_of(plan, diary, BRUNO)).working


async def test_on_a_holiday_nobody_s_agenda_is_open(plan: Plan, diary: Diary) -> None:
    holiday = DateException(date(2025, 10, 10))
    await diary.change(exceptions=(holiday,))
    spans = (await shift_of(plan, diary, ANNA)).working
    assert not [one for one in spans if one[0] < DAY[1] and one[1] > DAY[0]]


async def test_advisors_come_by_name_and_robots_and_managers_not_at_all(
    plan: Plan, diary: Diary
) -> None:
    await hire(diary.database, diary.showroom, "robo", robot=True)
    found = await plan.shifts(diary.showroom, *DAY)
    assert [one.name for one in found] == ["Anna", "Bruno", "Chloe"]


async def test_an_absence_and_a_visit_elsewhere_show_as_such(
    plan: Plan, diary: Diary, clock: VirtualClock
) -> None:
    lyon = await open_diary(diary.database, clock, bookable("lyon"))
    await lend(diary.database, lyon.showroom, "anna")
    visit = await lyon.booked(advisor=ANNA)
    away = (at("2025-10-10 14:00"), at("2025-10-10 16:00"))
    absences = Absences(diary.database, diary.showrooms, diary.roster, diary.announce, clock)
    await absences.add(lyon.showroom, ANNA, *away, "a dentist")
    shift = await shift_of(plan, diary, ANNA)
    assert shift.away == (away,)
    assert shift.elsewhere == ((visit.starts_at, visit.ends_at),)
    assert (await shift_of(plan, diary, BRUNO)).elsewhere == ()


async def test_a_visit_here_is_no_visit_elsewhere(plan: Plan, diary: Diary) -> None:
    await diary.booked(advisor=ANNA)
    assert (await shift_of(plan, diary, ANNA)).elsewhere == ()


async def test_each_other_advisor_can_take_a_visit_on_or_has_a_reason(
    plan: Plan, diary: Diary
) -> None:
    await hire(diary.database, diary.showroom, "dora", languages=("fr",))
    await hire(diary.database, diary.showroom, "emil")
    visit = await diary.booked(advisor=ANNA)
    await diary.booked(advisor=BRUNO)
    await diary.roster.set_hours(diary.showroom.id, CHLOE, WeeklyHours())
    absences = Absences(diary.database, diary.showrooms, diary.roster, diary.announce, diary.clock)
    assert await obstacles(plan, diary, visit.id) == {
        BRUNO: Obstacle.BUSY,
        CHLOE: Obstacle.OFF,
        "dora": Obstacle.LANGUAGE,
        "emil": None,
    }
    await absences.add(diary.showroom, StaffId("emil"), visit.starts_at, visit.ends_at, "")
    assert (await obstacles(plan, diary, visit.id))["emil"] is Obstacle.AWAY


async def test_who_has_no_obstacle_gets_the_visit_and_who_has_one_does_not(
    plan: Plan, diary: Diary
) -> None:
    visit = await diary.booked(advisor=ANNA)
    await diary.booked(TOMORROW + 30 * 60_000, advisor=BRUNO)  # its buffer reaches into the visit
    assert await obstacles(plan, diary, visit.id) == {BRUNO: Obstacle.BUSY, CHLOE: None}
    with pytest.raises(SlotTaken):
        await diary.book.reassign(diary.showroom, visit.id, BRUNO)
    given = await diary.book.reassign(diary.showroom, visit.id, CHLOE)
    assert (given.advisor_id, given.starts_at) == (CHLOE, visit.starts_at)


async def test_hours_that_touch_one_another_are_hours_without_a_gap(
    plan: Plan, diary: Diary
) -> None:
    halves = (Interval.of("09:00", "09:15"), Interval.of("09:15", "18:00"))
    await diary.roster.set_hours(diary.showroom.id, BRUNO, WeeklyHours(friday=halves))
    visit = await diary.booked(advisor=ANNA)
    assert (await obstacles(plan, diary, visit.id))[BRUNO] is None
    await diary.booked(TOMORROW, advisor=CHLOE)
    await diary.book.reassign(diary.showroom, visit.id, BRUNO)
    again = await diary.booked(at("2025-10-10 10:00"), advisor=ANNA)
    await diary.booked(at("2025-10-10 10:00"), advisor=BRUNO)
    assert (await obstacles(plan, diary, again.id))[BRUNO] is Obstacle.BUSY


async def test_a_cancelled_visit_is_taken_on_by_nobody(plan: Plan, diary: Diary) -> None:
    visit = await diary.booked()
    await diary.book.cancel(visit.token)
    with pytest.raises(IllegalMove):
        await plan.takers(diary.showroom, visit.id)


async def test_a_visit_of_another_showroom_is_not_found(
    plan: Plan, diary: Diary, clock: VirtualClock
) -> None:
    visit = await diary.booked()
    lyon = await open_diary(diary.database, clock, bookable("lyon"), "dora")
    with pytest.raises(NotFound):
        await plan.takers(lyon.showroom, visit.id)
