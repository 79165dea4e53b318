"""What tests of the relay share: the guard in front of every connection, and a room."""

from collections.abc import AsyncIterator

import pytest
from aioice import ice

from media import guard
from tests.media.relay.peers import Floor, open_floor


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard connections for one test, as every process of ours does for good."""
    monkeypatch.setattr(ice.StunProtocol, "datagram_received", guard._unguarded)
    guard.install()
    guard.dropped.clear()


@pytest.fixture
async def floor(guarded: None) -> AsyncIterator[Floor]:
    """A room of the relay in this process."""
    async with open_floor() as opened:
        yield opened
