"""What a manager's floor shows beside Redis: the alarms that are up, and the answers of today."""

from collections.abc import Sequence

import structlog

from booking.alarms.book import Alarms
from booking.alarms.rows import Silences
from showroom.calls import CallRecords
from showroom.clock import Clock
from showroom.errors import TryAgain
from showroom.fresh import Fresh
from showroom.ids import ShowroomId
from showroom.showrooms import Showroom
from showroom.staff import Staff
from signaling.live import LiveState
from signaling.messages import FloorAlarm
from web.statistics import CallsOfToday, day_bounds

log = structlog.get_logger()

ANSWERS_SECONDS = 1.0


class FloorDesk:
    """What signalling asks; it is a `FloorNews`. While SQL is away, it tells what it last knew."""

    def __init__(
        self, alarms: Alarms, staff: Staff, records: CallRecords, live: LiveState, clock: Clock
    ) -> None:
        self._alarms = alarms
        self._staff = staff
        self._calls = CallsOfToday(records, live)
        self._clock = clock
        self._known: dict[ShowroomId, tuple[Sequence[FloorAlarm], Silences]] = {}
        self._zones: dict[ShowroomId, str] = {}
        self._answers: Fresh[ShowroomId, tuple[int, int]] = Fresh(self._count, ANSWERS_SECONDS)

    async def alarms(self, showroom_id: ShowroomId) -> tuple[Sequence[FloorAlarm], Silences]:
        """Return the alarms that are up, and until when which kinds are silenced."""
        try:
            self._known[showroom_id] = await self._look(showroom_id)
        except TryAgain:
            log.warning("alarms can't be read", showroom=showroom_id)
        return self._known.get(showroom_id, ((), {}))

    async def _look(self, showroom_id: ShowroomId) -> tuple[Sequence[FloorAlarm], Silences]:
        found, silences = await self._alarms.of(showroom_id)
        seen = any(one.acknowledged_by for one in found)
        names = await self._staff.names(showroom_id) if seen else {}
        return [
            FloorAlarm(
                id=one.id,
                kind=one.kind,
                name=one.name,
                numbers=dict(one.numbers),
                since=one.since_at,
                raised_at=one.raised_at,
                acknowledged_at=one.acknowledged_at,
                acknowledged_by=names.get(one.acknowledged_by, "") if one.acknowledged_by else "",
            )
            for one in found
        ], silences

    async def answers(self, showroom: Showroom) -> tuple[int, int]:
        """Return how many calls there were today, and how many of them were answered."""
        self._zones[showroom.id] = showroom.zone
        try:
            return await self._answers.get(showroom.id)
        except TryAgain:
            return 0, 0

    async def _count(self, showroom_id: ShowroomId) -> tuple[int, int]:
        now = self._clock()
        begin, end = day_bounds(self._zones[showroom_id], now)
        figures = await self._calls.between(showroom_id, begin, end, now)
        return figures.calls, figures.answered
