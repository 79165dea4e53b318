"""Events of a store: kept once each, and bound to their lead."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.store.context import Context, sign
from booking.store.events import EVENT, StoreEvent, StoreEvents, Told
from booking.store.funnel import Funnels
from booking.store.secrets import StoreSecrets
from showroom.clock import to_datetime
from showroom.database import Database
from showroom.errors import BadRequest, Conflict, NotFound
from showroom.lead_tables import store_events
from showroom.showrooms import Showroom, Showrooms
from tests.leads import saved_lead
from tests.samples import a_showroom
from tests.virtual_clock import START_MS, VirtualClock

WHEN = to_datetime(START_MS - 60_000).isoformat()
ORDER: dict[str, Any] = {
    "order": "o-1",
    "amount": 4_190_000,
    "currency": "EUR",
    "occurred_at": WHEN,
}


def event(kind: str = "order.created", **data: Any) -> StoreEvent:
    known = ORDER if kind == "order.created" and "order" not in data else {"occurred_at": WHEN}
    return EVENT.validate_python({"type": kind, "showroom": "paris", "data": known | data})


class Heard:
    """Hears of events, as a rule of ours does, and can break."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.broken = False

    async def __call__(self, connection: AsyncConnection, _showroom: Showroom, told: Told) -> None:
        assert connection.in_transaction()
        if self.broken:
            raise RuntimeError
        self.told.append(told)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def events(
    database: Database, secrets: StoreSecrets, clock: VirtualClock, heard: Heard
) -> StoreEvents:
    return StoreEvents(database, secrets, clock, [heard])


async def kept(database: Database) -> list[Any]:
    async with database.read() as connection:
        return list(await connection.execute(sa.select(store_events).order_by(store_events.c.id)))


async def test_an_event_is_kept_with_its_lead_and_told_once(
    database: Database, showroom: Showroom, events: StoreEvents, heard: Heard
) -> None:
    lead = await saved_lead(database, showroom.id)
    assert await events.receive(showroom, "msg_1", event(lead=lead))
    for _ in range(3):
        assert not await events.receive(showroom, "msg_1", event(lead=lead))
    (row,) = await kept(database)
    assert (row.kind, row.lead_id, row.received_at) == ("order.created", lead, START_MS)
    assert row.happened_at == START_MS - 60_000
    assert row.data["amount"] == 4_190_000
    assert [told.lead_id for told in heard.told] == [lead]


async def test_another_event_under_a_known_id_is_refused(
    database: Database, showroom: Showroom, events: StoreEvents
) -> None:
    lead = await saved_lead(database, showroom.id)
    await events.receive(showroom, "msg_1", event(lead=lead))
    for other in (
        event(lead=lead, order="o-2", amount=1, currency="EUR"),
        event("test_drive.done", lead=lead),
    ):
        with pytest.raises(Conflict):
            await events.receive(showroom, "msg_1", other)
    assert len(await kept(database)) == 1


async def test_an_event_that_comes_ten_times_at_once_is_told_once(
    database: Database, showroom: Showroom, events: StoreEvents, heard: Heard
) -> None:
    lead = await saved_lead(database, showroom.id)
    asked = [events.receive(showroom, "msg_1", event(lead=lead)) for _ in range(10)]
    assert sorted(await asyncio.gather(*asked)) == [False] * 9 + [True]
    assert len(heard.told) == len(await kept(database)) == 1


async def test_what_nobody_could_hear_is_not_kept_so_that_it_comes_again(
    database: Database, showroom: Showroom, events: StoreEvents, heard: Heard
) -> None:
    lead = await saved_lead(database, showroom.id)
    heard.broken = True
    with pytest.raises(RuntimeError):
        await events.receive(showroom, "msg_1", event(lead=lead))
    assert await kept(database) == []
    heard.broken = False
    assert await events.receive(showroom, "msg_1", event(lead=lead))


async def test_two_showrooms_may_have_the_same_id_but_not_the_same_lead(
    database: Database, showroom: Showroom, events: StoreEvents
) -> None:
    other = a_showroom("lyon")
    await Showrooms(database).save(other)
    lead, theirs = await saved_lead(database, showroom.id), await saved_lead(database, other.id)
    assert await events.receive(showroom, "msg_1", event(lead=lead))
    assert await events.receive(other, "msg_1", event(lead=theirs))
    for foreign in (lead, "nobody"):
        with pytest.raises(NotFound):
            await events.receive(other, "msg_2", event(lead=foreign))
    assert len(await kept(database)) == 2


async def test_the_context_of_the_link_names_the_lead_also_when_it_has_run_out(
    database: Database, showroom: Showroom, events: StoreEvents, secrets: StoreSecrets
) -> None:
    secret = await secrets.rotate(showroom.id)
    lead = await saved_lead(database, showroom.id, call="c1")
    for n, (named, call) in enumerate(((str(lead), ""), ("", "c1"))):
        token = sign(Context("paris", iat=1, exp=2, lead=named, call=call), secret)
        assert await events.receive(showroom, f"msg_{n}", event(context=token))
    await secrets.rotate(showroom.id)
    token = sign(Context("paris", iat=1, exp=2, lead=lead), secret)
    assert await events.receive(showroom, "msg_9", event(context=token))
    assert [row.lead_id for row in await kept(database)] == [lead] * 3


async def test_a_lead_that_became_part_of_another_is_that_one(
    database: Database, showroom: Showroom, events: StoreEvents
) -> None:
    lead = await saved_lead(database, showroom.id, became=("older-lead",))
    await saved_lead(database, showroom.id)
    assert await events.receive(showroom, "msg_1", event(lead="older-lead"))
    assert (await kept(database))[0].lead_id == lead
    for other in ("older_lead", "older", "%", "merged"):
        with pytest.raises((NotFound, ValidationError)):
            await events.receive(showroom, "msg_2", event(lead=other))


async def test_an_event_of_a_call_without_a_lead_is_kept_all_the_same(
    database: Database, showroom: Showroom, events: StoreEvents, secrets: StoreSecrets, heard: Heard
) -> None:
    token = sign(Context("paris", iat=1, exp=2, call="c9"), await secrets.rotate(showroom.id))
    assert await events.receive(showroom, "msg_1", event(context=token))
    assert [told.lead_id for told in heard.told] == [None]
    assert (await kept(database))[0].lead_id is None


async def test_an_order_that_was_cancelled_before_we_heard_of_it_does_not_stand(
    database: Database, showroom: Showroom, events: StoreEvents, heard: Heard
) -> None:
    lead = await saved_lead(database, showroom.id)
    await events.receive(showroom, "msg_1", event("order.cancelled", lead=lead, order="o-1"))
    await events.receive(showroom, "msg_2", event(lead=lead))
    another = event(lead=lead, order="o-2", amount=1, currency="EUR")
    await events.receive(showroom, "msg_3", another)
    assert [told.stands for told in heard.told] == [True, False, True]


async def test_a_context_that_we_have_not_signed_is_refused(
    showroom: Showroom, events: StoreEvents, secrets: StoreSecrets
) -> None:
    await secrets.rotate(showroom.id)
    forged = sign(Context("paris", iat=1, exp=2, lead="x"), "whsec_" + "A" * 44)
    for token in (forged, "x", ".", "é.é", forged + "x"):
        with pytest.raises(BadRequest):
            await events.receive(showroom, "msg_1", event(context=token))


@pytest.mark.parametrize("nasty", ["a\0b", "a\nb", "\x7f", "\ud800", "x" * 10_000])
async def test_no_text_of_an_event_can_break_those_that_follow(
    database: Database, showroom: Showroom, events: StoreEvents, nasty: str
) -> None:
    lead = await saved_lead(database, showroom.id)
    quote = {"amount": 1, "currency": "EUR", "quote": nasty}
    for n, (kind, data) in enumerate(
        [
            ("order.cancelled", {"order": nasty}),
            ("order.created", ORDER | {"order": nasty}),
            ("order.created", ORDER | {"vehicle": nasty}),
            ("quote.created", quote),
            ("quote.created", quote | {"quote": "q-1", "vehicle": nasty}),
            ("test_drive.done", {"dealer": nasty}),
            ("test_drive.done", {"vehicle": nasty}),
        ]
    ):
        with pytest.raises(ValidationError):
            await events.receive(showroom, f"msg_{n}", event(kind, lead=lead, **data))
    assert await events.receive(showroom, "msg", event(lead=lead))
    assert (await Funnels(database).of(showroom.id, 0, START_MS)).orders == 1


@pytest.mark.parametrize("wrong", ["a\0b", "x" * 65])
async def test_a_context_names_ids_that_can_be_kept(
    showroom: Showroom, events: StoreEvents, secrets: StoreSecrets, wrong: str
) -> None:
    secret = await secrets.rotate(showroom.id)
    for context in (Context("paris", 1, 2, lead=wrong), Context("paris", 1, 2, call=wrong)):
        with pytest.raises(BadRequest):
            await events.receive(showroom, "msg_1", event(context=sign(context, secret)))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"lead": "l", "context": "c"},
        {"context": "a\0b"},
        {"lead": ""},
        {"lead": "l", "amount": -1},
        {"lead": "l", "amount": 1.5},
        {"lead": "l", "amount": 10**12},
        {"lead": "l", "amount": "much"},
        {"lead": "l", "currency": "euro"},
        {"lead": "l", "order": ""},
        {"lead": "l", "order": "x" * 129},
        {"lead": "l", "occurred_at": "yesterday"},
        {"lead": "l", "occurred_at": "2026-01-01T00:00:00"},  # whose time is that?
        {"lead": "l", "occurred_at": "9999-12-31T23:59:59Z"},
        {"lead": "l", "name": "Jeanne"},
    ],
)
def test_other_data_is_no_order(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": "order.created", "showroom": "p", "data": ORDER | data})


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("order.created", ORDER),
        ("order.cancelled", {"order": "o-1"}),
        ("quote.created", {"quote": "q-1", "amount": 1, "currency": "EUR"}),
        ("test_drive.done", {"dealer": "75-1", "vehicle": "crete"}),
    ],
)
def test_there_are_four_kinds_of_events(kind: str, data: dict[str, Any]) -> None:
    known = {"lead": "l", "occurred_at": WHEN, **data}
    told = {"type": kind, "showroom": "paris", "timestamp": WHEN, "data": known}
    assert EVENT.validate_python(told).type == kind
    wrongs: list[dict[str, Any]] = [{"type": "x"}, {"type": None}, {"data": []}, {"more": 1}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            EVENT.validate_python(told | wrong)
