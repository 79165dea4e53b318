"""What the tests of the handoff share: a showroom, and all the ways out of it."""

from pathlib import Path

import pytest

from showroom.database import Database
from showroom.ids import ShowroomId
from tests.booking.handoff.sending import Handing
from tests.samples import saved_showroom
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def paris(database: Database) -> ShowroomId:
    return await saved_showroom(database)


@pytest.fixture
def handing(database: Database, clock: VirtualClock, paris: ShowroomId, tmp_path: Path) -> Handing:
    return Handing(database, clock, paris, tmp_path)
