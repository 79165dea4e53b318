"""Showrooms and vehicles as tables of a file: their fields, and the way there and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from booking.contact import parse_email
from booking.leads.scoring import RULES, points_of
from booking.store.linking import checked_template
from showroom.alarms import OWN, AlarmRules
from showroom.errors import BadRequest
from showroom.hours import (
    WEEKDAYS,
    Campaign,
    DateException,
    HolidayHours,
    Holidays,
    Interval,
    WeeklyHours,
)
from showroom.ids import ShowroomId
from showroom.public_holidays import known, regions
from showroom.settings_file.reading import Document, Fields, Place, Read, nearest, shown
from showroom.settings_file.times import (
    campaign,
    duration,
    exception,
    holiday,
    holiday_country,
    hours_text,
    interval_of,
    minutes_of,
    moment_text,
    span,
    week,
)
from showroom.settings_file.values import (
    LARGEST,
    by_language,
    colour,
    currency,
    languages,
    line,
    list_of,
    market,
    money,
    number,
    optional,
    page_language,
    pattern,
    row,
    slug,
    switch,
    word,
    zone,
)
from showroom.showrooms import Brand, Policy, Scoring, Showroom, Store, Texts, VisitRules
from showroom.vehicles import PICTURE_PATH, Paint, Picture, Stock, Vehicle, document_of

YEAR = 366 * 24 * 60
MOST_DATES, MOST_CAMPAIGNS, MOST_HOLIDAYS = 2000, 200, 200
MOST_CANNED = 20
MOST_ADDRESSES = 20
LONGEST_CANNED = 200
# The longest texts of a showroom's page: a headline stays a headline on a phone.
LONGEST_TEXT = {"headline": 80, "lead": 300, "closed": 300}
# From and to; what is not named here is not negative. In minutes where a time is meant.
NUMBERS = {
    "ring_seconds": (1, 600),
    "offer_call_back_seconds": (0, 24 * 3600),
    "retention_days": (1, 36_500),
    "recording_days": (0, 36_500),
    "words_days": (1, 36_500),
    "visit_days": (1, 36_500),
    "lead_days": (1, 36_500),
    "delivery_days": (1, 36_500),
    "reservation_days": (1, 365),
    "side_by_side": (0, 10_000),
    "length": (1, 24 * 60),
    "step": (1, 24 * 60),
    "horizon": (1, YEAR),
}
# The same, for the rules of alarms. A share of a few calls says nothing: of five at least.
ALARM_NUMBERS = {
    "waiting.seconds": (5, 3600),
    "nobody.seconds": (0, 24 * 3600),
    "answers.percent": (1, 100),
    "answers.minutes": (5, 24 * 60),
    "answers.least": (5, 10_000),
    "receiver.minutes": (0, 24 * 60),
}
picture_path = pattern(
    PICTURE_PATH, "a path below /static, like vehicles/crete-side-dune.svg, or of one uploaded"
)


def _store_url(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError('write a text, "between quotes".')
    if given.startswith("/") and not given.startswith("//"):
        # A store on this very server, like the demo's.
        checked_template(f"https://localhost{given}")
        return given
    return checked_template(given)


def _address(given: Any) -> str:
    try:
        return parse_email(given) if isinstance(given, str) else parse_email("")
    except BadRequest as error:
        raise ValueError(f"{shown(given)} is no e-mail address.") from error


ALARMS: Mapping[str, Fields] = {
    kind: {
        "on": switch,
        **{name: number(*ALARM_NUMBERS[f"{kind}.{name}"]) for name in names},
        "webhook": switch,
        "mail": list_of(_address, MOST_ADDRESSES),
    }
    for kind, names in OWN.items()
}
ALARM_RULES = TypeAdapter(AlarmRules)
POLICY: Fields = {
    one.name: switch
    if isinstance(one.default, bool)
    else number(*NUMBERS.get(one.name, (0, LARGEST)))
    for one in fields(Policy)
}
VISITS: Fields = {
    one.name: (number if one.name == "side_by_side" else duration)(
        *NUMBERS.get(one.name, (0, YEAR))
    )
    for one in fields(VisitRules)
}
SHOWROOM: Fields = {
    "slug": slug,
    "name": line(200),
    "market": market,
    "languages": languages(page_language),
    "zone": zone,
    "brand": {
        "name": line(200),
        "logo": lambda given: given if given == "" else picture_path(given),
        **dict.fromkeys(("accent", "accent_ink", "ink", "paper"), colour),
    },
    "hours": week,
    "exceptions": list_of(exception, MOST_DATES),
    "holidays": {
        "country": holiday_country,
        "region": line(100, 0),
        "days": list_of(holiday, MOST_HOLIDAYS),
    },
    "policy": POLICY,
    "visits": VISITS,
    "scoring": {
        "qualified_from": number(1, 1000),
        "points": {rule.name: number(-100, 100) for rule in RULES},
    },
    "store": {"url": _store_url},
    "texts": {name: by_language(line(most, 0)) for name, most in LONGEST_TEXT.items()},
    "canned": by_language(list_of(line(LONGEST_CANNED), MOST_CANNED)),
    "alarms": ALARMS,
    "campaigns": list_of(campaign, MOST_CAMPAIGNS),
}
SHOWROOM_NEEDS = (
    "name", "market", "languages", "zone", "hours",
    "brand.name", "brand.accent", "brand.accent_ink", "brand.ink", "brand.paper",
)  # fmt: skip

# From and to: of numbers, and of how many characters a line has.
VEHICLE_NUMBERS = {
    "position": (0, LARGEST),
    "range_km": (0, LARGEST),
    "power_kw": (0, LARGEST),
    "seats": (1, 100),
    "boot_litres": (0, LARGEST),
    "length_mm": (0, LARGEST),
}
VEHICLE_LINES = {"name": (1, 200), "version": (0, 200), "body": (0, 32), "energy": (0, 32)}


def _number(name: str) -> Read:
    return number(*VEHICLE_NUMBERS[name])


def _line(name: str) -> Read:
    least, most = VEHICLE_LINES[name]
    return line(most, least)


VEHICLE: Fields = {
    "slug": slug,
    "position": _number("position"),
    "name": _line("name"),
    "version": _line("version"),
    "body": _line("body"),
    "price": money,
    "currency": currency,
    "energy": _line("energy"),
    "range_km": optional(_number("range_km")),
    "power_kw": _number("power_kw"),
    "seats": _number("seats"),
    "boot_litres": _number("boot_litres"),
    "length_mm": _number("length_mm"),
    "stock": word([one.value for one in Stock]),
    "withdrawn": switch,
    "tagline": by_language(line(400, 0)),
    "equipment": by_language(list_of(line(400, 0), 200)),
    "paints": list_of(row({"slug": slug, "name": by_language(line(400, 0)), "hex": colour}), 100),
    "pictures": list_of(row({"angle": slug, "paint": slug, "path": picture_path}), 200),
}
VEHICLE_NEEDS = (
    "name", "version", "body", "price", "currency", "energy", "power_kw", "seats",
    "boot_litres", "length_mm", "stock",
)  # fmt: skip
NEW_VEHICLE: Document = {
    "position": 0,
    "withdrawn": False,
    "tagline": {},
    "equipment": {},
    "paints": [],
    "pictures": [],
}


def judge_holidays(table: Document, place: Place) -> None:
    """Tell `place` of a region that the country of the holidays does not have."""
    country, region = table["holidays"]["country"], table["holidays"]["region"]
    if region and not known(country, region):
        near = nearest(region, list(regions().get(country, ())))
        place.at("holidays").at("region").wrong(
            f"{shown(region)} is no region of {shown(country)} with a calendar.{near}"
        )


def showroom_document(showroom: Showroom) -> dict[str, Any]:
    """Return a showroom as its table."""
    return {
        "slug": showroom.slug,
        "name": showroom.name,
        "market": showroom.market,
        "languages": list(showroom.languages),
        "zone": showroom.zone,
        "exceptions": [
            {"day": one.day, "hours": _texts(one.intervals)} for one in showroom.exceptions
        ],
        "brand": asdict(showroom.brand),
        "hours": _week(showroom.hours),
        "holidays": {
            "country": showroom.holidays.country,
            "region": showroom.holidays.region,
            "days": [
                {"name": one.name, "hours": _texts(one.intervals)} for one in showroom.holidays.days
            ],
        },
        **_rules(showroom.policy, showroom.visits, showroom.scoring, showroom.store),
        "texts": {name: dict(texts) for name, texts in asdict(showroom.texts).items()},
        "canned": {name: list(lines) for name, lines in showroom.canned.items()},
        "alarms": _alarms(showroom.alarms),
        "campaigns": [_campaign_table(one) for one in showroom.campaigns],
    }


def _alarms(rules: AlarmRules) -> dict[str, Any]:
    """Return the rules of alarms, their fields in the order in which they are read."""
    found = asdict(rules)
    return {
        kind: {name: found[kind][name] for name in fields} | {"mail": list(found[kind]["mail"])}
        for kind, fields in ALARMS.items()
    }


def _campaign_table(one: Campaign) -> dict[str, Any]:
    """Return a campaign as its table, without what it has not."""
    table = {
        "name": one.name,
        "first": one.first,
        "last": one.last,
        "utm": one.utm,
        "spots": [moment_text(at) for at in one.spots],
        "cost": None if one.cost is None else Decimal(one.cost).scaleb(-2),
        "currency": None if one.cost is None else one.currency,
        "hours": None if one.hours is None else _week(one.hours),
    }
    return {name: found for name, found in table.items() if found not in ("", [], None)}


def _campaign_of(table: Document) -> Campaign:
    cost = table.get("cost")
    usual = Campaign(table["name"], table["first"], table["last"])
    return replace(
        usual,
        hours=_weekly(table["hours"]) if "hours" in table else None,
        utm=table.get("utm", ""),
        spots=tuple(map(datetime.fromisoformat, table.get("spots", []))),
        cost=None if cost is None else int(cost.scaleb(2)),
        currency=usual.currency if cost is None else table.get("currency", usual.currency),
    )


def _rules(policy: Policy, visits: VisitRules, scoring: Scoring, store: Store) -> dict[str, Any]:
    times = {
        name: count if name == "side_by_side" else span(count)
        for name, count in asdict(visits).items()
    }
    return {
        "policy": asdict(policy),
        "visits": times,
        "scoring": {"qualified_from": scoring.qualified_from, "points": points_of(scoring)},
        "store": asdict(store),
    }


# What a new showroom has unless its file says otherwise.
NEW_SHOWROOM: Document = {
    "brand": {"logo": ""},
    "exceptions": [],
    "campaigns": [],
    "holidays": {"country": "", "region": "", "days": []},
    "texts": {},
    "canned": {},
    "alarms": _alarms(AlarmRules()),
    **_rules(Policy(), VisitRules(), Scoring(), Store()),
}


def showroom_of(table: Document, showroom_id: ShowroomId) -> Showroom:
    """Return the showroom of a whole table."""
    usual = {rule.name: rule.points for rule in RULES}
    points = table["scoring"]["points"]
    return Showroom(
        id=showroom_id,
        slug=table["slug"],
        name=table["name"],
        brand=Brand(**table["brand"]),
        market=table["market"],
        languages=tuple(table["languages"]),
        zone=table["zone"],
        hours=_weekly(table["hours"]),
        exceptions=tuple(
            DateException(one["day"], _intervals(one["hours"])) for one in table["exceptions"]
        ),
        policy=Policy(**table["policy"]),
        campaigns=tuple(map(_campaign_of, table["campaigns"])),
        visits=VisitRules(
            **{
                name: minutes_of(given) if isinstance(given, str) else given
                for name, given in table["visits"].items()
            }
        ),
        scoring=Scoring(
            {name: count for name, count in points.items() if count != usual[name]},
            table["scoring"]["qualified_from"],
        ),
        store=Store(**table["store"]),
        holidays=Holidays(
            table["holidays"]["country"],
            table["holidays"]["region"],
            tuple(
                HolidayHours(one["name"], _intervals(one["hours"]))
                for one in table["holidays"]["days"]
            ),
        ),
        texts=Texts(**{name: _said(texts) for name, texts in table["texts"].items()}),
        canned={name: tuple(lines) for name, lines in table["canned"].items() if lines},
        alarms=ALARM_RULES.validate_python(table["alarms"]),
    )


def _said(texts: Document) -> dict[str, str]:
    """Leave out what is empty: there the page says what every showroom's does."""
    return {language: text for language, text in texts.items() if text}


def vehicle_document(car: Vehicle) -> dict[str, Any]:
    """Return a vehicle as its table."""
    table = document_of(car)
    return {name: table[name] for name in VEHICLE if table[name] is not None}


def vehicle_of(table: Document, showroom_id: ShowroomId) -> Vehicle:
    """Return the vehicle of a whole table."""
    return Vehicle(
        **{
            **table,
            "showroom_id": showroom_id,
            "price": int(table["price"].scaleb(2)),
            "range_km": table.get("range_km"),
            "stock": Stock(table["stock"]),
            "equipment": {name: tuple(texts) for name, texts in table["equipment"].items()},
            "paints": tuple(Paint(**one) for one in table["paints"]),
            "pictures": tuple(Picture(**one) for one in table["pictures"]),
        }
    )


def _texts(intervals: tuple[Interval, ...]) -> list[str]:
    return [hours_text(one) for one in intervals]


def _intervals(texts: list[str]) -> tuple[Interval, ...]:
    return tuple(map(interval_of, texts))


def _week(hours: WeeklyHours) -> dict[str, list[str]]:
    return {name: _texts(getattr(hours, name)) for name in WEEKDAYS}


def _weekly(table: Document) -> WeeklyHours:
    return WeeklyHours(**{name: _intervals(texts) for name, texts in table.items()})
