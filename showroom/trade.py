"""The trade desk: the way to the online store and back, put together."""

from dataclasses import dataclass

from booking.store.events import StoreEvents
from booking.store.secrets import StoreSecrets
from showroom.shared import Shared


@dataclass(frozen=True)
class Trade:
    """What the pages need of it."""

    secrets: StoreSecrets
    events: StoreEvents


def trade(shared: Shared) -> Trade:
    """Put the way to the store and back together."""
    database, clock = shared.database, shared.clock
    secrets = StoreSecrets(database, clock)
    return Trade(secrets, StoreEvents(database, secrets, clock))
