"""Puts alarms together: what is seen of a showroom from Redis and SQL, and the watch that looks.

One node at a time looks, as long as it holds a lease in Redis; if it dies another one does within
two seconds. Should two look at once, nothing is raised or told twice: SQL sees to that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from redis.asyncio import Redis

from booking.alarms.book import Alarms
from booking.alarms.judging import Seen, Trouble, wrong
from booking.alarms.letters import KIND, AlarmLetterSink
from booking.alarms.rows import Alarm
from booking.mail import mailer_of, sender_of
from booking.postman import Postman
from booking.worker import Worker
from booking.writing import Writer
from showroom.calls import CallRecords
from showroom.clock import Clock
from showroom.database import Database
from showroom.hours import open_since
from showroom.ids import ShowroomId, new_id
from showroom.lead_tables import endpoints
from showroom.parts import Books, Switchboard
from showroom.shared import Shared
from showroom.showrooms import Showroom, Showrooms
from showroom.words import AdvisorState, CallState
from signaling.chores import Loop, apart, every
from signaling.desk import Desk
from signaling.live import LiveAdvisor, LiveState
from web.statistics import CallsOfToday

LOOK_SECONDS = 0.5
LEASE_MS = 1500
LEASE = "vs:watch"
# Given up or held by whoever has it, and by nobody else.
HOLD = """
local by = redis.call('GET', KEYS[1])
if by and by ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
WAITS = frozenset({CallState.WAITING, CallState.RINGING})


class Lease:
    """Who looks: one node, for as long as it goes on saying so."""

    def __init__(self, redis: Redis, lease_ms: int = LEASE_MS) -> None:
        self._redis = redis
        self._me = new_id()
        self._ms = lease_ms

    async def held(self) -> bool:
        """Take the lease, or hold it for longer; say whether it is ours."""
        return bool(await self._redis.eval(HOLD, 1, LEASE, self._me, str(self._ms)))


class Floor:
    """What there is to be judged of a showroom."""

    def __init__(self, live: LiveState, records: CallRecords, clock: Clock) -> None:
        self._live = live
        self._calls = CallsOfToday(records, live)
        self._clock = clock

    async def seen(self, showroom: Showroom, troubled: Mapping[str, Trouble]) -> Seen:
        """Return how a showroom is right now; what no rule asks for is left out."""
        now, rules = self._clock(), showroom.alarms
        open_calls = rules.waiting.on or rules.answers.on
        calls = await self._live.open_calls(showroom.id) if open_calls else []
        waiting = [call for call in calls if call.state in WAITS and call.waits_from <= now]
        offered, answered = 0, 0
        if rules.answers.on:
            begin = now - rules.answers.minutes * 60_000
            figures = await self._calls.between(showroom.id, begin, now + 1, now)
            # Who still waits may be answered.
            still = sum(call.state in WAITS and call.created_at >= begin for call in calls)
            offered, answered = max(figures.answered, figures.calls - still), figures.answered
        return Seen(
            now=now,
            waits_since=min((call.waits_from for call in waiting), default=None),
            waiting=len(waiting),
            nobody_since=await self._nobody_since(showroom, now) if rules.nobody.on else None,
            settled=offered,
            answered=answered,
            receivers=troubled,
        )

    async def _nobody_since(self, showroom: Showroom, now: int) -> int | None:
        begun = open_since(showroom.timetable, showroom.zone, now)
        if begun is None or (await self._live.orders(showroom.id)).queue_closed is not None:
            return None
        advisors = [one for one in await self._live.advisors(showroom.id) if not one.stand_in]
        if any(map(on_duty, advisors)):
            return None
        return max([begun, *(one.since for one in advisors)])


def on_duty(advisor: LiveAdvisor) -> bool:
    """Say whether somebody works here now, also while they have a call."""
    return advisor.state is not AdvisorState.AWAY


class Watch:
    """Looks at all showrooms that have a rule, or an alarm up."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        alarms: Alarms,
        floor: Floor,
        desk: Desk,
        lease: Lease,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._alarms = alarms
        self._floor = floor
        self._desk = desk
        self._lease = lease
        # The receivers in trouble at the last look: managers hear of a change at once.
        self._troubled: dict[ShowroomId, Mapping[str, Trouble]] | None = None

    async def look(self) -> None:
        """Look once, if it is this node's turn."""
        if not await self._lease.held():
            self._troubled = None
            return
        troubled, up = await self._troubles(), await self._alarms.up_by_showroom()
        before, self._troubled = self._troubled, troubled
        for showroom in await self._showrooms.all():
            with apart("alarms", showroom.id):
                here = troubled.get(showroom.id, {})
                changed = before is not None and before.get(showroom.id, {}).keys() != here.keys()
                changed |= await self._settle(showroom, up.get(showroom.id, ()), here)
                if changed:
                    await self._desk.floor_changed(showroom.id)

    async def _settle(
        self, showroom: Showroom, up: Sequence[Alarm], troubled: Mapping[str, Trouble]
    ) -> bool:
        if not (showroom.alarms.any_on or up):
            return False
        seen = await self._floor.seen(showroom, troubled)
        found = wrong(showroom.alarms, seen, {alarm.key for alarm in up})
        return await self._alarms.settle(showroom, up, found)

    async def _troubles(self) -> dict[ShowroomId, Mapping[str, Trouble]]:
        """Return the receivers that get nothing, and that nobody has disabled on purpose."""
        c = endpoints.c
        refused = c.disabled_reason != ""
        failing = c.failing_since.is_not(None) & c.disabled_at.is_(None)
        query = sa.select(
            c.showroom_id, c.id, c.name, c.failing_since, c.disabled_at, c.disabled_reason
        ).where(refused | failing)
        found: dict[ShowroomId, dict[str, Trouble]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                since = row.disabled_at if row.disabled_reason else row.failing_since
                one = Trouble(row.name, since or 0, bool(row.disabled_reason))
                found.setdefault(ShowroomId(row.showroom_id), {})[row.id] = one
        return dict(found)


@dataclass(frozen=True, slots=True)
class AlarmDesk:
    """What the pages need of alarms, and what must run."""

    alarms: Alarms
    loops: Sequence[Loop]


def alarm_desk(shared: Shared, books: Books, board: Switchboard) -> AlarmDesk:
    """Put it together."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    postman = Postman(mailer_of(settings), Writer(settings.address), sender_of(settings), clock)
    sink = AlarmLetterSink(postman, database, books.showrooms, settings.address, clock)
    floor = Floor(board.live, books.calls, clock)
    lease = Lease(shared.redis)
    watch = Watch(database, books.showrooms, books.alarms, floor, board.desk, lease)
    return AlarmDesk(
        books.alarms,
        loops=[every(LOOK_SECONDS, watch.look), Worker(books.outbox, {KIND: sink}).run],
    )
