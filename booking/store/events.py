"""Back from the store: what became of a lead there. Each event is taken into account once.

Its id is seen once (threat 15): the same event again, for instance because our answer got lost, is
answered like the first one and changes nothing; another one under that id is refused.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.rows import Source, of_source, with_id
from booking.store import context
from booking.store.secrets import StoreSecrets
from showroom.clock import Clock, to_ms
from showroom.database import Database
from showroom.errors import Conflict
from showroom.ids import LeadId, ShowroomId
from showroom.lead_tables import store_events
from showroom.leads_lock import lock
from showroom.showrooms import Showroom

# PostgreSQL keeps no NUL in JSON, and stumbles over one whenever it looks into what it has kept.
PLAIN = r"^[^\x00-\x1f\x7f]+$"
Reference = Annotated[str, StringConstraints(pattern=PLAIN, max_length=128)]
# A thousand million, in hundredths.
Amount = Annotated[int, Field(ge=0, le=100_000_000_000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
EARLIEST, LATEST = 2000, 2200


def _thinkable(moment: datetime) -> datetime:
    if not EARLIEST <= moment.year < LATEST:
        raise ValueError(f"a moment from {EARLIEST} to {LATEST} is what is meant here")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_thinkable)]


class About(BaseModel):
    """Whom an event is about: the lead's id, or the context of the link by which they came."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    lead: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")] | None = None
    context: Annotated[str, StringConstraints(pattern=PLAIN, max_length=4096)] | None = None
    occurred_at: Moment

    @model_validator(mode="after")
    def _somebody(self) -> "About":
        if (self.lead is None) == (self.context is None):
            raise ValueError("either `lead` or `context` says whom this is about")
        return self


class OrderCreatedData(About):
    """An order. `amount` in hundredths of `currency` (ISO 4217)."""

    order: Reference
    amount: Amount
    currency: Currency
    vehicle: Reference | None = None


class OrderCancelledData(About):
    """An order that does not stand any more."""

    order: Reference


class QuoteCreatedData(About):
    """An offer. `amount` in hundredths of `currency` (ISO 4217)."""

    quote: Reference
    amount: Amount
    currency: Currency
    vehicle: Reference | None = None


class DriveDoneData(About):
    """A test drive that took place."""

    dealer: Reference | None = None
    vehicle: Reference | None = None


class Envelope(BaseModel):
    """What all events share. `timestamp` may stand there, as in Standard Webhooks."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    showroom: Annotated[str, StringConstraints(max_length=64)]
    timestamp: AwareDatetime | None = None


class OrderCreated(Envelope):
    """Somebody ordered."""

    type: Literal["order.created"]
    data: OrderCreatedData


class OrderCancelled(Envelope):
    """Somebody cancelled their order."""

    type: Literal["order.cancelled"]
    data: OrderCancelledData


class QuoteCreated(Envelope):
    """Somebody got an offer."""

    type: Literal["quote.created"]
    data: QuoteCreatedData


class DriveDone(Envelope):
    """Somebody drove a car."""

    type: Literal["test_drive.done"]
    data: DriveDoneData


StoreEvent = OrderCreated | OrderCancelled | QuoteCreated | DriveDone
EVENT: TypeAdapter[StoreEvent] = TypeAdapter(Annotated[StoreEvent, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the lead that it is about, if there is one already; `at` in UTC ms.

    `stands`: no cancellation of the order that it tells of was kept before.
    """

    event: StoreEvent
    lead_id: LeadId | None
    at: int
    stands: bool = True


# Hears of each event once, in the transaction that keeps it: (connection, showroom, told).
Hear = Callable[[AsyncConnection, Showroom, Told], Awaitable[None]]


class StoreEvents:
    """The events of all stores."""

    def __init__(
        self, database: Database, secrets: StoreSecrets, clock: Clock, hear: Sequence[Hear] = ()
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        self._hear = hear

    async def receive(self, showroom: Showroom, message_id: str, event: StoreEvent) -> bool:
        """Keep an event whose signature was verified; return whether it was new.

        Raises `Conflict` when another event had this id, `NotFound` for a lead that is not this
        showroom's, and `BadRequest` for a context that we have not signed.
        """
        data = event.data.model_dump(mode="json", exclude_none=True)
        kept = {"kind": event.type, "data": data}
        secrets = await self._secrets.of(showroom.id)
        async with self._database.write() as connection:
            # First: whoever hears of it may change the lead.
            await lock(connection, showroom.id)
            if await _seen(connection, showroom.id, message_id, kept):
                return False
            lead_id, call = await _lead_of(connection, showroom.id, event.data, secrets)
            told = await told_of(connection, showroom.id, event, lead_id)
            row = kept | {
                "showroom_id": showroom.id,
                "id": message_id,
                "happened_at": told.at,
                "received_at": self._clock(),
                "lead_id": lead_id,
                "call_id": call,
            }
            await connection.execute(sa.insert(store_events).values(row))
            for hear in self._hear:
                await hear(connection, showroom, told)
        return True


async def told_of(
    connection: AsyncConnection, showroom_id: ShowroomId, event: StoreEvent, lead_id: LeadId | None
) -> Told:
    """Return what an event tells of a lead by now."""
    stands = await _stands(connection, showroom_id, event)
    return Told(event, lead_id, to_ms(event.data.occurred_at), stands)


async def _seen(
    connection: AsyncConnection, showroom_id: ShowroomId, message_id: str, event: dict[str, Any]
) -> bool:
    """Say whether this very event came before; raises `Conflict` if its id was another one's."""
    c = store_events.c
    query = sa.select(c.kind, c.data).where(c.showroom_id == showroom_id, c.id == message_id)
    known = (await connection.execute(query)).mappings().one_or_none()
    if known is None:
        return False
    if dict(known) != event:
        raise Conflict(
            "This webhook-id was another event's. Send each event under an id of its own."
        )
    return True


async def _stands(connection: AsyncConnection, showroom_id: ShowroomId, event: StoreEvent) -> bool:
    """Say whether what is told still holds: a cancellation may be quicker than its order."""
    if not isinstance(event, OrderCreated):
        return True
    c = store_events.c
    query = sa.select(c.id).where(
        c.showroom_id == showroom_id,
        c.kind == "order.cancelled",
        c.data["order"].as_string() == event.data.order,
    )
    return await connection.scalar(query.limit(1)) is None


async def _lead_of(
    connection: AsyncConnection, showroom_id: ShowroomId, about: About, secrets: Sequence[str]
) -> tuple[LeadId | None, str | None]:
    """Return the lead, and the call of whose lead it may be one day."""
    lead, call = about.lead, ""
    if about.context is not None:
        known = context.read(about.context, secrets)
        lead, call = known.lead, known.call
    if lead:
        return (await with_id(connection, showroom_id, LeadId(lead))).id, None
    found = await of_source(connection, showroom_id, Source("call", call))
    return (found.id, None) if found else (None, call or None)
