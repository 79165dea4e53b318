"""On time: deadlines and calls, in virtual time, on each database."""

import asyncio
from dataclasses import dataclass, field

import pytest

from booking.appointments import Appointment
from booking.punctuality import CallFacts, Punctuality
from showroom.errors import IllegalMove, TryAgain
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId
from showroom.showrooms import Showroom
from showroom.words import AppointmentEvent, AppointmentState, EndReason
from tests.booking.diary import MINUTE_MS, TOMORROW, Diary

S = AppointmentState
CALL = CallId("call")
ANNA, BRUNO = StaffId("anna"), StaffId("bruno")


@dataclass
class Calls:
    """A floor on which a test decides what becomes of calls."""

    facts: dict[CallId, CallFacts] = field(default_factory=dict)
    kept: dict[tuple[StaffId, AppointmentId], int] = field(default_factory=dict)
    away: bool = False

    async def call(self, _showroom_id: ShowroomId, call_id: CallId) -> CallFacts | None:
        if self.away:
            raise TryAgain
        return self.facts.get(call_id)

    async def keep_free(
        self, _showroom: Showroom, advisor: StaffId, visit: AppointmentId, until_ms: int
    ) -> None:
        self.kept[advisor, visit] = until_ms


@dataclass
class Day:
    """A diary, the calls, and the loop that looks at both."""

    diary: Diary
    calls: Calls
    loop: Punctuality
    told: list[S] = field(default_factory=list)

    async def tell(self, showroom: Showroom, appointment: Appointment) -> None:
        assert showroom.id == appointment.showroom_id
        self.told.append(appointment.state)

    async def arrive(self, minutes: float) -> Appointment:
        """Book, and check in so many minutes after the start."""
        booked = await self.diary.booked(advisor=ANNA)
        self.at(minutes)
        self.calls.facts[CALL] = CallFacts()
        return await self.diary.book.check_in(booked.token, CALL)

    def at(self, minutes: float) -> None:
        """Let time pass until so many minutes after the start."""
        self.diary.until(TOMORROW + round(minutes * MINUTE_MS))

    async def state(self, visit: Appointment) -> S:
        """Look, and return where the visit stands then."""
        await self.loop.look()
        return (await self.now(visit)).state

    async def now(self, visit: Appointment) -> Appointment:
        return await self.diary.book.get(visit.showroom_id, visit.id)


@pytest.fixture
def day(diary: Diary) -> Day:
    calls = Calls()
    made: list[Day] = []
    loop = Punctuality(
        diary.database,
        diary.showrooms,
        calls,
        diary.announce,
        diary.clock,
        lambda showroom, visit: made[0].tell(showroom, visit),
    )
    made.append(Day(diary, calls, loop))
    return made[0]


async def test_a_hold_lapses_when_its_time_is_over(day: Day) -> None:
    held = await day.diary.hold()
    day.diary.clock.advance(seconds=299)
    assert await day.state(held) is S.HELD
    day.diary.clock.advance(seconds=1)
    assert await day.state(held) is S.LAPSED


async def test_a_customer_who_does_not_come_in_ten_minutes_is_missed(day: Day) -> None:
    booked = await day.diary.booked()
    day.at(10 - 1 / 60)
    assert await day.state(booked) is S.BOOKED
    day.at(10)
    assert await day.state(booked) is S.NO_SHOW
    assert day.diary.events[1:] == [AppointmentEvent.NO_SHOW]
    with pytest.raises(IllegalMove):
        await day.diary.book.check_in(booked.token, CALL)
    again = await day.diary.book.rebook(booked.token, TOMORROW + 180 * MINUTE_MS)
    assert again.rebooked_from == booked.id


async def test_a_customer_who_is_received_is_live_and_then_done(day: Day) -> None:
    visit = await day.arrive(-8)
    day.at(-5)
    assert await day.state(visit) is S.WAITING
    day.at(1)
    day.calls.facts[CALL] = CallFacts(accepted_at=TOMORROW)
    assert await day.state(visit) is S.LIVE
    day.at(20)
    assert await day.state(visit) is S.LIVE
    end = TOMORROW + 19 * MINUTE_MS
    day.calls.facts[CALL] = CallFacts(TOMORROW, end, EndReason.CUSTOMER_HUNG_UP)
    day.at(21)
    assert await day.state(visit) is S.DONE
    done = await day.now(visit)
    assert (done.ended_at, done.end_reason, done.due_at) == (end, "customer_hung_up", None)
    assert day.told == [S.LIVE, S.DONE]
    assert day.diary.events == [AppointmentEvent.BOOKED]


async def test_a_customer_who_waits_five_minutes_in_vain_was_let_down(day: Day) -> None:
    visit = await day.arrive(-8)
    day.at(5 - 1 / 60)
    assert await day.state(visit) is S.WAITING
    day.at(5)
    assert await day.state(visit) is S.HOST_NO_SHOW
    assert day.diary.events[1:] == [AppointmentEvent.HOST_NO_SHOW]
    day.at(6)
    assert await day.state(visit) is S.HOST_NO_SHOW
    assert day.diary.events[1:] == [AppointmentEvent.HOST_NO_SHOW]


async def test_a_late_customer_is_let_down_five_minutes_after_they_came(day: Day) -> None:
    visit = await day.arrive(7)
    day.at(12 - 1 / 60)
    assert await day.state(visit) is S.WAITING
    day.at(12)
    assert await day.state(visit) is S.HOST_NO_SHOW


async def test_somebody_who_was_let_down_can_still_be_received(day: Day) -> None:
    visit = await day.arrive(0)
    day.at(5)
    assert await day.state(visit) is S.HOST_NO_SHOW
    day.calls.facts[CALL] = CallFacts(accepted_at=TOMORROW + 6 * MINUTE_MS)
    day.at(6.5)
    assert await day.state(visit) is S.LIVE
    day.calls.facts[CALL] = CallFacts(1, TOMORROW + 9 * MINUTE_MS, EndReason.ADVISOR_ENDED)
    day.at(10)
    assert await day.state(visit) is S.DONE


async def test_somebody_is_received_though_their_advisors_time_was_given_away(day: Day) -> None:
    visit = await day.arrive(0)
    day.at(5)
    assert await day.state(visit) is S.HOST_NO_SHOW
    await day.diary.change(visits=type(day.diary.showroom.visits)(notice=0))
    await day.diary.booked(TOMORROW + 15 * MINUTE_MS, advisor=ANNA)
    day.calls.facts[CALL] = CallFacts(accepted_at=TOMORROW + 6 * MINUTE_MS)
    day.at(6.5)
    assert await day.state(visit) is S.LIVE
    assert (await day.now(visit)).advisor_id is None


async def test_somebody_who_was_let_down_and_left_is_looked_at_no_more(day: Day) -> None:
    visit = await day.arrive(0)
    day.at(5)
    await day.loop.look()
    day.calls.facts[CALL] = CallFacts(None, TOMORROW, EndReason.CUSTOMER_LEFT)
    day.at(6)
    assert await day.state(visit) is S.HOST_NO_SHOW
    assert (await day.now(visit)).due_at is None


async def test_a_customer_who_left_may_come_back(day: Day) -> None:
    visit = await day.arrive(-8)
    day.calls.facts[CALL] = CallFacts(None, TOMORROW - 5 * MINUTE_MS, EndReason.CUSTOMER_LOST)
    day.at(-5)
    assert await day.state(visit) is S.BOOKED
    day.at(2)
    day.calls.facts[CallId("second")] = CallFacts()
    back = await day.diary.book.check_in(visit.token, CallId("second"))
    assert back.arrived_at == TOMORROW + 2 * MINUTE_MS
    day.at(7 - 1 / 60)
    assert await day.state(visit) is S.WAITING
    day.at(7)
    assert await day.state(visit) is S.HOST_NO_SHOW


async def test_a_customer_who_left_and_stayed_away_is_missed(day: Day) -> None:
    visit = await day.arrive(-8)
    del day.calls.facts[CALL]
    day.at(-5)
    assert await day.state(visit) is S.BOOKED
    day.at(10)
    assert await day.state(visit) is S.NO_SHOW


async def test_a_showroom_that_closes_on_a_waiting_customer_let_them_down(day: Day) -> None:
    visit = await day.arrive(0)
    day.at(3)
    end = TOMORROW + 2 * MINUTE_MS
    day.calls.facts[CALL] = CallFacts(None, end, EndReason.SHOWROOM_CLOSED)
    assert await day.state(visit) is S.HOST_NO_SHOW


@pytest.mark.parametrize(
    ("accepted", "states"),
    [(4.9, [S.LIVE, S.DONE]), (5.1, [S.HOST_NO_SHOW, S.LIVE, S.DONE])],
)
async def test_after_an_outage_it_counts_when_things_happened(
    day: Day, accepted: float, states: list[S]
) -> None:
    visit = await day.arrive(0)
    when = TOMORROW + round(accepted * MINUTE_MS)
    day.calls.facts[CALL] = CallFacts(when, when + 60_000, EndReason.CUSTOMER_HUNG_UP)
    for minutes in (50, 51, 52, 53):
        day.at(minutes)
        await day.loop.look()
    assert day.told == states
    assert (await day.now(visit)).ended_at == when + 60_000


async def test_nodes_that_look_at_once_move_a_visit_once(day: Day) -> None:
    visits = [await day.diary.booked() for _ in range(3)]
    day.at(10)
    await asyncio.gather(*(day.loop.look() for _ in range(4)))
    assert [(await day.now(visit)).state for visit in visits] == [S.NO_SHOW] * 3
    assert day.diary.events[3:] == [AppointmentEvent.NO_SHOW] * 3


async def test_calls_that_can_not_be_asked_about_wait(day: Day) -> None:
    visit = await day.arrive(0)
    day.at(6)
    day.calls.away = True
    with pytest.raises(TryAgain):
        await day.loop.look()
    assert (await day.now(visit)).state is S.WAITING
    day.calls.away = False
    assert await day.state(visit) is S.HOST_NO_SHOW


async def test_one_visit_that_can_not_be_asked_about_holds_up_no_other(day: Day) -> None:
    broken = await day.arrive(0)
    other = await day.diary.booked(TOMORROW + 60 * MINUTE_MS)
    del day.calls.facts
    day.at(70)
    await day.loop.look()
    assert (await day.now(broken)).state is S.WAITING
    assert (await day.now(other)).state is S.NO_SHOW


async def test_an_advisor_is_kept_free_from_the_buffer_before_until_they_receive(day: Day) -> None:
    booked = await day.diary.booked(advisor=ANNA)
    await day.diary.booked(TOMORROW + 60 * MINUTE_MS, advisor=BRUNO)
    day.at(-5 - 1 / 60)
    await day.loop.keep_free()
    assert day.calls.kept == {}
    day.at(-5)
    await day.loop.keep_free()
    assert day.calls.kept == {(ANNA, booked.id): day.diary.clock() + 15_000}
    day.calls.facts[CALL] = CallFacts()
    await day.diary.book.check_in(booked.token, CALL)
    day.at(1)
    await day.loop.keep_free()
    assert day.calls.kept == {(ANNA, booked.id): day.diary.clock() + 15_000}
    day.calls.facts[CALL] = CallFacts(accepted_at=TOMORROW)
    await day.loop.look()
    day.at(2)
    await day.loop.keep_free()
    assert day.calls.kept[ANNA, booked.id] < day.diary.clock()
