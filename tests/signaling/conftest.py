"""What signalling's tests share."""

import pytest
from redis.asyncio import Redis

from tests.signaling.floor import Floor


@pytest.fixture
def floor(redis: Redis) -> Floor:
    """An empty floor."""
    return Floor(redis)
