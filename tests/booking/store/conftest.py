"""A showroom whose store shares a secret with us, on each database."""

import pytest

from booking.store.secrets import StoreSecrets
from showroom.database import Database
from showroom.showrooms import Showroom, Showrooms
from tests.samples import a_showroom
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def showroom(database: Database) -> Showroom:
    saved = a_showroom()
    await Showrooms(database).save(saved)
    return saved


@pytest.fixture
def secrets(database: Database, clock: VirtualClock) -> StoreSecrets:
    return StoreSecrets(database, clock)
