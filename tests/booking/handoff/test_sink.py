"""The sink: by what an endpoint is now, and what has arrived has arrived."""

from pathlib import Path

import pytest

from booking.delivery import Delivered
from showroom.database import Database
from showroom.errors import TryAgain
from showroom.ids import ShowroomId
from tests.booking.delivering import Shaky, until
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing
from tests.virtual_clock import VirtualClock


async def test_nothing_goes_out_by_what_an_endpoint_was_before(
    database_url: str, database: Database, clock: VirtualClock, paris: ShowroomId, tmp_path: Path
) -> None:
    async with Shaky.open(database_url) as shaky, receiving() as store:
        handing = Handing(shaky, clock, paris, tmp_path)
        endpoint = await handing.endpoint(f"{store.url}/ok")
        for number in range(2):
            await handing.publish(f"lead-{number}")
        first, second = await handing.claimed(endpoint.id)
        async with handing.sink() as sink:
            assert await sink.deliver(first) == Delivered("200 ok")
            shaky.unreadable = True
            with pytest.raises(TryAgain):
                await sink.deliver(second)
        await until(lambda: store.ids == [first.id])
