"""Booked visits over real sockets: the list, the ring card, and who may join when."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from showroom.clock import system_clock
from showroom.errors import AdvisorNotFree, ShowroomClosed
from showroom.ids import CallId, StaffId
from showroom.showrooms import Showrooms
from showroom.tables import follow_ups
from showroom.words import AppointmentState, Side
from signaling import teller
from signaling.live import LiveState
from signaling.pairing import prefix
from signaling.party import Party
from tests.browser.test_closed_doors import closed_for_days
from tests.houses import House, live_call
from tests.samples import PASSWORD
from tests.visits import (
    MINUTE_MS,
    a_booked_visit,
    desk_of,
    joins,
    paris_of,
    saved_visit,
    staff_id,
)


@pytest.fixture
async def alice(house: House) -> StaffId:
    return await staff_id(house.node.shared.database, "alice@example.com")


async def test_an_advisor_gets_their_visits_on_connect_and_on_every_change(
    house: House, alice: StaffId
) -> None:
    shared, now = house.node.shared, system_clock()
    first = await saved_visit(shared.database, house.paris, alice, now + 5 * MINUTE_MS)
    await saved_visit(shared.database, house.paris, alice, now + 25 * 60 * MINUTE_MS)
    async with house.employee() as page, house.employee("p2") as colleague:
        await page.work("alice@example.com", PASSWORD)
        await colleague.work("bruno@example.com", PASSWORD)
        told = await page.until("visits")
        assert abs(told["now"] - now) < MINUTE_MS
        assert [visit["id"] for visit in told["items"]] == [first]
        assert told["items"][0] | {"id": ""} == {
            "id": "",
            "starts_at": now + 5 * MINUTE_MS,
            "ends_at": now + 35 * MINUTE_MS,
            "name": "Jeanne Moreau",
            "vehicle": "crete",
            "language": "fr",
            "wish": "The boot, and towing",
            "state": "booked",
            "late": False,
        }
        assert (await colleague.until("visits"))["items"] == []
        waits = AppointmentState.WAITING
        late = await saved_visit(
            shared.database, house.paris, alice, now - 40 * MINUTE_MS, state=waits
        )
        colleague.heard.clear()
        await desk_of(shared).visits_changed(house.paris, [alice])
        told = await page.until("visits", lambda m: len(m["items"]) == 2)
        assert [(v["id"], v["state"], v["late"]) for v in told["items"]] == [
            (late, "waiting", True),
            (first, "booked", False),
        ]
        assert "visits" not in [event for event, _ in colleague.heard]


async def test_the_ring_card_says_whose_visit_it_is(house: House, alice: StaffId) -> None:
    visit = a_booked_visit(alice, 5 * MINUTE_MS)
    async with house.employee() as page, house.customer() as guest:
        await page.work("alice@example.com", PASSWORD)
        call = await joins(guest, house.node.shared, visit)
        ring = await page.until_call("ringing")
        assert ring["call"] == call
        assert ring["visit"] == {
            "id": visit.id,
            "starts_at": visit.starts_at,
            "name": "Jeanne Moreau",
            "wish": "The boot, and towing",
        }
        state = await guest.until_call("ringing")
        assert "visit" not in state
        assert state["queue"] == {"position": 1, "expected_wait": 0, "offer_call_back": False}


async def test_a_call_that_nobody_booked_has_no_visit(house: House) -> None:
    async with live_call(house) as (_, alice, _call):
        assert (await alice.until_call("live"))["visit"] is None


async def test_an_early_guest_is_told_the_time_until_the_visit_begins(
    house: House, alice: StaffId
) -> None:
    async with house.employee() as page, house.customer() as guest:
        await page.work("bruno@example.com", PASSWORD)
        await joins(guest, house.node.shared, a_booked_visit(alice, 5 * MINUTE_MS))
        queue = (await guest.until_call("waiting"))["queue"]
        assert 295 <= queue["expected_wait"] <= 300
        assert not queue["offer_call_back"]
        async with house.customer("visitor") as visitor:
            await visitor.connect()
            state = await visitor.until("showroom_state")
            assert state["languages"]["en"] == {
                "free": 1,
                "on_duty": 1,
                "waiting": 1,
                "expected_wait": 0,
            }


async def test_the_public_state_counts_nobody_as_free_who_is_kept_for_a_visit(
    house: House, alice: StaffId
) -> None:
    shared = house.node.shared
    async with house.employee() as page, house.customer("visitor") as visitor:
        await page.work("alice@example.com", PASSWORD)
        await visitor.connect()
        await visitor.until("showroom_state", lambda m: m["languages"]["en"]["free"] == 1)
        visit, until = a_booked_visit(alice).id, system_clock() + MINUTE_MS
        await desk_of(shared).keep_free(await paris_of(shared), alice, visit, until)
        told = await visitor.until("showroom_state", lambda m: m["languages"]["en"]["free"] == 0)
        assert told["languages"]["en"]["on_duty"] == 1
        assert told["languages"]["en"]["expected_wait"] is None
        assert (await page.until("advisor_state"))["state"] == "available"


async def test_nobody_is_offered_a_colleague_who_is_kept_free(house: House, alice: StaffId) -> None:
    shared = house.node.shared
    desk, paris = desk_of(shared), await paris_of(shared)
    async with house.employee("p2") as page, live_call(house) as (_, talking, call):
        await page.work("bruno@example.com", PASSWORD)
        bruno = await staff_id(shared.database, "bruno@example.com")
        await desk.keep_free(paris, bruno, a_booked_visit(bruno).id, system_clock() + MINUTE_MS)
        assert (await talking.send("list_colleagues"))["colleagues"] == []
        known = await LiveState(shared.redis).call(house.paris, CallId(call))
        assert known
        assert known.advisor == alice
        with pytest.raises(AdvisorNotFree):
            await desk.transfer(Party(paris, Side.ADVISOR, known.id, alice), bruno)


async def test_a_visit_may_be_joined_when_the_showroom_has_just_closed(
    house: House, alice: StaffId
) -> None:
    shared = house.node.shared
    closed = replace(await paris_of(shared), exceptions=closed_for_days(1, "UTC"), zone="UTC")
    await Showrooms(shared.database).save(closed)
    desk = desk_of(shared)
    with pytest.raises(ShowroomClosed):
        await desk.request_call(closed, "en", None, None)
    ticket = await desk.request_call(closed, "en", None, None, a_booked_visit(alice))
    facts = await LiveState(shared.redis).call_facts(house.paris, ticket.call)
    assert facts
    assert facts.state == "waiting"


async def test_a_guest_who_leaves_the_queue_is_nobody_to_call_back(
    house: House, alice: StaffId
) -> None:
    shared = house.node.shared
    async with house.customer() as guest, house.customer("walk-in") as walk_in:
        call = await joins(guest, shared, a_booked_visit(alice))
        assert (await guest.send("leave_queue"))["ok"]
        await walk_in.call()
        assert (await walk_in.send("leave_queue"))["ok"]
        async with asyncio.timeout(10):
            while await shared.redis.smembers(f"{prefix(house.paris)}:unsaved"):
                await asyncio.sleep(0.05)
        async with shared.database.read() as connection:
            kept = (await connection.execute(sa.select(follow_ups.c.call_id))).scalars().all()
        assert len(kept) == 1
        assert call not in kept


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten minutes be over soon, from the start of the house on."""
    monkeypatch.setattr(teller, "RENEW_VISITS_SECONDS", 0.1)


async def test_time_alone_brings_a_visit_into_the_list(
    impatient: None, house: House, alice: StaffId
) -> None:
    async with house.employee() as page:
        await page.work("alice@example.com", PASSWORD)
        assert (await page.until("visits"))["items"] == []
        # Nobody says that anything changed.
        starts = system_clock() + 5 * MINUTE_MS
        visit = await saved_visit(house.node.shared.database, house.paris, alice, starts)
        told = await page.until("visits", lambda m: bool(m["items"]))
        assert [one["id"] for one in told["items"]] == [visit]
