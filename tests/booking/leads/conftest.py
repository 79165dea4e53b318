"""What the tests of leads share."""

import pytest

from showroom.database import Database
from tests.booking.leads.ledger import Book, open_book
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def book(database: Database, clock: VirtualClock) -> Book:
    """A showroom's leads, on each database."""
    return await open_book(database, clock)
