"""Erasures, put together: where else than in the database something of a person is."""

import asyncio
from collections.abc import Sequence

from booking.handoff.forgetting import forget_files, forget_letters
from booking.mail import mail_folder
from booking.privacy.erasing import Erasures, Work
from showroom.ids import CallId, RecordingId, ShowroomId
from showroom.parts import Books
from showroom.shared import Shared
from signaling.forgetting import Forgetting


class EverywhereElse:
    """Redis, photos, recordings with their copies, and the files of the handoff and of letters."""

    def __init__(self, shared: Shared, books: Books) -> None:
        self._redis = Forgetting(shared.redis)
        self._photos = books.photos
        self._recordings = books.recordings
        self._data_dir = shared.settings.data_dir
        self._letters = mail_folder(shared.settings)

    async def in_call(self, showroom_id: ShowroomId, of_calls: Sequence[str]) -> bool:
        return await self._redis.in_call(showroom_id, of_calls)

    async def forget(self, showroom_id: ShowroomId, work: Work) -> None:
        found = work.found
        for call in found.calls:
            await self._photos.forget_call(showroom_id, CallId(call))
        for recording in found.recordings:
            await self._recordings.erase(showroom_id, RecordingId(recording))
        await self._redis.forget(showroom_id, found.calls, found.photos)
        ids = {*found.subjects, *work.leads}
        await asyncio.to_thread(forget_files, self._data_dir, showroom_id, ids, found.deliveries)
        texts = [work.email] if work.email else []
        await asyncio.to_thread(forget_letters, self._letters, found.deliveries, texts)


def erasures(shared: Shared, books: Books) -> Erasures:
    """Put the erasing of people together."""
    return Erasures(
        shared.database,
        books.showrooms,
        books.publish,
        EverywhereElse(shared, books),
        shared.clock,
    )
