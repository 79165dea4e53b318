"""What a store or a dealer can hear of, by name. The names are part of the interface for others."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.ids import ShowroomId


class Topic(StrEnum):
    """An event for others."""

    LEAD_QUALIFIED = "lead.qualified"
    LEAD_UPDATED = "lead.updated"  # of a lead that was qualified before
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_NO_SHOW = "appointment.no_show"
    CALL_ENDED = "call.ended"
    RESERVATION_CREATED = "reservation.created"
    RESERVATION_EXPIRED = "reservation.expired"
    RESERVATION_REDEEMED = "reservation.redeemed"


# Writes what others must hear of into the outbox, once for each endpoint that listens, in the
# transaction of the connection: (connection, showroom, topic, subject's id, data, dealer's code).
# The data is what an endpoint gets as `data`; of one subject the news arrive in their order.
Publish = Callable[
    [AsyncConnection, ShowroomId, Topic, str, Mapping[str, Any], str | None], Awaitable[None]
]
