"""Reservations, for a dealer's own system: whose car is kept there, and that the customer came."""

from typing import Annotated

from pydantic import Field

from booking.reservations.life import ReservationState
from booking.reservations.rows import Reservation
from showroom.api_keys import Scope
from showroom.errors import IllegalMove, TooLate
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.reading import Asked
from web.api.values import Moment, Told
from web.keys import RESERVATIONS


class ReservationTold(Told):
    """A car that is kept for a customer at a dealer's."""

    id: str
    code: Annotated[str, Field(description="What the customer shows, also as a QR code.")]
    state: ReservationState
    lead: Annotated[str, Field(description="The lead that it was given to.")]
    vehicle: str
    dealer: Annotated[str, Field(description="The dealer's code.")]
    given_at: Moment
    expires_at: Annotated[Moment, Field(description="It is over from then on.")]
    redeemed_at: Moment | None
    ordered_at: Annotated[Moment | None, Field(description="The store told of an order.")]


async def show(call: Call[Asked, Nothing]) -> Answer:
    """Tell one reservation."""
    code = call.named("code")
    return Answer(_told(await call.app[RESERVATIONS].by_code(call.showroom.id, code)))


async def redeem(call: Call[Asked, Nothing]) -> Answer:
    """Note that the customer came."""
    code = call.named("code")
    return Answer(_told(await call.app[RESERVATIONS].redeem_code(call.showroom.id, code)))


def _told(reservation: Reservation) -> ReservationTold:
    return ReservationTold(
        id=reservation.id,
        code=reservation.code,
        state=reservation.state,
        lead=reservation.lead_id,
        vehicle=reservation.vehicle,
        dealer=reservation.dealer,
        given_at=reservation.created_at,
        expires_at=reservation.expires_at,
        redeemed_at=reservation.redeemed_at,
        ordered_at=reservation.ordered_at,
    )


OPERATIONS = (
    Operation(
        id="get_reservation",
        method="GET",
        path="/reservations/{code}",
        group="Reservations",
        scope=Scope.RESERVATIONS_READ,
        summary="One reservation, by the code that the customer shows",
        description="However it is typed: in capitals or not, with or without the hyphen.",
        handle=show,
        query=Asked,
        body=Nothing,
        answers={200: ReservationTold},
    ),
    Operation(
        id="redeem_reservation",
        method="POST",
        path="/reservations/{code}/redeem",
        group="Reservations",
        scope=Scope.RESERVATIONS_WRITE,
        summary="Note that the customer came",
        description="A second time changes nothing. Whoever listens hears `reservation.redeemed`.",
        handle=redeem,
        query=Asked,
        body=Nothing,
        answers={200: ReservationTold},
        refusals=(TooLate, IllegalMove),
    ),
)
