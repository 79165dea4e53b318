"""What a store or a dealer can hear of, by name. The names are part of the interface for others."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.ids import ShowroomId


class Topic(StrEnum):
    """An event for others."""

    LEAD_QUALIFIED = "lead.qualified"
    LEAD_UPDATED = "lead.updated"  # of a lead that was qualified before
    LEAD_ERASED = "lead.erased"  # whoever has it deletes it, too; it says no more than its id
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_NO_SHOW = "appointment.no_show"
    CALL_ENDED = "call.ended"
    RESERVATION_CREATED = "reservation.created"
    RESERVATION_EXPIRED = "reservation.expired"
    RESERVATION_REDEEMED = "reservation.redeemed"
    ALARM_RAISED = "alarm.raised"
    ALARM_CLEARED = "alarm.cleared"


class Publish(Protocol):
    """Writes what others must hear of into the outbox, once for each endpoint that listens."""

    async def __call__(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        topic: Topic,
        subject_id: str,
        data: Mapping[str, Any],
        dealer: str | None,
        *,
        to_dealer: Topic | None = None,
        not_before: int = 0,
    ) -> None:
        """Write it in the transaction of the connection.

        The data is what an endpoint gets as `data`; of one subject the news arrive in their order.
        `dealer`: the code of the one whom it concerns. `to_dealer`: as what this one hears of it.
        `not_before`: it goes out from this moment on (UTC milliseconds).
        """
