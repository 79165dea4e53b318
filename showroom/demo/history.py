"""Two years of calls that never were: with the rhythm of a week and a campaign on television.

The same seed makes the same calls. They are written as they would have been kept, in bulk and
without their logs; `Rollups.rebuild` counts them afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from showroom.calls import STORED, CallRecord
from showroom.database import Database
from showroom.days import STEP_MS
from showroom.hours import instant
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.tables import calls
from showroom.texts import CATALOGUES, Words
from showroom.words import CallState, Channel, Device, EndReason, Outcome, Quality

WORDS = Words(CATALOGUES)
BATCH = 5_000
# By weekday from Monday on, and by hour: nobody calls at night, and many do on Saturday.
WEEK = (0.9, 0.8, 0.85, 0.9, 1.1, 1.6, 0.5)
HOURS = {
    9: 0.4, 10: 0.8, 11: 1.0, 12: 0.7, 13: 0.6, 14: 0.9, 15: 1.0, 16: 1.1, 17: 1.3, 18: 1.4,
    19: 1.0, 20: 0.8,
}  # fmt: skip
SPOT = "spring-film"
SPOT_MINUTE = 20 * 60 + 30
# What the quarters of an hour after the spot have, as a multiple of what is usual.
SPOT_WAVE = {0: 14.0, 15: 6.0, 30: 2.0, 45: 1.5}
CAMPAIGNS: Mapping[str | None, float] = {None: 70, "newsletter": 12, "search": 14, "dealer-week": 4}
DEVICES = {Device.PHONE: 56, Device.DESKTOP: 34, Device.TABLET: 8, Device.UNKNOWN: 2}
OUTCOMES: Mapping[Outcome | None, float] = {
    Outcome.INTERESTED: 46, Outcome.TEST_DRIVE: 14, Outcome.OFFER_WANTED: 12, Outcome.BOUGHT: 2,
    Outcome.NO_FIT: 16, Outcome.INVALID: 4, None: 6,
}  # fmt: skip
QUALITIES: Mapping[Quality | None, float] = {
    Quality.GOOD: 78, Quality.FAIR: 15, Quality.POOR: 5, None: 2,
}  # fmt: skip
STARS: Mapping[int | None, float] = {None: 60, 5: 22, 4: 11, 3: 4, 2: 2, 1: 1}


@dataclass(frozen=True, slots=True)
class Site:
    """A showroom for which calls are made up. `share` is its part of all of them."""

    showroom: ShowroomId
    zone: str
    languages: tuple[str, ...]
    advisors: tuple[StaffId, ...]
    vehicles: tuple[str, ...]
    share: float = 1


@dataclass(frozen=True, slots=True)
class Span:
    """From `first` to `last`, local dates; the film runs for three weeks from `film` on."""

    first: date
    last: date
    film: date

    @classmethod
    def until(cls, last: date, days: int = 730) -> "Span":
        """Return the days until `last`, with a film in the spring before."""
        spring = date(last.year, 3, 16)
        film = spring if spring < last else spring.replace(year=last.year - 1)
        return cls(last - timedelta(days=days - 1), last, film)

    def film_runs(self, day: date) -> bool:
        return self.film <= day < self.film + timedelta(days=21)


def made_up(sites: Sequence[Site], number: int, span: Span, seed: int = 1) -> Iterator[CallRecord]:
    """Yield that many calls, showroom by showroom, first to last."""
    chance = Random(seed)  # noqa: S311 - nothing is kept secret by it
    whole, made = sum(site.share for site in sites), 0
    for n, site in enumerate(sites):
        more = sum(one.share for one in sites[: n + 1])
        upto = round(number * more / whole)
        moments = _moments(site, span)
        weights = list(accumulate(weight for _, weight, _ in moments))
        picked = chance.choices(range(len(moments)), cum_weights=weights, k=upto - made)
        for which in sorted(picked):
            begins, _, film = moments[which]
            yield _call(chance, site, made, begins + chance.randrange(STEP_MS), film)
            made += 1


async def write(database: Database, known: Iterator[CallRecord]) -> int:
    """Keep made-up calls, without counting them; return how many there were."""
    total = 0
    batch: list[dict[str, Any]] = []
    for call in known:
        batch.append(STORED.dump_python(call, mode="json"))
        if len(batch) == BATCH:
            total += await _insert(database, batch)
            batch = []
    return total + (await _insert(database, batch) if batch else 0)


async def _insert(database: Database, batch: list[dict[str, Any]]) -> int:
    async with database.write() as connection:
        await connection.execute(sa.insert(calls), batch)
    return len(batch)


def _moments(site: Site, span: Span) -> list[tuple[int, float, float]]:
    """Return each quarter of an hour that is open: its begin, its weight, and the film's share."""
    here, found = ZoneInfo(site.zone), []
    for n in range((span.last - span.first).days + 1):
        day = span.first + timedelta(days=n)
        grown = 1 + n / 730  # twice as many come after two years
        for hour, busy in HOURS.items():
            for minute in range(hour * 60, hour * 60 + 60, 15):
                weight, film = grown * WEEK[day.weekday()] * busy, 0.0
                if span.film_runs(day):
                    wave = SPOT_WAVE.get(minute - SPOT_MINUTE, 1.3)
                    weight, film = weight * wave, (wave - 1) / wave
                found.append((instant(day, minute, here), weight, film))
    return found


def _pick(chance: Random, weights: Mapping[Any, float]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


def _call(chance: Random, site: Site, number: int, at: int, film: float) -> CallRecord:
    """Return one call; `film` is the chance that the campaign's film brought it."""
    by_film = chance.random() < film
    visit = not by_film and chance.random() < 0.15
    # In the wave after a spot all wait longer.
    would_wait = round(chance.expovariate(1 / (9_000 + 70_000 * film)))
    patience = round(chance.expovariate(1 / 120_000))
    missed = chance.choices((0, 1, 2), (88, 10, 2))[0]
    facts: dict[str, Any] = {
        "id": CallId(f"history-{number:08}"),
        "showroom_id": site.showroom,
        "version": 9,
        "state": CallState.CLOSED,
        "language": chance.choices(site.languages, range(len(site.languages), 0, -1))[0],
        "vehicle": chance.choice((*site.vehicles, None)),
        "created_at": at,
        "campaign": SPOT if by_film else _pick(chance, CAMPAIGNS),
        "device": Device.PHONE if by_film else _pick(chance, DEVICES),
        "channel": Channel.VISIT if visit else Channel.WALK_IN,
        "missed": missed,
        "rings": missed + 1,
    }
    if patience < would_wait:
        left = at + patience
        reason = chance.choice((EndReason.CUSTOMER_LEFT, EndReason.CUSTOMER_LOST))
        return CallRecord(
            **facts, waited_ms=patience, ended_at=left, closed_at=left, end_reason=reason
        )
    answered = _answered(chance, site, at, would_wait)
    # Every sixth customer who rated wrote something beside the stars, in their language.
    said = WORDS.all(facts["language"]).get(f"demo.said.{answered.get('rating')}", "")
    return CallRecord(**facts, **answered, comment="" if number % 6 else said)


def _answered(chance: Random, site: Site, at: int, waited: int) -> dict[str, Any]:
    """Return what an answer adds to a call, and what came of it."""
    answered = at + waited
    who: dict[str, Any] = {
        "answered_at": answered,
        "waited_ms": waited,
        "advisor_id": chance.choice(site.advisors),
    }
    if chance.random() < 0.02:
        over = answered + 45_000
        return {**who, "ended_at": over, "closed_at": over, "end_reason": EndReason.CONNECT_FAILED}
    live = answered + chance.randrange(300, 2_500)
    ended = live + round(chance.lognormvariate(6.1, 0.7) * 1_000)
    return {
        **who,
        "live_at": live,
        "ended_at": ended,
        "closed_at": ended + round(chance.expovariate(1 / 50_000)),
        "end_reason": chance.choice((EndReason.CUSTOMER_HUNG_UP, EndReason.ADVISOR_ENDED)),
        "outcome": _pick(chance, OUTCOMES),
        "rating": _pick(chance, STARS),
        "quality": _pick(chance, QUALITIES),
    }
