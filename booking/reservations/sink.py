"""Where letters about reservations leave the outbox: written from what is true by now, and sent."""

from email.headerregistry import Address
from typing import Protocol

from booking.contact import one_line
from booking.dealers.directory import Dealer
from booking.delivery import Delivery, Dropped, Result
from booking.postman import Postman
from booking.reservations.letters import TRUE_IN, ReservationWriter, Topic
from booking.reservations.rows import Holder, Reservation
from booking.writing import spoken_name
from showroom.errors import NotFound
from showroom.ids import ReservationId, ShowroomId, VehicleId
from showroom.showrooms import Showrooms
from showroom.vehicles import Vehicles


class Known(Protocol):
    """What the letters ask of the reservations."""

    async def get(self, showroom_id: ShowroomId, reservation_id: ReservationId) -> Reservation:
        """Return one as it is now; raises `NotFound`."""
        ...

    async def holder(self, reservation: Reservation) -> Holder:
        """Return for whom it is; raises `NotFound`."""
        ...


class Directory(Protocol):
    """What they ask of the dealers."""

    async def get(self, showroom_id: ShowroomId, code: str) -> Dealer:
        """Return one dealer; raises `NotFound`."""
        ...


class ReservationSink:
    """Sends what the outbox holds of kind `letters.KIND`."""

    def __init__(
        self,
        postman: Postman,
        writer: ReservationWriter,
        reservations: Known,
        showrooms: Showrooms,
        vehicles: Vehicles,
        dealers: Directory,
    ) -> None:
        self._postman = postman
        self._writer = writer
        self._reservations = reservations
        self._showrooms = showrooms
        self._vehicles = vehicles
        self._dealers = dealers

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it when it is not true any more."""
        topic = Topic(delivery.topic)
        which = ReservationId(delivery.payload["reservation"])
        try:
            showroom = await self._showrooms.by_id(delivery.showroom_id)
            reservation = await self._reservations.get(showroom.id, which)
            holder = await self._reservations.holder(reservation)
            dealer = await self._dealers.get(showroom.id, reservation.dealer)
        except NotFound:
            return Dropped("there is no such reservation any more")
        if reservation.state is not TRUE_IN[topic]:
            return Dropped("the reservation has changed")
        if not holder.agreed:
            # They took it back meanwhile: a reminder may have waited for days.
            return Dropped("there is no consent to be contacted any more")
        to = _to(topic, dealer, holder)
        if to is None:
            return Dropped("there is no address to write to")
        vehicle = await self._vehicle(showroom.id, reservation.vehicle)
        letter = self._writer.letter(topic, showroom, reservation, dealer, holder, vehicle)
        message = self._postman.compose(delivery, showroom, letter, to)
        return await self._postman.send(message, letter)

    async def _vehicle(self, showroom_id: ShowroomId, slug: str) -> str:
        try:
            return (await self._vehicles.get(showroom_id, VehicleId(slug))).name
        except NotFound:
            return slug  # it has left the range since


def _to(topic: Topic, dealer: Dealer, holder: Holder) -> Address | None:
    if topic is Topic.TO_DEALER:
        return Address(one_line(dealer.name), addr_spec=dealer.email) if dealer.email else None
    return Address(spoken_name(holder.name), addr_spec=holder.email) if holder.email else None
