"""What came of requests is what a count by hand says, on histories by chance."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showroom.asking import By
from showroom.calls import CallRecord
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.ids import new_id
from showroom.lead_tables import lead_sources, leads, reservations
from showroom.slicing import Key
from showroom.tables import showrooms, staff
from showroom.ways import Ways
from showroom.words import AppointmentState, Channel, Dimension, Period
from showroom.yields import DEALERS_OWN, YIELD, Yield, YieldFigures
from tests.showroom.recount import (
    ADVISORS,
    AUTUMN,
    HOUR,
    QUARTER,
    SPAN,
    ZONES,
    Place,
    a_call,
    a_place,
    grouped,
    records,
)
from tests.showroom.test_traffic import begin_of
from tests.visits import saved_visit

WISHES = {"test-drive": "test_drives", "brochure": "brochures", "offer": "offers", "buy": ""}


@dataclass(frozen=True)
class Person:
    """Somebody who became a lead, after which of their requests: numbers of calls, then visits."""

    requests: tuple[int, ...]
    wishes: tuple[str, ...]
    first: str | None
    dealer: str | None
    after: int
    qualified: int | None
    won: int | None
    kept: tuple[bool, ...]


people = st.lists(
    st.builds(
        Person,
        requests=st.lists(st.integers(0, 11), min_size=1, max_size=3, unique=True).map(tuple),
        wishes=st.lists(st.sampled_from(list(WISHES)), max_size=3, unique=True).map(tuple),
        first=st.sampled_from([None, "spring", "search"]),
        dealer=st.sampled_from([None, "75-1", "69-2"]),
        after=st.integers(-HOUR, 3 * HOUR),
        qualified=st.none() | st.integers(-HOUR, DAY_MS),
        won=st.none() | st.integers(0, 30 * DAY_MS),
        kept=st.lists(st.booleans(), max_size=2).map(tuple),
    ),
    max_size=6,
)
visits = st.lists(
    st.tuples(
        st.integers(0, SPAN),
        st.sampled_from(list(AppointmentState)),
        st.sampled_from([None, "spring"]),
        st.sampled_from(["fr", "en"]),
        st.sampled_from([None, "crete"]),
    ),
    max_size=6,
)
questions = st.tuples(
    st.sampled_from([None, Period.DAY, Period.WEEK, *Dimension]),
    st.integers(0, SPAN // QUARTER),
    st.integers(0, SPAN // QUARTER),
    st.dictionaries(
        st.sampled_from(list(Dimension)),
        st.lists(
            st.sampled_from(["", "crete", "spring", "fr", "phone", "visit", "walk_in"]), max_size=3
        ),
        max_size=2,
    ),
    st.booleans(),
)


@dataclass(frozen=True)
class Asked:
    """A request as it is counted: when, and by what it is told apart."""

    at: int
    of: dict[Dimension, str]


def of_call(call: CallRecord) -> Asked:
    return Asked(call.created_at, {d: str(getattr(call, d.value) or "") for d in Dimension})


def of_visit(row: dict[str, Any]) -> Asked:
    told = {
        Dimension.ADVISOR: row["advisor_id"], Dimension.CAMPAIGN: row["campaign"].get("name", ""),
        Dimension.VEHICLE: row["vehicle"] or "", Dimension.LANGUAGE: row["language"],
        Dimension.DEVICE: "unknown", Dimension.CHANNEL: "visit",
    }  # fmt: skip
    return Asked(row["booked_at"], told)


class World:
    """What there is: calls, visits, and people who became leads."""

    def __init__(self, place: Place, calls: list[CallRecord]) -> None:
        self.place, self.calls = place, calls
        self.visits: list[dict[str, Any]] = []
        self.people: list[tuple[Asked, Person, int]] = []

    async def fill(self, came: list[Any], known: list[Person]) -> None:
        database, room = self.place.database, self.place.showroom.id
        # One after the other: an advisor has one visit at a time.
        for n, (at, state, campaign, language, vehicle) in enumerate(came):
            row = {
                "state": state, "campaign": {"name": campaign} if campaign else {},
                "language": language, "vehicle": vehicle, "booked_at": AUTUMN + at,
            }  # fmt: skip
            advisor = ADVISORS[0]
            which = await saved_visit(database, room, advisor, AUTUMN + SPAN + n * DAY_MS, **row)
            self.visits.append({**row, "advisor_id": advisor, "id": which})
        requests = [("call", one.id, of_call(one)) for one in self.calls]
        requests += [("appointment", one["id"], of_visit(one)) for one in self.visits]
        taken: set[int] = set()
        for person in known:
            mine = [n for n in person.requests if n < len(requests) and n not in taken]
            taken.update(mine)
            if mine:
                await self._lead(person, [requests[n] for n in mine])
        await Ways(database).rebuild(room)

    async def _lead(self, person: Person, mine: list[tuple[str, str, Asked]]) -> None:
        room, first = self.place.showroom.id, mine[0][2]
        created = first.at + person.after
        qualified = None if person.qualified is None else created + person.qualified
        won = None if person.won is None else created + person.won
        touch = {"first_touch": {"name": person.first}} if person.first else {}
        lead = {
            "id": new_id(), "showroom_id": room, "version": 1, "name": "", "email": None,
            "phone": None, "postcode": None, "language": "en", "dealer": person.dealer,
            "details": {"wishes": list(person.wishes), **touch}, "dealer_chosen": False,
            "score": 0, "reasons": [], "qualified_at": qualified, "closed_at": won,
            "state": "contacted" if won is None else "won", "created_at": created,
            "updated_at": max(first.at, created),
        }  # fmt: skip
        async with self.place.database.write() as connection:
            await connection.execute(sa.insert(leads).values(lead))
            for n, (kind, which, _) in enumerate(mine):
                source = {"kind": kind, "source_id": which, "added_at": created + n}
                source |= {"showroom_id": room, "lead_id": lead["id"]}
                await connection.execute(sa.insert(lead_sources).values(source))
            for n, redeemed in enumerate(person.kept):
                at = created + n * HOUR
                held = {
                    "id": new_id(), "showroom_id": room, "token": new_id(), "code": new_id()[:20],
                    "dealer_token": new_id(), "state": "redeemed" if redeemed else "given",
                    "lead_id": lead["id"], "vehicle": "crete", "dealer": "75-1", "created_at": at,
                    "expires_at": at + DAY_MS, "redeemed_at": at if redeemed else None,
                }  # fmt: skip
                await connection.execute(sa.insert(reservations).values(held))
        self.people.append((first, person, created))

    def counted(  # noqa: C901 - one rule after the other
        self, by: By, since: int, until: int, where: dict[Dimension, list[str]], first: bool
    ) -> dict[Key, YieldFigures]:
        """Count by hand."""
        found: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        if by is None:
            _ = found[""]

        def key(one: Asked) -> Key | None:
            inside = since <= one.at < until and all(one.of[d] in ok for d, ok in where.items())
            if not inside:
                return None
            if by is None:
                return ""
            if isinstance(by, Dimension):
                return one.of[by]
            return begin_of(by, one.at, self.place.showroom.zone)

        walked = [one for one in self.calls if one.channel is Channel.WALK_IN]
        inside = [one for one in walked if key(of_call(one)) is not None]
        for its, told in grouped(inside, by, self.place.showroom.zone).items():
            if told.offered or by is None:
                found[its]["requests"] += told.offered
                found[its]["live"] += told.talks
        booked = [
            one
            for one in self.visits
            if one["state"] not in (AppointmentState.HELD, AppointmentState.LAPSED)
        ]
        for row in booked:
            its_key = key(of_visit(row))
            if its_key is None:
                continue
            kept = row["state"] in (AppointmentState.LIVE, AppointmentState.DONE)
            for name, number in {
                "requests": 1, "booked": 1, "live": kept, "kept": kept,
                "no_shows": row["state"] == AppointmentState.NO_SHOW,
            }.items():  # fmt: skip
                found[its_key][name] += number
        for asked, person, created in self.people:
            seen = asked
            if first and person.first:
                seen = Asked(asked.at, asked.of | {Dimension.CAMPAIGN: person.first})
            if (its_key := key(seen)) is None:
                continue
            total = found[its_key]
            qualified, won = person.qualified, person.won
            for name, number in {
                "leads": 1, "qualified": qualified is not None, "orders": won is not None,
                "reserved": bool(person.kept), "given": len(person.kept),
                "redeemed": sum(person.kept), "lead_ms": max(0, created - asked.at),
                "qualified_ms": max(0, qualified or 0), "order_ms": max(0, won or 0),
                **{name: wish in person.wishes for wish, name in WISHES.items() if name},
            }.items():  # fmt: skip
                total[name] += number
        return {its: YieldFigures(**numbers) for its, numbers in found.items()}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(records(), max_size=8),
    visits,
    people,
    st.lists(questions, min_size=1, max_size=6),
    st.sampled_from(ZONES),
)
def test_what_came_of_requests_is_what_a_count_by_hand_says(
    fresh: Callable[[], Any],
    saved: list[CallRecord],
    came: list[Any],
    known: list[Person],
    asked: list[tuple[By, int, int, dict[Dimension, list[str]], bool]],
    zone: str,
) -> None:
    async def compare() -> None:
        async with fresh() as database:
            place = await a_place(database, zone)
            await place.save(*saved)
            world = World(place, await place.kept())
            await world.fill(came, known)
            for by, begin, end, where, first in asked:
                since, until = AUTUMN + begin * QUARTER, AUTUMN + end * QUARTER
                told = await Yield(database, first=first).figures(
                    place.showroom, since, until, by, where
                )
                by_hand = world.counted(by, since, until, where, first) if since < until else {}
                if since < until:
                    assert told == by_hand
                    assert list(told) == sorted(told)
                    total = YIELD.together(told.values())
                    alone = await Yield(database, first=first).figures(
                        place.showroom, since, until, None, where
                    )
                    assert asdict(alone[""]) == asdict(total)
                    shown = await Yield(database, first=first).campaigns(
                        place.showroom, since, until
                    )
                    campaigns = world.counted(Dimension.CAMPAIGN, since, until, {}, first)
                    assert {key: (one.requests, one.leads) for key, one in shown.items()} == {
                        key: (one.requests, one.leads) for key, one in campaigns.items()
                    }

    asyncio.run(compare())


@pytest.fixture
def fresh(database_url: str) -> Callable[[], Any]:
    """Opens the database, empty, in whatever loop asks."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        async with Database.open(database_url) as database:
            async with database.write() as connection:
                for table in (showrooms, staff):
                    await connection.execute(sa.delete(table))
            yield database

    return opened


async def test_another_showroom_s_leads_are_in_nobody_s_figures(database: Database) -> None:
    paris = await a_place(database)
    lyon = await a_place(database, slug="lyon")
    for place in (paris, lyon):
        call = a_call()
        await place.save(call)
    world = World(lyon, await lyon.kept())
    person = Person((0,), ("offer",), None, "69-2", 1000, 2000, 3000, (True,))
    await world.fill([], [person])
    span = AUTUMN, AUTUMN + HOUR
    here, there = [
        (await Yield(database).figures(place.showroom, *span))[""] for place in (paris, lyon)
    ]
    assert (here.requests, here.leads, here.given) == (1, 0, 0)
    assert (there.requests, there.leads, there.orders, there.redeemed) == (1, 1, 1, 1)
    assert await Yield(database).by_dealer(paris.showroom, *span, {}) == {}
    dealers = await Yield(database).by_dealer(lyon.showroom, *span, {})
    assert list(dealers) == ["69-2"]
    for name in DEALERS_OWN:
        assert getattr(dealers["69-2"], name) == getattr(there, name), name
