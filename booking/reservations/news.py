"""What stores and dealers hear of a reservation: `data` of the events `reservation.…`."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer
from booking.handoff.topics import Publish, Topic
from booking.reservations.life import ReservationState
from booking.reservations.rows import Reservation
from showroom.clock import to_datetime
from showroom.showrooms import Showroom

TOPICS: Mapping[ReservationState, Topic] = {
    ReservationState.GIVEN: Topic.RESERVATION_CREATED,
    ReservationState.REDEEMED: Topic.RESERVATION_REDEEMED,
    ReservationState.EXPIRED: Topic.RESERVATION_EXPIRED,
}


class ReservationOut(BaseModel):
    """A reservation as others see it. Moments are RFC 3339 in UTC; it is over at `expires_at`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    code: str
    state: ReservationState
    lead: str
    vehicle: str
    dealer: str
    given_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    ordered_at: datetime | None


def reservation_out(reservation: Reservation) -> ReservationOut:
    """Return a reservation as others see it: without the tokens."""
    return ReservationOut(
        id=reservation.id,
        code=reservation.code,
        state=reservation.state,
        lead=reservation.lead_id,
        vehicle=reservation.vehicle,
        dealer=reservation.dealer,
        given_at=to_datetime(reservation.created_at),
        expires_at=to_datetime(reservation.expires_at),
        redeemed_at=_moment(reservation.redeemed_at),
        ordered_at=_moment(reservation.ordered_at),
    )


class ReservationNews:
    """Publishes what becomes of reservations. An `Announce`."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    async def announce(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        reservation: Reservation,
        dealer: Dealer,
    ) -> None:
        """Tell whoever listens; of a cancellation nobody hears."""
        topic = TOPICS.get(reservation.state)
        if topic is None:
            return
        data = reservation_out(reservation).model_dump(mode="json")
        await self._publish(connection, showroom.id, topic, reservation.id, data, dealer.code)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else to_datetime(ms)
