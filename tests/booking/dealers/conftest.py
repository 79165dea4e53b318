"""A showroom with a directory of dealers, on each database."""

import pytest

from booking.dealers.directory import Dealers
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
def dealers(database: Database, clock: VirtualClock) -> Dealers:
    return Dealers(database, clock)
