"""The manager's read model: today's figures and the list of calls, from SQL and Redis together.

Calls that wait, ring, run or are wrapped up stand in Redis; SQL has a call half a second after its
end. Where both know a call, the newer version counts and the other one doesn't, so that the figures
are right to the call. Redis is read first: what leaves it meanwhile is in SQL already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from showroom.calls import CallEvent, CallRecord, CallRecords
from showroom.clock import to_datetime, to_ms
from showroom.errors import NotFound
from showroom.figures import DayFigures
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.showrooms import Showroom
from signaling.live import LiveCall, LiveState
from signaling.record import events_of, record_of

CALLS_SHOWN = 200

Names = Mapping[StaffId, str]


class CallsOfToday:
    """Reads both sides. `names` are those of the showroom's staff."""

    def __init__(self, records: CallRecords, live: LiveState) -> None:
        self._records = records
        self._live = live

    async def today(self, showroom: Showroom, now_ms: int, names: Names) -> dict[str, Any]:
        """Return the figures and the newest calls of the showroom's present day."""
        room, (begin, end) = showroom.id, day_bounds(showroom.zone, now_ms)
        live = {c.id: c for c in await self._present(room, now_ms) if begin <= c.created_at < end}
        newest, figures = await self._between(room, begin, end, live)
        page = await self._records.page(room, begin, end, CALLS_SHOWN)
        calls = sorted(
            _newest(page, newest.values()).values(),
            key=lambda c: (c.created_at, c.id),
            reverse=True,
        )
        return {
            "figures": {
                **figures_data(figures),
                "zone": showroom.zone,
                "day": to_datetime(begin).astimezone(ZoneInfo(showroom.zone)).date().isoformat(),
            },
            "calls": [call_data(call, names) for call in calls[:CALLS_SHOWN]],
        }

    async def between(
        self, room: ShowroomId, begin_ms: int, end_ms: int, now_ms: int
    ) -> DayFigures:
        """Return what the calls requested in [begin, end) have come to by now."""
        present = await self._present(room, now_ms)
        live = {call.id: call for call in present if begin_ms <= call.created_at < end_ms}
        return (await self._between(room, begin_ms, end_ms, live))[1]

    async def _between(
        self, room: ShowroomId, begin_ms: int, end_ms: int, live: Mapping[CallId, CallRecord]
    ) -> tuple[Mapping[CallId, CallRecord], DayFigures]:
        """Return the newest of what Redis and SQL know of these calls, and the figures of all."""
        newest = _newest(await self._records.several(room, live), live.values())
        saved = await self._records.figures(room, begin_ms, end_ms, without=live)
        return newest, saved + DayFigures.of(newest.values())

    async def _present(self, room: ShowroomId, now_ms: int) -> list[CallRecord]:
        """Return what Redis knows: the calls that are not closed, and those that SQL lacks."""
        # In this order: a call that closes in between is in the second list.
        open_calls: list[LiveCall | None] = [*await self._live.open_calls(room)]
        known = open_calls + await self._live.calls(room, await self._live.unsaved(room))
        records = [record_of(room, call, call.quality, now_ms) for call in known if call]
        return list(_newest(records).values())

    async def call(
        self, room: ShowroomId, which: CallId, now_ms: int
    ) -> tuple[CallRecord, Sequence[CallEvent]]:
        """Return one call and what happened in it. Raises `NotFound`, also for a foreign one."""
        [live] = await self._live.calls(room, [which])
        log = events_of(await self._live.log(room, which)) if live else ()
        try:
            saved = await self._records.get(room, which)
        except NotFound:
            if live is None:
                raise
            return record_of(room, live, live.quality, now_ms), log
        if live is None or live.version <= saved.version:
            return saved, await self._records.events(room, which)
        return record_of(room, live, live.quality, now_ms), log


def _newest(*sources: Iterable[CallRecord]) -> dict[CallId, CallRecord]:
    """Return each call once: the newest version, of equals the first."""
    found: dict[CallId, CallRecord] = {}
    for call in (call for source in sources for call in source):
        if call.id not in found or found[call.id].version < call.version:
            found[call.id] = call
    return found


def day_bounds(zone: str, now_ms: int) -> tuple[int, int]:
    """Return the present day's begin and end in `zone`; 23, 24 or 25 hours apart."""
    local = to_datetime(now_ms).astimezone(ZoneInfo(zone))
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = (begin + timedelta(days=1)).replace(hour=0)
    return to_ms(begin), to_ms(following)


def figures_data(figures: DayFigures) -> dict[str, Any]:
    """Return the figures with their averages; the average of nothing is null, not zero."""
    return {
        "calls": figures.calls,
        "answered": figures.answered,
        "abandoned": figures.abandoned,
        "missed_rings": figures.missed_rings,
        "waiting_avg_ms": figures.waiting_ms_average,
        "waiting_max_ms": figures.waiting_ms_max if figures.answered + figures.abandoned else None,
        "talking_avg_ms": figures.talking_ms_average,
        "rating_avg": figures.rating_average,
        "rating_count": figures.rating_count,
        "outcomes": {str(name): count for name, count in figures.outcomes.items()},
    }


def call_data(call: CallRecord, names: Names) -> dict[str, Any]:
    """Return one call for the manager's list."""
    return {
        "id": call.id,
        "state": call.state,
        "created_at": call.created_at,
        "waited_ms": call.waited_ms,
        "talked_ms": call.talked_ms,
        "advisor": names.get(call.advisor_id) if call.advisor_id else None,
        "vehicle": call.vehicle,
        "language": call.language,
        "end_reason": call.end_reason,
        "outcome": call.outcome,
        "outcome_reason": call.outcome_reason,
        "rating": call.rating,
        "comment": call.comment,
        "quality": call.quality,
        "notes": call.notes,
    }


def event_data(events: Sequence[CallEvent]) -> list[dict[str, Any]]:
    """Return a call's timeline."""
    return [asdict(event) for event in events]
