"""Values of a settings file that tell of time: spans, dates, hours, and what is made of them.

They are readers as those in `values` are.
"""

import re
from datetime import date, datetime
from typing import Any

from showroom.errors import BadRequest
from showroom.hours import WEEKDAYS, Campaign, Interval
from showroom.public_holidays import known, regions
from showroom.settings_file.reading import Place, Read, nearest, read_table, shown
from showroom.settings_file.values import (
    currency,
    line,
    list_in,
    list_of,
    money,
    optional,
    raise_all,
    row_of,
)

DURATION = re.compile(r"(\d{1,6}) ?(min|h|days?)")
MINUTES = {"min": 1, "h": 60, "day": 24 * 60, "days": 24 * 60}
SPAN = re.compile(r"(\d{1,2}:\d{2}) ?[-–] ?(\d{1,2}:\d{2})")


def day(given: Any) -> date:
    """Read a date."""
    try:
        if isinstance(given, str):
            return date.fromisoformat(given)
    except ValueError:
        pass
    if not isinstance(given, date) or isinstance(given, datetime):
        raise ValueError(f"{shown(given)} is no date: write it like 2026-12-25.")
    return given


def duration(least: int, most: int) -> Read:
    """Make a reader of a time span between so many minutes, like "45 min", "2 h", "30 days"."""

    def read(given: Any) -> str:
        found = DURATION.fullmatch(given) if isinstance(given, str) else None
        minutes = int(found[1]) * MINUTES[found[2]] if found else given
        if type(minutes) is not int or not least <= minutes <= most:
            raise ValueError(
                f'write a time like "45 min", "2 h" or "30 days", from {span(least)} to'
                f" {span(most)}."
            )
        return span(minutes)

    return read


def span(minutes: int) -> str:
    """Return minutes as people write them, in the largest unit that leaves no rest."""
    if minutes and minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return f"{days} day{'s' * (days > 1)}"
    return f"{minutes // 60} h" if minutes and minutes % 60 == 0 else f"{minutes} min"


def minutes_of(text: str) -> int:
    """Return the minutes of what `span` has written."""
    count, unit = text.split(" ")
    return int(count) * MINUTES[unit]


def spans(given: Any) -> list[str]:
    """Read the hours of a day, like ["09:00-12:30", "14:00-18:00"]; none is closed."""
    return [hours_text(_interval(one)) for one in list_in(given)]


def week(given: Any) -> dict[str, list[str]]:
    """Read the hours of a week: a day that is not named is closed."""
    place = Place([])
    found = read_table(dict.fromkeys(WEEKDAYS, spans), given, None, place)
    raise_all(place)
    return {name: found.get(name, []) for name in WEEKDAYS}


def moment(given: Any) -> str:
    """Read a date with a time of day, like 2026-10-03 20:50, by the showroom's own clocks."""
    try:
        found = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is not None:
        raise ValueError(f"{shown(given)} is no moment: write it like 2026-10-03 20:50.")
    return moment_text(found)


def moment_text(at: datetime) -> str:
    """Return a moment as `moment` reads it, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}" if at.year > 999 else at.isoformat(" ", "minutes")


def campaign(given: Any) -> dict[str, Any]:
    """Read one campaign: its name, first and last day, and what else there is of it."""
    fields = {
        "name": line(200),
        "first": day,
        "last": day,
        "utm": line(100, 0),
        "spots": list_of(moment, 200),
        "cost": optional(money),
        "currency": currency,
        "hours": week,
    }
    read = row_of(given, fields, needs=("name", "first", "last"))
    try:
        Campaign(read["name"], read["first"], read["last"])
    except BadRequest as error:
        raise ValueError(error.message) from None
    return read


def exception(given: Any) -> dict[str, Any]:
    """Read the hours of one date."""
    return row_of(given, {"day": day, "hours": spans})


def holiday(given: Any) -> dict[str, Any]:
    """Read the hours of one public holiday, by its English name."""
    return row_of(given, {"name": line(200), "hours": spans})


def holiday_country(given: Any) -> str:
    """Read a country with a calendar of public holidays, or none."""
    if given != "" and (not isinstance(given, str) or not known(given, "")):
        near = nearest(given, list(regions())) if isinstance(given, str) else ""
        raise ValueError(f"there is no calendar of holidays for {shown(given)}.{near}")
    return str(given)


def hours_text(interval: Interval) -> str:
    """Return an interval like `09:00-18:00`."""
    opens, closes = (f"{at // 60:02d}:{at % 60:02d}" for at in (interval.opens, interval.closes))
    return f"{opens}-{closes}"


def interval_of(text: str) -> Interval:
    """Return the interval of what `hours_text` has written."""
    return Interval.of(*text.split("-"))


def _interval(given: Any) -> Interval:
    found = SPAN.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f'{shown(given)} are no hours: write them like "09:00-18:00".')
    try:
        return Interval.of(found[1], found[2])
    except BadRequest as error:
        raise ValueError(f"{shown(given)}: {error.message}") from None
