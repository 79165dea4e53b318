"""What is kept of people goes when its time is over, by each showroom's policy."""

import structlog

from media.photos import DAY_MS, Photos
from media.practice import KEPT_MS
from media.recording.book import Recordings
from showroom.clock import Clock
from showroom.showrooms import Showrooms

log = structlog.get_logger()


class Retention:
    """Removes what is older than a showroom keeps it. Every node does; twice is no harm."""

    def __init__(
        self, showrooms: Showrooms, photos: Photos, recordings: Recordings, clock: Clock
    ) -> None:
        self._showrooms = showrooms
        self._photos = photos
        self._recordings = recordings
        self._clock = clock

    async def purge(self) -> None:
        """Do it once, for all showrooms."""
        for showroom in await self._showrooms.all():
            limit = self._clock() - showroom.policy.retention_days * DAY_MS
            gone = await self._photos.purge(showroom.id, limit)
            if gone:
                log.info("photos were removed as too old", showroom=showroom.id, photos=gone)
            await self._recordings.purge(showroom.id, self._clock() - KEPT_MS, practices=True)
            gone = await self._recordings.purge(showroom.id, limit)
            if gone:
                log.info("recordings were removed as too old", showroom=showroom.id, count=gone)
