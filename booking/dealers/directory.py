"""The directory of dealers: who takes a lead on, and where they are."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.nearest import Point, Postcodes, by_distance
from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.fresh import Fresh
from showroom.ids import ShowroomId
from showroom.lead_tables import dealers as rows
from showroom.showrooms import Showroom


class DealerKind(StrEnum):
    """Whose cars somebody sells."""

    DEALER = "dealer"  # in their own name
    AGENT = "agent"  # in the brand's name


@dataclass(frozen=True, slots=True)
class Dealer:
    """A point of sale. `code` is the brand's own number for it, unique within a showroom.

    `country` is ISO 3166-1 alpha-2, `zone` an IANA name, `phone` E.164. `latitude` and `longitude`
    are WGS 84 in degrees. `closed_at` in UTC milliseconds: since then it takes no leads.
    """

    showroom_id: ShowroomId
    code: str
    kind: DealerKind
    name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    zone: str
    phone: str | None = None
    email: str | None = None
    closed_at: int | None = None

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class Near:
    """An open dealer, and how far it is in kilometres, as the crow flies."""

    dealer: Dealer
    km: float


STORED = TypeAdapter(Dealer)
COLUMNS = tuple(field.name for field in fields(Dealer))
# What an import replaces. Whether a dealer is closed is nobody's business but the manager's.
IMPORTED = tuple(name for name in COLUMNS if name not in ("showroom_id", "code", "closed_at"))


class Dealers:
    """The dealers of all showrooms, read through a copy that is at most two seconds old.

    Each change is noted, with `who` made it (`showroom.audit`).
    """

    def __init__(
        self, database: Database, clock: Clock, postcodes: Postcodes | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._postcodes = postcodes or Postcodes()
        self._copy: Fresh[ShowroomId, tuple[Dealer, ...]] = Fresh(self._load)

    async def all(self, showroom_id: ShowroomId) -> tuple[Dealer, ...]:
        """Return a showroom's dealers by city and name, also those that are closed."""
        return await self._copy.get(showroom_id)

    async def open(self, showroom_id: ShowroomId) -> tuple[Dealer, ...]:
        """Return those that take leads, by city and name."""
        return tuple(one for one in await self.all(showroom_id) if one.closed_at is None)

    async def get(self, showroom_id: ShowroomId, code: str) -> Dealer:
        """Return one dealer of this showroom, also a closed one; raises `NotFound`."""
        for dealer in await self.all(showroom_id):
            if dealer.code == code:
                return dealer
        raise NotFound("This showroom has no such dealer. Choose another one.")

    async def get_open(self, showroom_id: ShowroomId, code: str) -> Dealer:
        """Return a dealer who takes leads on; raises `NotFound`."""
        dealer = await self.get(showroom_id, code)
        if dealer.closed_at is not None:
            raise NotFound("This dealer is closed. Choose another one.")
        return dealer

    async def nearest(
        self, showroom_id: ShowroomId, country: str, postcode: str, most: int = 5
    ) -> list[Near]:
        """Return the open dealers nearest to a postcode, the nearest first.

        `country` is where the postcode is, ISO 3166-1. Without any: nobody knows where that is.
        """
        there = await self.open(showroom_id)
        point = self._postcodes.find(country, postcode, there)
        if point is None:
            return []
        return [Near(dealer, km) for dealer, km in by_distance(there, point)[:most]]

    async def nearest_code(
        self, connection: AsyncConnection, showroom: Showroom, postcode: str
    ) -> str | None:
        """Return the code of the dealer nearest to a postcode of the showroom's country.

        Asked within the caller's transaction, which must not wait for another connection.
        """
        there = [one for one in await dealers_of(connection, showroom.id) if one.closed_at is None]
        point = self._postcodes.find(showroom.market, postcode, there)
        if point is None or not there:
            return None
        return by_distance(there, point)[0][0].code

    async def upsert(
        self, showroom_id: ShowroomId, dealers: Collection[Dealer], *, who: str = COMMAND_LINE
    ) -> None:
        """Add dealers, or replace those with their codes; repeating it changes nothing.

        All are kept, or none. A closed one stays closed: `reopen` says otherwise.
        """
        if not dealers:
            return
        # All in the same order, or two imports at once could wait for each other.
        kept = [_row(showroom_id, one) for one in sorted(dealers, key=lambda one: one.code)]
        async with self._database.write() as connection:
            there = {one.code: one for one in await dealers_of(connection, showroom_id, lock=True)}
            statement = insert(connection, rows)
            replaced = {name: statement.excluded[name] for name in IMPORTED}
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["showroom_id", "code"], set_=replaced
                ),
                kept,
            )
            changes = []
            for one in sorted(dealers, key=lambda one: one.code):
                before = there.get(one.code)
                # Whether a dealer who was there is closed stays as it was.
                closed_at = before.closed_at if before else one.closed_at
                changes.append((before, replace(one, showroom_id=showroom_id, closed_at=closed_at)))
            await self._note(connection, who, changes)
        self._copy.forget()

    async def close(self, showroom_id: ShowroomId, code: str, *, who: str = COMMAND_LINE) -> None:
        """Let a dealer take no more leads; a second time changes nothing. Raises `NotFound`."""
        await self._set_closed(showroom_id, code, self._clock(), who)

    async def reopen(self, showroom_id: ShowroomId, code: str, *, who: str = COMMAND_LINE) -> None:
        """Let a dealer take leads again. Raises `NotFound`."""
        await self._set_closed(showroom_id, code, None, who)

    async def _set_closed(
        self, showroom_id: ShowroomId, code: str, at: int | None, who: str
    ) -> None:
        this = (rows.c.showroom_id == showroom_id, rows.c.code == code)
        query = sa.select(*(rows.c[name] for name in COLUMNS)).where(*this).with_for_update()
        async with self._database.write() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                raise NotFound("This showroom has no such dealer. Choose another one.")
            dealer = STORED.validate_python(dict(row))
            if (dealer.closed_at is None) is not (at is None):
                await connection.execute(sa.update(rows).where(*this).values(closed_at=at))
                await self._note(connection, who, [(dealer, replace(dealer, closed_at=at))])
        self._copy.forget()

    async def _note(
        self,
        connection: AsyncConnection,
        who: str,
        changes: Collection[tuple[Dealer | None, Dealer]],
    ) -> None:
        now_ms, entries = self._clock(), []
        for before, after in changes:
            old = None if before is None else _noted(before)
            what = (Subject.DEALER, after.code, old, _noted(after))
            entries.append(entry_of(after.showroom_id, now_ms, who, *what))
        await note(connection, *entries)

    async def _load(self, showroom_id: ShowroomId) -> tuple[Dealer, ...]:
        async with self._database.read() as connection:
            return await dealers_of(connection, showroom_id)


async def keep(connection: AsyncConnection, dealer: Dealer) -> None:
    """Add a dealer, or replace the one with its code: whether it is closed, too."""
    row = _row(dealer.showroom_id, dealer)
    await connection.execute(
        insert(connection, rows)
        .values(row)
        .on_conflict_do_update(index_elements=["showroom_id", "code"], set_=row)
    )


async def dealers_of(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> tuple[Dealer, ...]:
    """Return a showroom's dealers by city and name; `lock` keeps other writers off them."""
    query = (
        sa.select(*(rows.c[name] for name in COLUMNS))
        .where(rows.c.showroom_id == showroom_id)
        .order_by("city", "name", "code")
    )
    found = await connection.execute(query.with_for_update() if lock else query)
    return tuple(STORED.validate_python(dict(row)) for row in found.mappings())


def search(dealers: Sequence[Dealer], text: str) -> list[Dealer]:
    """Return the dealers of whom a part of code, name, city or postcode is this text."""
    wanted = text.casefold().strip()
    return [
        one
        for one in dealers
        if any(wanted in part.casefold() for part in (one.code, one.name, one.city))
        or one.postcode.casefold().startswith(wanted)
    ]


def dealer_document(dealer: Dealer) -> dict[str, Any]:
    """Return a dealer as a table of a settings file."""
    table = asdict(dealer) | {
        "kind": dealer.kind.value,
        "latitude": Decimal(repr(dealer.latitude)),
        "longitude": Decimal(repr(dealer.longitude)),
        "closed": dealer.closed_at is not None,
    }
    theirs = ("showroom_id", "closed_at")
    return {
        name: given for name, given in table.items() if given is not None and name not in theirs
    }


def _noted(dealer: Dealer) -> dict[str, Any]:
    table = dealer_document(dealer)
    return table | {name: str(table[name]) for name in ("latitude", "longitude")}


def _row(showroom_id: ShowroomId, dealer: Dealer) -> dict[str, Any]:
    return asdict(dealer) | {"showroom_id": showroom_id, "kind": dealer.kind.value}
