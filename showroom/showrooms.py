"""Showrooms: the places that offer live tours, with their brand, hours and policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom import tables
from showroom.alarms import AlarmRules
from showroom.audit import Subject, entry_of, note
from showroom.database import Database, insert
from showroom.errors import NotFound
from showroom.fresh import Fresh
from showroom.hours import (
    Campaign,
    DateException,
    Holidays,
    Opening,
    Timetable,
    WeeklyHours,
    opening,
)
from showroom.ids import ShowroomId


@dataclass(frozen=True, slots=True)
class Brand:
    """How a showroom looks: a name, a logo (a path as of pictures, or empty), colours as #rrggbb.

    `accent` carries buttons with `accent_ink` on them; `ink` is text on `paper`.
    """

    name: str
    logo: str
    accent: str
    accent_ink: str
    ink: str
    paper: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a showroom decides for itself.

    `manager_stills`: managers see small stills of what their advisors' cameras show. They are kept
    for seconds, in memory, and advisors' pages say so.

    `require_factor`: whoever manages this showroom has a second factor, or gets no further than to
    where they set one up.

    The fields in days say for how long what is personal is kept, since it came to be: photos and
    what waits for others (`retention_days`), recordings (`recording_days`; 0: as long as photos),
    what was said and written in calls, visits and wishes to be called back, ended deliveries with
    their log; leads since anything happened to them.
    """

    ring_seconds: int = 20
    relay_only: bool = False
    # Whether a call goes from browser to browser again when nobody else is in it any more.
    direct_again: bool = True
    offer_call_back_seconds: int = 60
    # Whether a call may be recorded, when both of its sides agree.
    recording: bool = False
    retention_days: int = 365
    recording_days: int = 0
    words_days: int = 365
    visit_days: int = 365
    lead_days: int = 3 * 365
    delivery_days: int = 30
    reservation_days: int = 8
    manager_stills: bool = False
    require_factor: bool = False


@dataclass(frozen=True, slots=True)
class VisitRules:
    """How visits are booked in one showroom. All but `side_by_side` in minutes.

    `before` and `after` are kept free around each visit, and those of neighbours add up. A visit
    is booked at least `notice` ahead and at most `horizon`. At most `side_by_side` visits run at
    the same time, whatever the number of advisors; 0 is no limit. A customer may change or cancel
    until `change_until` before the start; 0 is until the start itself.
    """

    length: int = 30
    step: int = 15
    before: int = 5
    after: int = 5
    notice: int = 60
    horizon: int = 30 * 24 * 60
    side_by_side: int = 0
    change_until: int = 0


@dataclass(frozen=True, slots=True)
class Scoring:
    """When a lead is qualified: its points by rule add up to at least `qualified_from`.

    `points` has what differs from the table in `booking.leads.scoring`, by the rule's name.
    """

    points: Mapping[str, int] = field(default_factory=dict)
    qualified_from: int = 50


@dataclass(frozen=True, slots=True)
class Store:
    """The way on to the online store: a URL template (RFC 6570, level 1), or empty for none."""

    url: str = ""


ByLanguage = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """What a showroom says on its page in its own words, by language (ISO 639-1).

    In a language without a text, or with an empty one, the page says what every showroom's does.
    `closed` stands beside the opening hours for as long as it is closed.
    """

    headline: ByLanguage = field(default_factory=dict)
    lead: ByLanguage = field(default_factory=dict)
    closed: ByLanguage = field(default_factory=dict)

    def in_language(self, language: str) -> Mapping[str, str]:
        """Return the texts of one language by their names, empty where there is none."""
        return {one.name: getattr(self, one.name).get(language, "") for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Showroom:
    """One showroom. `market` is ISO 3166-1, `languages` ISO 639-1, `zone` an IANA time zone.

    `canned` has the lines, by language, that its advisors send with one tap; where there are none
    they have those of the house.
    """

    id: ShowroomId
    slug: str
    name: str
    brand: Brand
    market: str
    languages: tuple[str, ...]
    zone: str
    hours: WeeklyHours
    exceptions: tuple[DateException, ...] = ()
    policy: Policy = Policy()
    campaigns: tuple[Campaign, ...] = ()
    visits: VisitRules = VisitRules()
    scoring: Scoring = Scoring()
    store: Store = Store()
    holidays: Holidays = field(default_factory=Holidays)
    texts: Texts = Texts()
    canned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alarms: AlarmRules = field(default_factory=AlarmRules)

    @property
    def timetable(self) -> Timetable:
        """The hours of every date."""
        return Timetable(self.hours, self.exceptions, self.campaigns, self.holidays)

    def opening(self, at_ms: int) -> Opening:
        """Say whether this showroom is open at `at_ms`, and what comes next."""
        return opening(self.timetable, self.zone, at_ms)


STORED = TypeAdapter(Showroom)
COLUMNS = tuple(field.name for field in fields(Showroom))


class Showrooms:
    """The showrooms of this server, read through a copy that is at most two seconds old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._copy: Fresh[None, Mapping[str, Showroom]] = Fresh(self._load)

    async def by_slug(self, slug: str) -> Showroom:
        """Return the showroom at `/s/{slug}`; raises `NotFound`."""
        found = (await self._copy.get(None)).get(slug)
        if found is None:
            raise NotFound("There is no such showroom. Check the address.")
        return found

    async def by_id(self, showroom_id: ShowroomId) -> Showroom:
        """Return one showroom; raises `NotFound`."""
        for showroom in await self.all():
            if showroom.id == showroom_id:
                return showroom
        raise NotFound("There is no such showroom. Check the address.")

    async def all(self) -> tuple[Showroom, ...]:
        """Return every showroom, by name."""
        return tuple((await self._copy.get(None)).values())

    async def save(self, showroom: Showroom) -> None:
        """Add a showroom, or replace the one with its id.

        Raises `sqlalchemy.exc.IntegrityError` when another one has its slug.
        """
        async with self._database.write() as connection:
            await keep(connection, showroom)
        self._copy.forget()

    def forget(self) -> None:
        """Read them anew next time: this process has changed some."""
        self._copy.forget()

    async def set_scoring(
        self,
        showroom_id: ShowroomId,
        scoring: Scoring,
        whole: Callable[[Scoring], Mapping[str, int]],
        *,
        who: str,
        now_ms: int,
    ) -> None:
        """Replace the table of points of one showroom, and nothing else of it; note who did.

        `whole` returns the points of every rule. Raises `NotFound`.
        """
        async with self._database.write() as connection:
            room = await one_by_id(connection, showroom_id, lock=True)
            before, after = (
                {"scoring": {"points": whole(one), "qualified_from": one.qualified_from}}
                for one in (room.scoring, scoring)
            )
            what = (Subject.SHOWROOM, showroom_id, before, after)
            await note(connection, entry_of(showroom_id, now_ms, who, *what))
            await keep(connection, replace(room, scoring=scoring))
        self._copy.forget()

    async def _load(self, _: None) -> Mapping[str, Showroom]:
        async with self._database.read() as connection:
            return await by_slugs(connection)


async def by_slugs(connection: AsyncConnection, *, lock: bool = False) -> dict[str, Showroom]:
    """Return every showroom by its slug, ordered by name; `lock` keeps other writers off them."""
    query = sa.select(*(tables.showrooms.c[name] for name in COLUMNS)).order_by("name", "slug")
    found = await connection.execute(query.with_for_update() if lock else query)
    return {row["slug"]: STORED.validate_python(dict(row)) for row in found.mappings()}


async def one_by_id(
    connection: AsyncConnection, showroom_id: ShowroomId, *, lock: bool = False
) -> Showroom:
    """Return one showroom; `lock` keeps other writers off it. Raises `NotFound`."""
    query = sa.select(*(tables.showrooms.c[name] for name in COLUMNS)).where(
        tables.showrooms.c.id == showroom_id
    )
    found = await connection.execute(query.with_for_update() if lock else query)
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such showroom. Check the address.")
    return STORED.validate_python(dict(row))


async def keep(connection: AsyncConnection, showroom: Showroom) -> None:
    """Add a showroom, or replace the one with its id, in the caller's transaction."""
    row: dict[str, Any] = STORED.dump_python(showroom, mode="json")
    await connection.execute(
        insert(connection, tables.showrooms)
        .values(row)
        .on_conflict_do_update(index_elements=["id"], set_=row)
    )
