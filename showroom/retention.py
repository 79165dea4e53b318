"""What is personal goes when its time is over, by each showroom's policy: photos, recordings, and
what rows hold of people; and what was measured of lines. A practice goes after a day everywhere.
"""

import structlog

from booking.privacy.purging import Purging
from media.photos import Photos
from media.practice import KEPT_MS
from media.quality import QualityLog
from media.recording.book import Recordings
from showroom.clock import DAY_MS, Clock
from showroom.showrooms import Showroom, Showrooms
from signaling.chores import apart

log = structlog.get_logger()


class Retention:
    """Removes what is older than a showroom keeps it. Every node does; twice is no harm."""

    def __init__(
        self,
        showrooms: Showrooms,
        photos: Photos,
        recordings: Recordings,
        samples: QualityLog,
        purging: Purging,
        clock: Clock,
    ) -> None:
        self._showrooms = showrooms
        self._photos = photos
        self._recordings = recordings
        self._samples = samples
        self._purging = purging
        self._clock = clock

    async def purge(self) -> None:
        """Do it once, for all showrooms: what fails in one waits there for the next time."""
        for showroom in await self._showrooms.all():
            with apart("retention", showroom.id):
                try:
                    await self._purge(showroom)
                except OSError as error:
                    # A file can't be removed. What else is away is told by other errors.
                    log.warning(
                        "what is too old can't be removed",
                        showroom=showroom.id,
                        why=type(error).__name__,
                    )

    async def _purge(self, showroom: Showroom) -> None:
        policy = showroom.policy
        limit = self._clock() - policy.retention_days * DAY_MS
        gone = await self._photos.purge(showroom.id, limit)
        if gone:
            log.info("photos were removed as too old", showroom=showroom.id, photos=gone)
        await self._recordings.purge(showroom.id, self._clock() - KEPT_MS, practices=True)
        days = policy.recording_days or policy.retention_days
        gone = await self._recordings.purge(showroom.id, self._clock() - days * DAY_MS)
        if gone:
            log.info("recordings were removed as too old", showroom=showroom.id, count=gone)
        gone = await self._samples.purge(showroom.id, limit)
        if gone:
            log.info("samples of lines were removed as too old", showroom=showroom.id, count=gone)
        emptied = await self._purging.purge(showroom)
        if any(emptied.values()):
            log.info("what was too old was emptied", showroom=showroom.id, **emptied)
