"""Applying a settings file: all of it in one transaction, each change with its audit entry."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import keep as keep_dealer
from booking.handoff.endpoint import EndpointKind, new_endpoint, told
from booking.handoff.endpoints import keep as keep_endpoint
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.audit import COMMAND_LINE, Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import Conflict
from showroom.ids import ShowroomId, StaffId, new_id
from showroom.passwords import Passwords
from showroom.settings_file import people_tables as people
from showroom.settings_file.parts import Part
from showroom.settings_file.plan import Change, Plan, planned, slugs_named
from showroom.settings_file.reading import Document, Problem
from showroom.settings_file.showroom_tables import showroom_of, vehicle_of
from showroom.settings_file.standing import Standing, read_standing
from showroom.settings_file.writing import flat
from showroom.showrooms import keep as keep_showroom
from showroom.staff_records import add_person, change_person
from showroom.vehicles import keep as keep_vehicle

RANDOM_BYTES = 48


class Wrong(Exception):
    """A file that can't be applied, with all that is wrong with it. Nothing was changed."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} things are wrong")


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: by lines as people read it, and how many webhooks have a secret nobody saw."""

    lines: tuple[str, ...]
    new_webhooks: int
    new_people: int


class SettingsFiles:
    """Compares files with the database, and applies them."""

    def __init__(
        self, database: Database, guard: Guard, clock: Clock, passwords: Passwords | None = None
    ) -> None:
        self._database = database
        self._guard = guard
        self._clock = clock
        self._passwords = passwords or Passwords()

    async def standing(self, slugs: Collection[str] | None = None) -> Standing:
        """Return what there is; with `slugs` of these showrooms only."""
        async with self._database.read() as connection:
            return await read_standing(connection, slugs)

    async def compare(self, given: Document, only: Collection[Part] = tuple(Part)) -> Plan:
        """Return what a file would change; raises `Wrong`."""
        return self._planned(given, await self.standing(slugs_named(given)), only)

    async def apply(
        self, given: Document, only: Collection[Part] = tuple(Part), who: str = COMMAND_LINE
    ) -> Applied:
        """Change what a file changes of what stands at this moment, and note it; all or nothing.

        Raises `Wrong`, and `Conflict` when somebody adds the same meanwhile.
        """
        # Hashing takes a while, which no transaction should wait for. Nobody knows this password.
        nobodys = await self._passwords.hash(secrets.token_urlsafe(RANDOM_BYTES))
        try:
            async with self._database.write() as connection:
                standing = await read_standing(connection, slugs_named(given), lock=True)
                plan = self._planned(given, standing, only)
                work = _Work(connection, standing, who, self._clock(), nobodys)
                for change in plan.changes:
                    await work.do(change)
        except IntegrityError as error:
            raise Conflict(
                "Somebody has added the same meanwhile. Nothing was applied; apply it again."
            ) from error
        return Applied(
            tuple(plan.lines),
            sum(
                change.before is None
                and change.subject is Subject.ENDPOINT
                and change.after["kind"] == EndpointKind.WEBHOOK.value
                for change in plan.changes
            ),
            sum(
                change.before is None and change.subject is Subject.STAFF for change in plan.changes
            ),
        )

    def _planned(self, given: Document, standing: Standing, only: Collection[Part]) -> Plan:
        plan = planned(given, standing, self._guard, only)
        if plan.place.problems:
            raise Wrong(plan.place.problems)
        return plan


class _Work:
    """The changes of one file within one transaction."""

    def __init__(
        self, connection: AsyncConnection, standing: Standing, who: str, now_ms: int, nobodys: str
    ) -> None:
        self._connection = connection
        self._standing = standing
        self._who = who
        self._now = now_ms
        self._nobodys = nobodys
        self._ids = {slug: room.id for slug, room in standing.showrooms.items()}

    async def do(self, change: Change) -> None:
        """Write one change, and its entries."""
        match change.subject:
            case Subject.SHOWROOM:
                subject_id = await self._showroom(change)
            case Subject.VEHICLE:
                subject_id = await self._vehicle(change)
            case Subject.DEALER:
                subject_id = await self._dealer(change)
            case Subject.ENDPOINT:
                subject_id = await self._endpoint(change)
            case Subject.STAFF:
                subject_id = await self._person(change)
        for room, before, after in self._tellable(change):
            old = None if change.before is None else flat(before)
            what = (change.subject, subject_id, old, flat(after))
            await note(self._connection, entry_of(room, self._now, self._who, *what))

    async def _showroom(self, change: Change) -> str:
        room = self._ids.setdefault(change.showroom, ShowroomId(new_id()))
        await keep_showroom(self._connection, showroom_of(change.after, room))
        return room

    async def _vehicle(self, change: Change) -> str:
        car = vehicle_of(change.after, self._ids[change.showroom])
        await keep_vehicle(self._connection, car)
        return car.slug

    async def _dealer(self, change: Change) -> str:
        before = self._standing.range(change.showroom).dealers.get(change.key)
        since = before.closed_at if before and before.closed_at is not None else self._now
        closed_at = since if change.after["closed"] else None
        dealer = people.dealer_of(change.after, self._ids[change.showroom], closed_at)
        await keep_dealer(self._connection, dealer)
        return dealer.code

    async def _endpoint(self, change: Change) -> str:
        table = change.after
        topics = tuple(map(Topic, table["topics"]))
        before = self._standing.range(change.showroom).endpoints.get(change.key)
        if before is None:
            endpoint = new_endpoint(
                self._ids[change.showroom],
                EndpointKind(table["kind"]),
                table["name"],
                table["address"],
                topics,
                table.get("dealer"),
                self._now,
            )
        else:
            dealer = table.get("dealer")
            endpoint = replace(before, address=table["address"], topics=topics, dealer=dealer)
        await keep_endpoint(self._connection, endpoint)
        return endpoint.id

    async def _person(self, change: Change) -> str:
        before = self._standing.staff.get(change.key)
        staff_id = before.id if before else StaffId(new_id())
        person = people.person_of(change.after, staff_id, self._ids)
        if before is None:
            await add_person(self._connection, person, self._nobodys, self._now)
        else:
            await change_person(self._connection, before, person, self._now)
        return staff_id

    def _tellable(self, change: Change) -> Iterator[tuple[ShowroomId, Document, Document]]:
        """Yield in which showroom's log a change stands, with what is that showroom's to know.

        Somebody who works in two showrooms is changed in both; neither learns of the other.
        """
        old, new = told(change.before, change.after)
        if change.subject is not Subject.STAFF:
            yield self._ids[change.showroom], old, new
            return
        for slug in sorted({*old.get("roles", {}), *new["roles"]}):
            yield self._ids[slug], _seen_from(slug, old), _seen_from(slug, new)


def _seen_from(slug: str, table: Mapping[str, Any]) -> Document:
    # The address is their name in a letter box, and the log outlives their account.
    known = {name: one for name, one in table.items() if name not in ("email", "roles")}
    return known | {"roles": table.get("roles", {}).get(slug)} if table else {}
