"""The figures from a visit to an order: of one showroom, and of one period."""

from typing import Any

from booking.store.events import EVENT, StoreEvents
from booking.store.funnel import Funnel, Funnels
from booking.store.secrets import StoreSecrets
from showroom.clock import to_datetime
from showroom.database import Database
from showroom.showrooms import Showroom, Showrooms
from tests.leads import saved_lead
from tests.samples import a_showroom
from tests.virtual_clock import START_MS, VirtualClock

DAY_MS = 86_400_000


async def test_what_the_store_told_is_counted_where_and_when_it_happened(
    database: Database, clock: VirtualClock, showroom: Showroom, secrets: StoreSecrets
) -> None:
    other = a_showroom("lyon")
    await Showrooms(database).save(other)
    events = StoreEvents(database, secrets, clock)
    lead = await saved_lead(database, showroom.id)
    theirs = await saved_lead(database, other.id)
    money: dict[str, Any] = {"amount": 1, "currency": "EUR"}
    told: list[tuple[Showroom, str, str, dict[str, Any], int]] = [
        (showroom, lead, "test_drive.done", {}, START_MS),
        (showroom, lead, "quote.created", {"quote": "q", **money}, START_MS),
        (showroom, lead, "order.created", {"order": "o", **money}, START_MS + 1),
        (showroom, lead, "order.cancelled", {"order": "o"}, START_MS + DAY_MS),
        (other, theirs, "order.created", {"order": "o", **money}, START_MS),
        # The same ones again, under ids of their own; and others.
        (showroom, lead, "quote.created", {"quote": "q", **money}, START_MS),
        (showroom, lead, "order.created", {"order": "o", **money}, START_MS + 2),
        (showroom, lead, "order.created", {"order": "p", **money}, START_MS + 2),
        (showroom, lead, "test_drive.done", {}, START_MS),
        (showroom, lead, "order.cancelled", {"order": "o"}, START_MS + DAY_MS),
    ]
    for n, (room, whose, kind, more, at) in enumerate(told):
        data = {"lead": whose, "occurred_at": to_datetime(at).isoformat(), **more}
        event = EVENT.validate_python({"type": kind, "showroom": room.slug, "data": data})
        assert await events.receive(room, f"msg_{n}", event)
    funnels = Funnels(database)
    today = await funnels.of(showroom.id, START_MS, START_MS + DAY_MS)
    assert today == Funnel(
        visits=0, calls=0, leads=1, test_drives=2, quotes=1, orders=2, cancelled=0
    )
    tomorrow = await funnels.of(showroom.id, START_MS + DAY_MS, START_MS + 2 * DAY_MS)
    assert (tomorrow.leads, tomorrow.orders, tomorrow.cancelled) == (0, 0, 1)
