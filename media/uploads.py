"""Uploads that come in pieces: gathered in Redis, so that any node may take the next piece.

A piece may come twice, and after a break the sender goes on where the gathering stands.
"""

from typing import Any

from redis.asyncio import Redis

from showroom.errors import NotFound, ShowroomError, TooLarge
from showroom.ids import PhotoId, ShowroomId

# A photo of eight megapixels has one to four.
MOST_BYTES = 8_000_000
# Whoever has sent nothing for so long has given up.
KEEP_SECONDS = 900


class Gap(ShowroomError):
    """Something before this piece is missing; `received` is how much there is."""

    code, status = "conflict", 409
    default = "A piece before this one is missing. Go on after what has been received."

    def __init__(self, received: int) -> None:
        super().__init__()
        self.received = received


class Uploads:
    """What is on its way. Who may send it is not decided here."""

    def __init__(self, redis: Redis) -> None:
        # redis-py types bytes and text, waiting and not, all at once.
        self._redis: Any = redis

    async def add(
        self, showroom: ShowroomId, photo: PhotoId, start: int, size: int, piece: bytes
    ) -> int:
        """Add the piece that begins at `start` of `size` bytes; return how much there is by now.

        One that begins at 0 begins anew. Raises `Gap`, and `TooLarge`.
        """
        if size > MOST_BYTES or start + len(piece) > size:
            raise TooLarge("This photo is too large. Take a smaller one.")
        key = _key(showroom, photo)
        if start == 0:
            await self._redis.set(key, piece, ex=KEEP_SECONDS)
            return len(piece)
        received = int(await self._redis.strlen(key))
        if start > received:
            raise Gap(received)
        pipe = self._redis.pipeline(transaction=False)
        pipe.setrange(key, start, piece)
        pipe.expire(key, KEEP_SECONDS)
        return int((await pipe.execute())[0])

    async def whole(self, showroom: ShowroomId, photo: PhotoId) -> bytes:
        """Return what has been gathered. Raises `NotFound`."""
        # The connection reads texts; this is none.
        found = await self._redis.execute_command("GET", _key(showroom, photo), NEVER_DECODE=True)
        if found is None:
            raise NotFound
        return bytes(found)

    async def forget(self, showroom: ShowroomId, photo: PhotoId) -> None:
        await self._redis.delete(_key(showroom, photo))


def _key(showroom: ShowroomId, photo: PhotoId) -> str:
    return f"vs:{{{showroom}}}:upload:{photo}"
