"""Reservations: a car kept for a customer at a dealer's, redeemed there, or over by itself.

What must reach somebody outside is announced in the transaction that makes it true.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer
from booking.reservations import rows
from booking.reservations.life import (
    Move,
    ReservationState,
    after,
    expires_at,
    new_code,
    plain,
)
from booking.reservations.rows import Holder, Reservation
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import BadRequest, Conflict, ShowroomError, TooLate, TryAgain
from showroom.ids import LeadId, ReservationId, ShowroomId, StaffId, VehicleId, new_id
from showroom.lead_tables import reservations
from showroom.leads_lock import lock
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles

log = structlog.get_logger()

# So many in one look: after an outage the oldest go first.
MOST = 200
LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the store told of an order: its id, when (UTC ms), and perhaps a vehicle's slug."""

    ref: str
    at: int
    vehicle: str | None = None


class Directory(Protocol):
    """What reservations ask of the dealers."""

    async def get(self, showroom_id: ShowroomId, code: str) -> Dealer:
        """Return one dealer, also a closed one; raises `NotFound`."""
        ...

    async def get_open(self, showroom_id: ShowroomId, code: str) -> Dealer:
        """Return a dealer who takes leads on; raises `NotFound`."""
        ...


# Tells whoever is concerned what a reservation is by now, by rows in the connection's transaction.
Announce = Callable[[AsyncConnection, Showroom, Reservation, Dealer], Awaitable[None]]


class Reservations:
    """The reservations of all showrooms."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        vehicles: Vehicles,
        dealers: Directory,
        announce: Announce,
        clock: Clock,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._vehicles = vehicles
        self._dealers = dealers
        self._announce = announce
        self._clock = clock

    async def give(
        self,
        showroom: Showroom,
        lead_id: LeadId,
        vehicle: VehicleId,
        dealer_code: str | None,
        staff: StaffId | None,
    ) -> Reservation:
        """Keep a car for a lead, at a dealer's or without one at the lead's; twice gives one.

        Raises `NotFound` for what is not this showroom's, `BadRequest` when nobody says at which
        dealer's or the lead did not agree to be contacted, and `Conflict` when the car is kept for
        them at another one's.
        """
        await self._vehicles.get_on_show(showroom.id, vehicle)
        async with self._database.read() as connection:
            holder = await rows.holder(connection, showroom.id, lead_id)
        code = dealer_code or holder.dealer
        if code is None:
            raise BadRequest("Choose the dealer who keeps the car.", "dealer")
        dealer = await self._dealers.get_open(showroom.id, code)
        async with self._database.write() as connection:
            # First: whoever hears of it may change the lead.
            await lock(connection, showroom.id)
            holder = await rows.holder(connection, showroom.id, lead_id)
            if not holder.agreed:
                # The dealer learns who they are, and both get letters.
                raise BadRequest("Ask them first whether they may be contacted.", "consent")
            lead_id = holder.lead_id
            if standing := await _standing(connection, showroom.id, lead_id, vehicle):
                if standing.dealer != dealer.code:
                    raise Conflict(
                        "This car is kept for them at another dealer's. Cancel that first."
                    )
                return standing
            given = await self._new(connection, showroom, lead_id, vehicle, dealer, staff)
            await rows.add(connection, given)
            await self._announce(connection, showroom, given, dealer)
        return given

    async def _new(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        lead_id: LeadId,
        vehicle: VehicleId,
        dealer: Dealer,
        staff: StaffId | None,
    ) -> Reservation:
        code = new_code()
        while await rows.code_is_taken(connection, showroom.id, code):
            code = new_code()
        now = self._clock()
        return Reservation(
            id=ReservationId(new_id()),
            showroom_id=showroom.id,
            token=new_id(),
            dealer_token=new_id(),
            code=code,
            state=ReservationState.GIVEN,
            lead_id=lead_id,
            vehicle=vehicle,
            dealer=dealer.code,
            given_by=staff,
            created_at=now,
            expires_at=expires_at(dealer.zone, now, showroom.policy.reservation_days),
        )

    async def by_token(self, token: str) -> Reservation:
        """Return the customer's reservation; raises `NotFound`."""
        async with self._database.read() as connection:
            return await rows.one(connection, reservations.c.token == token)

    async def by_dealer_token(self, token: str) -> Reservation:
        """Return the dealer's reservation; raises `NotFound`."""
        async with self._database.read() as connection:
            return await rows.one(connection, reservations.c.dealer_token == token)

    async def get(self, showroom_id: ShowroomId, reservation_id: ReservationId) -> Reservation:
        """Return one reservation of this showroom; raises `NotFound`."""
        async with self._database.read() as connection:
            return await rows.one(connection, *rows.is_one(showroom_id, reservation_id))

    async def by_code(self, showroom_id: ShowroomId, code: str) -> Reservation:
        """Return a reservation of this showroom, however its code is typed; raises `NotFound`."""
        mine = reservations.c.showroom_id == showroom_id
        async with self._database.read() as connection:
            return await rows.one(connection, mine, reservations.c.code == plain(code))

    async def holder(self, reservation: Reservation) -> Holder:
        """Return for whom it is; raises `NotFound`."""
        async with self._database.read() as connection:
            return await rows.holder(connection, reservation.showroom_id, reservation.lead_id)

    async def of_lead(self, showroom_id: ShowroomId, lead_id: LeadId) -> Sequence[Reservation]:
        """Return a lead's reservations, the newest first; raises `NotFound`."""
        async with self._database.read() as connection:
            holder = await rows.holder(connection, showroom_id, lead_id)
            mine = reservations.c.lead_id == holder.lead_id
            return await rows.where(connection, reservations.c.showroom_id == showroom_id, mine)

    async def redeem(self, dealer_token: str) -> Reservation:
        """Note that the customer came; a second time changes nothing.

        Raises `NotFound`, `TooLate` after the last day, and `IllegalMove` when it was cancelled.
        """
        return await self._end(Move.REDEEM, reservations.c.dealer_token == dealer_token)

    async def redeem_code(self, showroom_id: ShowroomId, code: str) -> Reservation:
        """Note that the customer came, by the code that they showed; like `redeem`."""
        mine = reservations.c.showroom_id == showroom_id
        return await self._end(Move.REDEEM, mine, reservations.c.code == plain(code))

    async def cancel(self, token: str) -> Reservation:
        """Give the car back; a second time changes nothing. Raises `NotFound`, `IllegalMove`."""
        return await self._end(Move.CANCEL, reservations.c.token == token)

    async def call_off(self, showroom_id: ShowroomId, reservation_id: ReservationId) -> Reservation:
        """Give the car back for the customer; like `cancel`."""
        return await self._end(Move.CANCEL, *rows.is_one(showroom_id, reservation_id))

    async def run(self) -> None:
        """Look again and again, until cancelled. Every node does."""
        while True:
            try:
                await self.look()
            except TryAgain as error:
                log.warning("reservations have to wait", why=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Let those end whose time is over. Two nodes that look at once do nothing twice."""
        async with self._database.read() as connection:
            overdue = await rows.due(connection, self._clock(), MOST)
        for reservation in overdue:
            which = rows.is_one(reservation.showroom_id, reservation.id)
            try:
                await self._end(Move.EXPIRE, *which)
            except TryAgain:
                raise
            except ShowroomError as error:
                # Somebody redeemed or cancelled it meanwhile.
                log.info("a reservation can't expire", why=error.code)

    async def ordered(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        lead_id: LeadId,
        order: Order,
    ) -> None:
        """Note that a lead ordered a car, with the one reservation that it is about.

        That is the newest of the order's vehicle, or of all when it names none, which was neither
        cancelled nor ordered before. The same order again changes nothing.
        """
        if await rows.where(connection, *rows.is_of(showroom_id, order.ref)):
            return
        which = [
            reservations.c.showroom_id == showroom_id,
            reservations.c.lead_id == lead_id,
            reservations.c.state != ReservationState.CANCELLED.value,
            reservations.c.ordered_at.is_(None),
        ]
        if order.vehicle:
            which.append(reservations.c.vehicle == order.vehicle)
        for newest in (await rows.where(connection, *which, lock=True))[:1]:
            await rows.save(connection, replace(newest, ordered_at=order.at, order_ref=order.ref))

    async def not_ordered(
        self, connection: AsyncConnection, showroom_id: ShowroomId, order_ref: str
    ) -> None:
        """Note that an order does not stand any more; only its own reservation changes."""
        which = rows.is_of(showroom_id, order_ref)
        for known in await rows.where(connection, *which, lock=True):
            await rows.save(connection, replace(known, ordered_at=None, order_ref=None))

    async def _end(self, move: Move, *which: rows.Where) -> Reservation:
        """Make a move that ends a reservation, once."""
        async with self._database.read() as connection:
            seen = await rows.one(connection, *which)
        showroom = await self._showrooms.by_id(seen.showroom_id)
        dealer = await self._dealers.get(seen.showroom_id, seen.dealer)
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            current = await rows.one(connection, *which, lock=True)
            now = self._clock()
            if current.state is after(ReservationState.GIVEN, move):
                return current
            state = after(current.state, move)
            if move is not Move.EXPIRE and now >= current.expires_at:
                raise TooLate("This reservation is over. Ask the showroom for a new one.")
            changes: dict[str, Any] = {"state": state, "ended_at": now}
            if move is Move.REDEEM:
                changes["redeemed_at"] = now
            ended = replace(current, **changes)
            await rows.save(connection, ended)
            await self._announce(connection, showroom, ended, dealer)
        return ended


async def _standing(
    connection: AsyncConnection, showroom_id: ShowroomId, lead_id: LeadId, vehicle: str
) -> Reservation | None:
    """Return what keeps this car for this lead already."""
    found = await rows.where(
        connection,
        reservations.c.showroom_id == showroom_id,
        reservations.c.lead_id == lead_id,
        reservations.c.vehicle == vehicle,
        reservations.c.state == ReservationState.GIVEN.value,
    )
    return found[0] if found else None
