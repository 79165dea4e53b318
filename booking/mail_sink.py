"""Where letters leave the outbox: written from what is true by now, and handed to the mailer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Protocol

from booking import calendar
from booking.calendar import Method
from booking.delivery import Delivery, Dropped, Result
from booking.letters import Topic, Visit, still_true
from booking.mail import Mailer
from booking.postman import Postman
from booking.slots import Slot
from booking.writing import Known, Writer, spoken_name
from showroom.clock import Clock
from showroom.errors import NotFound
from showroom.ids import AppointmentId, ShowroomId, StaffId, VehicleId
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles

# How many free times an apology offers.
OFFERED = 3
METHODS = {
    Topic.BOOKED: Method.REQUEST,
    Topic.RESCHEDULED: Method.REQUEST,
    Topic.CANCELLED: Method.CANCEL,
    Topic.CALLED_OFF: Method.CANCEL,
}

Names = Callable[[ShowroomId], Awaitable[Mapping[StaffId, str]]]


class Visits(Protocol):
    """What letters ask of the appointments."""

    async def get(self, showroom_id: ShowroomId, appointment_id: AppointmentId) -> Visit:
        """Return one as it is now; raises `NotFound`."""
        ...

    async def slots(self, showroom: Showroom, language: str) -> Sequence[Slot]:
        """Return the free slots from now on."""
        ...


class MailSink:
    """Sends what the outbox holds of kind `letters.KIND`."""

    def __init__(
        self,
        mailer: Mailer,
        writer: Writer,
        visits: Visits,
        showrooms: Showrooms,
        vehicles: Vehicles,
        names: Names,
        sender: str,
        clock: Clock,
    ) -> None:
        """`names` returns a showroom's staff (`Staff.names`), `sender` is our address."""
        self._postman = Postman(mailer, writer, sender, clock)
        self._writer = writer
        self._visits = visits
        self._showrooms = showrooms
        self._vehicles = vehicles
        self._names = names
        self._sender = sender
        self._clock = clock

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it when it is not true any more."""
        topic = Topic(delivery.topic)
        try:
            showroom = await self._showrooms.by_id(delivery.showroom_id)
            visit = await self._visits.get(showroom.id, AppointmentId(delivery.subject_id))
        except NotFound:
            return Dropped("there is no such appointment any more")
        if visit.email is None or not still_true(topic, visit, delivery.payload):
            return Dropped("the appointment has changed")
        known = await self._known(topic, showroom, visit)
        letter = self._writer.letter(topic, showroom, visit, known)
        to = Address(spoken_name(visit.name), addr_spec=visit.email)
        message = self._postman.compose(delivery, showroom, letter, to)
        if topic in METHODS:
            self._enclose(message, showroom, visit, known, METHODS[topic])
        return await self._postman.send(message, letter)

    async def _known(self, topic: Topic, showroom: Showroom, visit: Visit) -> Known:
        names = await self._names(showroom.id)
        free: Sequence[int] = ()
        if topic is Topic.CALLED_OFF:
            slots = await self._visits.slots(showroom, visit.language)
            free = _nearest(visit.starts_at, [slot.starts_at for slot in slots])
        return Known(
            advisor=names.get(visit.advisor_id, "") if visit.advisor_id else "",
            vehicle=await self._vehicle(showroom.id, visit.vehicle),
            free=free,
        )

    async def _vehicle(self, showroom_id: ShowroomId, slug: str | None) -> str:
        if slug is None:
            return ""
        try:
            return (await self._vehicles.get(showroom_id, VehicleId(slug))).name
        except NotFound:
            return ""  # it has left the range since

    def _enclose(
        self, message: EmailMessage, showroom: Showroom, visit: Visit, known: Known, method: Method
    ) -> None:
        """Add the invitation twice: as what mail programs act on, and as a file to open."""
        wording = self._writer.entry(showroom, visit, known.vehicle)
        file = calendar.invitation(showroom, visit, wording, self._sender, self._clock(), method)
        message.add_alternative(
            file,
            maintype="text",
            subtype="calendar",
            params={"method": method.value, "charset": "utf-8"},
        )
        message.add_attachment(file, maintype="application", subtype="ics", filename="visit.ics")


def _nearest(wished: int, free: Sequence[int]) -> Sequence[int]:
    """Return the free times nearest to the one that somebody had chosen, in their order."""
    return sorted(sorted(free, key=lambda at: abs(at - wished))[:OFFERED])
