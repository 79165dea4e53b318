"""Reservations: given once, redeemed once, over by themselves, and each showroom's own."""

import asyncio
from dataclasses import replace

import pytest

from booking.handoff.topics import Topic
from booking.reservations.life import ReservationState
from booking.reservations.reservations import Order
from showroom.database import Database
from showroom.errors import BadRequest, Conflict, IllegalMove, NotFound, TooLate
from showroom.ids import LeadId, VehicleId
from tests.booking.reservations.conftest import Counter, open_counter
from tests.dealers import LYON, a_dealer
from tests.leads import saved_lead
from tests.samples import a_vehicle
from tests.virtual_clock import START_MS, VirtualClock

DAY_S = 86_400


async def test_a_car_is_kept_for_eight_days_and_everybody_hears(counter: Counter) -> None:
    given = await counter.give()
    assert given.state is ReservationState.GIVEN
    assert (given.created_at, given.dealer, given.vehicle) == (START_MS, "75-1", "crete")
    assert 8 * DAY_S <= (given.expires_at - START_MS) / 1000 <= 9 * DAY_S
    (topic, subject, data, dealer) = counter.news[0]
    assert (topic, subject, dealer) == (Topic.RESERVATION_CREATED, given.id, "75-1")
    assert (data["id"], data["code"]) == (given.id, given.code)
    assert data["lead"] == counter.lead
    assert given.token not in str(data)
    assert given.dealer_token not in str(data)


async def test_the_showroom_says_for_how_long(counter: Counter) -> None:
    counter.showroom = replace(
        counter.showroom, policy=replace(counter.showroom.policy, reservation_days=2)
    )
    given = await counter.give()
    assert 2 * DAY_S <= (given.expires_at - START_MS) / 1000 <= 3 * DAY_S


async def test_twice_gives_one_also_at_once(counter: Counter) -> None:
    given = await asyncio.gather(*(counter.give() for _ in range(5)))
    assert len({one.id for one in given}) == 1
    assert len(counter.news) == 1


async def test_another_dealer_must_wait_until_it_is_cancelled(counter: Counter) -> None:
    room = counter.showroom.id
    await counter.dealers.upsert(room, [a_dealer(room, "69-1", **LYON)])
    given = await counter.give()
    with pytest.raises(Conflict):
        await counter.give(dealer_code="69-1")
    await counter.book.cancel(given.token)
    again = await counter.give(dealer_code="69-1")
    assert (again.dealer, again.id != given.id) == ("69-1", True)


async def test_without_a_dealer_it_is_the_leads(counter: Counter) -> None:
    with pytest.raises(BadRequest):
        await counter.give(dealer_code=None)
    lead = await saved_lead(counter.database, counter.showroom.id, dealer="75-1")
    assert (await counter.give(lead_id=lead, dealer_code=None)).dealer == "75-1"


async def test_a_lead_that_became_part_of_another_is_that_one(counter: Counter) -> None:
    room = counter.showroom.id
    heir = await saved_lead(counter.database, room, became=("older-lead",), dealer="75-1")
    given = await counter.give(lead_id=LeadId("older-lead"), dealer_code=None)
    assert given.lead_id == heir
    assert await counter.give(lead_id=heir) == given
    assert await counter.book.of_lead(room, LeadId("older-lead")) == [given]


async def test_no_car_is_kept_for_who_did_not_agree_to_be_contacted(counter: Counter) -> None:
    brochure = {"consents": [{"purpose": "news", "version": "1", "at": START_MS}]}
    for details in ({}, brochure):
        lead = await saved_lead(counter.database, counter.showroom.id, details=details)
        with pytest.raises(BadRequest) as refused:
            await counter.give(lead_id=lead)
        assert refused.value.field == "consent"
        assert await counter.book.of_lead(counter.showroom.id, lead) == []
    assert counter.news == []


async def test_what_is_not_there_can_not_be_kept(counter: Counter) -> None:
    for wrong in (
        {"lead_id": LeadId("nobody")},
        {"vehicle": VehicleId("nothing")},
        {"dealer_code": "nowhere"},
    ):
        with pytest.raises(NotFound):
            await counter.give(**wrong)
    await counter.dealers.close(counter.showroom.id, "75-1")
    with pytest.raises(NotFound):
        await counter.give()
    assert counter.news == []


async def test_what_is_another_showrooms_is_not_found(
    database: Database, clock: VirtualClock, counter: Counter
) -> None:
    lyon = await open_counter(database, clock, "lyon", code="69-1")
    given = await counter.give()
    for wrong in ({"lead_id": counter.lead}, {"dealer_code": "75-1"}):
        with pytest.raises(NotFound):
            await lyon.give(**{"dealer_code": "69-1", **wrong})
    with pytest.raises(NotFound):
        await lyon.book.get(lyon.showroom.id, given.id)
    with pytest.raises(NotFound):
        await lyon.book.redeem_code(lyon.showroom.id, given.code)
    with pytest.raises(NotFound):
        await lyon.book.of_lead(lyon.showroom.id, counter.lead)
    with pytest.raises(NotFound):
        await lyon.book.call_off(lyon.showroom.id, given.id)
    assert await counter.book.by_token(given.token) == given


async def test_it_is_redeemed_once_by_link_or_by_code(
    counter: Counter, clock: VirtualClock
) -> None:
    given = await counter.give()
    clock.advance(days=3)
    redeemed = await counter.book.redeem(given.dealer_token)
    assert (redeemed.state, redeemed.redeemed_at) == (ReservationState.REDEEMED, clock())
    clock.advance(days=1)
    assert await counter.book.redeem(given.dealer_token) == redeemed
    typed = f"{given.code[:4]}-{given.code[4:]}".lower()
    assert await counter.book.redeem_code(counter.showroom.id, typed) == redeemed
    assert [topic for topic, *_ in counter.news][1:] == [Topic.RESERVATION_REDEEMED]
    with pytest.raises(IllegalMove):
        await counter.book.cancel(given.token)


async def test_the_customers_token_redeems_nothing_and_the_dealers_cancels_nothing(
    counter: Counter,
) -> None:
    given = await counter.give()
    for act in (
        counter.book.redeem(given.token),
        counter.book.cancel(given.dealer_token),
        counter.book.by_token(given.dealer_token),
        counter.book.by_dealer_token(given.token),
        counter.book.redeem(given.id),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_cancelled_one_stays_cancelled(counter: Counter) -> None:
    given = await counter.give()
    for _ in range(2):
        assert (await counter.book.cancel(given.token)).state is ReservationState.CANCELLED
    with pytest.raises(IllegalMove):
        await counter.book.redeem(given.dealer_token)


async def test_it_expires_at_its_moment_and_not_before(
    counter: Counter, clock: VirtualClock
) -> None:
    given = await counter.give()
    clock.now_ms = given.expires_at - 1
    await counter.book.look()
    assert (await counter.book.by_token(given.token)).state is ReservationState.GIVEN
    clock.now_ms = given.expires_at
    # From then on it can't be redeemed, whether somebody has looked or not.
    with pytest.raises(TooLate):
        await counter.book.redeem(given.dealer_token)
    await asyncio.gather(*(counter.book.look() for _ in range(3)))
    expired = await counter.book.by_token(given.token)
    assert (expired.state, expired.ended_at) == (ReservationState.EXPIRED, clock())
    assert [topic for topic, *_ in counter.news][1:] == [Topic.RESERVATION_EXPIRED]
    with pytest.raises(IllegalMove):
        await counter.book.redeem(given.dealer_token)


async def test_redeeming_and_cancelling_at_once_does_one_of_them(counter: Counter) -> None:
    given = await counter.give()
    done = await asyncio.gather(
        counter.book.redeem(given.dealer_token),
        counter.book.cancel(given.token),
        return_exceptions=True,
    )
    assert [isinstance(one, IllegalMove) for one in done].count(True) == 1


async def ordered(counter: Counter, *orders: Order) -> None:
    async with counter.database.write() as connection:
        for order in orders:
            await counter.book.ordered(connection, counter.showroom.id, counter.lead, order)


async def cancelled(counter: Counter, ref: str) -> None:
    async with counter.database.write() as connection:
        await counter.book.not_ordered(connection, counter.showroom.id, ref)


async def orders(counter: Counter) -> dict[str, str | None]:
    """Return the order of each vehicle that is reserved."""
    known = await counter.book.of_lead(counter.showroom.id, counter.lead)
    return {one.vehicle: one.order_ref for one in known}


async def test_an_order_is_noted_and_a_cancelled_one_is_not(counter: Counter) -> None:
    given = await counter.give()
    await ordered(counter, Order("o-1", START_MS))
    assert (await counter.book.by_token(given.token)).ordered_at == START_MS
    await cancelled(counter, "o-1")
    assert (await counter.book.by_token(given.token)).ordered_at is None


async def test_an_order_is_that_of_one_reservation(counter: Counter, clock: VirtualClock) -> None:
    await counter.vehicles.save(a_vehicle(counter.showroom.id, "rive"))
    await counter.give()
    clock.advance(seconds=1)
    await counter.give(vehicle=VehicleId("rive"))
    await ordered(counter, Order("o-1", START_MS, "crete"), Order("o-1", START_MS, "crete"))
    assert await orders(counter) == {"crete": "o-1", "rive": None}
    # Somebody else's order, or one of a car that nobody reserved, is none of these.
    await cancelled(counter, "o-2")
    await ordered(counter, Order("o-3", START_MS, "nuage"))
    assert await orders(counter) == {"crete": "o-1", "rive": None}
    await ordered(counter, Order("o-4", START_MS))
    assert await orders(counter) == {"crete": "o-1", "rive": "o-4"}
    await cancelled(counter, "o-1")
    assert await orders(counter) == {"crete": None, "rive": "o-4"}


async def test_without_a_vehicle_the_newest_that_was_not_given_back_is_ordered(
    counter: Counter, clock: VirtualClock
) -> None:
    await counter.vehicles.save(a_vehicle(counter.showroom.id, "rive"))
    await counter.give()
    clock.advance(seconds=1)
    await counter.book.cancel((await counter.give(vehicle=VehicleId("rive"))).token)
    await ordered(counter, Order("o-1", START_MS))
    assert await orders(counter) == {"crete": "o-1", "rive": None}
