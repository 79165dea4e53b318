"""An advisor's visits beside their calls."""

import pytest

from booking.agenda import Agenda
from showroom.database import Database
from showroom.ids import ShowroomId, StaffId
from showroom.words import AppointmentState
from tests.samples import saved_advisor, saved_showroom
from tests.virtual_clock import START_MS
from tests.visits import LENGTH_MS, MINUTE_MS, saved_visit

HOUR_MS = 60 * MINUTE_MS


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
async def alice(database: Database, paris: ShowroomId) -> StaffId:
    return await saved_advisor(database)


async def test_an_advisor_gets_their_own_visits_of_their_showroom_by_the_start(
    database: Database, paris: ShowroomId, alice: StaffId
) -> None:
    lyon = await saved_showroom(database, "lyon")
    bruno = await saved_advisor(database, "bruno@orvanne.example")
    second = await saved_visit(database, paris, alice, START_MS + 2 * HOUR_MS, name="Second")
    first = await saved_visit(database, paris, alice, START_MS)
    await saved_visit(database, paris, bruno, START_MS)
    await saved_visit(database, lyon, alice, START_MS + 4 * HOUR_MS)
    found = await Agenda(database).of_advisor(paris, alice, START_MS, START_MS + 24 * HOUR_MS)
    assert [visit.id for visit in found] == [first, second]
    assert (found[0].name, found[0].vehicle, found[0].language) == ("Jeanne Moreau", "crete", "fr")
    assert (found[0].wish, found[0].state) == ("The boot, and towing", AppointmentState.BOOKED)
    assert (found[0].starts_at, found[0].ends_at) == (START_MS, START_MS + LENGTH_MS)


async def test_a_visit_belongs_to_a_time_with_any_part_of_it(
    database: Database, paris: ShowroomId, alice: StaffId
) -> None:
    agenda = Agenda(database)
    await saved_visit(database, paris, alice, START_MS)
    end = START_MS + LENGTH_MS
    assert len(await agenda.of_advisor(paris, alice, end - 1, end + HOUR_MS)) == 1
    assert await agenda.of_advisor(paris, alice, end, end + HOUR_MS) == []
    assert len(await agenda.of_advisor(paris, alice, START_MS - HOUR_MS, START_MS + 1)) == 1
    assert await agenda.of_advisor(paris, alice, START_MS - HOUR_MS, START_MS) == []


@pytest.mark.parametrize("state", AppointmentState)
async def test_what_nobody_has_to_receive_is_left_out(
    database: Database, paris: ShowroomId, alice: StaffId, state: AppointmentState
) -> None:
    await saved_visit(database, paris, alice, START_MS, state=state)
    found = await Agenda(database).of_advisor(paris, alice, START_MS, START_MS + HOUR_MS)
    assert [visit.state for visit in found] == (
        [] if state in {"held", "lapsed", "cancelled"} else [state]
    )
