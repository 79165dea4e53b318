"""Is this node fit to serve? For load balancers and container engines."""

from aiohttp.web import AppKey, Request, StreamResponse, json_response
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from showroom.database import Database
from showroom.errors import ShowroomError

REDIS = AppKey("redis", Redis)
DATABASE = AppKey("database", Database)


async def health(request: Request) -> StreamResponse:
    """200 when Redis and SQL answer, else 503 with the part that doesn't."""
    parts = {"redis": await _redis(request), "database": await _database(request)}
    fit = all(parts.values())
    return json_response({"ok": fit, **parts}, status=200 if fit else 503)


async def _redis(request: Request) -> bool:
    try:
        return bool(await request.app[REDIS].ping())
    except (RedisError, OSError):
        return False


async def _database(request: Request) -> bool:
    try:
        async with request.app[DATABASE].read() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, ShowroomError, OSError):
        return False
    return True
