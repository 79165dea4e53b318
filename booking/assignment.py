"""Who receives a visit: of the advisors who are free then the one idle longest, or the named one.

Looked at twice: once to find out, outside of any lock, and once more in the transaction that takes
the time. What the second look can't see either (an advisor shared with another showroom), the
database's constraint refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.ledger import Appointment, in_state, touching
from booking.slots import Slot, free_slots
from booking.staffing import Colleague, staffing, team_of
from booking.visits import ACTIVE, MINUTE_MS
from showroom.hours import spans
from showroom.ids import AppointmentId, StaffId
from showroom.showrooms import Showroom, VisitRules
from showroom.tables import appointments
from showroom.words import AppointmentState

# An advisor whose last visit is longer ago than this counts as one who never had any.
IDLE_MS = 30 * 24 * 60 * MINUTE_MS
OFFERED = 6
# So far after a wished time others are looked for, before the whole horizon is.
NEAR_MS = 3 * 24 * 60 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Wish:
    """A time that somebody wants. `advisor`: nobody else will do; `rather`: if they are free.

    `leaving_out` is the appointment that moves: its own time is not in its way. `kept_until` is the
    end of a visit that is booked: only who receives it is asked, not whether its time is allowed.
    """

    starts_at: int
    language: str
    advisor: StaffId | None = None
    rather: StaffId | None = None
    leaving_out: AppointmentId | None = None
    notice: bool = True
    kept_until: int | None = None

    @classmethod
    def of(cls, visit: Appointment, starts_at: int) -> "Wish":
        """Return the wish to have a visit at a time; who asked for an advisor wants nobody else."""
        only = visit.advisor_id if visit.named else None
        return cls(starts_at, visit.language, only, visit.advisor_id, visit.id)

    @classmethod
    def keeping(cls, visit: Appointment, advisor: StaffId | None = None) -> "Wish":
        """Return the wish that a booked visit is received by somebody else, or by `advisor`."""
        return cls(
            visit.starts_at,
            visit.language,
            advisor,
            leaving_out=visit.id,
            kept_until=visit.ends_at,
        )

    def rules(self, rules: VisitRules) -> VisitRules:
        """Return the showroom's rules as far as they hold for this wish."""
        if self.kept_until is not None:
            length = (self.kept_until - self.starts_at) // MINUTE_MS
            return replace(rules, notice=0, side_by_side=0, length=length)
        return rules if self.notice else replace(rules, notice=0)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who could receive at a time as far as is known, best first, and the team they are of."""

    team: Sequence[Colleague]
    order: Sequence[StaffId]


async def slots(
    connection: AsyncConnection,
    showroom: Showroom,
    team: Sequence[Colleague],
    wish: Wish,
    now: int,
    from_ms: int | None = None,
    until_ms: int | None = None,
) -> list[Slot]:
    """Return the free slots for a wish, whatever its time, first to last."""
    end_ms = now + showroom.visits.horizon * MINUTE_MS
    end_ms = end_ms if until_ms is None else min(end_ms, until_ms)
    from_ms = now if from_ms is None else max(now, from_ms)
    return await _free(connection, showroom, team, wish, now, from_ms, end_ms)


async def next_free(
    connection: AsyncConnection,
    showroom: Showroom,
    team: Sequence[Colleague],
    wish: Wish,
    now: int,
) -> tuple[int, ...]:
    """Return up to six free starts: those from the wished time on, then the first ones."""
    # What lies near is mostly enough, and cheap when hundreds want the same time.
    near_ms = wish.starts_at + NEAR_MS
    found = await slots(connection, showroom, team, wish, now, wish.starts_at, near_ms)
    if len(found) < OFFERED:
        found = await slots(connection, showroom, team, wish, now)
    later = [slot.starts_at for slot in found if slot.starts_at >= wish.starts_at]
    sooner = [slot.starts_at for slot in found if slot.starts_at < wish.starts_at]
    return tuple([*later, *sooner][:OFFERED])


async def candidates(
    connection: AsyncConnection, showroom: Showroom, wish: Wish, now: int
) -> Candidates:
    """Return who could take a visit at the wished time, best first."""
    team = await team_of(connection, showroom.id)
    free = await _at(connection, showroom, team, wish, now)
    order = await _idle_longest(connection, free, wish.starts_at)
    # Sorting is stable: but for the one who is preferred, the order stays.
    return Candidates(team, sorted(order, key=lambda one: one != wish.rather))


async def host(
    connection: AsyncConnection,
    showroom: Showroom,
    wish: Wish,
    candidates: Candidates,
    now: int,
) -> StaffId | None:
    """Return the best of the candidates who is free still; None if nobody is.

    The transaction has locked the showroom. Holds that are over become lapsed here, because the
    database's constraint knows no clock.
    """
    await _lapse(connection, showroom, wish, candidates, now)
    free = await _at(connection, showroom, candidates.team, wish, now)
    return next((one for one in candidates.order if one in free), None)


async def _at(
    connection: AsyncConnection,
    showroom: Showroom,
    team: Sequence[Colleague],
    wish: Wish,
    now: int,
) -> tuple[StaffId, ...]:
    """Return who is free at exactly the wished time."""
    rules = wish.rules(showroom.visits)
    horizon_ms = now + rules.horizon * MINUTE_MS
    if wish.kept_until is None and not now <= wish.starts_at <= horizon_ms:
        return ()  # before anything is computed with a number that may be no date at all
    ends_at = wish.starts_at + rules.length * MINUTE_MS
    found = await _free(connection, showroom, team, wish, now, wish.starts_at, ends_at)
    return found[0].workers if found and found[0].starts_at == wish.starts_at else ()


async def _free(
    connection: AsyncConnection,
    showroom: Showroom,
    team: Sequence[Colleague],
    wish: Wish,
    now: int,
    from_ms: int,
    until_ms: int,
) -> list[Slot]:
    if from_ms >= until_ms:
        return []
    staffed = await staffing(connection, showroom, team, from_ms, until_ms, now, wish.leaving_out)
    kept = wish.kept_until is not None
    found = free_slots(
        wish.rules(showroom.visits),
        [(from_ms, until_ms)]
        if kept
        else list(spans(showroom.timetable, showroom.zone, from_ms, until_ms)),
        staffed.workers,
        wish.language,
        # A visit that should have begun a minute ago can still get another advisor.
        min(now, wish.starts_at) if kept else now,
        from_ms,
        until_ms,
        staffed.visits,
    )
    if wish.advisor is None:
        return found
    only = (wish.advisor,)
    return [Slot(slot.starts_at, only) for slot in found if wish.advisor in slot.workers]


async def _lapse(
    connection: AsyncConnection,
    showroom: Showroom,
    wish: Wish,
    candidates: Candidates,
    now: int,
) -> None:
    """Let the holds go that are over and stand in the way: here, or the candidates' elsewhere."""
    c, rules = appointments.c, wish.rules(showroom.visits)
    ends_at = wish.starts_at + rules.length * MINUTE_MS
    await connection.execute(
        sa.update(appointments)
        .where(
            (c.showroom_id == showroom.id) | c.advisor_id.in_(candidates.order),
            c.state == AppointmentState.HELD.value,
            c.held_until <= now,
            c.id != (wish.leaving_out or ""),
            *touching(
                wish.starts_at - rules.before * MINUTE_MS,
                ends_at + rules.after * MINUTE_MS,
                buffers=True,
            ),
        )
        .values(state=AppointmentState.LAPSED.value, due_at=None)
    )


async def _idle_longest(
    connection: AsyncConnection, free: Sequence[StaffId], starts_at: int
) -> list[StaffId]:
    """Order advisors by the end of their last visit before a time, the earliest first."""
    if len(free) < 2:
        return list(free)
    c = appointments.c
    query = (
        sa.select(c.advisor_id, sa.func.max(c.ends_at))
        .where(
            c.advisor_id.in_(free),
            c.starts_at.between(starts_at - IDLE_MS, starts_at),
            in_state(ACTIVE | {AppointmentState.DONE}),
        )
        .group_by(c.advisor_id)
    )
    last = {row[0]: row[1] for row in await connection.execute(query)}
    return sorted(free, key=lambda one: (last.get(one, 0), one))
