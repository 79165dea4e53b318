"""Every operation of the interface, in the order in which the documents show them."""

from web.api import bookings, dealers, leads, reservations, slots, status, vehicles
from web.api.operations import AnyOperation

OPERATIONS: tuple[AnyOperation, ...] = (
    *status.OPERATIONS,
    *slots.OPERATIONS,
    *bookings.OPERATIONS,
    *leads.OPERATIONS,
    *vehicles.OPERATIONS,
    *dealers.OPERATIONS,
    *reservations.OPERATIONS,
)
