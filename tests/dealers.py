"""Dealers as tests need them."""

from dataclasses import replace
from typing import Any

from booking.dealers.directory import Dealer, DealerKind
from showroom.ids import ShowroomId

LYON = {"postcode": "69003", "city": "Lyon", "latitude": 45.76, "longitude": 4.86}
LILLE = {"postcode": "59000", "city": "Lille", "latitude": 50.63, "longitude": 3.06}
NICE = {"postcode": "06000", "city": "Nice", "latitude": 43.7, "longitude": 7.27}


def a_dealer(showroom_id: ShowroomId, code: str = "75-1", **changes: Any) -> Dealer:
    """Return a dealer in Paris."""
    paris = Dealer(
        showroom_id=showroom_id,
        code=code,
        kind=DealerKind.DEALER,
        name="Garage de la Seine",
        street="1 quai des Tests",
        postcode="75004",
        city="Paris",
        country="FR",
        latitude=48.855,
        longitude=2.354,
        zone="Europe/Paris",
        phone="+33123456789",
        email="seine@example.com",
    )
    return replace(paris, **changes)
