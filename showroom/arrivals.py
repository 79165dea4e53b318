"""Who comes, counted without knowing them: a hash that nobody can make again tomorrow.

An arrival waits in memory until the next `flush`, for seconds, with its address and its browser's
name. Both are hashed there with a salt of this showroom's day (HMAC-SHA-256, cut to 64 bits), and
are gone. The hashes stand in Redis until the day is over, so that a second page of the same person
is not a second visitor; then they go, and the salt with them. SQL has nothing but numbers.

`vs:{showroom}:salt:<day>`   the day's salt, the same for all nodes
`vs:{showroom}:here:<day>`   set: the hashes of who has come
`vs:{showroom}:ways:<day>`   set: the campaigns by which they came
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from showroom.clock import Clock, system_clock, to_datetime
from showroom.database import Database, insert
from showroom.days import STEP_MS
from showroom.figures_lock import lock
from showroom.hours import instant
from showroom.ids import ShowroomId
from showroom.past_days import LATE_MS, forget_days
from showroom.traffic_tables import COUNTS, KEYS, traffic
from showroom.words import Device, PageKind

# Beyond these somebody floods us: then the figures suffer, and no page does.
MOST_WAITING = 20_000
# Rows that the database did not take yet. A showroom has some dozens in a quarter of an hour.
MOST_ROWS = 50_000
# A flush may be late: what is of yesterday is still hashed with yesterday's salt.
SALT_MS = 3_600_000
HASH_BYTES = 8
# Campaigns are strangers' text: so many are told apart in a day, and more would be a flood of rows.
MOST_CAMPAIGNS = 500
BATCH = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page that somebody opened. `zone` (IANA) is the showroom's: its clocks say which day it is.

    Without `address` nobody is told apart: the page counts, the visitor does not.
    """

    showroom_id: ShowroomId
    zone: str
    at_ms: int
    address: str
    agent: str
    campaign: str
    language: str
    device: Device
    page: PageKind
    widget: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A day of a showroom's own clocks."""

    showroom_id: ShowroomId
    zone: str
    day: date

    def key(self, what: str) -> str:
        """Return the key in Redis of what is kept for this day."""
        return f"vs:{{{self.showroom_id}}}:{what}:{self.day.isoformat()}"

    @property
    def over_ms(self) -> int:
        """When what is kept for it goes."""
        return instant(self.day + timedelta(days=1), 0, ZoneInfo(self.zone)) + SALT_MS


class Arrivals:
    """Counts arrivals into `traffic`. They are worth having, but not worth a page.

    `dropped` says how many were not counted because too many waited.
    """

    def __init__(
        self,
        database: Database,
        redis: Redis,
        most_waiting: int = MOST_WAITING,
        clock: Clock = system_clock,
    ) -> None:
        self._database, self._redis, self._clock = database, redis, clock
        self._waiting: deque[Arrival] = deque()
        self._most = most_waiting
        self._counts: Counter[tuple[tuple[str | int, ...], str]] = Counter()
        self._flushing = asyncio.Lock()
        self.dropped = 0

    def note(self, arrival: Arrival) -> None:
        """Note an arrival; costs no query."""
        if len(self._waiting) >= self._most or len(self._counts) >= MOST_ROWS * len(COUNTS):
            self.dropped += 1
            return
        self._waiting.append(arrival)

    async def flush(self) -> None:
        """Count what waits. When the database refuses (`TryAgain`), its rows wait for the next."""
        async with self._flushing:
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    await self._count(some)
                except BaseException:
                    self._waiting.extendleft(reversed(some))
                    raise
            await self._write()

    async def _count(self, some: Iterable[Arrival]) -> None:
        """Add arrivals to the rows that wait; who is new today is so once, on whatever node."""
        known = await self._campaigns(some)
        for arrival, first in await self._new(some):
            campaign = arrival.campaign if (_day_of(arrival), arrival.campaign) in known else ""
            row = (
                arrival.showroom_id, arrival.at_ms // STEP_MS * STEP_MS, campaign,
                arrival.language, arrival.device.value, arrival.page.value,
            )  # fmt: skip
            self._counts[row, "views"] += 1
            self._counts[row, "widget_opens"] += arrival.widget
            self._counts[row, "visitors"] += first

    async def _campaigns(self, some: Iterable[Arrival]) -> set[tuple[Day, str]]:
        """Return the campaigns of these days that are told apart: those that came first."""
        known: set[tuple[Day, str]] = set()
        for day, name in sorted({(_day_of(one), one.campaign) for one in some if one.campaign}):
            key = day.key("ways")
            there = await self._redis.sismember(key, name)
            if not there and await self._redis.scard(key) >= MOST_CAMPAIGNS:
                continue
            await self._redis.sadd(key, name)
            await self._redis.pexpireat(key, day.over_ms)
            known.add((day, name))
        return known

    async def _new(self, some: Iterable[Arrival]) -> list[tuple[Arrival, bool]]:
        """Say of each whether it is the first of its visitor on that day."""
        known = [(arrival, _day_of(arrival)) for arrival in some]
        salts = {day: await self._salt(day) for day in {day for _, day in known}}
        pipe = self._redis.pipeline(transaction=False)
        for arrival, day in known:
            if arrival.address:
                pipe.sadd(day.key("here"), _hash(arrival, salts[day]))
        for day in salts:
            pipe.pexpireat(day.key("here"), day.over_ms)
        added = iter(await pipe.execute())
        return [(arrival, bool(arrival.address and next(added))) for arrival, _ in known]

    async def _salt(self, day: Day) -> bytes:
        """Return the salt of a day; whoever comes first makes it."""
        key, new = day.key("salt"), secrets.token_hex(16)
        await self._redis.set(key, new, nx=True, pxat=day.over_ms)
        # None when the day was over before we came to it: nobody else needs to know it then.
        return str(await self._redis.get(key) or new).encode()

    async def _write(self) -> None:
        rows: dict[tuple[str | int, ...], dict[str, str | int]] = {}
        for (key, name), number in self._counts.items():
            row = rows.setdefault(key, {**dict(zip(KEYS, key, strict=True)), **NOTHING})
            row[name] = number
        if not rows:
            return
        # Long before its day is kept as a whole; later it may be, and is true no more.
        late_ms = self._clock() - LATE_MS // 2
        late = sorted({(str(key[0]), int(key[1])) for key in rows if int(key[1]) < late_ms})
        async with self._database.write() as connection:
            for showroom_id, at_ms in late:
                await lock(connection, ShowroomId(showroom_id))
                await forget_days(connection, ShowroomId(showroom_id), at_ms, at_ms + STEP_MS)
            adding = insert(connection, traffic)
            more = {name: traffic.c[name] + adding.excluded[name] for name in COUNTS}
            # In order, or two nodes could wait for each other.
            await connection.execute(
                adding.on_conflict_do_update(index_elements=list(KEYS), set_=more),
                [rows[key] for key in sorted(rows)],
            )
        self._counts.clear()


NOTHING = dict.fromkeys(COUNTS, 0)


def _day_of(arrival: Arrival) -> Day:
    here = ZoneInfo(arrival.zone)
    return Day(
        arrival.showroom_id, arrival.zone, to_datetime(arrival.at_ms).astimezone(here).date()
    )


def _hash(arrival: Arrival, salt: bytes) -> str:
    who = f"{arrival.address}\n{arrival.agent}".encode(errors="surrogateescape")
    return hmac.new(salt, who, hashlib.sha256).digest()[:HASH_BYTES].hex()
