"""Where letters leave the outbox: written from what is true by now, and handed to the mailer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

from booking import calendar
from booking.calendar import Method
from booking.contact import one_line
from booking.delivery import Delivered, Delivery, Dropped, Failed, Later, Result
from booking.letters import Topic, Visit, still_true
from booking.mail import POLICY, Mailer, Refused, Unsent
from booking.slots import Slot
from booking.writing import Known, Letter, Writer, spoken_name
from showroom.clock import Clock, to_datetime
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
        self._mailer = mailer
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
        message = self._message(delivery, showroom, visit, letter, visit.email)
        if topic in METHODS:
            self._enclose(message, showroom, visit, known, METHODS[topic])
        # Last: whatever makes a mail of more parts takes such headers into the first of them.
        message["Content-Language"] = letter.language
        try:
            return Delivered(await self._mailer.send(message))
        except Unsent as error:
            return Later(answer=str(error))
        except Refused as error:
            return Failed(str(error))

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

    def _message(
        self, delivery: Delivery, showroom: Showroom, visit: Visit, letter: Letter, email: str
    ) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["From"] = Address(one_line(showroom.name), addr_spec=self._sender)
        message["To"] = Address(spoken_name(visit), addr_spec=email)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(to_datetime(self._clock()))
        # The same at every try: who gets it twice is shown it once.
        message["Message-ID"] = f"<{delivery.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
        message.set_content(self._writer.text(showroom, letter))
        message.add_alternative(self._writer.html(showroom, letter), subtype="html")
        return message

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
