"""What all nodes of one installation share, opened once and closed in the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from showroom.clock import Clock, system_clock
from showroom.database import Database, migrate
from showroom.passwords import Passwords
from showroom.settings import Settings
from showroom.valkey import EmbeddedServer, connect


@dataclass(frozen=True)
class Shared:
    """What all nodes of one installation share."""

    settings: Settings
    database: Database
    redis: Redis
    redis_url: str = ""
    clock: Clock = system_clock
    passwords: Passwords = field(default_factory=Passwords)


@asynccontextmanager
async def open_shared(settings: Settings) -> AsyncIterator[Shared]:
    """Open Redis (an embedded one if none is named) and the migrated database.

    Raises `StartupError` when one of them can't be used.
    """
    async with AsyncExitStack() as stack:
        url = settings.redis_url
        if not url:
            url = (await stack.enter_async_context(EmbeddedServer(settings.data_dir))).url
        redis = await connect(url)
        stack.push_async_callback(redis.aclose)
        await migrate(settings.database_url)
        database = await stack.enter_async_context(Database.open(settings.database_url))
        yield Shared(settings, database, redis, url)
