"""How many advisors will be there: by their hours, less absences, and less what visits take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from booking.slots import Span, Worker
from booking.staffing import staffing, team_of
from showroom.clock import Clock
from showroom.database import Database
from showroom.showrooms import Showroom


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is there in a stretch of time: by the roster, and of these who receives a visit in it."""

    rostered: int
    visiting: int

    @property
    def free(self) -> int:
        return self.rostered - self.visiting

    @classmethod
    def of(cls, workers: Sequence[Worker], stretch: Sequence[Span]) -> Self:
        """Count who is there for all of a stretch, in however many parts."""
        there = [one for one in workers if _is_there(one, stretch)]
        return cls(len(there), sum(_touches(one.taken, stretch) for one in there))


@dataclass(frozen=True, slots=True)
class Roll:
    """A showroom's team: how many there are, how many have no hours, and who is there when."""

    advisors: int
    without_hours: int
    presences: tuple[Presence, ...]


class Rosters:
    """The rosters of all showrooms; every question names the one that asks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def roll(
        self, showroom: Showroom, stretches: Sequence[Sequence[Span]], language: str | None = None
    ) -> Roll:
        """Return who is there in each of these stretches of time; of all, or who speak a language.

        Who has no hours works while the showroom is open. A visit counts with its buffers, in
        whatever showroom it is.
        """
        ends = [edge for stretch in stretches for part in stretch for edge in part]
        async with self._database.read() as connection:
            team = [
                one
                for one in await team_of(connection, showroom.id)
                if language is None or language in one.languages
            ]
            if not team or not ends:
                without = sum(one.hours is None for one in team)
                return Roll(len(team), without, tuple(Presence(0, 0) for _ in stretches))
            staffed = await staffing(
                connection, showroom, team, min(ends), max(ends), self._clock()
            )
        return Roll(
            len(team),
            sum(one.hours is None for one in team),
            tuple(Presence.of(staffed.workers, stretch) for stretch in stretches),
        )


def _is_there(worker: Worker, stretch: Sequence[Span]) -> bool:
    worked = sum(
        max(0, min(ends, until) - max(begins, since))
        for begins, ends in worker.working
        for since, until in stretch
    )
    whole = sum(until - since for since, until in stretch)
    return worked >= whole and not _touches(worker.absent, stretch)


def _touches(spans: Sequence[Span], stretch: Sequence[Span]) -> bool:
    return any(
        begins < until and ends > since for begins, ends in spans for since, until in stretch
    )
