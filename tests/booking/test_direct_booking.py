"""Booking without a hold, on each database: for programs that have all that the form asks for."""

import asyncio
from typing import Any

import pytest

from booking.appointments import Appointment
from showroom.errors import ChangedMeanwhile, SlotTaken
from showroom.ids import AppointmentId, StaffId, new_id
from showroom.words import AppointmentEvent, AppointmentState
from tests.booking.diary import CAMPAIGN, CONSENTS, JEANNE, MINUTE_MS, TOMORROW, Diary


async def book(diary: Diary, which: str, starts_at: int = TOMORROW, **more: Any) -> Appointment:
    return await diary.book.book(
        diary.showroom,
        AppointmentId(which),
        starts_at,
        "Asia/Tokyo",
        JEANNE,
        "en",
        "Room for a cello",
        "crete",
        CONSENTS,
        CAMPAIGN,
        **more,
    )


async def test_a_visit_is_booked_at_once_and_told_of(diary: Diary) -> None:
    which = new_id()
    booked = await book(diary, which)
    assert booked == await diary.book.get(diary.showroom.id, AppointmentId(which))
    assert (booked.state, booked.held_until) == (AppointmentState.BOOKED, None)
    assert (booked.name, booked.zone, booked.named) == (JEANNE.name, "Asia/Tokyo", False)
    assert diary.events == [AppointmentEvent.BOOKED]


async def test_the_same_booking_again_is_the_same(diary: Diary) -> None:
    which = new_id()
    first = await book(diary, which)
    assert await book(diary, which) == first
    await diary.book.cancel(first.token)
    assert (await book(diary, which)).state is AppointmentState.CANCELLED
    assert len(diary.events) == 2


async def test_of_many_each_advisor_gets_one(diary: Diary) -> None:
    asked = (book(diary, new_id()) for _ in range(10))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found].count(Appointment) == 3
    assert [type(one) for one in found].count(SlotTaken) == 7


async def test_who_asks_for_an_advisor_gets_no_other(diary: Diary) -> None:
    anna = StaffId("anna")
    first = await book(diary, new_id(), advisor=anna)
    assert (first.advisor_id, first.named) == (anna, True)
    with pytest.raises(SlotTaken):
        await book(diary, new_id(), advisor=anna)


async def test_a_change_counts_only_on_what_was_seen(diary: Diary) -> None:
    seen = await book(diary, new_id())
    later = TOMORROW + 60 * MINUTE_MS
    moved = await diary.book.reschedule(seen.token, later, seen)
    with pytest.raises(ChangedMeanwhile):
        await diary.book.reschedule(seen.token, later + 60 * MINUTE_MS, seen)
    with pytest.raises(ChangedMeanwhile):
        await diary.book.cancel(seen.token, seen)
    assert (await diary.book.cancel(seen.token, moved)).sequence == moved.sequence + 1


async def test_a_long_list_is_read_a_part_at_a_time(diary: Diary) -> None:
    for which in ("b", "A", "_"):
        await book(diary, which)
    await book(diary, "0", TOMORROW + 60 * MINUTE_MS)
    room, until = diary.showroom.id, TOMORROW + 24 * 60 * MINUTE_MS
    found: list[str] = []
    after = None
    while some := await diary.book.of(room, TOMORROW, until, after=after, most=2):
        assert len(some) <= 2
        found += [one.id for one in some]
        after = (some[-1].starts_at, some[-1].id)
    assert found == [one.id for one in await diary.book.of(room, TOMORROW, until)]
    assert (sorted(found[:3]), found[3:]) == (["A", "_", "b"], ["0"])
