"""What was written can be read: any settings that the types allow come back as they were."""

import tomllib
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.dealers.directory import Dealer, DealerKind, dealer_document
from booking.handoff.endpoint import EndpointKind
from booking.leads.scoring import RULES
from showroom.audit import Subject
from showroom.hours import (
    MINUTES_A_DAY,
    WEEKDAYS,
    Campaign,
    DateException,
    HolidayHours,
    Holidays,
    Interval,
    WeeklyHours,
)
from showroom.ids import ShowroomId, StaffId
from showroom.settings_file.people_tables import dealer_of, person_of, staff_document
from showroom.settings_file.plan import planned
from showroom.settings_file.showroom_tables import (
    NUMBERS,
    YEAR,
    showroom_document,
    showroom_of,
    vehicle_document,
    vehicle_of,
)
from showroom.settings_file.standing import Standing
from showroom.settings_file.writing import document, flat
from showroom.showrooms import Brand, Policy, Scoring, Showroom, Store, Texts, VisitRules
from showroom.staff_records import Person
from showroom.texts import LANGUAGES as PAGES
from showroom.vehicles import Paint, Picture, Stock, Vehicle
from showroom.words import Role
from tests.dealers import a_dealer
from tests.showroom.settings_file.samples import GUARD, parsed

ROOM = ShowroomId("room")
NOTHING = Standing({}, {}, {})
# Any letter of any language that can stand on a line.
LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="‪‫‬‭‮⁦⁧⁨⁩")


def lines(most: int, least: int = 1) -> st.SearchStrategy[str]:
    texts = st.text(LETTERS, max_size=min(most, 12)).map(str.strip)
    return texts.map(lambda text: text or "é" * least)


SLUGS = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
CODES = st.sampled_from(["en", "fr", "de", "ar", "pt"])
LANGUAGES = st.lists(CODES, min_size=1, unique=True).map(tuple)
OFFERED = st.lists(st.sampled_from(PAGES), min_size=1, unique=True).map(tuple)
ZONES = st.sampled_from(["Europe/Paris", "Asia/Kathmandu", "America/Argentina/Buenos_Aires", "UTC"])
DAYS = st.dates(date(1970, 1, 1), date(9999, 12, 31))
INTERVALS = st.integers(0, MINUTES_A_DAY - 1).flatmap(
    lambda opens: st.integers(opens + 1, MINUTES_A_DAY).map(lambda closes: Interval(opens, closes))
)
OF_A_DAY = st.lists(INTERVALS, max_size=3).map(tuple)
WEEKS = st.builds(WeeklyHours, **dict.fromkeys(WEEKDAYS, OF_A_DAY))
BY_LANGUAGE = st.dictionaries(CODES, lines(100, 0), max_size=3)
PATHS = SLUGS.map(lambda slug: f"vehicles/{slug}.svg")


def numbers(name: str, most: int) -> st.SearchStrategy[int]:
    return st.integers(*NUMBERS.get(name, (0, most)))


POLICIES = st.builds(
    Policy,
    **{
        one.name: st.booleans() if isinstance(one.default, bool) else numbers(one.name, 1_000_000)
        for one in fields(Policy)
    },
)
VISITS = st.builds(VisitRules, **{one.name: numbers(one.name, YEAR) for one in fields(VisitRules)})
COSTS = st.none() | st.integers(0, 10**10)
CAMPAIGNS = st.tuples(
    lines(100),
    DAYS,
    DAYS,
    st.none() | WEEKS,
    lines(100, 0),
    st.lists(st.datetimes(), max_size=2),
    COSTS,
).map(
    lambda found: Campaign(
        found[0],
        min(found[1:3]),
        max(found[1:3]),
        found[3],
        found[4],
        tuple(at.replace(second=0, microsecond=0) for at in found[5]),
        found[6],
        "EUR" if found[6] is None else "CHF",
    )
)
HOLIDAYS = st.builds(
    Holidays,
    country=st.just("FR"),
    region=st.sampled_from(["", "57"]),
    days=st.lists(st.builds(HolidayHours, lines(100), OF_A_DAY), max_size=3).map(tuple),
)
SAID = st.dictionaries(CODES, lines(80), max_size=3)
USUAL = {rule.name: rule.points for rule in RULES}
POINTS = st.dictionaries(st.sampled_from(list(USUAL)), st.integers(-100, 100)).map(
    lambda points: {name: count for name, count in points.items() if count != USUAL[name]}
)
SHOWROOMS = st.builds(
    Showroom,
    id=st.just(ROOM),
    slug=SLUGS,
    name=lines(200),
    brand=st.builds(
        Brand,
        name=lines(200),
        logo=st.just("") | PATHS,
        **dict.fromkeys(("accent", "accent_ink", "ink", "paper"), COLOURS),
    ),
    market=st.sampled_from(["FR", "DE", "IN", "AR"]),
    languages=OFFERED,
    zone=ZONES,
    hours=WEEKS,
    exceptions=st.lists(st.builds(DateException, DAYS, OF_A_DAY), max_size=3).map(tuple),
    policy=POLICIES,
    campaigns=st.lists(CAMPAIGNS, max_size=2).map(tuple),
    visits=VISITS,
    scoring=st.builds(Scoring, POINTS, st.integers(1, 1000)),
    store=st.builds(
        Store, st.sampled_from(["", "https://shop.example.com/{vehicle}?c={context}", "/shop"])
    ),
    holidays=st.just(Holidays()) | HOLIDAYS,
    texts=st.builds(Texts, headline=SAID, lead=SAID, closed=SAID),
    canned=st.dictionaries(CODES, st.lists(lines(100), min_size=1, max_size=3).map(tuple)),
)
VEHICLES = st.builds(
    Vehicle,
    showroom_id=st.just(ROOM),
    slug=SLUGS,
    name=lines(200),
    version=lines(200, 0),
    tagline=BY_LANGUAGE,
    body=lines(32, 0),
    price=st.integers(0, 10**12),
    currency=st.sampled_from(["EUR", "INR"]),
    energy=lines(32, 0),
    range_km=st.none() | st.integers(0, 1_000_000),
    **dict.fromkeys(("power_kw", "boot_litres", "length_mm", "position"), st.integers(0, 10**6)),
    seats=st.integers(1, 100),
    stock=st.sampled_from(Stock),
    equipment=st.dictionaries(CODES, st.lists(lines(100, 0), max_size=3).map(tuple), max_size=3),
    paints=st.lists(st.builds(Paint, SLUGS, BY_LANGUAGE, COLOURS), max_size=2).map(tuple),
    pictures=st.lists(st.builds(Picture, SLUGS, SLUGS, PATHS), max_size=2).map(tuple),
)
DEALERS = st.builds(
    replace,
    st.just(a_dealer(ROOM)),
    kind=st.sampled_from(DealerKind),
    name=lines(100).map(lambda text: "G" + "".join(text.split())),
    latitude=st.floats(-90, 90).map(lambda degrees: degrees or 1.0),
    longitude=st.floats(-180, 180),
    zone=ZONES,
    phone=st.none() | st.just("+33142685300"),
    email=st.none() | st.just("violettes@example.com"),
    closed_at=st.none() | st.just(7),
)
ROLES = st.sets(st.sampled_from(Role), min_size=1).map(frozenset)
PEOPLE = st.builds(
    Person,
    id=st.just(StaffId("somebody")),
    email=SLUGS.map(lambda slug: f"{slug.lower()}@example.com"),
    name=lines(100),
    languages=LANGUAGES | st.just(()),
    robot=st.booleans(),
    disabled=st.booleans(),
    roles=st.fixed_dictionaries({ROOM: ROLES}),
)
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def planned_anew(given_tables: dict[str, Any]) -> dict[Subject, dict[str, Any]]:
    """Return what a house without anything would make of these tables, through a file."""
    plan = planned(parsed(document(given_tables)), NOTHING, GUARD)
    assert plan.place.problems == []
    return {change.subject: dict(change.after) for change in plan.changes}


@given(SHOWROOMS)
@MANY
def test_any_showroom_comes_back_as_it_was_written(room: Showroom) -> None:
    found = planned_anew({"showrooms": [showroom_document(room)]})
    assert showroom_of(found[Subject.SHOWROOM], ROOM) == room


@given(SHOWROOMS, VEHICLES, DEALERS)
@MANY
def test_what_a_showroom_has_comes_back_as_it_was_written(
    room: Showroom, car: Vehicle, dealer: Dealer
) -> None:
    endpoint: dict[str, Any] = {"kind": EndpointKind.FOLDER.value, "name": "News", "address": ""}
    endpoint |= {"topics": ["lead.qualified"], "dealer": dealer.code}
    found = planned_anew(
        {
            "showrooms": [
                showroom_document(room)
                | {
                    "vehicles": [vehicle_document(car)],
                    "dealers": [dealer_document(dealer)],
                    "endpoints": [endpoint],
                }
            ]
        }
    )
    assert vehicle_of(found[Subject.VEHICLE], ROOM) == car
    assert dealer_of(found[Subject.DEALER], ROOM, dealer.closed_at) == dealer
    assert found[Subject.DEALER]["closed"] == (dealer.closed_at is not None)
    assert found[Subject.ENDPOINT] == endpoint


@given(SHOWROOMS, PEOPLE)
@MANY
def test_anybody_comes_back_as_they_were_written(room: Showroom, person: Person) -> None:
    table = staff_document(person, {ROOM: room.slug})
    found = planned_anew({"showrooms": [showroom_document(room)], "staff": [table]})
    assert person_of(found[Subject.STAFF], person.id, {room.slug: ROOM}) == person


KEYS = st.text(max_size=4)
ANYTHING = st.text(max_size=20)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000)
    | st.dates(date(1, 1, 1))
    | ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.text(max_size=40))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_written_is_toml_that_says_the_same(
    tables: dict[str, Any], comment: str
) -> None:
    text = document(tables, "".join(letter for letter in comment if letter.isprintable()))
    assert tomllib.loads(text, parse_float=Decimal) == tables


def test_what_can_not_be_seen_is_written_by_its_number() -> None:
    written = document({"name": "a\u202eb\x00\U000e0001\u2028“é”\u00a0!"})
    assert written == 'name = "a\\u202eb\\u0000\\U000e0001\\u2028“é”\u00a0!"\n'


def test_json_can_hold_what_a_document_holds() -> None:
    assert flat({"day": date(2026, 12, 25), "prices": [Decimal("1.50")], "on": True}) == {
        "day": "2026-12-25", "prices": ["1.50"], "on": True,
    }  # fmt: skip
