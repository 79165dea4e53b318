"""A person is erased on request: from every table at once, then from wherever else something is.

What is in the database goes in one transaction, with the receipt and with the work that is left:
files, Redis. That work is done at once, and again after `AGAIN_MS`: whatever was on its way at the
moment of the erasure (a letter in a worker's hand, a call that was just being saved) has arrived by
then, and goes too. Who dies in between leaves the work to the next node; twice is no harm. Of the
receipt only this stays: when, who, why, and how much it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.publishing import iso
from booking.handoff.topics import Publish, Topic
from booking.privacy import emptying
from booking.privacy.handed_on import claimed_until, forget_deliveries, told_leads
from booking.privacy.person import Found, Person, find, named
from showroom.audit import Deed, Entry, Subject, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import IllegalMove, NotFound, TryAgain
from showroom.ids import ShowroomId, new_id
from showroom.leads_lock import lock as lock_leads
from showroom.privacy_tables import erasures
from showroom.rollups import Rollups
from showroom.showrooms import Showroom, Showrooms
from showroom.tables import appointments, calls

log = structlog.get_logger()

# Longer than a worker has a letter in hand, and an archivist a call.
AGAIN_MS = 120_000
# What failed is tried again after so long, for as long as it takes.
RETRY_MS = 30_000
PASSES = 2


class Reason(StrEnum):
    """Why somebody is erased. No free text: that would be personal again."""

    ASKED = "asked"  # GDPR, article 17: they asked for it
    WITHDRAWN = "withdrawn"  # they took their consent back
    OBJECTED = "objected"  # they object to being contacted
    MISTAKE = "mistake"  # it should never have been kept


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done outside of the database. Kept until it is done, and not a moment longer.

    `leads` have the ids of those that they took in, too. `email` finds letters in a folder.
    """

    found: Found
    leads: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That somebody was erased, and nothing of who it was. Moments in UTC milliseconds."""

    id: str
    showroom_id: ShowroomId
    happened_at: int
    who: str
    reason: Reason
    counts: Mapping[str, int]
    finished_at: int | None


class Elsewhere(Protocol):
    """Where else something of a person is: Redis, files."""

    async def in_call(self, showroom_id: ShowroomId, of_calls: Sequence[str]) -> bool:
        """Say whether one of these calls is not closed yet."""
        ...

    async def forget(self, showroom_id: ShowroomId, work: Work) -> None:
        """Remove all of it. Repeatable; raises whatever keeps it from doing so."""
        ...


class Erasures:
    """Erases people, and keeps the receipts."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        publish: Publish,
        elsewhere: Elsewhere,
        clock: Clock,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._publish = publish
        self._elsewhere = elsewhere
        self._clock = clock
        self._rollups = Rollups(database)

    async def look(self, showroom: Showroom, person: Person) -> Found:
        """Return what there is of a person."""
        async with self._database.read() as connection:
            return await find(connection, showroom, person)

    async def known(
        self, showroom: Showroom, person: Person
    ) -> tuple[Found, Sequence[tuple[str, str, str]]]:
        """Return the same, and under which names, addresses and numbers they are known."""
        async with self._database.read() as connection:
            found = await find(connection, showroom, person)
            return found, await named(connection, found)

    async def exported(self, showroom: Showroom, found: Found, who: str) -> None:
        """Note that somebody has taken an export out, and how much it was."""
        async with self._database.write() as connection:
            entry = Entry(
                showroom_id=showroom.id,
                happened_at=self._clock(),
                who=who,
                deed=Deed.EXPORTED,
                subject=Subject.CUSTOMER,
                subject_id=new_id(),
                before={},
                after=found.counts,
            )
            await note(connection, entry)

    async def erase(self, showroom: Showroom, person: Person, reason: Reason, who: str) -> Receipt:
        """Erase a person; `who` does it.

        Raises `NotFound` when there is nothing of them, `IllegalMove` while they are in a call,
        and `TryAgain` when something of theirs came in at this very moment.
        """
        seen = await self.look(showroom, person)
        if not seen:
            raise NotFound("There is nothing of this person here.")
        if await self._elsewhere.in_call(showroom.id, seen.calls):
            raise IllegalMove("They are in a call at this moment. Erase them after it.")
        now = self._clock()
        async with self._database.write() as connection:
            await _lock(connection, showroom.id, seen)
            found = await find(connection, showroom, person)
            if set(found.calls) - set(seen.calls) or set(found.visits) - set(seen.visits):
                raise TryAgain
            told = await told_leads(connection, showroom.id, found)
            merged = tuple(one for lead in told for one in lead["merged"])
            work = Work(found, (*found.leads, *merged), person.email)
            # What a courier has in hand arrives yet: that they are gone must come after it.
            in_hand_until = await claimed_until(connection, showroom.id, work.found, work.leads)
            await self._empty(connection, showroom.id, work, now)
            for lead in told:
                data = {"id": lead["id"], "showroom": showroom.slug, "erased_at": iso(now)}
                await self._publish(
                    connection,
                    showroom.id,
                    Topic.LEAD_ERASED,
                    lead["id"],
                    {**data, "merged": lead["merged"]},
                    None,
                    not_before=in_hand_until,
                )
            receipt = Receipt(new_id(), showroom.id, now, who, reason, found.counts, None)
            await _keep(connection, receipt, work)
        await self._carry_out(receipt.id)
        return await self.receipt(showroom.id, receipt.id)

    async def work(self) -> None:
        """Do what is left of all erasures and is due. This is for a loop."""
        c = erasures.c
        due = sa.select(c.id).where(c.finished_at.is_(None), c.next_at <= self._clock())
        async with self._database.read() as connection:
            ids = (await connection.scalars(due.order_by(c.next_at))).all()
        for which in ids:
            await self._carry_out(which)

    async def receipt(self, showroom_id: ShowroomId, receipt_id: str) -> Receipt:
        """Return a receipt of this showroom; raises `NotFound`."""
        query = sa.select(erasures).where(
            erasures.c.id == receipt_id, erasures.c.showroom_id == showroom_id
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound
        return _receipt(row)

    async def receipts(self, showroom_id: ShowroomId, limit: int = 50) -> Sequence[Receipt]:
        """Return the newest receipts of a showroom, the newest first."""
        query = (
            sa.select(erasures)
            .where(erasures.c.showroom_id == showroom_id)
            .order_by(erasures.c.happened_at.desc(), erasures.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [_receipt(row) for row in await connection.execute(query)]

    async def _carry_out(self, which: str) -> None:
        """Do what is left of one erasure; what fails now is tried again later."""
        async with self._database.read() as connection:
            query = sa.select(erasures).where(erasures.c.id == which)
            row = (await connection.execute(query)).one()
        if row.finished_at is not None:
            return
        work, now = _work(row.work), self._clock()
        values: dict[str, Any] = {"next_at": now + RETRY_MS}
        try:
            if row.passes:
                async with self._database.write() as connection:
                    await _lock(connection, row.showroom_id, work.found)
                    await self._empty(connection, row.showroom_id, work, now)
            await self._elsewhere.forget(row.showroom_id, work)
        except Exception as error:  # noqa: BLE001 - whatever it is: it has to get through in the end
            log.warning("an erasure can't go on", erasure=which, why=type(error).__name__)
        else:
            values = {"next_at": now + AGAIN_MS, "passes": row.passes + 1}
            if row.passes + 1 >= PASSES:
                values |= {"work": {}, "finished_at": now}
        async with self._database.write() as connection:
            mine = erasures.c.id == which, erasures.c.passes == row.passes
            await connection.execute(sa.update(erasures).where(*mine).values(values))

    async def _empty(
        self, connection: AsyncConnection, showroom_id: ShowroomId, work: Work, now: int
    ) -> None:
        found = work.found
        await emptying.empty_visits(connection, showroom_id, found.visits, now)
        await emptying.empty_call_backs(connection, showroom_id, found.call_backs, now)
        await emptying.empty_leads(connection, showroom_id, found.leads, now)
        await emptying.empty_sheets(connection, showroom_id, found.sheets)
        await forget_deliveries(connection, showroom_id, work.found, work.leads, work.email)
        await emptying.empty_calls(connection, self._rollups, showroom_id, found.calls, now)


async def _lock(connection: AsyncConnection, showroom_id: ShowroomId, found: Found) -> None:
    """Keep everybody else off what is theirs, in the order in which all others take locks."""
    if connection.dialect.name != "sqlite":
        for table, ids in ((appointments, found.visits), (calls, found.calls)):
            mine = table.c.showroom_id == showroom_id, table.c.id.in_(ids)
            query = sa.select(table.c.id).where(*mine).order_by(table.c.id)
            await connection.execute(query.with_for_update())
    await lock_leads(connection, showroom_id)


async def _keep(connection: AsyncConnection, receipt: Receipt, work: Work) -> None:
    """Keep the receipt and the work, and note in the audit log that it was done."""
    row = asdict(receipt) | {"reason": receipt.reason.value, "counts": dict(receipt.counts)}
    row |= {"work": asdict(work), "passes": 0, "next_at": receipt.happened_at + RETRY_MS}
    await connection.execute(sa.insert(erasures).values(row))
    await note(
        connection,
        Entry(
            showroom_id=receipt.showroom_id,
            happened_at=receipt.happened_at,
            who=receipt.who,
            deed=Deed.ERASED,
            subject=Subject.CUSTOMER,
            subject_id=receipt.id,
            before={},
            after={"reason": receipt.reason.value, **receipt.counts},
        ),
    )


def _work(kept: Mapping[str, Any]) -> Work:
    found = Found(**{name: tuple(ids) for name, ids in kept["found"].items()})
    return Work(found, tuple(kept["leads"]), kept["email"])


def _receipt(row: sa.Row[Any]) -> Receipt:
    return Receipt(
        id=row.id,
        showroom_id=ShowroomId(row.showroom_id),
        happened_at=row.happened_at,
        who=row.who,
        reason=Reason(row.reason),
        counts=row.counts,
        finished_at=row.finished_at,
    )
