"""What others are told of an appointment, and under which topic."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.publishing import iso
from booking.handoff.topics import Publish, Topic
from booking.ledger import Appointment
from showroom.showrooms import Showroom
from showroom.words import AppointmentEvent

# Another advisor at the same time is nothing to them.
TOPICS: Mapping[AppointmentEvent, Topic] = {
    AppointmentEvent.BOOKED: Topic.APPOINTMENT_BOOKED,
    AppointmentEvent.RESCHEDULED: Topic.APPOINTMENT_RESCHEDULED,
    AppointmentEvent.CANCELLED: Topic.APPOINTMENT_CANCELLED,
    AppointmentEvent.CALLED_OFF: Topic.APPOINTMENT_CANCELLED,
    AppointmentEvent.NO_SHOW: Topic.APPOINTMENT_NO_SHOW,
    AppointmentEvent.HOST_NO_SHOW: Topic.APPOINTMENT_NO_SHOW,
}
# What is left of a customer who took their consent back.
UNNAMED: Mapping[str, Any] = {"customer": {"name": "", "email": None, "phone": None}, "wish": ""}


async def announce_visit(
    publish: Publish,
    connection: AsyncConnection,
    showroom: Showroom,
    visit: Appointment,
    event: AppointmentEvent,
) -> None:
    """Tell others what happened to a visit, if it is something to them."""
    if topic := TOPICS.get(event):
        data = appointment_data(showroom, visit)
        await publish(connection, showroom.id, topic, visit.id, data, None)


def appointment_data(showroom: Showroom, visit: Appointment) -> dict[str, Any]:
    """Return an appointment for others: all of it but what its page opens by (its token)."""
    return {
        "id": visit.id,
        "showroom": showroom.slug,
        "state": visit.state.value,
        "sequence": visit.sequence,
        "starts_at": iso(visit.starts_at),
        "ends_at": iso(visit.ends_at),
        "advisor": visit.advisor_id,
        "language": visit.language,
        "zone": visit.zone,
        "vehicle": visit.vehicle,
        "wish": visit.wish,
        "customer": {"name": visit.name, "email": visit.email, "phone": visit.phone},
        "consents": [
            {"purpose": one.purpose, "version": one.version, "at": iso(one.at)}
            for one in visit.consents
        ],
        "campaign": dict(visit.campaign),
        "end_reason": visit.end_reason,
        "rebooked_from": visit.rebooked_from,
        "created_at": iso(visit.created_at),
    }
