"""What the tests of booking share."""

import pytest

from showroom.database import Database
from tests.booking.diary import Diary, bookable, open_diary
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def diary(database: Database, clock: VirtualClock) -> Diary:
    """A showroom with three advisors and no visits, on each database."""
    return await open_diary(database, clock, bookable(), "anna", "bruno", "chloe")
