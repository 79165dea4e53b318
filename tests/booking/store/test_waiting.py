"""Events of a call that has no lead yet: kept, and bound to the lead once there is one."""

import asyncio
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.store.context import Context, sign
from booking.store.events import EVENT, StoreEvents, Told
from booking.store.secrets import StoreSecrets
from booking.store.waiting import Waiting
from showroom.clock import to_datetime
from showroom.database import Database
from showroom.ids import LeadId
from showroom.lead_tables import store_events
from showroom.showrooms import Showroom, Showrooms
from tests.leads import saved_lead
from tests.samples import a_showroom
from tests.virtual_clock import START_MS, VirtualClock

ORDER = {"order": "o-1", "amount": 1, "currency": "EUR"}


class Store:
    """A store that tells of calls, and what is heard of it."""

    def __init__(self, database: Database, showroom: Showroom, clock: VirtualClock) -> None:
        self.secrets = StoreSecrets(database, clock)
        self.events = StoreEvents(database, self.secrets, clock)
        self.waiting = Waiting(database, Showrooms(database), [self.hear])
        self.database, self.showroom, self.clock = database, showroom, clock
        self.heard: list[tuple[str, LeadId | None, bool]] = []

    async def hear(self, connection: AsyncConnection, _showroom: Showroom, told: Told) -> None:
        assert connection.in_transaction()
        self.heard.append((told.event.type, told.lead_id, told.stands))

    async def tell(self, message_id: str, kind: str, call: str, **data: Any) -> None:
        secret = (await self.secrets.of(self.showroom.id) or [""])[0]
        secret = secret or await self.secrets.rotate(self.showroom.id)
        token = sign(Context(self.showroom.slug, iat=1, exp=2, call=call), secret)
        data |= {"context": token, "occurred_at": to_datetime(START_MS).isoformat()}
        event = EVENT.validate_python({"type": kind, "showroom": "paris", "data": data})
        assert await self.events.receive(self.showroom, message_id, event)
        self.clock.advance(seconds=1)


async def test_what_came_before_the_lead_is_told_of_it_once(
    database: Database, showroom: Showroom, clock: VirtualClock
) -> None:
    store = Store(database, showroom, clock)
    await store.tell("msg_2", "test_drive.done", "c1")
    await store.tell("msg_1", "order.created", "c1", **ORDER)
    await store.tell("msg_3", "order.created", "c2", **ORDER)
    await store.waiting.look()
    assert store.heard == []
    lead = await saved_lead(database, showroom.id, call="c1")
    await asyncio.gather(*(store.waiting.look() for _ in range(4)))
    assert store.heard == [("test_drive.done", lead, True), ("order.created", lead, True)]
    async with database.read() as connection:
        query = sa.select(store_events.c.lead_id, store_events.c.call_id)
        found = await connection.execute(query.order_by(store_events.c.id))
        assert found.all() == [(lead, None), (lead, None), (None, "c2")]


async def test_what_was_cancelled_while_it_waited_does_not_stand(
    database: Database, showroom: Showroom, clock: VirtualClock
) -> None:
    store = Store(database, showroom, clock)
    await store.tell("msg_1", "order.created", "c1", **ORDER)
    await store.tell("msg_2", "order.cancelled", "c1", order="o-1")
    lead = await saved_lead(database, showroom.id, call="c1")
    await store.waiting.look()
    assert store.heard == [("order.created", lead, False), ("order.cancelled", lead, True)]


async def test_the_call_of_another_showroom_and_a_visit_without_one_wait_for_nobody(
    database: Database, showroom: Showroom, clock: VirtualClock
) -> None:
    store = Store(database, showroom, clock)
    await store.tell("msg_1", "order.created", "c1", **ORDER)
    await store.tell("msg_2", "order.created", "", **ORDER)
    other = a_showroom("lyon")
    await Showrooms(database).save(other)
    await saved_lead(database, other.id, call="c1")
    await store.waiting.look()
    assert store.heard == []
