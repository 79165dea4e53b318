"""Public holidays by country and region, of any year, from the calendars of `holidays` (PyPI).

A holiday is known by its English name where its country's calendar has one, whatever language a
page speaks: so that a rule that was made for one year holds in the next. Days that depend on the
moon are estimated years ahead, and exact once they are announced and the library is newer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
from holidays.utils import list_supported_countries

ENGLISH = "en_US"
# What stands behind a name in some years only: the same holiday all the same.
YEARLY = re.compile(r"(?: \((?:observed|estimated|in lieu|substituted)[^)]*\))+$")


@dataclass(frozen=True, slots=True)
class NamedDay:
    """One day off: its date, the name by which rules know it, and its name for people."""

    day: date
    name: str
    shown: str


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Mapping[str, str]]:
    """Return the countries with a calendar (ISO 3166-1), each with its regions' codes and names.

    The first time it reads 250 calendars, which takes a third of a second.
    """
    return {
        country: _region_names(country)
        for country in sorted(list_supported_countries(include_aliases=False))
    }


def _region_names(country: str) -> Mapping[str, str]:
    # Of several the longest is the one in words.
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    names = {code: max(known, key=len, default=code) for code, known in aliases.items()}
    return dict(sorted(names.items(), key=lambda one: one[1]))


def known(country: str, region: str) -> bool:
    """Say whether there is a calendar of this country, and of this region unless it is empty."""
    try:
        calendar = holidays.country_holidays(country)
    except NotImplementedError:
        return False
    # Aliases would be one country by two names.
    return calendar.country == country and (not region or region in calendar.subdivisions)


@lru_cache(maxsize=256)
def names_of(country: str, region: str, year: int) -> Mapping[date, tuple[str, ...]]:
    """Return the names of a year's holidays by their dates; nothing where there is no calendar."""
    if not known(country, region):
        return {}
    found = _calendar(country, region, [year], ENGLISH)
    return {day: tuple(map(_plain, found.get_list(day))) for day in sorted(found)}


def days_off(
    country: str, region: str, first: date, until: date, language: str
) -> Sequence[NamedDay]:
    """Return the holidays from `first` to before `until`, in order, with names in a language.

    Where the calendar does not speak it, they have the names that their own country gives them.
    """
    if not known(country, region):
        return []
    years = range(first.year, until.year + 1)
    shown = _calendar(country, region, years, language)
    # Both list a day's names in the same order, whatever language they are in.
    return [
        NamedDay(day, name, label)
        for year in years
        for day, names in names_of(country, region, year).items()
        if first <= day < until
        for name, label in zip(names, shown.get_list(day), strict=False)
    ]


def _calendar(
    country: str, region: str, years: Sequence[int], language: str
) -> holidays.HolidayBase:
    spoken = holidays.country_holidays(country).supported_languages
    fitting = next((one for one in spoken if one.split("_")[0] == language.split("_")[0]), None)
    return holidays.country_holidays(country, subdiv=region or None, years=years, language=fitting)


def _plain(name: str) -> str:
    return YEARLY.sub("", name)
